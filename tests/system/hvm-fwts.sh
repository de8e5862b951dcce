#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# hvm-fwts.sh [NAME...]: Debian's firmware test suite (fwts) in HVM guests without a control domain: hvmloader's tables, the chips and the processors as it judges them
# (dom0/cases/fwts). Debian 12 has no fwts, so this has it from unstable, which changes; therefore make test-fwts only. Prints "PASS name", "FAIL name: text", and at the end
# "END passed failed".
# Environment: see hvm/machine.sh; FWTS=build/hvm-fwts
set -u
here=$(cd "$(dirname "$0")" && pwd)
wanted_names=$*
. "$here/hvm/machine.sh"
FWTS=${FWTS:-build/hvm-fwts}

initrd=$FWTS/fwts.cpio
cat > "$dir/list" <<-END
	board | c | 512  | 2 | hda,w | | | tests=fwts
	nodes | c | 1024 | 4 | hda,w | | extra='node=512M:0-1 node=512M:2-3' | tests=fwts fwts=srat
END
free=$(awk '/^MemAvailable:/ { print int($2 / 1024) }' /proc/meminfo)
if [ "$free" -ge 7168 ]; then
	echo "above | c | 5120 | 8 | hda,w | | | tests=fwts" >> "$dir/list"
else
	echo "SKIP above: this computer has $free MiB free; 7168 are wanted"
fi
run_cases < "$dir/list"

echo "END $passed $failed"
[ $failed = 0 ] && [ $passed -gt 0 ]
