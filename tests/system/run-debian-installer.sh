#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# run-debian-installer.sh: Debian's installer with its graphical start, as it is, from a CD in an HVM guest, driven with the keys of a viewer (TigerVNC's) through its first screens: language, location, keyboard.
# Screens are told apart by pictures that another viewer takes. Prints "PASS name" and "FAIL name: text", and at the end "END passed failed". In `make test-debian-installer` only: unpacking the
# installer alone takes minutes under an emulator.
PORT=${PORT:-6000}
. "$(dirname "$0")/appliance/host.sh"
SYSTEMS=${SYSTEMS:-$BUILD/hvm-systems}
images=$SYSTEMS/root/usr/lib/debian-installer/images/12/amd64/gtk/debian-installer/amd64

mkdir -p "$dir/iso/isolinux"
cp "$images/linux" "$images/initrd.gz" "$dir/iso/" || exit 1
cp "$SYSTEMS/root/usr/lib/ISOLINUX/isolinux.bin" "$SYSTEMS/root/usr/lib/syslinux/modules/bios/ldlinux.c32" "$dir/iso/isolinux/"
# The line of the installer's own menu. A serial console besides would have it ask there, too, by text.
cat > "$dir/iso/isolinux/isolinux.cfg" <<END
default install
label install
	kernel /linux
	append vga=788 initrd=/initrd.gz no_timer_check mitigations=off --- quiet
END
xorriso -as mkisofs -quiet -o "$dir/di.iso" -b isolinux/isolinux.bin -c isolinux/boot.cat -no-emul-boot -boot-load-size 4 -boot-info-table "$dir/iso" > "$dir/mkiso" 2>&1 || cat "$dir/mkiso"
rm -rf "$dir/iso"
cat > "$dir/di.cfg" <<END
name      = "di"
builder   = "hvm"
memory    = 1100
boot      = "d"
serial    = "pty"
vnc       = 1
usbdevice = "tablet"
disk      = [ 'file:$dir/di.iso,hdc:cdrom,r' ]
END

machine_start "${SECONDS_MOST:-2400}" debian-installer.sh "$dir/di.cfg"
take() { timeout 60 gvnccapture "localhost:$((port - 5900))" "$dir/$1.png" > "$dir/viewer" 2>&1; }
fact() { "$BUILD/appliance/picture" "$dir/$1.png" ${3:+"$dir/$3.png"} 2> /dev/null | sed -n "s/.*$2=\([0-9]*\).*/\1/p"; } # PICTURE WHAT [OTHER]
running() { kill -0 $machine 2> /dev/null; }

# A picture that stands still for some seconds, and is a page of the installer: bright, of many colours, and another one than BEFORE. NAME [BEFORE]
page()
{
	: > "$dir/last.png"
	while running; do
		if take "$1" && [ "$(fact "$1" dark)" -lt 400 ] && [ "$(fact "$1" colours)" -ge 30 ] && [ "$(fact "$1" differ last)" = 0 ] && [ "${2:+$(fact "$1" differ "$2")}" != 0 ] &&
		   { [ -z "${2:-}" ] || [ "$(fact "$1" differ "$2")" -ge "${3:-30}" ]; }; then
			pass "$1"
			return 0
		fi
		cp "$dir/$1.png" "$dir/last.png"
		sleep 4
	done
	fail "$1" "it did not come; the last picture: $("$BUILD/appliance/picture" "$dir/last.png" ${2:+"$dir/$2.png"} 2>&1)"
	return 1
}
key() { xdotool windowfocus "$(cat "$dir/window")" && sleep 1 && xdotool key "$1"; }

wait_console '^VIEWER' && page language && {
	viewer_start
	# The mark goes down a line and up again: little changes, and it is as before.
	key Down
	page other-language language 1 && [ "$(fact other-language differ language)" -lt 200 ] && pass mark-moves || fail mark-moves "$(fact other-language differ language) of 1000 pixels are others"
	key Up
	page language-again other-language 1 && [ "$(fact language-again differ language)" -lt 3 ] && pass mark-is-back || fail mark-is-back "$(fact language-again differ language) of 1000 pixels are others"
	key Return
	page location language && key Return && page keyboard location
	[ "$(fact keyboard differ language)" -ge 30 ] && pass three-pages || fail three-pages "the third is like the first"
}
kill $machine 2> /dev/null
wait $machine
[ -z "${PICTURES:-}" ] || cp "$dir"/*.png "$PICTURES"
if [ $failed != 0 ]; then
	echo "     the last lines of the console:"
	console | tail -n 30 | sed 's/^/     /'
	echo "     again: PICTURES=FOLDER tests/system/run-debian-installer.sh"
fi
[ $passed -ge 7 ] || fail all "only $passed checks were made"
echo "END $passed $failed"
[ $failed = 0 ]
