#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# mkguest.sh OUT KIT: makes OUT, the CD of the example guest: GRUB, Debian's kernel and a small root file system, from the unpacked packages of KIT.
set -eu
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
out=$1 kit=$(cd "$2" && pwd)
tree=$out.tree iso=$out.iso
. "$here/root.sh"

MODULES="ata_piix sd_mod sr_mod e1000 uhci_hcd usbhid hid_generic psmouse evdev bochs"

skeleton "$tree" "$kit/root/bin/busybox"
modules "$tree" "$kit/root" $MODULES
install -m 755 "$here/guest-init" "$tree/init"
install -m 755 "$here/udhcpc" "$tree/etc/udhcpc"
pack "$tree" "$out.cpio"
rm -rf "$iso"
mkdir -p "$iso/boot/grub"
cp "$kit/vmlinuz" "$iso/vmlinuz"
gzip -9nc "$out.cpio" > "$iso/initrd"
cat > "$iso/boot/grub/grub.cfg" <<'END'
serial --unit=0 --speed=115200
terminal_input console serial
terminal_output console serial
set timeout=2
menuentry "Example guest" {
	echo "Loading Linux ..."
	linux /vmlinuz console=ttyS0 console=tty0 panic=5 quiet no_timer_check
	initrd /initrd
}
END
grub-mkrescue -d /usr/lib/grub/i386-pc -o "$out" "$iso" > "$out.log" 2>&1 || { cat "$out.log" >&2; die "grub-mkrescue failed"; }
rm -rf "$iso" "$out.cpio" "$out.log"
