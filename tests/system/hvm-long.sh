#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# hvm-long.sh [NAME...]: as hvm.sh, what takes longer or more memory: 32-bit kernels of Debian's, without PAE, and with it and memory beyond 4 GiB; 8 vcpus and memory up to the hole below 4 GiB.
# The emulated machine has up to 6 GiB; where this computer has not so much free, those cases are skipped.
# Environment: see hvm/machine.sh; SYSTEMS_32BIT=build/hvm-32bit
set -u
here=$(cd "$(dirname "$0")" && pwd)
wanted_names=$*
. "$here/hvm/machine.sh"
SYSTEMS_32BIT=${SYSTEMS_32BIT:-build/hvm-32bit}

free=$(awk '/^MemAvailable:/ { print int($2 / 1024) }' /proc/meminfo)
case_run() # NAME MEBIBYTES VCPUS [ARGUMENTS]
{
	if [ "$2" -gt 1024 ] && [ "$free" -lt 7168 ]; then
		echo "SKIP $1: this computer has $free MiB free; 7168 are wanted"
	else
		echo "$1 | c | $2 | $3 | hda,w | | | ${4:-}" > "$dir/list"
		run_cases < "$dir/list"
	fi
}

for kernel in "$SYSTEMS_32BIT"/*-686.vmlinuz "$SYSTEMS_32BIT"/*-686-pae.vmlinuz; do
	initrd=${kernel%.vmlinuz}.cpio
	name=${kernel%.vmlinuz}
	name=${name##*-}
	if [ ! -f "$kernel" ]; then
		fail kernel "there is no $kernel: make $SYSTEMS_32BIT/roots.stamp"
		continue
	fi
	if [ "$name" = pae ]; then case_run pae 5120 2; else case_run $name 512 2 xen=no; fi # without PAE it does not know Xen
done
kernel= initrd=
case_run eight 3584 8

echo "END $passed $failed"
[ $failed = 0 ] && [ $passed -gt 0 ]
