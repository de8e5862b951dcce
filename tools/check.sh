#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# make check: style, headers that stand alone, layering, static analysis, shell syntax. One line for each thing that is wrong, and
# "N passed, N failed" at the end; a file under a kind of check counts as one.
#
# The build enforces each folder's INCLUDE list and -Werror; what it cannot see is checked here.
set -u
cd "$(dirname "$0")/.." || exit 2
BUILD=${BUILD:-build}
CC=${CC:-gcc}
MAKE=${MAKE:-make}
log=$(mktemp "${TMPDIR:-/tmp}/zazen-check.XXXXXX") || exit 2
trap 'rm -f "$log"' EXIT
passed=0 failed=0

# Files that git knows or could know; a tree without git gives all.
files()
{
	if git rev-parse --git-dir > /dev/null 2>&1; then
		git ls-files --cached --others --exclude-standard -- "$@" | while read -r f; do
			[ ! -f "$f" ] || echo "$f"
		done | sort -u
	else
		for pattern; do find xen hvmloader firmware tests tools -path "$pattern" -type f; done | sort -u
	fi
}

# judge KIND FILE STATUS: counts; what is in the log is shown when the status is not 0
judge()
{
	if [ "$3" = 0 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL $1: $2"
		head -n 20 "$log" | sed 's/^/     /'
	fi
}

check_format()
{
	for f in $(files 'xen/*.[ch]' 'hvmloader/*.[ch]' 'devmodel/*.[ch]' 'vnc/*.[ch]' 'tests/*.[ch]' 'tools/*.[ch]'); do
		clang-format --dry-run -Werror "$f" > "$log" 2>&1
		judge format "$f" $?
	done
}

# The INCLUDE list of a folder, as make has it.
include_flags()
{
	$MAKE -s --no-print-directory print-includes DIR="$1" | sed 's/\([^ ]*\)/-iquote \1/g'
}

# Each header compiles with nothing before it. The host's headers are there for tests only.
check_headers()
{
	flags=$($MAKE -s --no-print-directory print-flags)
	last=
	for f in $(files 'xen/*.h'); do
		dir=${f%/*}
		[ "$dir" = "$last" ] || includes=$(include_flags "$dir")
		last=$dir
		# layout.h and others of numbers only are for the assembler too; empty translation units are no fault
		# shellcheck disable=SC2086
		printf '#include "%s"\n' "${f##*/}" |
			$CC $flags $includes -x c -fsyntax-only -Wno-unused - > "$log" 2>&1
		judge header "$f" $?
	done
}

# Words of one vendor outside xen/virt; folders that do not exist for a layer.
check_layers()
{
	for f in $(files 'xen/lib/*.[ch]' 'xen/unpack/*.[ch]' 'xen/bus/*.[ch]' 'xen/core/*.[ch]' 'xen/vdev/*.[ch]' 'xen/machine/*.[ch]' 'xen/boot/*.[ch]'); do
		# identifiers only: comments and texts may speak of hardware
		sed 's/"[^"]*"//g; s|//.*||; s|/\*.*\*/||; /^[ \t]*\*/d; /^\/\*/d' "$f" |
			grep -nEw '(svm|vmx|vmcb|vmcs)(_[a-z0-9_]+)?|(SVM|VMX|VMCB|VMCS)(_[A-Z0-9_]+)?' > "$log"
		[ $? = 1 ]
		judge "vendor words" "$f" $?
	done
	for f in $(files 'xen/lib/*.[ch]' 'xen/unpack/*.[ch]' 'xen/bus/*.[ch]' 'xen/x86/*.[ch]' 'xen/core/*.[ch]' 'xen/vdev/*.[ch]'); do
		grep -nE '(__asm__|asm).*"(in[bwl]|out[bwl]|rdmsr|wrmsr|cpuid|hlt|cli|sti|lidt|lgdt|mov.*%%cr)' "$f" > "$log"
		[ $? = 1 ]
		judge "instructions of the iron" "$f" $?
		grep -nE '#[ \t]*if(n?def)?[ \t].*(HOST|FUZZ|UNIT_TEST)' "$f" > "$log"
		[ $? = 1 ]
		judge "variation by preprocessor" "$f" $?
	done
}

# Each source of ours says its licence on the first two lines.
check_licence()
{
	for f in $(files 'xen/*.[chS]' 'hvmloader/*.[chS]' 'devmodel/*.[chS]' 'vnc/*.[ch]' 'firmware/*.S' 'tests/*.[chS]' 'tools/*.[ch]' 'tools/*.sh' 'tests/*.sh' 'firmware/*.sh' Makefile); do
		head -n 2 "$f" | grep -q 'SPDX-License-Identifier: GPL-2.0-or-later' || echo "no SPDX line" > "$log"
		head -n 2 "$f" | grep -q 'SPDX-License-Identifier: GPL-2.0-or-later'
		judge licence "$f" $?
	done
}

check_analysis()
{
	for dir in $(files 'xen/*.c' 'hvmloader/*.c' 'devmodel/*.c' 'vnc/*.c' 'tools/*/*.c' | sed 's|/[^/]*$||' | sort -u) tools; do
		includes=
		[ "$dir" = tools ] || includes=$($MAKE -s --no-print-directory print-includes DIR="$dir" | sed 's/\([^ ]*\)/-I \1/g')
		# What is left out: the ABI's macros and freestanding headers that it does not see, statement expressions that it cannot parse,
		# and one 8-bit index that it believes to reach 256.
		# shellcheck disable=SC2086
		cppcheck --quiet --std=c11 --enable=warning,portability --inline-suppr --error-exitcode=1 --force \
			--suppress=missingInclude --suppress=missingIncludeSystem --suppress=unknownMacro \
			--suppress=preprocessorErrorDirective --suppress='*:*/xen/*/xen/*' --suppress=comparePointers \
			--suppress=internalAstError --suppress=arrayIndexOutOfBoundsCond:xen/machine/traps.c \
			-D__x86_64__ -D__GNUC__=12 -DZAZEN_VERSION='""' $includes "$dir"/*.c > "$log" 2>&1
		judge analysis "$dir" $?
	done
}

check_shell()
{
	for f in $(files 'tools/*.sh' 'tests/*.sh' 'firmware/*.sh' .ci/run); do
		sh -n "$f" > "$log" 2>&1
		judge shell "$f" $?
	done
}

# Lengths that the style asks for at most.
check_lengths()
{
	for f in $(files 'xen/*.[chS]' 'hvmloader/*.[chS]' 'devmodel/*.[chS]' 'vnc/*.[ch]' 'tests/*.[ch]' 'tools/*.[ch]'); do
		awk 'END { if (NR > 800) { print NR " lines; 800 are the most"; exit 1 } }' "$f" > "$log"
		judge length "$f" $?
	done
}

check_format
check_headers
check_layers
check_licence
check_analysis
check_shell
check_lengths
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
