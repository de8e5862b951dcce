/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the first C line to the first test, and the end. */
#include "guest.h"

struct hvm_start_info start_info;
struct hvm_memmap_table_entry memory_map[MAX_MEMMAP];
unsigned memory_map_entries;
char command_line[512];

static void copy_start_info(void)
{
	const char *line;

	start_info = *(const struct hvm_start_info *)(ulong_t)entry_state.ebx;
	line = (const char *)(ulong_t)start_info.cmdline_paddr;
	for (unsigned i = 0; line && line[i] && i < sizeof(command_line) - 1; i++)
		command_line[i] = line[i];
	if (start_info.version < 1)
		return;
	memory_map_entries = MIN(start_info.memmap_entries, (uint32_t)MAX_MEMMAP);
	memcpy(memory_map, (const void *)(ulong_t)start_info.memmap_paddr,
	       memory_map_entries * sizeof(memory_map[0]));
}

/* A start info without a map (version 0): the hypercall has it (the same entries, 20 bytes each). */
static void ask_memory_map(void)
{
	static struct {
		uint64_t addr, size;
		uint32_t type;
	} packed_struct entries[MAX_MEMMAP];
	struct xen_memory_map m = { .nr_entries = MAX_MEMMAP };

	m.buffer.p = entries;
	if (memory_op(XENMEM_memory_map, &m))
		return;
	memory_map_entries = m.nr_entries;
	for (unsigned i = 0; i < m.nr_entries; i++) {
		memory_map[i].addr = entries[i].addr;
		memory_map[i].size = entries[i].size;
		memory_map[i].type = entries[i].type;
	}
}

bool option_text(const char *name, char *value, size_t size)
{
	size_t n = strlen(name), used = 0;
	const char *p = command_line;

	while (*p) {
		if (!strncmp(p, name, n) && (p[n] == '=' || p[n] == ' ' || !p[n])) {
			p += n;
			if (*p == '=')
				for (p++; *p && *p != ' ' && used + 1 < size; p++)
					value[used++] = *p;
			if (value)
				value[used] = 0;
			return true;
		}
		while (*p && *p != ' ')
			p++;
		while (*p == ' ')
			p++;
	}
	return false;
}

uint64_t option_number(const char *name, uint64_t otherwise)
{
	char text[24] = "";
	uint64_t v = 0;

	if (!option_text(name, text, sizeof(text)))
		return otherwise;
	for (const char *p = text; *p >= '0' && *p <= '9'; p++)
		v = v * 10 + (unsigned)(*p - '0');
	return v;
}

void guest_exit(unsigned reason)
{
	struct sched_shutdown s = { reason };

	sched_op(SCHEDOP_shutdown, &s);
	for (;;)
		__asm__ volatile("cli; hlt");
}

void guest_boot(void)
{
	copy_start_info();
	if (!hypercall_init())
		for (;;)
			__asm__ volatile("cli; hlt");
	print("micro-VM %s\n", env_name);
	if (!memory_map_entries)
		ask_memory_map();
	cpu_init_idt();
	cpu_init(0);
	page_init();
	if (!shared_info_map())
		print("FAIL boot: shared_info cannot be mapped\n");
	cpu_count();
	test_run_all();
	guest_exit((unsigned)option_number("exit", SHUTDOWN_poweroff));
}
