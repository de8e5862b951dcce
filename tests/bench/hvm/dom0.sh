#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# dom0.sh zazen|reference: runs in the control domain of either hypervisor: one HVM guest, from its creation to its end. Lines "BENCH name value" are for hvm.sh.
which=${1:-zazen}
PATH=/bench:$PATH
ifconfig xenbr0 > /dev/null 2>&1 || brctl addbr xenbr0
ifconfig xenbr0 10.9.0.1 netmask 255.255.255.0 up
cp /bench/guest.iso /tmp/guest.img
head -c 67108864 /dev/urandom > /tmp/data.img
dd if=/bench/chain of=/tmp/data.img conv=notrunc 2> /dev/null
xl list > /dev/null # what it needs of the file system has been read once

# Proportional set size in KiB of processes.
pss()
{
	for pid; do sed -n 's/^Pss: *\([0-9]*\) kB/\1/p' "/proc/$pid/smaps_rollup"; done | awk '{ sum += $1 } END { print sum + 0 }'
}
processes() # SUBSTRING...: every process whose command has one
{
	for pid in /proc/[0-9]*; do
		command=$(tr '\0' ' ' < "$pid/cmdline" 2> /dev/null)
		for word; do
			case $command in *"$word"*) echo "${pid#/proc/}"; break ;; esac
		done
	done
}

# What the guest has said on its serial line.
said()
{
	case $which in
	zazen) xl log bench | grep -q "guest: $1" ;;
	*) grep -q "guest: $1" /tmp/line ;;
	esac
}
wait_said() # WORDS SECONDS-BETWEEN-LOOKS
{
	i=0
	until said "$1" 2> /dev/null || [ $i -ge 1500 ] || ! xl domid bench > /dev/null 2>&1; do
		sleep "$2"
		i=$((i + $2))
	done
}

work serve 1001 "${net:-16}" &
server=$!
# Real Xen's xl waits ten seconds for QEMU, which may be too short on a busy computer: again, then. The last time counts.
tries=3
until work mark create && xl create "/bench/$which.cfg" > /tmp/create 2>&1; do
	tries=$((tries - 1))
	if [ "$which" = zazen ] || [ $tries = 0 ]; then
		echo "BENCH failed"
		cat /tmp/create
		tail -n 20 /var/log/xen/qemu-dm-bench.log 2> /dev/null
		exit 1
	fi
done
work mark created
if [ "$which" = reference ]; then
	cat "$(xenstore-read "/local/domain/$(xl domid bench)/serial/0/tty")" > /tmp/line &
fi
wait_said "user space" 1
sleep 8
if [ "$which" = zazen ]; then
	echo "BENCH pss $(pss $(processes 'xl create' zazen-backend))"
else
	echo "BENCH pss $(pss $(processes qemu-system))"
	echo "BENCH pss-xl $(pss $(processes 'xl create'))"
fi
wait_said "has worked" 4
case $which in zazen) xl log bench ;; *) cat /tmp/line ;; esac | grep -A 20 "guest: " | tail -n 20
work mark destroy
xl destroy bench
work mark destroyed
kill $server
echo "BENCH end"
