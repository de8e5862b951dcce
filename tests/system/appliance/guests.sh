#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs in the control domain of `make run`, whose guest is "pvh" of ../run-guests.sh: two HVM guests beside it, all three at work; then their processes are killed at random moments. KILLS of each kind; SEED.
NAMES="pvh one two"
mkdir -p /tmp/tree && cd /tmp/tree && zcat /ramdisk | cpio -id bin/load bin/victims 2> /dev/null
load=/tmp/tree/bin/load victims=/tmp/tree/bin/victims
$load echo &
echo=$!

disk_of() { case $1 in pvh) echo /media/0 ;; *) echo "/tmp/$1.img" ;; esac; }
LOGS=$(for name in $NAMES; do echo "/var/log/zazen/$name.log"; done)
DISKS=$(for name in $NAMES; do echo "$(disk_of "$name") /var/log/zazen/$name.log"; done)
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
# What a guest that notices says: anything but its counters.
noticed() { $load strange $LOGS; }
standing() { echo "disk, network and clock of $NAMES were $marked and are $now; said: $(noticed | tr '\n' '|')"; }
# Of all guests: what they were told is on the disk is there.
is_flushed() { $load check $DISKS > /tmp/flushed; }

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
while [ $i -lt 5 ]; do
	mark
	wait_for 120 all_further || { fail live "$(standing)"; break; }
	i=$((i + 1))
done
[ $i = 5 ] && pass live
equal screens "$(for name in one two; do xenstore-read "/local/domain/$(xl domid $name)/console/vnc-port"; done | tr '\n' ' ')" "5900 5901 "

# ---- processes are killed ----
is_whole() { $victims whole $NAMES > /tmp/processes && [ "$(xl list | awk 'NR > 2 { print $1 }' | sort | tr '\n' ' ')" = "one pvh two " ]; }
nodes() { xenstore-ls -f / | sed 's/ = .*//' | grep -v '^/tool/' | sort; }

wait_for 60 is_whole && pass whole || fail whole "$(cat /tmp/processes)"
nodes > /tmp/nodes
# One round a line: KIND NAME MICROSECONDS, six or seven times. In each of them the store, a keeper and a backend are killed twice, in any order, so long after the one before; in each second a guardian, too.
# Half of them follow so soon that what the first has begun is not over yet.
rounds=$(((KILLS + 1) / 2))
awk -v rounds="$rounds" -v seed="$SEED" -v names="$NAMES" 'BEGIN {
	srand(seed)
	nr = split(names, name, " ")
	for (i = 0; i < rounds; i++) {
		n = split("store keeper backend store keeper backend" (i % 2 ? "" : " guardian"), kind, " ")
		most = rand() < 0.5 ? 200000 : 1500000
		for (k = n; k > 1; k--) { j = 1 + int(rand() * k); t = kind[k]; kind[k] = kind[j]; kind[j] = t }
		for (k = 1; k <= n; k++) printf "%s %s %d ", kind[k], name[1 + int(rand() * nr)], int(rand() * most)
		print ""
	}
}' > /tmp/points
kill_all() # KIND NAME MICROSECONDS...; $killed
{
	killed=
	while [ $# -gt 0 ]; do
		usleep "$3"
		$victims kill "$1" "$2" > /tmp/killed || return 1
		killed="$killed$1 of $2, "
		shift 3
	done
}
broken() # PART TEXT
{
	fail "round-$number$1" "${killed% }: $2 $(tail -n 3 /var/log/zazen/*.keeper.log | tr '\n' '|')"
}
one_round() # POINTS
{
	kill_all $1 || { broken -kill "$(cat /tmp/killed)"; return 1; }
	mark
	wait_for 120 all_further || { broken -progress "$(standing)"; return 1; }
	wait_for 60 is_whole || { broken -whole "$(cat /tmp/processes) $(xl list | tail -n +3)"; return 1; }
	is_flushed || { broken -disk "$(cat /tmp/flushed)"; return 1; }
	strange=$(noticed)
	[ -z "$strange" ] || { broken -noticed "$strange"; return 1; }
}
number=0
while read -r points <&3; do
	number=$((number + 1))
	one_round "$points" || break
	pass "round-$number ${killed%, }"
done 3< /tmp/points
equal rounds "$number" "$rounds"
nodes | cmp -s - /tmp/nodes && pass nodes || fail nodes "$(nodes | diff - /tmp/nodes | head -n 5)"

# ---- and the guests can still be ended, and nothing is left of them ----
for name in $NAMES; do
	check "destroy-$name" xl destroy "$name"
done
is_flushed && pass flushed || fail flushed "$(cat /tmp/flushed)"
none() { ! pidof zazen-backend && ! pidof zazen-keeper && ! pidof zazen-guardian; }
wait_for 60 none
equal nothing-left "$(ls /run/zazen | wc -l) $(pidof zazen-backend zazen-keeper zazen-guardian | wc -w) $(xl list | wc -l) $(xenstore-list /local/domain | grep -cvx 0) $(xenstore-list /vm | wc -l) $(ls /sys/class/net/xenbr0/brif | tr "\n" " ")" "0 0 2 0 0 eth0 "
kill $echo
end
