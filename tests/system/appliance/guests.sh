#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs in the control domain of `make run`, whose guest is "pvh" of ../run-guests.sh: two HVM guests beside it, all three at work; then their processes are killed at random moments. KILLS of each kind; SEED.
NAMES="pvh one two"
mkdir -p /tmp/tree && cd /tmp/tree && zcat /ramdisk | cpio -id bin/load 2> /dev/null
load=/tmp/tree/bin/load
$load echo &
echo=$!

disk_of() { case $1 in pvh) echo /media/0 ;; *) echo "/tmp/$1.img" ;; esac; }
LOGS=$(for name in $NAMES; do echo "/var/log/zazen/$name.log"; done)
# How far they all are: three counters for each, disk, network and clock.
mark() { marked=$($load counters $LOGS); }
all_further()
{
	now=$($load counters $LOGS)
	set -- $now
	for n in $marked; do
		[ "$1" -gt "$n" ] || return 1
		shift
	done
}
standing() { echo "disk, network and clock of $NAMES were $marked and are $now"; }
# What a guest that notices says: anything but its counters.
noticed() { $load strange $LOGS; }
acked() { $load counters "/var/log/zazen/$1.log" | cut -d' ' -f1; }
is_flushed() { $load check "$(disk_of "$1")" "$(acked "$1")"; }

create() # NAME NUMBER
{
	truncate -s 8M "/tmp/$1.img"
	cat > "/tmp/$1.cfg" <<END
name = "$1"
type = "hvm"
memory = 192
boot = "d"
serial = "pty"
vnc = 1
vnclisten = "0.0.0.0"
disk = [ '/tmp/$1.img,raw,hda,w', '/media/1,raw,hdc:cdrom,r' ]
vif = [ 'type=ioemu,mac=00:16:3e:09:00:$2,bridge=xenbr0' ]
END
	check "create-$1" xl create -q "/tmp/$1.cfg"
}

# ---- three at once ----
create one 3e
create two 3f
for name in $NAMES; do comes "works-$name" 600 "$name" 'GUEST works'; done
mark
wait_for 120 all_further && pass begin || fail begin "$(standing)"
echo VIEWERS
i=0
while [ $i -lt 10 ]; do
	mark
	wait_for 120 all_further || { fail live "$(standing)"; break; }
	i=$((i + 1))
done
[ $i = 10 ] && pass live
equal screens "$(for name in one two; do xenstore-read "/local/domain/$(xl domid $name)/console/vnc-port"; done | tr '\n' ' ')" "5900 5901 "

