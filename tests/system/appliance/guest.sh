#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs in the control domain of `make run`, beside its example guest: Zazen's own tools, keeper and backend. Prints PASS and FAIL lines, then END.
passed=0 failed=0
pass() { passed=$((passed + 1)); echo "PASS $1"; }
fail() { failed=$((failed + 1)); echo "FAIL $1: $2"; }
check() # NAME COMMAND...
{
	checked=$1
	shift
	if "$@" > /tmp/out 2>&1; then pass "$checked"; else fail "$checked" "$(tail -n 2 /tmp/out | tr '\n' ' ')"; fi
}
equal() { if [ "$2" = "$3" ]; then pass "$1"; else fail "$1" "it is \"$2\", wanted \"$3\""; fi; }
wait_for() # SECONDS COMMAND...
{
	left=$(($1 * 5))
	shift
	while ! "$@" > /dev/null 2>&1; do
		[ $left -gt 0 ] || return 1
		left=$((left - 1))
		usleep 200000
	done
}
said() { xl log "$1" | grep -q -- "$2"; }
count() { xl log "$1" | grep -c -- "$2"; }
said_times() { [ "$(count "$1" "$2")" -ge "$3" ]; }
# Typed through xl console; what it is given ends with ^].
tell() { { printf '%s\r' "$2"; sleep 1; printf '\035'; } | xl console "$1" > /dev/null 2>&1; }
state() { xl list "$1" | awk 'NR == 2 { print $5 }'; }
free_memory() { xl info | sed -n 's/^free_memory *: //p'; }
gone() { ! xl domid "$1"; }
# Connections to port 5900 (170C) that are open (01).
viewed() { grep -q '^ *[0-9]*: [0-9A-F]*:170C [0-9A-F:]* 01 ' /proc/net/tcp /proc/net/tcp6; }
unviewed() { ! viewed; }

wait_for 300 said example 'Welcome to the example guest' && pass welcome || fail welcome "$(xl log example | tail -n 5)"
equal list "$(xl list example | awk 'NR == 2 { print $1, $2, $4 }')" "example 1 1"
equal list-json "$(xl list --json example | sed -n 's/.*"name": "\(.*\)",/\1/p')" example
check screen-png xl screen example /tmp/screen.png
equal screen-png-file "$(head -c 4 /tmp/screen.png | tail -c 3)" PNG
check screen-text xl screen example
tell example 'echo answer-$((6 * 7))'
wait_for 60 said example '^[^ ]* serial0 .*answer-42$' && pass console || fail console "$(xl log example | tail -n 3)"

check pause xl pause example
case $(state example) in *p*) pass paused ;; *) fail paused "$(state example)" ;; esac
check unpause xl unpause example

# The viewer of the other computer comes and goes.
wait_for 60 viewed && pass viewed || fail viewed "nobody came to port 5900"
wait_for 60 unviewed

# The backend dies: another takes over, and the guest does not notice.
kill -9 "$(pidof zazen-backend)"
wait_for 60 pidof zazen-backend && pass backend-again || fail backend-again "there is none"
tell example 'echo after-$((6 * 8)); wc -c < /dev/sr0'
wait_for 120 said example 'after-48' && pass backend-serial || fail backend-serial "$(xl log example | tail -n 3)"
wait_for 120 said example '^[^ ]* serial0 [0-9][0-9]*$' && pass backend-disk || fail backend-disk "$(xl log example | tail -n 3)"

# A second guest, of the same disc.
xl create -q /guest.cfg name=two vnclisten=0.0.0.0 'disk=["/media/0,raw,hdc:cdrom,r"]' > /tmp/out 2>&1 && pass second || fail second "$(cat /tmp/out)"
wait_for 300 said two 'Welcome to the example guest' && pass second-welcome || fail second-welcome "$(xl log two | tail -n 3)"
xl create -q /guest.cfg name=two 'disk=["/media/0,raw,hdc:cdrom,r"]' > /tmp/out 2>&1 && fail same-name "a second guest of that name" || pass same-name
check destroy xl destroy two
wait_for 60 gone two && pass destroyed || fail destroyed "$(xl list)"

# It restarts by itself, under its name.
tell example 'reboot -f'
wait_for 300 said_times example 'Welcome to the example guest' 2 && pass reboot || fail reboot "$(xl log example | tail -n 3)"
equal reboot-name "$(xl list example | awk 'NR == 2 { print $1 }')" example
tell example 'poweroff -f'
wait_for 120 gone example && pass poweroff || fail poweroff "$(xl list)"
wait_for 60 [ ! -e /run/zazen/1 ]
equal nothing-left "$(ls /run/zazen | wc -l) $(pidof zazen-backend | wc -w) $(xl list | wc -l)" "0 0 2"
echo "END $passed $failed"
