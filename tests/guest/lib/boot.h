/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the micro-VM was started with, and its environment. */
#ifndef GUEST_BOOT_H
#define GUEST_BOOT_H

#include "types.h"
#include <xen/arch-x86/hvm/start_info.h>

/* Registers at the PVH entry, before the library changed one (start.S). */
struct entry_state {
	uint32_t eax, ebx, cr0, cr4, eflags, cs, ds, es, ss, tr;
};
extern const struct entry_state entry_state;

extern const char env_name[];
extern const int env_paging;
extern char image_start[], image_end[];

#define MAX_MEMMAP 64

/* Copies made first of all; their originals may be overwritten later. */
extern struct hvm_start_info start_info;
extern struct hvm_memmap_table_entry memory_map[MAX_MEMMAP];
extern unsigned memory_map_entries;
extern char command_line[512];

/* The word after "name=" on the command line: its number, or otherwise when it is not there. */
uint64_t option_number(const char *name, uint64_t otherwise);
/* True when the word "name" or "name=..." is there; value (may be NULL) gets what follows '='. */
bool option_text(const char *name, char *value, size_t size);

void guest_boot(void);

/* Ends the domain. */
void noreturn_fn guest_exit(unsigned reason);

#endif
