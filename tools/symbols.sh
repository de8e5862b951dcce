#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# symbols.sh IMAGE: prints the assembly source of the image's own table of functions, for the call traces of crash dumps.
#   symbol_count, symbol_offsets[] (sorted, from image_start), symbol_names[] (one zero-terminated name after the other)
# An empty file gives an empty table. The linker script puts it at the end of the image, so that it moves nothing else.
set -eu

[ $# -eq 1 ] || { echo "usage: symbols.sh IMAGE" >&2; exit 2; }

functions() {
	[ -s "$1" ] || return 0
	# All addresses begin with ffffffff: the last eight digits are enough.
	nm -n "$1" | awk '
		$3 == "image_start" { print "start", substr($1, 9) }
		$2 ~ /^[tT]$/ && $3 !~ /^(text|image)_(start|end)$/ { print "function", substr($1, 9), $3 }'
}

functions "$1" | awk '
BEGIN {
	print "\t.section .symbols, \"a\", @progbits"
	print "\t.balign 4"
	print "\t.globl symbol_count, symbol_offsets, symbol_names"
	print "symbol_offsets:"
}
$1 == "start" { start = $2 }
$1 == "function" {
	offsets = offsets "\t.long 0x" $2 " - image_base\n"
	names = names "\t.asciz \"" $3 "\"\n"
	n++
}
END {
	# the image may begin with a function: its start is known only when all was read
	if (n)
		printf "\t.set image_base, 0x%s\n%s", start, offsets
	print "symbol_count:"
	printf "\t.long %d\n", n
	print "symbol_names:"
	printf "%s", names
	print "\t.byte 0"
	print "\t.section .note.GNU-stack, \"\", @progbits"
}'
