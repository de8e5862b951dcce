#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# hvm-long.sh [NAME...]: as hvm.sh, what takes longer or more memory: 32-bit kernels of Debian's, with and without PAE, 8 vcpus, and memory up to the hole below 4 GiB and
# beyond. The emulated machine has up to 6 GiB; where this computer has not so much free, those cases are skipped.
# Environment: see hvm/machine.sh; SYSTEMS_32BIT=build/hvm-32bit
set -u
here=$(cd "$(dirname "$0")" && pwd)
wanted_names=$*
. "$here/hvm/machine.sh"
SYSTEMS_32BIT=${SYSTEMS_32BIT:-build/hvm-32bit}

for kernel in "$SYSTEMS_32BIT"/*-686.vmlinuz "$SYSTEMS_32BIT"/*-686-pae.vmlinuz; do
	initrd=${kernel%.vmlinuz}.cpio
	name=${kernel%.vmlinuz}
	name=${name##*-}
	if [ ! -f "$kernel" ]; then
		fail kernel "there is no $kernel: make $SYSTEMS_32BIT/roots.stamp"
		continue
	fi
	xen=
	[ "$name" = pae ] || xen=no # without PAE it does not know Xen
	echo "$name | c | 512 | 2 | hda,w | | | xen=$xen" > "$dir/list"
	run_cases < "$dir/list"
done
kernel= initrd=

echo "eight | c | 512 | 8 | hda,w | | |" > "$dir/list"
free=$(awk '/^MemAvailable:/ { print int($2 / 1024) }' /proc/meminfo)
for case in "hole | c | 3584 | 2 | hda,w | | |" "above | c | 5120 | 2 | hda,w | | |"; do
	if [ "$free" -ge 7168 ]; then
		echo "$case" >> "$dir/list"
	else
		echo "SKIP ${case%% *}: this computer has $free MiB free; 7168 are wanted"
	fi
done
run_cases < "$dir/list"

echo "END $passed $failed"
[ $failed = 0 ] && [ $passed -gt 0 ]
