#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# bench.sh [REFDIR] - instructions an operation on build/xen; with REFDIR, the folder of the reference kit
# (setup.sh, run.sh), on real Xen 4.17 as well, and their ratio.
#
# Environment: XEN=build/xen  BENCH=build/guest/bench
#              WORKDIR=build/reference-xen417  where the kit keeps what it unpacked
#              EMULATOR_WRAPPER=               a command to run QEMU under
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../qemu.sh"
xen=${XEN:-build/xen}
bench=${BENCH:-build/guest/bench}
dir=$(mktemp -d "${TMPDIR:-/tmp}/zazen-bench.XXXXXX")
clean_up()
{
	[ ! -f "$dir/pid" ] || kill "$(cat "$dir/pid")" 2> /dev/null || true
	rm -rf "$dir"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

measure() # IMAGE RESULT MORE-ARGUMENTS: "name count" lines
{
	rm -f "$dir/pid"
	: > "$dir/log"
	${EMULATOR_WRAPPER:-} "$QEMU" $QEMU_COUNT $QEMU_COMMON -pidfile "$dir/pid" -kernel "$1" \
		-append "$XEN_ARGS dom0_max_vcpus=2 $3" -initrd "$bench" > "$dir/log" 2>&1 < /dev/null &
	polls=0
	until grep -aq '^END \|(d0) END ' "$dir/log" || [ $polls -gt 3000 ]; do
		kill -0 $! 2> /dev/null || break
		polls=$((polls + 1))
		sleep 0.1
	done
	[ ! -f "$dir/pid" ] || kill "$(cat "$dir/pid")" 2> /dev/null || true
	wait $! 2> /dev/null || true
	tr -d '\r' < "$dir/log" | sed -n 's/^.*\(bench [a-z0-9-]* [0-9]*\)$/\1/p' | cut -d' ' -f2- > "$2"
	if ! tr -d '\r' < "$dir/log" | grep -aq 'END 1 0$'; then
		tail -n 30 "$dir/log" >&2
		echo "bench: $1 did not come to its end" >&2
		return 1
	fi
}

if [ -f "$xen" ]; then
	measure "$xen" "$dir/ours" ""
elif [ $# -gt 0 ]; then
	echo "bench: no $xen: the reference alone" >&2
	: > "$dir/ours"
else
	echo "bench: no $xen: run make" >&2
	exit 1
fi
if [ $# -eq 0 ]; then
	sed 's/^/bench /' "$dir/ours"
	exit
fi
work=${WORKDIR:-build/reference-xen417}
[ -f "$work/xen" ] || "$1/setup.sh" "$work" >&2
measure "$work/xen" "$dir/reference" "$XEN_REFERENCE_ARGS"
awk '
	BEGIN { printf "%-23s %9s %9s %8s\n", "bench", "zazen", "xen 4.17", "ratio" }
	FILENAME == ARGV[1] { ours[$1] = $2; next }
	$1 in ours { printf "bench %-17s %9d %9d %8.2f\n", $1, ours[$1], $2, $2 ? ours[$1] / $2 : 0; next }
	{ printf "bench %-17s %9s %9d\n", $1, "-", $2 }' "$dir/ours" "$dir/reference"
