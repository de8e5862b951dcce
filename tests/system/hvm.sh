#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# hvm.sh [NAME...]: HVM guests without a control domain: hvmloader, SeaBIOS, GRUB and Debian's kernel from disk and from CD, on the device model. The guests test themselves
# (dom0/cases/hvm, disks) and tell the results on their serial port. Prints "PASS name", "FAIL name: text", and at the end "END passed failed".
# Environment: see hvm/machine.sh.
set -u
here=$(cd "$(dirname "$0")" && pwd)
wanted_names=$*
. "$here/hvm/machine.sh"

# ---- Debian from CD and from disk -----------------------------------------------------------------------

# What run_debian() wants. "empty" is also the one whose drives work by PIO; "noacpi" has MP tables only; "sleep" sleeps twice (ACPI S3).
cases()
{
	cat <<-END
	cd      | dc | 256  | 1 | hdc:cdrom,r |                | |
	four    | c  | 1024 | 4 | hda,w       |                | | mode=dma
	empty   | dc | 256  | 1 | hda,w       | ',hdc:cdrom,r' | | libata.dma=0 mode=pio
	sleep   | c  | 256  | 2 | hda,w       |                | | tests=hvm,disks,sleep
	noacpi  | c  | 128  | 2 | hda,w       |                | acpi=0 | board=noacpi end=reboot
	END
}

cases > "$dir/list"
run_cases < "$dir/list"

# ---- a guest that restarts, and one whose description is wrong, side by side ------------------------------

name=restart
if wanted $name; then
	make_boot "tests=hvm cpus=1 mac=00:16:3e:7a:01:00 end=reboot"
	printf "name='again'\nmemory=256\nboot='d'\ndisk=['%s.iso,hdc:cdrom,r']\nvif=['']\n" $name > "$dir/a.cfg"
	printf "name='wrong'\nmemory='lots'\n" > "$dir/b.cfg"
	before=$failed
	start_machine "$dir/a.cfg,$dir/b.cfg,$dir/$name.iso"
	for pattern in 'b.cfg, line 2: not a number: memory' 'd1: shutdown: reboot' 'd1: gone, and all of its memory is back' '^\(d[2-9]\) .*GRUB is there'; do
		must_come wait_console console "$pattern"
	done
	stop_machine
	[ "$failed" = "$before" ] || failure_report
fi

echo "END $passed $failed"
[ $failed = 0 ] && [ $passed -gt 0 ]
