#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs in the control domain of `make run`, beside a guest whose disk is empty and whose CD installs a system. Lines "KEYS ..." ask the other computer, which has the viewer, to type.
comes installer 300 inst 'installer: asks whether to erase'
echo "KEYS erase"
comes erase-refused 300 inst 'installer: was told: No!'
comes erase 300 inst 'installer: was told: yes'
comes password 60 inst 'installer: asks for a password'
echo "KEYS password"
comes second-wanted 300 inst 'installer: asks for the second disc'
check cd-eject xl cd-eject inst hdc
printf 'second disc, number %s\n' 42 > /tmp/second.iso
truncate -s 2M /tmp/second.iso
check cd-insert xl cd-insert inst hdc /tmp/second.iso
comes second-read 120 inst 'installer: has read the second disc'
comes installed 300 inst 'installer: is done'

# It restarts by itself. With the second disc there is nothing to start from; then from the disk.
gone_on() { now=$(xl domid inst) && [ "$now" != 1 ]; }
wait_for 60 gone_on && pass restarted || fail restarted "$(xl list)"
check destroy xl destroy inst
wait_for 60 gone inst
check create xl create -q /guest.cfg boot=c 'disk=["/media/0,raw,hda,w","/tmp/second.iso,raw,hdc:cdrom,r"]'
comes from-disk 300 inst 'installed: second disc, number 42'
comes login 120 inst 'installed login:'
tell inst root
comes password-wanted 60 inst 'Password:'
tell inst wrong-one
comes login-refused 120 inst 'Login incorrect'
comes login-again 60 inst 'installed login:' 2
tell inst root
comes password-again 60 inst 'Password:' 2
tell inst 'Zen-2026!'
tell inst 'echo here-$((6 * 7)) $(id -un)'
comes logged-in 60 inst 'here-42 root'
tell inst 'sync; poweroff -f'
wait_for 120 gone inst && pass poweroff || fail poweroff "$(xl list)"
end
