#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# bench.sh [REFDIR] - instructions an operation on build/xen; with REFDIR, the folder of the reference kit
# (setup.sh, run.sh), on real Xen 4.17 as well, and their ratio. Fails when a chip of the board takes more than README.md wants.
#
# Environment: XEN=build/xen  BENCH=build/guest/bench  BOARD=build/guest/board (the chips of an HVM guest's board)
#              WORKDIR=build/reference-xen417  where the kit keeps what it unpacked
#              EMULATOR_WRAPPER=               a command to run QEMU under
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../qemu.sh"
xen=${XEN:-build/xen}
bench=${BENCH:-build/guest/bench}
board=${BOARD:-build/guest/board}
dir=$(mktemp -d "${TMPDIR:-/tmp}/zazen-bench.XXXXXX")
clean_up()
{
	[ ! -f "$dir/pid" ] || kill "$(cat "$dir/pid")" 2> /dev/null || true
	rm -rf "$dir"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

measure() # IMAGE RESULT MORE-ARGUMENTS [MODULES]: "name count" lines
{
	rm -f "$dir/pid"
	: > "$dir/log"
	${EMULATOR_WRAPPER:-} "$QEMU" $QEMU_COUNT $QEMU_COMMON -pidfile "$dir/pid" -kernel "$1" \
		-append "$XEN_ARGS dom0_max_vcpus=2 $3" -initrd "${4:-$bench}" > "$dir/log" 2>&1 < /dev/null &
	polls=0
	until grep -aq '^END \|(d[01]) END ' "$dir/log" || [ $polls -gt 3000 ]; do
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

# A guest without a control domain on the board, with a disk.
make_board()
{
	cat > "$dir/board.cfg" <<-EOF
		name = 'board'
		memory = 64
		kernel = 'board'
		disk = [ 'disk,hda,w' ]
		vif = [ '' ]
	EOF
	printf 'Bo' > "$dir/disk"
	head -c 508 /dev/zero >> "$dir/disk"
	printf '\125\252' >> "$dir/disk"
	head -c 65024 /dev/zero >> "$dir/disk"
}

if [ -f "$xen" ]; then
	measure "$xen" "$dir/ours" ""
	make_board
	measure "$xen" "$dir/board.counts" "" "$dir/board.cfg,$board,$dir/disk"
elif [ $# -gt 0 ]; then
	echo "bench: no $xen: the reference alone" >&2
	: > "$dir/ours"
else
	echo "bench: no $xen: run make" >&2
	exit 1
fi
# What README.md's tables want: name | what | (Xen's) | wanted
check_wanted()
{
	awk -F'|' '
		FILENAME == ARGV[1] { split($0, a, " "); count[a[1]] = a[2]; next }
		/^\| [a-z]/ { n = split($2, names, ","); wanted = $(NF - 1); gsub(/[ ,]/, "", wanted)
			for (i = 1; i <= n; i++) { name = names[i]; gsub(/ /, "", name)
				if (wanted != "" && wanted !~ /[^0-9]/ && (name in count) && count[name] + 0 > wanted + 0) {
					print "bench: " name " takes " count[name] " instructions, wanted are " wanted > "/dev/stderr"; bad = 1 } } }
		END { exit bad }' "$1" "$here/README.md"
}

[ ! -f "$dir/board.counts" ] || cat "$dir/board.counts" >> "$dir/ours"
if [ $# -eq 0 ]; then
	sed 's/^/bench /' "$dir/ours"
	check_wanted "$dir/board.counts"
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
[ ! -f "$dir/board.counts" ] || awk '{ printf "bench %-17s %9d\n", $1, $2 }' "$dir/board.counts"
[ ! -f "$dir/board.counts" ] || check_wanted "$dir/board.counts"
