#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs in the control domain of `make run`: guests of both kinds are created and destroyed many times, at any moment of their start; what was there before is there after that, and no more.
nodes() { xenstore-ls -f / | grep -cv '^/tool/'; }
descriptors() { ls -d /proc/[0-9]*/fd/* | wc -l; }
no_backend() { ! pidof zazen-backend; }
# Not the kernel's own threads, which come and go.
processes() { grep -h '^PPid:' /proc/[0-9]*/status 2> /dev/null | awk '$2 != 2' | wc -l; }
terminals() { ls /dev/pts | wc -l; }
# The control domain's event channels, and those of the whole machine.
ports() { xl debug-keys e; usleep 200000; xl dmesg | awk '/d0: event channels/ { on = 1; n = 0; next } /event channels/ { on = 0 } on { n++ } END { print n + 0 }'; }
free_mib() { xl info | sed -n 's/^free_memory *: //p'; }
shot() { echo "nodes=$(nodes) terminals=$(terminals) ports=$(ports) files=$(ls -R /run/zazen | wc -l) interfaces=$(ls /sys/class/net | wc -l) guests=$(xl list | wc -l) memory=$(free_mib)"; }
# The kernel's part of an end may come a moment after the tools': two looks that are alike, and one that is as the first was. A look takes a second.
last=
is_settled() { now=$(shot) && [ "$now" = "$last" ] || { last=$now; return 1; }; }
is_as_before() { after=$(shot) && [ "$after" = "$before" ]; }
cat > /hvm.cfg <<'END'
type = "hvm"
memory = 128
boot = "d"
serial = "pty"
vnc = 1
disk = [ '/media/0,raw,hdc:cdrom,r' ]
vif = [ 'type=ioemu,bridge=xenbr0' ]
END
cat > /pvh.cfg <<'END'
type = "pvh"
kernel = "/kernel"
ramdisk = "/ramdisk"
extra = "console=hvc0 mitigations=off"
memory = 128
disk = [ '/media/0,raw,xvda,r' ]
vif = [ 'bridge=xenbr0' ]
END
cycle() # NUMBER
{
	case $(($1 % 2)) in 0) file=/hvm.cfg ;; *) file=/pvh.cfg ;; esac
	xl create -q $file name="c$1" vcpus="$((1 + $1 / 2 % 2))" > /tmp/out 2>&1 && usleep "$(($1 * 7919 % 1500000))" && xl destroy "c$1" && wait_for 60 gone "c$1"
}

# The first guest of the machine goes, and one more, so that all is there that stays.
xl destroy first
wait_for 60 gone first
cycle 0 || fail first "$(cat /tmp/out)"
cycle 1 || fail second "$(cat /tmp/out)"
wait_for 60 no_backend
wait_for 4 is_settled
before=$last count=$(processes) open=$(descriptors)
echo "before: $before, $count processes, $open descriptors"
i=1
while [ $i -le "$CYCLES" ]; do
	cycle $i || break
	i=$((i + 1))
done
[ $i -gt "$CYCLES" ] && pass "cycles" || fail "cycles" "number $i: $(cat /tmp/out) $(tail -n 4 "/var/log/zazen/c$i.log" "/var/log/zazen/c$i.keeper.log" 2>&1 | tr '\n' '|')"; dmesg | tail -n 5
wait_for 60 no_backend
wait_for 4 is_as_before
echo "after: $after, $(processes) processes, $(descriptors) descriptors"
equal nothing-left "$after" "$before"
[ "$(processes)" -le $((count + 2)) ] && pass processes || fail processes "$count before, $(processes) after"
[ "$(descriptors)" -le $((open + 4)) ] && pass descriptors || fail descriptors "$open before, $(descriptors) after"
end
