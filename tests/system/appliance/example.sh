#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs in the control domain of `make run`, beside its example guest: Zazen's own tools, keeper and backend. commands.sh comes after it.
# Connections to port 5900 (170C) that are open (01).
viewed() { grep -q '^ *[0-9]*: [0-9A-F]*:170C [0-9A-F:]* 01 ' /proc/net/tcp /proc/net/tcp6; }
unviewed() { ! viewed; }

comes welcome 300 example 'Welcome to the example guest'
# What is typed before the shell has opened its line is lost, as on any: it asks the terminal where it is (6n) with each prompt.
comes prompt 60 example '6n$'
equal list "$(xl list example | awk 'NR == 2 { print $1, $2, $4 }')" "example 1 1"
equal list-json "$(xl list --json example | sed -n 's/.*"name": "\(.*\)",/\1/p')" example
check screen-png xl screen example /tmp/screen.png
equal screen-png-file "$(head -c 4 /tmp/screen.png | tail -c 3)" PNG
check screen-text xl screen example
tell example 'echo answer-$((6 * 7))'
comes console 60 example '^[^ ]* serial0 .*answer-42$'

check pause xl pause example
case $(state example) in *p*) pass paused ;; *) fail paused "$(state example)" ;; esac
check unpause xl unpause example

# The viewer of the other computer comes when it is asked to, and goes.
echo "VIEWER"
wait_for 300 viewed && pass viewed || fail viewed "nobody came to port 5900"
wait_for 120 unviewed

# The backend dies: another takes over, and the guest does not notice.
kill -9 "$(pidof zazen-backend)"
wait_for 60 pidof zazen-backend && pass backend-again || fail backend-again "there is none"
tell example 'echo after-$((6 * 8)); wc -c < /dev/sr0'
comes backend-serial 120 example 'after-48'
comes backend-disk 120 example '^[^ ]* serial0 [0-9][0-9]*$'

# A second guest, of the same disc.
xl create -q /guest.cfg name=two vnclisten=0.0.0.0 'disk=["/media/0,raw,hdc:cdrom,r"]' > /tmp/out 2>&1 && pass second || fail second "$(cat /tmp/out)"
comes second-starts 300 two 'Loading Linux'
xl create -q /guest.cfg name=two 'disk=["/media/0,raw,hdc:cdrom,r"]' > /tmp/out 2>&1 && fail same-name "a second guest of that name" || pass same-name
check destroy-two xl destroy two
wait_for 60 gone two && pass destroyed || fail destroyed "$(xl list)"
