#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# dom0-pv-devices.sh: a PVH and an HVM guest of Debian's kernel with paravirtual disks and network, by Zazen's own xl, xenstored, keeper and backend, in the control domain of `make run`: what
# they read, write, send and get, compared with dom0's side; their backend is killed while they work. tests/system/appliance/pv-devices.sh is what runs there. GUESTS="pvh hvm speed" chooses;
# speed prints how long an emulated drive takes beside a paravirtual one.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/dom0/host.sh"
kit=$here/../../tools/appliance
. "$kit/root.sh"

# Another archive behind the file system: the kernel unpacks one after the other.
skeleton "$dir/guest" "$DOM0/root/bin/busybox"
modules "$dir/guest" "$DOM0/root" ata_piix sd_mod sr_mod xen_blkfront xen_netfront
install -m 755 "$here/appliance/pv-guest-init" "$dir/guest/init"
pack "$dir/guest" "$dir/guest.cpio"
tree=$dir/tree
mkdir -p "$tree/guests" "$tree/usr/bin"
gzip -1nc "$dir/guest.cpio" > "$tree/guests/guest.cpio.gz"
cp "$DOM0/vmlinuz" "$here/appliance/pv-devices.sh" "$here/appliance/checks.sh" "$tree/guests/"
for tool in read list; do cp -L "$DOM0/root/usr/bin/xenstore-$tool" "$tree/usr/bin/"; done

cd_make() # NAME WORDS: a CD that starts the guest
{
	mkdir -p "$dir/cd/boot/grub"
	cp "$DOM0/vmlinuz" "$dir/cd/"
	cp "$tree/guests/guest.cpio.gz" "$dir/cd/initrd"
	printf 'set timeout=0\nmenuentry guest {\nlinux /vmlinuz console=ttyS0 panic=1 mitigations=off %s\ninitrd /initrd\n}\n' "$2" > "$dir/cd/boot/grub/grub.cfg"
	grub-mkrescue -d /usr/lib/grub/i386-pc -o "$tree/guests/$1.iso" "$dir/cd" > "$dir/$1.mkrescue" 2>&1 || cat "$dir/$1.mkrescue"
	rm -rf "$dir/cd"
}
guests=${GUESTS:-pvh hvm}
case $guests in *hvm*) cd_make hvm work=disk,network,load ;; esac
case $guests in *speed*) cd_make speed "work=speed xen_emul_unplug=unnecessary" ;; esac
{ cat "${BUILD:-build}/appliance/dom0.cpio"; (cd "$tree" && find . | cpio --quiet -o -H newc -R 0:0); } > "$dir/pv.cpio"
rm -rf "$tree"

defaults
name=pv-devices machine="-machine q35 -smp 3 -m 2048" initrd=$dir/pv.cpio results=no seconds=${SECONDS_MOST:-2000}
arguments="test=/guests/pv-devices.sh guests=$(echo "$guests" | tr " " ,)"
run_case
console_results
finish
