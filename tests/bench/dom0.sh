#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# dom0.sh [RUNS] - Debian as the first domain on this hypervisor and on real Xen 4.17, one after the other in the same emulated machine, RUNS times (1): seconds
# until dom0's user space, and VM entries until then, until the tools are up, and until the machine is off, with one PVH guest of Debian's kernel between.
#
# Environment: XEN=build/xen  REFERENCE=build/dom0/xen-reference (empty: without it)  DOM0=build/dom0  CASES=bench, the cases that dom0 runs
#              EMULATOR_WRAPPER= a command to run QEMU under  KEEP=1 keeps consoles and says where
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../qemu.sh"
DOM0=${DOM0:-build/dom0}
REFERENCE=${REFERENCE-$DOM0/xen-reference}
XEN=${XEN:-build/xen}
CASES=${CASES:-bench}
dir=$(mktemp -d "${TMPDIR:-/tmp}/zazen-bench.XXXXXX")
clean_up()
{
	[ ! -f "$dir/pid" ] || kill "$(cat "$dir/pid")" 2> /dev/null || true
	[ -n "${KEEP:-}" ] && echo "kept: $dir" || rm -rf "$dir"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

${CC:-cc} -std=gnu11 -O1 -fPIC -shared -o "$dir/count_entries.so" "$here/count_entries.c"

now() { read -r up rest < /proc/uptime; echo "$up"; }
entries() { od -An -tu8 -N8 "$dir/counter" | tr -d ' '; }

# wait_console PATTERN: until the console has it, or the machine is gone
wait_console()
{
	until grep -aq "$1" "$dir/log"; do
		kill -0 $emulator 2> /dev/null || { grep -aq "$1" "$dir/log"; return; }
		sleep 0.05
	done
}

# measure NAME IMAGE XEN-ARGUMENTS QEMU-OPTIONS: a line of figures
measure()
{
	: > "$dir/log"
	rm -f "$dir/counter"
	dd if=/dev/zero of="$dir/counter" bs=8 count=1 status=none
	start=$(now)
	# shellcheck disable=SC2086
	${EMULATOR_WRAPPER:-} timeout 900 "$QEMU" -machine q35 -accel tcg,thread=multi -cpu "$QEMU_CPU" -smp 2 -m 2048 -no-reboot -display none -nic none \
		-serial "file:$dir/log" -plugin "$dir/count_entries.so,counter=$dir/counter" -pidfile "$dir/pid" $4 \
		-kernel "$2" -append "console=com1 com1=115200 dom0=pvh dom0_mem=1024M $3" \
		-initrd "$DOM0/vmlinux console=hvc0 panic=1 mitigations=off nokaslr no_timer_check tests=$(echo "$CASES" | sed 's/,/,,/g') cpus=2,$DOM0/dom0.cpio" > "$dir/qemu" 2>&1 < /dev/null &
	emulator=$!
	wait_console 'USER SPACE'
	user_space=$(echo "$start $(now)" | awk '{ print $2 - $1 }') at_user_space=$(entries)
	wait_console ' TOOLS'
	at_tools=$(entries)
	wait $emulator
	if ! tr -d '\r' < "$dir/log" | grep -aEq 'END [1-9][0-9]* 0$'; then
		tail -n 40 "$dir/log" >&2
		echo "bench: dom0 did not come to its end on $2" >&2
		return 1
	fi
	[ -z "${KEEP:-}" ] || cp "$dir/log" "$dir/log.$1.$run"
	echo "$1 $user_space $at_user_space $at_tools $(entries)" | tee -a "$dir/figures" |
		awk '{ printf "%-10s %6.1f s to user space  %8d VM entries, %8d to the tools, %8d to power-off\n", $1, $2, $3, $4, $5 }'
}

run=1
while [ $run -le "${1:-1}" ]; do
	measure zazen "$XEN" "" ""
	[ -z "$REFERENCE" ] || measure xen-4.17 "$REFERENCE" "spec-ctrl=no" "-device intel-iommu"
	run=$((run + 1))
done
[ -z "$REFERENCE" ] || awk '
	{ n[$1]++; for (i = 2; i <= 5; i++) sum[$1, i] += $i }
	END { printf "%-10s", "ratio"; for (i = 2; i <= 5; i++) printf " %.2f", sum["zazen", i] / sum["xen-4.17", i]
	      print "  (seconds; entries to user space, to the tools, to power-off)" }' "$dir/figures"
