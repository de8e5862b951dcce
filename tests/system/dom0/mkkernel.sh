#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# mkkernel.sh DIR: from the packages that packages.sh unpacked, DIR/vmlinuz (Debian's bzImage), DIR/vmlinux (the ELF file packed in
# it) and DIR/xen-reference (real Xen 4.17, as QEMU's -kernel takes it).
set -eu
dir=$1
die() { echo "dom0: $*" >&2; exit 1; }
number() # OFFSET BYTES: of the bzImage
{
	od -An -tu"$2" -j"$1" -N"$2" "$dir/vmlinuz" | tr -d ' '
}

set -- "$dir"/root/boot/vmlinuz-*
cp "$1" "$dir/vmlinuz"
# Linux boot protocol: setup_sects at 0x1f1; payload_offset and payload_length, from the code after the setup sectors, at 0x248.
start=$((($(number 497 1) + 1) * 512 + $(number 584 4)))
tail -c +$((start + 1)) "$dir/vmlinuz" | head -c "$(number 588 4)" > "$dir/payload"
# After the packed data stand 4 bytes, its unpacked size, that xz takes for garbage.
xz -dc --single-stream < "$dir/payload" > "$dir/vmlinux" 2> "$dir/xz.log" || { cat "$dir/xz.log" >&2; die "$1: not packed with xz"; }
[ "$(od -An -tx1 -N4 "$dir/vmlinux" | tr -d ' ')" = 7f454c46 ] || die "$1: no ELF file in it"
rm -f "$dir/payload" "$dir/xz.log"
gzip -dc "$dir"/root/boot/xen-4.17-amd64.gz > "$dir/xen-reference"
