#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# mkinstaller.sh OUT KIT: makes OUT, a CD that installs a system on the first disk: GRUB, Debian's kernel, and an initial root file system that serves the installer and what it has installed.
set -eu
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
out=$1 kit=$(cd "$2" && pwd)
tree=$out.tree iso=$out.iso
grub=/usr/lib/grub/i386-pc
. "$here/../../../tools/appliance/root.sh"

skeleton "$tree" "$kit/root/bin/busybox"
modules "$tree" "$kit/root" ata_piix sd_mod sr_mod isofs crc32c_generic ext4 uhci_hcd usbhid hid_generic
install -m 755 "$here/installer-init" "$tree/init"
install -m 755 "$here/installed-init" "$tree/bin/installed"
install -m 755 "$grub/grub-bios-setup" "$tree/usr/bin/"
libraries "$tree"
mkdir -p "$tree/usr/lib/grub"
cp "$grub/boot.img" "$tree/usr/lib/grub/"
grub-mkimage -O i386-pc -d "$grub" -o "$tree/usr/lib/grub/core.img" -p '(hd0,msdos1)/boot/grub' biosdisk part_msdos ext2 normal linux echo serial terminal
pack "$tree" "$out.cpio"
rm -rf "$iso"
mkdir -p "$iso/boot/grub"
cp "$kit/vmlinuz" "$iso/vmlinuz"
gzip -9nc "$out.cpio" > "$iso/initrd"
cat > "$iso/boot/grub/grub.cfg" <<'END'
set timeout=0
menuentry "Installer" {
	linux /vmlinuz console=tty0 quiet no_timer_check
	initrd /initrd
}
END
grub-mkrescue -d "$grub" -o "$out" "$iso" > "$out.log" 2>&1 || { cat "$out.log" >&2; die "grub-mkrescue failed"; }
rm -rf "$iso" "$out.cpio" "$out.log"
