// SPDX-License-Identifier: GPL-2.0-or-later
// count_entries: a plugin for QEMU's TCG that counts how often the machine enters a guest: executions of the instruction VMRUN (APM volume 3).
//   -plugin count_entries.so,counter=FILE    the count so far is the first 8 bytes of FILE, to be read at any time
#include "qemu_plugin.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

static uint64_t *counter;

static void entered(unsigned cpu, void *data)
{
	__atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

static void translated(uint64_t id, struct qemu_plugin_tb *tb)
{
	static const uint8_t vmrun[] = { 0x0f, 0x01, 0xd8 };
	size_t n = qemu_plugin_tb_n_insns(tb);

	for (size_t i = 0; i < n; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		size_t size = qemu_plugin_insn_size(insn);
		const uint8_t *bytes = qemu_plugin_insn_data(insn);

		if (size >= sizeof(vmrun) &&
		    !memcmp(bytes + size - sizeof(vmrun), vmrun, sizeof(vmrun)))
			qemu_plugin_register_vcpu_insn_exec_cb(insn, entered, 0, NULL);
	}
}

// What the interface's info says is not looked at: QEMU refuses a plugin whose version it does not know.
__attribute__((visibility("default"))) int qemu_plugin_install(uint64_t id, const void *info,
                                                               int argc, char **argv)
{
	const char *path = argc > 0 && !strncmp(argv[0], "counter=", 8) ? argv[0] + 8 : NULL;
	int fd = path ? open(path, O_RDWR | O_CREAT, 0600) : -1;

	if (fd < 0 || ftruncate(fd, sizeof(*counter))) {
		fprintf(stderr, "count_entries: wants counter=FILE, a file that can be written\n");
		return -1;
	}
	counter = mmap(NULL, sizeof(*counter), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (counter == MAP_FAILED)
		return -1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	return 0;
}
