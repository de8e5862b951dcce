/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The image: code, then data and bss, then what is only read. The symbol table for crash dumps is the very end, so that its size moves nothing.
 */
#include "layout.h"

OUTPUT_FORMAT("elf64-x86-64")
OUTPUT_ARCH(i386:x86-64)
ENTRY(image_entry_phys)

PHDRS
{
	text PT_LOAD FLAGS(5);
	data PT_LOAD FLAGS(6);
	rodata PT_LOAD FLAGS(4);
}

SECTIONS
{
	. = XEN_VIRT_BASE + XEN_LOAD_ADDRESS;
	image_start = .;
	text_start = .;
	.text : AT(ADDR(.text) - XEN_VIRT_BASE) {
		*(.text.head)
		*(.text .text.*)
	} :text
	image_entry_phys = image_entry - XEN_VIRT_BASE;
	. = ALIGN(4096);
	text_end = .;

	data_start = .;
	.data : AT(ADDR(.data) - XEN_VIRT_BASE) {
		*(.data.page_aligned)
		*(.data .data.*)
	} :data
	.bss : AT(ADDR(.bss) - XEN_VIRT_BASE) {
		*(.bss.page_aligned)
		*(.bss .bss.* COMMON)
	} :data
	. = ALIGN(4096);
	data_end = .;

	rodata_start = .;
	.rodata : AT(ADDR(.rodata) - XEN_VIRT_BASE) {
		*(.rodata .rodata.*)
		build_id_note = .;
		KEEP(*(.note.gnu.build-id))
		build_id_note_end = .;
		*(.symbols)
	} :rodata
	. = ALIGN(4096);
	rodata_end = .;
	image_end = .;

	/DISCARD/ : {
		*(.comment .note .note.* .eh_frame .eh_frame_hdr)
	}
	/* debugging information stays in build/xen.elf64 */
	.debug_aranges 0 : { *(.debug_aranges) } :NONE
	.debug_info 0 : { *(.debug_info) }
	.debug_abbrev 0 : { *(.debug_abbrev) }
	.debug_line 0 : { *(.debug_line) }
	.debug_frame 0 : { *(.debug_frame) }
	.debug_str 0 : { *(.debug_str) }
	.debug_line_str 0 : { *(.debug_line_str) }
	.debug_loclists 0 : { *(.debug_loclists) }
	.debug_rnglists 0 : { *(.debug_rnglists) }
}

ASSERT(image_end - image_start < 0x1000000, "the image does not fit below 18 MiB")
