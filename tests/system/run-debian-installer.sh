#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# run-debian-installer.sh: Debian's installer with its graphical start, as it is, from a CD in an HVM guest, driven with the keys of a viewer (TigerVNC's): the CD's menu, then its first pages: language, location,
# keyboard. Screens are told apart by pictures that another viewer takes; PICTURES=FOLDER keeps them. Prints "PASS name" and "FAIL name: text", and at the end "END passed failed".
PORT=${PORT:-5910}
. "$(dirname "$0")/appliance/host.sh"
SYSTEMS=${SYSTEMS:-$BUILD/hvm-systems}
images=$SYSTEMS/root/usr/lib/debian-installer/images/12/amd64/gtk

# The CD's layout is that of Debian's small one: ISOLINUX at its root, and the menu's files where they look for each other.
mkdir -p "$dir/iso"
cp -r "$images/debian-installer" "$dir/iso/" || exit 1
rm -rf "$dir/iso/debian-installer/amd64/grub"
screens=$dir/iso/debian-installer/amd64/boot-screens
cp "$SYSTEMS/root/usr/lib/ISOLINUX/isolinux.bin" "$screens/ldlinux.c32" "$dir/iso/"
cp "$screens/syslinux.cfg" "$dir/iso/isolinux.cfg"
xorriso -as mkisofs -quiet -R -o "$dir/di.iso" -b isolinux.bin -c boot.cat -no-emul-boot -boot-load-size 4 -boot-info-table "$dir/iso" > "$dir/mkiso" 2>&1 || cat "$dir/mkiso"
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
viewer='di - Zazen'
# Pictures are counted, so that PICTURES has all of them in their order.
number=0
take() # NAME
{
	rm -f "$dir/$1.png"
	timeout 300 gvnccapture "localhost:$((port - 5900))" "$dir/$1.png" > "$dir/capture" 2>&1 || return 1
	[ -z "${PICTURES:-}" ] || { number=$((number + 1)); cp "$dir/$1.png" "$PICTURES/$(printf %03d "$number")-$1.png"; }
}
is_page() { [ "$(fact "$1" dark)" -lt 400 ] && [ "$(fact "$1" colours)" -ge "$2" ]; } # NAME COLOURS
is_other() { [ -z "${2:-}" ] || [ "$(fact "$1" differ "$2")" -ge "$3" ]; } # NAME [BEFORE LEAST]

# A picture that stands still for some seconds, is bright, has so many colours, and differs from BEFORE in at least LEAST thousandths of its pixels: NAME COLOURS [BEFORE LEAST]
page()
{
	rm -f "$dir/last.png"
	while running; do
		if take "$1" && is_page "$1" "$2" && is_other "$1" "${3:-}" "${4:-}"; then
			[ -f "$dir/last.png" ] && [ "$(fact "$1" differ last)" = 0 ] && pass "$1" && return 0
			cp "$dir/$1.png" "$dir/last.png"
		fi
		sleep 1
	done
	fail "$1" "it did not come; the last picture: $(facts "$1" "${3:-}")"
	return 1
}

# The installer shows its banner, of 7500 colours, before it asks something.
CONTENTS=9000

# The menu counts seconds down, and starts the speaking installer at their end: any key stops that.
menu_comes() { until take menu && is_page menu 1000; do running || return 1; sleep 0.3; done; }

walk()
{
	viewer_start "$viewer"
	menu_comes || { fail menu "it did not come; the last picture: $(facts menu)"; return; }
	key "$viewer" Down
	page menu-second 1000 || return
	key "$viewer" Up
	page menu-first 1000 menu-second 1 || return
	[ "$(fact menu-first differ menu-second)" -lt 100 ] && pass menu-mark || fail menu-mark "$(fact menu-first differ menu-second) of 1000 pixels are others"
	key "$viewer" Return
	page language $CONTENTS menu-first 30 || return
	# The mark goes down a line and up again: then it is as before.
	key "$viewer" Down
	page other-language $CONTENTS language 1 || return
	key "$viewer" Up
	page language-again $CONTENTS other-language 1 || return
	[ "$(fact language-again differ language)" -lt 3 ] && pass mark-back || fail mark-back "$(fact language-again differ language) of 1000 pixels are others"
	key "$viewer" Return
	page location $CONTENTS language 30 || return
	key "$viewer" Return
	page keyboard $CONTENTS location 30 || return
	[ "$(fact keyboard differ language)" -ge 30 ] && pass three-pages || fail three-pages "the third is like the first"
}

wait_console '^VIEWER' && walk
kill $machine 2> /dev/null
wait $machine
if [ $failed != 0 ]; then
	echo "     the last lines of the console:"
	console | tail -n 30 | sed 's/^/     /'
	echo "     again: PICTURES=FOLDER tests/system/run-debian-installer.sh"
fi
[ $failed != 0 ] || [ $passed = 10 ] || fail all "only $passed checks were made"
echo "END $passed $failed"
[ $failed = 0 ]
