/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The smallest kernel with a PVH entry. */
#include <elf.h>
#include <string.h>

#include "fake_kernel.h"

void fake_kernel_make(uint8_t file[FAKE_KERNEL_SIZE], uint32_t paddr, uint32_t size)
{
	Elf32_Ehdr *e = (void *)file;
	Elf32_Phdr *p = (void *)(file + sizeof(*e));
	uint32_t note[5] = { 4, 4, 18, 0, paddr + 0x10 };

	memset(file, 0, FAKE_KERNEL_SIZE);
	memcpy(e->e_ident, ELFMAG "\1\1\1", 7);
	e->e_machine = EM_386;
	e->e_phoff = sizeof(*e);
	e->e_phentsize = sizeof(*p);
	e->e_phnum = 2;
	p[0] = (Elf32_Phdr){ .p_type = PT_LOAD,
		             .p_offset = 0x1000,
		             .p_paddr = paddr,
		             .p_filesz = 0x800,
		             .p_memsz = size };
	p[1] = (Elf32_Phdr){
		.p_type = PT_NOTE, .p_offset = 0x400, .p_filesz = sizeof(note), .p_align = 4
	};
	memcpy(&note[3], "Xen", 4);
	memcpy(file + 0x400, note, sizeof(note));
	memset(file + 0x1000, 0xaa, 0x800);
}
