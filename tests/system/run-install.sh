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

machine_start 2000 install.sh "$dir/inst.cfg"
wait_console '^KEYS erase' && viewer_start 'inst - Zazen' && typed 'inst - Zazen' 'No!'
wait_console '^PASS erase-refused' && typed 'inst - Zazen' yes
wait_console '^KEYS password' && typed 'inst - Zazen' 'Zen-2026!'
machine_results run-install.sh
