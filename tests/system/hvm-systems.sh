#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# hvm-systems.sh [NAME...]: what others made for PCs, in HVM guests without a control domain: GRUB's rescue CD, Memtest86+ of 32 and 64 bits and iPXE side by side, each
# recognised by its text screen; a multiboot kernel that is a game, SYSLINUX's look at the hardware and its menu in graphics, and a disk in memory that hooks the BIOS (memdisk), from which tests/pc starts; real
# Xen with Debian as its PV control domain, all inside a guest; Debian's installer from a CD with ISOLINUX, by the first question on its serial port. Prints "PASS name", "FAIL name: text", and at the end
# "END passed failed".
# Environment: see hvm/machine.sh; SYSTEMS=build/hvm-systems PC_IMAGE=build/pc.img
set -u
here=$(cd "$(dirname "$0")" && pwd)
wanted_names=$*
. "$here/hvm/machine.sh"
SYSTEMS=${SYSTEMS:-build/hvm-systems}
PC_IMAGE=${PC_IMAGE:-build/pc.img}
root=$SYSTEMS/root

guest() # NAME MEMORY BOOT MORE: its description
{
	printf "name='%s'\nmemory=%s\nboot='%s'\n%s\n" "$1" "$2" "$3" "$4" > "$dir/$1.cfg"
}

isolinux() # NAME FILE...: a CD that starts ISOLINUX with these files, whose description comes on the standard input
{
	to=$1
	shift
	mkdir -p "$dir/iso/isolinux"
	cat > "$dir/iso/isolinux/isolinux.cfg"
	cp "$root/usr/lib/ISOLINUX/isolinux.bin" "$root/usr/lib/syslinux/modules/bios/ldlinux.c32" "$@" "$dir/iso/isolinux/"
	xorriso -as mkisofs -quiet -o "$dir/$to.iso" -b isolinux/isolinux.bin -c isolinux/boot.cat -no-emul-boot -boot-load-size 4 -boot-info-table "$dir/iso" > "$dir/$to.mkiso" 2>&1 || cat "$dir/$to.mkiso"
	rm -rf "$dir/iso"
}

grub() # NAME FILE...: a CD that starts GRUB with these files; its description comes on the standard input
{
	to=$1
	shift
	mkdir -p "$dir/iso/boot/grub"
	cat > "$dir/iso/boot/grub/grub.cfg"
	cp "$@" "$dir/iso/"
	grub-mkrescue -d /usr/lib/grub/i386-pc -o "$dir/$to.iso" "$dir/iso" > "$dir/$to.mkrescue" 2>&1 || cat "$dir/$to.mkrescue"
	rm -rf "$dir/iso"
}

# ---- four guests on two CPUs -----------------------------------------------------------------------------

name=four-systems
if wanted $name; then
	cp "$root/usr/lib/grub-rescue/grub-rescue-cdrom.iso" "$dir/rescue.iso"
	cp "$root/usr/lib/memtest86+/memtest86+ia32.iso" "$dir/memtest32.iso"
	cp "$root/usr/lib/memtest86+/memtest86+x64.iso" "$dir/memtest64.iso"
	guest rescue 128 d "disk=['rescue.iso,hdc:cdrom,r']"
	guest memtest32 128 d "disk=['memtest32.iso,hdc:cdrom,r']"
	guest memtest64 64 d "disk=['memtest64.iso,hdc:cdrom,r']"
	guest ipxe 128 n "vif=['mac=00:16:3e:12:34:56']"
	before=$failed
	start_machine "$dir/rescue.cfg,$dir/memtest32.cfg,$dir/memtest64.cfg,$dir/ipxe.cfg,$dir/rescue.iso,$dir/memtest32.iso,$dir/memtest64.iso"
	must_come wait_screen rescue '^\(d1\) screen: .*GNU GRUB  version 2'
	must_come wait_screen rescue-menu '^\(d1\) screen: .*\*GNU/Linux'
	must_come wait_screen ipxe '^\(d4\) screen: net0: 00:16:3e:12:34:56 using 82540em'
	must_come wait_screen ipxe-network '^\(d4\) screen: Configuring \(net0 00:16:3e:12:34:56\)'
	must_come wait_screen memtest64 '^\(d3\) screen:  <ESC> Exit .*\.x64'
	must_come wait_screen memtest64-memory '^\(d3\) screen: Memory  : +6[0-9]MB'
	must_come wait_screen memtest64-tests '^\(d3\) screen: .*Test [1-9][0-9]?% '
	must_come wait_screen memtest32 '^\(d2\) screen:  <ESC> Exit .*\.x32'
	must_come wait_screen memtest32-tests '^\(d2\) screen: .*Test [1-9][0-9]?% '
	# What the device models take, by the hypervisor's own account: 3 MiB at most beside VRAM.
	press b
	must_come wait_console device-models '^\(XEN\) d4: device model: '
	for guest in 1 2 3 4; do
		taken=$(console | sed -n "s/^(XEN) d$guest: device model: \([0-9]*\) KiB beside .*/\1/p" | tail -n 1)
		if [ "${taken:-9999}" -le 3072 ]; then pass "device-model-$guest"; else fail "device-model-$guest" "it takes ${taken:-an unknown number of} KiB"; fi
	done
	if console | grep -E 'Errors: +[1-9]'; then fail memory "a memory test found errors"; else pass memory; fi
	stop_machine
	[ "$failed" = "$before" ] || failure_report
fi

# ---- four more: their own drivers, graphics, and a hook in the BIOS ------------------------------------------

