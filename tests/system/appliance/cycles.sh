#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs in the control domain of `make run`: guests are created and destroyed many times; what was there before is there after that, and no more.
nodes() { xenstore-ls -f / | grep -cv '^/tool/'; }
descriptors() { ls "/proc/$(pidof xenstored)/fd" | wc -l; }
no_backend() { ! pidof zazen-backend; }
# Not the kernel's own threads, which come and go.
processes() { grep -h '^PPid:' /proc/[0-9]*/status 2> /dev/null | awk '$2 != 2' | wc -l; }
terminals() { ls /dev/pts | wc -l; }
ports() { xl debug-keys e; usleep 200000; xl dmesg | awk '/d0: event channels/ { on = 1; n = 0; next } /event channels/ { on = 0 } on { n++ } END { print n + 0 }'; }
free_kib() { xl info | sed -n 's/^free_memory *: //p'; }
shot() { echo "nodes=$(nodes) store-descriptors=$(descriptors) terminals=$(terminals) ports=$(ports) files=$(ls -R /run/zazen | wc -l) guests=$(xl list | wc -l)"; }
cycle() { xl create -q /guest.cfg name="c$1" vcpus="$((1 + $1 % 2))" 'disk=["/media/0,raw,hdc:cdrom,r"]' > /tmp/out 2>&1 && usleep "$(($1 * 7919 % 1500000))" && xl destroy "c$1" && wait_for 60 gone "c$1"; }

# The first guest of the machine goes, and one more, so that all is there that stays.
xl destroy example
wait_for 60 gone example
cycle 0 || fail first "$(cat /tmp/out)"
wait_for 60 no_backend
usleep 500000
before=$(shot) memory=$(free_kib) count=$(processes)
echo "before: $before, $memory MiB free, $count processes"
i=1
while [ $i -le "${CYCLES:-20}" ]; do
	cycle $i || break
	i=$((i + 1))
done
[ $i -gt "${CYCLES:-20}" ] && pass "cycles" || fail "cycles" "number $i: $(cat /tmp/out) $(tail -n 4 "/var/log/zazen/c$i.log" "/var/log/zazen/c$i.keeper.log" 2>&1 | tr '\n' '|')"; dmesg | tail -n 5
wait_for 60 no_backend
usleep 500000
after=$(shot)
echo "after: $after, $(free_kib) MiB free, $(processes) processes"
equal nothing-left "$after" "$before"
equal memory "$(free_kib)" "$memory"
[ "$(processes)" -le $((count + 2)) ] && pass processes || fail processes "$count before, $(processes) after"
end
