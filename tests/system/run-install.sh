#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# run-install.sh: the way of most guests: an empty disk and an installer's CD, installed with the keys of a viewer (TigerVNC's), discs changed on the way, started from the disk, and a login
# through `xl console`. Prints "PASS name" and "FAIL name: text", and at the end "END passed failed".
PORT=${PORT:-5970}
. "$(dirname "$0")/appliance/host.sh"

truncate -s 300M "$dir/disk.img"
cat > "$dir/inst.cfg" <<END
name    = "inst"
builder = "hvm"
memory  = 256
boot    = "d"
serial  = "pty"
vnc     = 1
on_reboot = "restart"
disk    = [ 'file:$dir/disk.img,hda,w', 'file:$(cd "$BUILD" && pwd)/appliance/install.iso,hdc:cdrom,r' ]
END

# A viewer, with a display of its own.
viewer_start()
{
	Xvfb -displayfd 3 -screen 0 1280x1024x24 -nolisten tcp 3> "$dir/display" 2> "$dir/xvfb" &
	others="$others $!"
	for i in $(seq 100); do [ -s "$dir/display" ] && break; sleep 0.1; done
	DISPLAY=:$(cat "$dir/display")
	export DISPLAY
	xtigervncviewer -Shared "localhost::$port" > "$dir/viewer" 2>&1 &
	others="$others $!"
	for i in $(seq 300); do xdotool search --name TigerVNC > "$dir/window" 2> /dev/null && break; sleep 0.1; done
}
# Into the viewer's window; there is no window manager to give it the keyboard.
typed() { xdotool windowfocus "$(cat "$dir/window")" && sleep 1 && xdotool type --delay 60 "$1" && xdotool key Return; }

machine_start 900 install.sh "$dir/inst.cfg"
wait_console '^KEYS erase' && viewer_start && typed 'No!'
wait_console '^PASS erase-refused' && typed yes
wait_console '^KEYS password' && typed 'Zen-2026!'
machine_results run-install.sh
