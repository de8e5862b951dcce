#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# [OWN="PROGRAM..."] mkroot.sh DIR PROGRAMS-DIR MICRO-VM FILE...: makes, from what packages.sh unpacked and mkkernel.sh extracted:
#   DIR/base.cpio    busybox, kernel modules, init and the test cases; enough for a dom0 that drives hardware, and small, for HVM guests read it from emulated disks
#   DIR/tools.cpio   Debian's Xen tools with their libraries, our own programs for dom0 (OWN, and those of the tests), and the guests that the tools start; comes after base.cpio
#   DIR/dom0.cpio    both
#   DIR/guest.cpio.gz  the initramfs of those guests
set -eu
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
dir=$(cd "$1" && pwd)
programs=$2
micro=$3
shift 3
guest_files=$*
root=$dir/root
busybox=$root/bin/busybox
lib=lib/x86_64-linux-gnu
xenbin=usr/lib/xen-4.17/bin
ownbin=usr/lib/zazen/bin
. "$here/../../../tools/appliance/root.sh"

# With their dependencies. Found by their aliases when dom0 starts, as udev would: only those of its hardware are loaded.
MODULES="ahci ata_piix ata_generic nvme sd_mod virtio_pci virtio_blk virtio_net e1000 e1000e sr_mod xhci_pci ehci_pci uhci_hcd usbhid hid_generic
evdev xen_evtchn xen_gntdev xen_gntalloc xen_privcmd xenfs xen_acpi_processor"
GUEST_MODULES="xen_evtchn xen_gntdev xen_gntalloc xen_privcmd xenfs"
TOOLS="xl xenstored xenstore-control xenconsoled xenconsole xen-init-dom0 libxl-save-helper lsevtchn"
STORE_TOOLS="xenstore-watch xenstore-chmod xenstore-list xenstore-read xenstore-write xenstore-ls xenstore-exists xenstore-rm"

kit_libraries() # TREE: copies what the programs of the tree need, as the unpacked loader finds it; this computer's are not looked at
{
	mkdir -p "$1/lib64" "$1/$lib"
	cp "$root/$lib/ld-linux-x86-64.so.2" "$1/lib64/"
	cp "$root/$lib/libgcc_s.so.1" "$1/$lib/"		# libc opens it when a thread is cancelled: xl does

	for f in "$1/$xenbin"/* "$1/$ownbin"/* "$1"/usr/bin/*; do
		[ ! -L "$f" ] || continue
		"$root/$lib/ld-linux-x86-64.so.2" --inhibit-cache --library-path "$root/usr/$lib:$root/$lib" --list "$f"
	done | awk '$2 == "=>" { print $3 == "not" ? "missing:" $1 : $3 }' | sort -u > "$dir/libraries"
	! grep '^missing:' "$dir/libraries" >&2 || die "no package of packages.sh has the libraries above"
	! grep -v "^$root/" "$dir/libraries" >&2 || die "these libraries would come from this computer"
	while read -r f; do cp -L "$f" "$1/$lib/"; done < "$dir/libraries"
	rm -f "$dir/libraries"
}

# Without /sbin/poweroff, which would ask a first process that does not listen, the kernel switches itself off when it is told to.
plain_skeleton()
{
	skeleton "$1" "$busybox"
	rm "$1/sbin"
}

# ---- guests ----
plain_skeleton "$dir/guest"
modules "$dir/guest" "$root" $GUEST_MODULES
[ -z "$(ls "$programs")" ] || cp "$programs"/* "$dir/guest/usr/bin/"
install -m 755 "$here/guest-init" "$dir/guest/init"
pack "$dir/guest" "$dir/guest.cpio"
gzip -1nf "$dir/guest.cpio"

# ---- dom0 that drives hardware ----
plain_skeleton "$dir/base"
modules "$dir/base" "$root" $MODULES
install -m 755 "$here/init" "$dir/base/init"
install -m 755 "$here/udhcpc" "$dir/base/etc/udhcpc"
cp -R "$here/cases" "$dir/base/cases"
pack "$dir/base" "$dir/base.cpio"

# ---- Xen's tools ----
mkdir -p "$dir/tools/$xenbin" "$dir/tools/$ownbin" "$dir/tools/usr/bin" "$dir/tools/guest" "$dir/tools/etc/xen" "$dir/tools/var/lib/xen" \
	"$dir/tools/var/lib/xenstored" "$dir/tools/var/log/xen/console" "$dir/tools/usr/lib"
for t in $TOOLS; do cp "$root/$xenbin/$t" "$dir/tools/$xenbin/"; done
for t in $STORE_TOOLS; do cp "$root/usr/bin/$t" "$dir/tools/usr/bin/"; done
for t in ${OWN:-}; do cp "$t" "$dir/tools/$ownbin/"; done
ln -s /$lib "$dir/tools/usr/$lib"
: > "$dir/tools/etc/xen/xl.conf"		# the defaults
kit_libraries "$dir/tools"
[ -z "$(ls "$programs")" ] || cp "$programs"/* "$dir/tools/usr/bin/"
cp "$dir/vmlinux" "$dir/vmlinuz" "$dir/guest.cpio.gz" "$dir/tools/guest/"
cp "$micro" "$dir/tools/guest/micro"
for f in $guest_files; do cp "$f" "$dir/tools/guest/"; done
pack "$dir/tools" "$dir/tools.cpio"
cat "$dir/base.cpio" "$dir/tools.cpio" > "$dir/dom0.cpio"
