// SPDX-License-Identifier: GPL-2.0-or-later
// marks: a plugin for QEMU's TCG that notes when the machine comes by certain places, and how often it had entered a guest until then (executions of VMRUN, APM volume 3).
//   -plugin marks.so,marks=FILE[,first=NAME:ADDRESS:BYTES]...
// A line in FILE is: NAME, nanoseconds of the host's clock, of the time that QEMU has computed, entries, nanoseconds of the machine's own clock (with -icount: instructions and idle time; it is as old as
// the last read of a clock or device by that CPU: who marks reads the TSC before). Places are executions of MARK(name) of marks.h, in whatever domain; and, from the mark "create" on, the first time that an
// instruction at ADDRESS (hexadecimal, linear) is executed that begins with BYTES: a program that cannot be told to mark itself.
#include "marks.h"

#include "../qemu_plugin.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

enum { FIRSTS = 4, BYTES = 8 };
struct first {
	char name[16];
	uint64_t at;
	uint8_t bytes[BYTES];
	size_t size;
	bool is_seen;
};

static struct first firsts[FIRSTS];
static size_t nr_firsts;
static uint64_t entries;
static bool is_armed;
static int out;

static unsigned long long now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (unsigned long long)t.tv_sec * 1000000000 + (unsigned long long)t.tv_nsec;
}

// The machine's clock is a function inside QEMU that the interface for plugins does not have. A thread that runs a CPU may not ask it in the middle of a block of instructions, any other may.
enum { CLOCK_VIRTUAL = 1 };
static int64_t (*machine_clock)(int which);
static int64_t machine_now;
static sem_t clock_wanted, clock_read;
static pthread_once_t clock_once = PTHREAD_ONCE_INIT;
static pthread_mutex_t clock_lock = PTHREAD_MUTEX_INITIALIZER; // machine_now

static void *read_clock(void *data)
{
	for (;;) {
		if (sem_wait(&clock_wanted))
			continue;
		machine_now = machine_clock(CLOCK_VIRTUAL);
		sem_post(&clock_read);
	}
	return NULL;
}

// Not at the plugin's start: QEMU may have become a process of its own (-daemonize) since.
static void clock_start(void)
{
	pthread_t thread;

	sem_init(&clock_wanted, 0, 0);
	sem_init(&clock_read, 0, 0);
	machine_clock = (int64_t(*)(int))dlsym(RTLD_DEFAULT, "qemu_clock_get_ns");
	if (machine_clock && pthread_create(&thread, NULL, read_clock, NULL))
		machine_clock = NULL;
}

static long long machine_time(void)
{
	long long time;

	pthread_once(&clock_once, clock_start);
	if (!machine_clock)
		return 0;
	pthread_mutex_lock(&clock_lock);
	sem_post(&clock_wanted);
	while (sem_wait(&clock_read))
		;
	time = machine_now;
	pthread_mutex_unlock(&clock_lock);
	return time;
}

static void note(const char *name)
{
	dprintf(out, "%s %llu %llu %llu %lld\n", name, now(CLOCK_MONOTONIC),
	        now(CLOCK_PROCESS_CPUTIME_ID),
	        (unsigned long long)__atomic_load_n(&entries, __ATOMIC_RELAXED), machine_time());
}

static void entered(unsigned cpu, void *data)
{
	__atomic_fetch_add(&entries, 1, __ATOMIC_RELAXED);
}

static void marked(unsigned cpu, void *data)
{
	const char *const *name = data;

	note(*name);
	if (!strcmp(*name, "create"))
		__atomic_store_n(&is_armed, true, __ATOMIC_RELEASE);
}

static void first_executed(unsigned cpu, void *data)
{
	struct first *f = data;

	if (__atomic_load_n(&is_armed, __ATOMIC_ACQUIRE) &&
	    !__atomic_exchange_n(&f->is_seen, true, __ATOMIC_RELAXED))
		note(f->name);
}

static void look(struct qemu_plugin_insn *insn)
{
	static const uint8_t vmrun[] = { 0x0f, 0x01, 0xd8 };
	size_t size = qemu_plugin_insn_size(insn);
	const uint8_t *bytes = qemu_plugin_insn_data(insn);

	if (size >= sizeof(vmrun) && !memcmp(bytes + size - sizeof(vmrun), vmrun, sizeof(vmrun)))
		qemu_plugin_register_vcpu_insn_exec_cb(insn, entered, 0, NULL);
	for (size_t i = 0; i < MARKS; i++) {
		const uint8_t mark[] = MARK_BYTES(i);

		if (size == sizeof(mark) && !memcmp(bytes, mark, size))
			qemu_plugin_register_vcpu_insn_exec_cb(insn, marked, 0,
			                                       (void *)&mark_names[i]);
	}
	for (struct first *f = firsts; f < firsts + nr_firsts; f++)
		if (qemu_plugin_insn_vaddr(insn) == f->at &&
		    !memcmp(bytes, f->bytes, size < f->size ? size : f->size))
			qemu_plugin_register_vcpu_insn_exec_cb(insn, first_executed, 0, f);
}

static void translated(uint64_t id, struct qemu_plugin_tb *tb)
{
	size_t n = qemu_plugin_tb_n_insns(tb);

	for (size_t i = 0; i < n; i++)
		look(qemu_plugin_tb_get_insn(tb, i));
}

// NAME:ADDRESS:BYTES
static bool first_read(const char *text)
{
	struct first *f = &firsts[nr_firsts];
	char bytes[2 * BYTES + 1];
	unsigned long long at;

	if (nr_firsts == FIRSTS ||
	    sscanf(text, "%15[^:]:%llx:%16[0-9a-f]", f->name, &at, bytes) != 3)
		return false;
	f->at = at;
	for (f->size = 0; bytes[2 * f->size] && bytes[2 * f->size + 1]; f->size++) {
		unsigned byte;

		if (sscanf(bytes + 2 * f->size, "%2x", &byte) != 1)
			return false;
		f->bytes[f->size] = (uint8_t)byte;
	}
	nr_firsts++;
	return f->size > 0;
}

// What the interface's info says is not looked at: QEMU refuses a plugin whose version it does not know.
__attribute__((visibility("default"))) int qemu_plugin_install(uint64_t id, const void *info,
                                                               int argc, char **argv)
{
	bool is_good = true;

	out = -1;
	for (int i = 0; i < argc; i++) {
		if (!strncmp(argv[i], "marks=", 6))
			out = open(argv[i] + 6, O_WRONLY | O_CREAT | O_APPEND, 0600);
		else
			is_good &= !strncmp(argv[i], "first=", 6) && first_read(argv[i] + 6);
	}
	if (!is_good || out < 0) {
		fprintf(stderr,
		        "marks: wants marks=FILE, a file that can be written, and first=NAME:ADDRESS:BYTES\n");
		return -1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	return 0;
}
