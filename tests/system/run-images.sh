#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# run-images.sh: guests whose disks are qcow2 (with another image below it), VHD and VMDK, by qemu-nbd in its cage, in the machine of `make run`; and planted code in qemu-nbd's place, which does not get out of that cage.
# Prints "PASS name" and "FAIL name: text", and at the end "END passed failed".
PORT=${PORT:-5990}
. "$(dirname "$0")/appliance/host.sh"
DOM0=$(cd "${DOM0:-$BUILD/dom0}" && pwd)

# What the control domain of `make run` has not: qemu-nbd, and images.
tree=$dir/tree
mkdir -p "$tree/images"
qemu-img convert -O qcow2 "$BUILD/appliance/example.iso" "$tree/images/base.qcow2"
chmod 600 "$tree/images/base.qcow2"
(cd "$tree/images" && qemu-img create -q -f qcow2 -b base.qcow2 -F qcow2 disk.qcow2 64M && qemu-img create -q -f vpc disk.vhd 32M && qemu-img create -q -f vmdk disk.vmdk 32M)
cp "$tree/images/disk.qcow2" "$tree/images/planted.qcow2"
head -c 4096 /dev/zero >> "$tree/images/planted.qcow2"
printf '%s\n' 'file /init' 'file /etc/passwd' 'file /dev/mem' 'file /dev/xen/privcmd' 'file /proc/self/status' 'file /run/zazen' 'file /media' 'file /images/disk.vhd' 'file /usr/sbin/xl' 'base /images/base.qcow2' |
	dd bs=4096 conv=sync status=none >> "$tree/images/planted.qcow2"
mkdir -p "$tree/planted"
cp "$DOM0/programs/planted" "$tree/planted/"
medium_make "$tree" "$dir/medium" /usr/bin/qemu-nbd /usr/bin/qemu-img
cat > "$dir/carrier.cfg" <<END
name = "carrier"
type = "hvm"
memory = 32
vnc = 0
disk = [ '$dir/medium,raw,hda,r' ]
END

machine_start "${SECONDS_MOST:-2000}" images.sh "$dir/carrier.cfg"
machine_results run-images.sh