# ---- processes are killed ----
# The shell does it alone, for there is much of this, and processes are slow here.
field_of() # FIELD PROCESS
{
	while read -r field value rest; do
		[ "$field" = "$1:" ] && echo "$value" && break
	done < "/proc/$2/status"
} 2> /dev/null
look() # $stores, $keepers, $guardians, $backends: processes
{
	stores= keepers= guardians= backends=
	for file in /proc/[0-9]*/comm; do
		read -r comm < "$file" || continue
		p=${file#/proc/} p=${p%/comm}
		case $comm in
		xenstored) stores="$stores$p " ;;
		zazen-keeper) keepers="$keepers$p " ;;
		zazen-guardian) guardians="$guardians$p " ;;
		zazen-backend) backends="$backends$p " ;;
		esac
	done
} 2> /dev/null
backend_of() { for p in $backends; do [ "$(field_of Uid "$p")" = $((0x5a000000 + $(eval echo "\$domid_$1"))) ] && echo "$p"; done; }
process_of() # KIND NAME
{
	look
	case $1 in
	store) echo $stores ;;
	backend) backend_of "$2" ;;
	keeper) field_of PPid "$(backend_of "$2")" ;;
	guardian) keeper=$(field_of PPid "$(backend_of "$2")"); for p in $guardians; do [ "$(field_of PPid "$p")" = "$keeper" ] && echo "$p"; done ;;
	esac
}
is_whole() # everything that belongs there is there, once
{
	look
	set -- $stores
	[ $# = 1 ] || return 1
	for list in "$keepers" "$guardians" "$backends"; do
		set -- $list
		[ $# = 3 ] || return 1
	done
	for guest in $NAMES; do
		set -- $(backend_of "$guest")
		[ $# = 1 ] || return 1
	done
	[ "$(xl list | awk 'NR > 2 { print $1 }' | sort | tr '\n' ' ')" = "one pvh two " ]
}
nodes() { xenstore-ls -f / | sed 's/ = .*//' | grep -v '^/tool/' | sort; }

for name in $NAMES; do eval "domid_$name=$(xl domid "$name")"; done
wait_for 60 is_whole && pass whole || fail whole "$(ps)"
nodes > /tmp/nodes
# KIND NAME MICROSECONDS AGAIN: kinds in any order, each as often as the others; AGAIN: so long after the first kill another one, or none.
awk -v kills="$KILLS" -v seed="$SEED" -v names="$NAMES" 'BEGIN {
	srand(seed)
	nr = split(names, name, " ")
	for (i = 0; i < kills; i++) for (k = split("store keeper backend guardian", kind, " "); k > 0; k--) if (kind[k] != "guardian" || i % 4 == 0) row[n++] = kind[k]
	for (i = n - 1; i > 0; i--) { j = int(rand() * (i + 1)); t = row[i]; row[i] = row[j]; row[j] = t }
	for (i = 0; i < n; i++) print row[i], name[1 + int(rand() * nr)], int(rand() * 1000000), rand() < 0.25 ? int(rand() * 400000) : "none"
}' > /tmp/points
wrong=0 number=0
while read -r kind name delay again; do
	number=$((number + 1))
	usleep "$delay"
	pid=$(process_of "$kind" "$name")
	if ! kill -9 $pid; then
		fail "kill-$number" "no $kind of $name: $(ps | grep zazen)"
		break
	fi
	mark
	if [ "$again" != none ]; then
		usleep "$again"
		kill -9 $(process_of "$kind" "$name") 2> /dev/null && pid="$pid and its successor"
	fi
	if ! wait_for 120 all_further; then
		fail "kill-$number" "$kind of $name, process $pid: $(standing) $(tail -n 3 /var/log/zazen/*.keeper.log)"
		break
	fi
	is_flushed "$name" > /tmp/flushed || fail "kill-$number-disk" "$kind of $name: $(cat /tmp/flushed)"
	if ! wait_for 60 is_whole; then
		fail "kill-$number-whole" "$kind of $name: $(xl list | tail -n +3) $(ps | grep 'zazen\|xenstored')"
		break
	fi
	strange=$(noticed)
	if [ -n "$strange" ]; then
		fail "kill-$number-noticed" "$kind of $name: $strange"
		break
	fi
	pass "kill-$number-$kind-$name"
done < /tmp/points
equal kills "$number" "$(wc -l < /tmp/points)"
nodes | cmp -s - /tmp/nodes && pass nodes || fail nodes "$(nodes | diff - /tmp/nodes | head -n 5)"

# ---- and the guests can still be ended, and nothing is left of them ----
for name in $NAMES; do
	check "destroy-$name" xl destroy "$name"
	is_flushed "$name" > /tmp/flushed && pass "flushed-$name" || fail "flushed-$name" "$(cat /tmp/flushed)"
done
none() { ! pidof zazen-backend && ! pidof zazen-keeper && ! pidof zazen-guardian; }
wait_for 60 none
equal nothing-left "$(ls /run/zazen | wc -l) $(pidof zazen-backend zazen-keeper zazen-guardian | wc -w) $(xl list | wc -l) $(xenstore-list /local/domain | grep -cvx 0) $(xenstore-list /vm | wc -l) $(ls /sys/class/net/xenbr0/brif | tr "\n" " ")" "0 0 2 0 0 eth0 "
kill $echo
end
