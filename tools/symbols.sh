#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# symbols.sh IMAGE: prints the assembly source of the image's own table of functions, for the call traces of crash dumps.
#   symbol_count, symbol_offsets[] (sorted, from XEN_VIRT_BASE), symbol_names[] (one zero-terminated name after the other)
# An empty file gives an empty table. The linker script puts it at the end of the image, so that it moves nothing else.
set -eu

[ $# -eq 1 ] || { echo "usage: symbols.sh IMAGE" >&2; exit 2; }

functions() {
	[ -s "$1" ] || return 0
	# XEN_VIRT_BASE is 0xffffffff80000000: the offset is the last eight digits less 0x80000000.
	nm -n "$1" | awk '$2 ~ /^[tT]$/ && $1 ~ /^ffffffff[89a-f]/ && $3 !~ /^(text_|image_)(start|end)$/ { print $1, $3 }'
}

functions "$1" | awk '
BEGIN {
	print "\t.section .symbols, \"a\", @progbits"
	print "\t.balign 4"
	print "\t.globl symbol_count, symbol_offsets, symbol_names"
	print "symbol_offsets:"
}
{
	printf "\t.long 0x%s - 0x80000000\n", substr($1, 9)
	names = names "\t.asciz \"" $2 "\"\n"
}
END {
	print "symbol_count:"
	printf "\t.long %d\n", NR
	print "symbol_names:"
	printf "%s", names
	print "\t.byte 0"
	print "\t.section .note.GNU-stack, \"\", @progbits"
}'
