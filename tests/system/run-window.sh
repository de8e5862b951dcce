#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# run-window.sh: screens of guests as windows (xl window, sdl=1) in the machine of `make run`: the desktop is a display of this computer (Xvfb), which the control domain reaches by its network. What a window shows is
# compared with xl screen. Prints "PASS name" and "FAIL name: text", and at the end "END passed failed".
PORT=${PORT:-5920}
. "$(dirname "$0")/appliance/host.sh"

# What the control domain of `make run` has not: the window's program, and libraries that SDL loads by name.
for library in X11 Xext Xcursor Xi Xfixes Xrandr Xss Xrender; do
	file=$(ldconfig -p | awk -v l="lib$library.so." 'index($1, l) == 1 && /x86-64/ { print $NF; exit }')
	[ -z "$file" ] || install -D -m 755 "$file" "$dir/tree/usr$file"
done
# Without a locale Xlib gives windows no names.
mkdir -p "$dir/tree/usr/share/X11/locale"
(cd /usr/share/X11/locale && cp -r locale.dir locale.alias compose.dir C "$dir/tree/usr/share/X11/locale/")
install -D -m 755 "$BUILD/zazen-window" "$dir/tree/usr/lib/zazen/zazen-window"
medium_make "$dir/tree" "$dir/medium"
iso=$(cd "$BUILD" && pwd)/appliance/example.iso
sed "s|^disk .*|disk = [ '$iso,raw,hdc:cdrom,r', '$dir/medium,raw,hda,r' ]|" "$BUILD/appliance/example.cfg" > "$dir/example.cfg"

snapshot() { running && "$BUILD/appliance/snapshot" "$1 - Zazen" "$dir/$2.png"; } # GUEST FILE
comes_to() # SECONDS COMMAND...
{
	left=$(($1 * 15))
	shift
	until "$@"; do
		[ $left -gt 0 ] && running || return 1
		left=$((left - 1))
		sleep 0.3
	done
}
is_shown() { snapshot "$1" window && [ "$(fact window differ "$2")" = 0 ]; } # GUEST FILE
is_there() { snapshot "$1" "$1" && [ "$(fact "$1" colours)" -ge 2 ]; }
is_gone() { ! snapshot "$1" gone; }

# What xl screen showed stands in the console between two lines, and the window comes to show the same: NAME
same_picture()
{
	wait_console "^PICTURE $1 END" || { fail "$1" "xl screen showed nothing"; return; }
	console | sed -n "/^PICTURE $1$/,/^PICTURE $1 END/p" | grep -v '^PICTURE' | base64 -d > "$dir/$1.png"
	if [ "$(fact "$1" colours)" -ge 2 ] && comes_to 60 is_shown example "$1"; then pass "$1"; else fail "$1" "xl screen: $(facts "$1"), window: $(facts window "$1")"; fi
}

display_start -listen tcp -ac
variables="DISPLAY=10.0.2.2$DISPLAY"
machine_start "${SECONDS_MOST:-2000}" window.sh "$dir/example.cfg"
same_picture picture
wait_console '^TYPE' && typed 'example - Zazen' window
same_picture picture-after-restart
wait_console '^CLOSE' && "$BUILD/appliance/snapshot" 'example - Zazen' --close
if wait_console '^SECOND' && comes_to 60 is_there two; then pass second; else fail second "$(facts two)"; fi
typed 'two - Zazen' second
if wait_console '^DESTROYED' && comes_to 60 is_gone two; then pass second-gone; else fail second-gone "its window is there still"; fi
machine_results run-window.sh
