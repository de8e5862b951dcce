#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# hvm-systems.sh [NAME...]: what others made for PCs, in HVM guests without a control domain: GRUB's rescue CD, Memtest86+ of 32 and 64 bits and iPXE side by side, each
# recognised by its text screen; Debian's installer from a CD with ISOLINUX, by the first question on its serial port. Prints "PASS name", "FAIL name: text", and at the end
# "END passed failed".
# Environment: see hvm/machine.sh; SYSTEMS=build/hvm-systems
set -u
here=$(cd "$(dirname "$0")" && pwd)
wanted_names=$*
. "$here/hvm/machine.sh"
SYSTEMS=${SYSTEMS:-build/hvm-systems}
root=$SYSTEMS/root

guest() # NAME MEMORY BOOT MORE: its description
{
	printf "name='%s'\nmemory=%s\nboot='%s'\n%s\n" "$1" "$2" "$3" "$4" > "$dir/$1.cfg"
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

# ---- Debian's installer ------------------------------------------------------------------------------------

name=installer
if wanted $name; then
	mkdir -p "$dir/iso/isolinux"
	cp "$root"/usr/lib/debian-installer/images/12/amd64/text/debian-installer/amd64/linux "$dir/iso/linux"
	cp "$root"/usr/lib/debian-installer/images/12/amd64/text/debian-installer/amd64/initrd.gz "$dir/iso/initrd.gz"
	cp "$root/usr/lib/ISOLINUX/isolinux.bin" "$root/usr/lib/syslinux/modules/bios/ldlinux.c32" "$dir/iso/isolinux/"
	cat > "$dir/iso/isolinux/isolinux.cfg" <<-EOF
		serial 0 115200
		default installer
		label installer
			kernel /linux
			append initrd=/initrd.gz console=ttyS0 no_timer_check DEBIAN_FRONTEND=text TERM=dumb
	EOF
	xorriso -as mkisofs -quiet -o "$dir/$name.iso" -b isolinux/isolinux.bin -c isolinux/boot.cat -no-emul-boot -boot-load-size 4 -boot-info-table "$dir/iso" > "$dir/$name.mkiso" 2>&1 ||
		cat "$dir/$name.mkiso"
	rm -rf "$dir/iso"
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
