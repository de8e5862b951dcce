#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# mkroot.sh OUT KIT STAGE: makes OUT, the initramfs of the control domain of `make run`: busybox and kernel modules out of the unpacked Debian packages of KIT, what
# `make install DESTDIR=STAGE` has installed, the libraries that those programs need, which are this computer's, and our init.
set -eu
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
out=$1 kit=$(cd "$2" && pwd) stage=$3
tree=$out.tree
. "$here/root.sh"

MODULES="virtio_pci virtio_blk virtio_net e1000 e1000e ahci nvme sd_mod sr_mod bridge tun xen_evtchn xen_gntdev xen_gntalloc xen_privcmd xenfs"

skeleton "$tree" "$kit/root/bin/busybox"
modules "$tree" "$kit/root" $MODULES
cp -a "$stage/." "$tree/"
mkdir -p "$tree/usr/share"
cp -a /usr/share/novnc "$tree/usr/share/" # what browsers are shown
rm -rf "$tree/usr/lib/zazen/zazen-window" "$tree/boot" "$tree/usr/share/man" "$tree/usr/share/doc"
for program in xenstore-ls xenstore-list xenstore-read xenstore-write xenstore-rm; do cp "$kit/root/usr/bin/$program" "$tree/usr/bin/"; done
libraries "$tree"
install -m 755 "$here/init" "$tree/init"
install -m 755 "$here/udhcpc" "$tree/etc/udhcpc"
install -m 644 "$here/profile" "$tree/etc/profile"
pack "$tree" "$out"