name=more-systems
if wanted $name; then
	modules=$root/usr/lib/syslinux/modules/bios
	grub invaders "$root/boot/invaders.exec" <<-EOF
		set timeout=0
		menuentry invaders {
			multiboot /invaders.exec
		}
	EOF
	isolinux hdt "$modules/hdt.c32" "$modules/libcom32.c32" "$modules/libutil.c32" "$modules/libmenu.c32" "$modules/libgpl.c32" <<-EOF
		default hdt
		label hdt
			com32 hdt.c32
			append nomenu auto='show pci; show vesa; show acpi'
	EOF
	isolinux menu "$modules/vesamenu.c32" "$modules/libcom32.c32" "$modules/libutil.c32" <<-EOF
		default vesamenu.c32
		menu title Graphics
		label a
			menu label nothing
			localboot 0
	EOF
	isolinux memdisk "$root/usr/lib/syslinux/memdisk" "$PC_IMAGE" <<-EOF
		default memdisk
		label memdisk
			linux memdisk
			initrd $(basename "$PC_IMAGE")
			append harddisk raw
	EOF
	for guest in invaders hdt menu memdisk; do guest $guest 64 d "disk=['$guest.iso,hdc:cdrom,r']"; done
	before=$failed
	start_machine "$dir/invaders.cfg,$dir/hdt.cfg,$dir/menu.cfg,$dir/memdisk.cfg,$dir/invaders.iso,$dir/hdt.iso,$dir/menu.iso,$dir/memdisk.iso"
	# The ship, and rows of those that come.
	must_come wait_screen invaders '^\(d1\) screen: +-\*- +-\*- .*-\*-'
	must_come wait_screen invaders-ship '^\(d1\) screen: +/ \\ *$'
	must_come wait_screen hdt-acpi '^\(d2\) screen: FADT v004 ZAZEN '
	must_come wait_screen hdt-prompt '^\(d2\) screen: hdt>'
	must_come wait_screen menu '^\(d3\) screen: graphics, 640 by 480'
	must_come wait_console memdisk-read '^\(d4\) debug: PASS bios-drive-read-many'
	must_come wait_console memdisk-written '^\(d4\) debug: PASS bios-drive-read-back'
	must_come wait_console memdisk-memory '^\(d4\) debug: PASS bios-e820-ends'
	stop_machine
	[ "$failed" = "$before" ] || failure_report
fi

# ---- another hypervisor, and its control domain ---------------------------------------------------------------

name=xen
if wanted $name; then
	gzip -1nc "$DOM0/base.cpio" > "$dir/initrd"
	grub $name "$DOM0"/root/boot/xen-4.17-amd64.gz "$DOM0/vmlinuz" "$dir/initrd" <<-EOF
		set timeout=0
		menuentry xen {
			multiboot2 /xen-4.17-amd64.gz placeholder loglvl=all com1=115200,8n1 console=com1 dom0_mem=384M noreboot
			module2 /vmlinuz placeholder console=hvc0 panic=5
			module2 /initrd
		}
	EOF
	guest $name 768 d "vcpus=2
disk=['$name.iso,hdc:cdrom,r']"
	before=$failed
	start_machine "$dir/$name.cfg,$dir/$name.iso"
	must_come wait_console start '^\(d1\) \(XEN\) Xen version 4\.17'
	must_come wait_console timer '^\(d1\) \(XEN\) \.\.TIMER: vector=0xF0 apic1=0 pin1=2'
	must_come wait_console cpus '^\(d1\) \(XEN\) Brought up 2 CPUs'
	must_come wait_console dom0 '^\(d1\) \(XEN\) \*\*\* Building a PV Dom0'
	must_come wait_console user-space '^\(d1\) .*USER SPACE PV'
	must_come wait_console power-off '^\(XEN\) d1: shutdown: poweroff'
	stop_machine
	[ "$failed" = "$before" ] || failure_report
fi

# ---- Debian's installer ------------------------------------------------------------------------------------

name=installer
if wanted $name; then
	images=$root/usr/lib/debian-installer/images/12/amd64/text/debian-installer/amd64
	isolinux $name "$images/linux" "$images/initrd.gz" <<-EOF
		serial 0 115200
		default installer
		label installer
			kernel linux
			append initrd=initrd.gz console=ttyS0 no_timer_check DEBIAN_FRONTEND=text TERM=dumb
	EOF
	guest $name 1024 d "disk=['$name.iso,hdc:cdrom,r']
vif=['']"
	before=$failed
	start_machine "$dir/$name.cfg,$dir/$name.iso"
	must_come wait_console isolinux '^\(d1\) ISOLINUX '
	must_come wait_console kernel '^\(d1\) .*Linux version '
	must_come wait_console init '^\(d1\) .*Run /init as init process'
	must_come wait_console question '^\(d1\) Choose the language'
	must_come wait_console prompt '^\(d1\) Prompt: '
	# Its drivers found the board's devices, and none complained.
	must_come wait_console display 'Initialized bochs-drm'
	must_come wait_console network 'Intel.R. PRO/1000 Network Connection'
	if said 1 | grep -Ei '(e1000|bochs|i8042|rtc_cmos|ata_piix|hpet|uhci)[^ ]*:? .*(error|fail|timed out)'; then
		fail errors "a driver complained"
	else
		pass errors
	fi
	stop_machine
	[ "$failed" = "$before" ] || failure_report
fi

echo "END $passed $failed"
[ $failed = 0 ] && [ $passed -gt 0 ]
