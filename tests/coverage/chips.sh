#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# chips.sh FOLDER UNIT... - line coverage of devmodel/hw and of the chips in xen/vdev, from programs that gcc built with --coverage into FOLDER: unit tests, and FOLDER/corpus-* with their corpora.
#
# A line a file: percent, lines that ran, lines, file; then the sum. Lines that no guest reaches count too; README.md names them.
# Environment: SHOW=FILE prints the lines of that file that did not run.
set -u
folder=$1
shift
find "$folder" -name '*.gcda' -delete
for program; do
	timeout 300 "$program" > "$folder/coverage.log" 2>&1 || echo "coverage: $program failed" >&2
done
for program in "$folder"/corpus-*; do
	name=${program##*/corpus-fuzz_}
	[ -d "tests/fuzz/corpus/$name" ] || continue
	timeout 300 "$program" tests/fuzz/corpus/"$name"/* > "$folder/coverage.log" 2>&1 || echo "coverage: $program failed" >&2
done
for source in devmodel/hw/*.c xen/vdev/hvm_platform.c xen/vdev/irq_routing.c xen/vdev/vhpet.c xen/vdev/vioapic.c \
	xen/vdev/vioapic_pin.c xen/vdev/vioapic_save.c xen/vdev/vpic.c xen/vdev/vpit.c xen/vdev/vpit_count.c \
	xen/vdev/vpmtimer.c xen/vdev/vrtc.c xen/vdev/vrtc_time.c xen/vdev/vtick.c; do
	gcov --stdout "$folder/host/$source.gcda" 2> /dev/null | awk -v source="$source" -v show="${SHOW:-}" '
	/^ *-: *0:Source:/ { here = $0 ~ source "$" }
	!here { next }
	{
		count = $0; sub(/:.*/, "", count); gsub(/ /, "", count)
		if (count == "-") next
		all++
		if (count !~ /^#|^=/) ran++
		else if (show == source) print $0 > "/dev/stderr"
	}
	END { printf "%5.1f %5d %5d %s\n", all ? 100 * ran / all : 0, ran, all, source }'
done | awk '{ print; ran += $2; all += $3 } END { printf "%5.1f %5d %5d all\n", all ? 100 * ran / all : 0, ran, all }'
