#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs in the control domain of `make run`, beside its example guest: screens as windows on the desktop DISPLAY. ../run-window.sh looks at them, and types; it has put the window's program onto the guest's disk.
# What is typed on the screen comes out of the serial line, as lines: its shell stands still. What shows it is said after all that, not the echo of what is told.
listen() # NAME
{
	tell "$1" 'for p in /proc/[0-9]*; do [ "$(readlink $p/fd/0)" = /dev/tty1 ] && kill -STOP ${p#/proc/}; done; stty -F /dev/tty1 sane; cat /dev/tty1 > /dev/ttyS0 & echo listens-$((6 * 7))'
	comes "$2-listens" 60 "$1" '^[^ ]* serial0 .*listens-42'
}
xl window example > /tmp/out 2>&1 && fail no-desktop "it opened a window" || pass no-desktop
grep -q 'there is no desktop here' /tmp/out && pass no-desktop-said || fail no-desktop-said "$(cat /tmp/out)"
(cd / && cpio -id < /media/1 2> /dev/null)
export DISPLAY
comes welcome 300 example 'Welcome to the example guest'
comes prompt 60 example '6n$'
xl window example > /tmp/window 2>&1 &
window=$!
show() # NAME: what xl screen shows
{
	check "$1-screen" xl screen example /tmp/screen.png
	echo "PICTURE $1"
	base64 /tmp/screen.png
	echo "PICTURE $1 END"
}
# Once the cursor stands still.
tell example 'printf "\033[?25l" > /dev/tty1; echo still-$((6 * 7))'
comes still 60 example '^[^ ]* serial0 .*still-42'
show picture
listen example first
echo TYPE
comes typed 120 example 'window$'

# The guest restarts: the window stays. It shows the new one's screen, which stands still while the guest does.
tell example 'reboot -f'
comes restarted 300 example 'Loading Linux' 2
check pause xl pause example
show picture-after-restart

# Closed by who looks at it, who does not end the guest by that, nor let it go on.
echo CLOSE
wait_for 60 [ ! -d /proc/$window ] && pass closed || fail closed "xl window is there still"
wait $window && pass closed-status || fail closed-status "$(cat /tmp/window)"
case $(state example) in *p*) pass still-paused ;; *) fail still-paused "$(state example)" ;; esac
check unpause xl unpause example
case $(state example) in *p*) fail goes-on "$(state example)" ;; *-*) pass goes-on ;; *) fail goes-on "it is gone" ;; esac
xl destroy example

# One that has a window from its description, and no port.
xl create -q /guest.cfg name=two sdl=1 vnc=0 'disk=["/media/0,raw,hdc:cdrom,r"]' > /tmp/second 2>&1 && pass second-create || fail second-create "$(cat /tmp/second)"
comes second-welcome 300 two 'Welcome to the example guest'
equal second-no-port "$(xenstore-read "/local/domain/$(xl domid two)/console/vnc-port" 2> /dev/null)" ""
listen two second
echo SECOND
comes second-typed 120 two 'second$'
check second-destroy xl destroy two
echo DESTROYED
equal window-quiet "$(cat /tmp/window /tmp/second)" ""
end
