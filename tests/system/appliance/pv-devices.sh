#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs in the control domain of `make run`'s file system: a PVH and an HVM guest of Debian's kernel with paravirtual disks and network, by Zazen's own tools. tests/system/dom0-pv-devices.sh has
# put what they need into /guests. Prints PASS and FAIL lines, then END.
. /guests/checks.sh
sum() { sha256sum | cut -d' ' -f1; }
word_of() { xl log "$1" | sed -n "s/^[^ ]* [a-z0-9]* *$2 //p" | tail -n 1 | cut -d' ' -f"$3"; }
part() { dd if="$1" bs=1M skip="$2" count="$3" 2> /dev/null | sum; }

brctl addbr xenbr0 2> /dev/null
ifconfig xenbr0 10.9.0.1 netmask 255.255.255.0 up
head -c 8388608 /dev/urandom > /tmp/download

image() # FILE MIB: begins with a MiB that says nothing twice
{
	head -c 1048576 /dev/urandom > "$1"
	truncate -s "$2M" "$1"
}

config() # NAME DISKS WORK
{
	cat > "/guests/$1.cfg" <<END
name = "$1"
memory = 192
vif = [ 'mac=00:16:3e:09:00:02,bridge=xenbr0' ]
disk = [ $2 ]
END
	case $1 in
	pvh) cat >> "/guests/$1.cfg" <<END ;;
type = "pvh"
kernel = "/guests/vmlinuz"
ramdisk = "/guests/guest.cpio.gz"
extra = "console=hvc0 panic=1 mitigations=off work=$3"
END
	*) cat >> "/guests/$1.cfg" <<END ;;
type = "hvm"
xen_platform_pci = 1
boot = "d"
serial = "pty"
vnc = 0
END
	esac
}

start() # NAME
{
	# busybox's nc ends a connection whose other side has nothing more to say: it must not run out of words.
	sleep 900 | nc -l -p 1001 > "/tmp/$1.sent" &
	nc -l -p 1002 < /tmp/download > /dev/null &
	listener=$!
	xl create -q "/guests/$1.cfg" > /tmp/out 2>&1 && pass "$1-create" || { fail "$1-create" "$(cat /tmp/out)"; return 1; }
	wait_for 300 said "$1" "GUEST $2" && pass "$1-up" || fail "$1-up" "$(xl log "$1" | tail -n 10)"
}

# What it did, seen from here.
compare() # NAME IMAGE
{
	wait_for 300 said "$1" 'GOT ' || fail "$1-network" "$(xl log "$1" | tail -n 10)"
	equal "$1-sectors" "$(word_of "$1" DISK 1)" "sectors=131072"
	equal "$1-read-only" "$(word_of "$1" DISK 2)" "read-only=1"
	equal "$1-unplugged" "$(word_of "$1" DISK 3)" "drives=0"
	equal "$1-read" "$(word_of "$1" READ 1)" "$(part "$2" 0 1)"
	equal "$1-read-b" "$(word_of "$1" READ-B 1)" "$(part /guests/b.img 0 1)"
	equal "$1-wrote" "$(word_of "$1" WROTE 1)" "$(part "$2" 16 8)"
	equal "$1-read-back" "$(word_of "$1" WROTE 2)" "$(word_of "$1" WROTE 1)"
	said "$1" 'READ-ONLY WRITTEN' && fail "$1-read-only-kept" "it was written" || pass "$1-read-only-kept"
	equal "$1-driver" "$(word_of "$1" NETWORK 1) $(word_of "$1" NETWORK 2)" "mac=00:16:3e:09:00:02 driver=vif"
	said "$1" PING && pass "$1-ping" || fail "$1-ping" none
	said "$1" 'PING LARGE' && pass "$1-ping-large" || fail "$1-ping-large" none
	equal "$1-sent" "$(word_of "$1" SENT 1)" "$(sum < "/tmp/$1.sent")"
	equal "$1-got" "$(word_of "$1" GOT 1)" "$(sum < /tmp/download)"
}

# Its backend dies again and again while it works; it works until 10.9.0.3 is there.
kill_under_load() # NAME IMAGE
{
	wait_for 300 said "$1" 'LOAD BEGINS' || fail "$1-load" "$(xl log "$1" | tail -n 10)"
	for i in 1 2 3; do
		sleep 2
		kill -9 "$(pidof zazen-backend)" && kills=$((kills + 1))
		wait_for 60 pidof zazen-backend || fail "$1-backend-again" "there is none"
	done
	equal "$1-kills" $kills 3
	ifconfig xenbr0:1 10.9.0.3 netmask 255.255.255.0 up
	wait_for 300 gone "$1" && pass "$1-ends" || fail "$1-ends" "$(xl log "$1" | tail -n 10)"
	equal "$1-load-read-back" "$(word_of "$1" LOAD 1)" "$(word_of "$1" LOAD 2)"
	equal "$1-load-on-host" "$(word_of "$1" LOAD 1)" "$(part "$2" 40 15)"
	said "$1" 'LOAD FAILED\|LOAD NO PING' && fail "$1-load-errors" "$(xl log "$1" | grep 'LOAD [FN]')" || pass "$1-load-errors"
}

nothing_left() # NAME
{
	wait_for 30 [ "$(xenstore-list /local/domain/0/backend/vbd 2> /dev/null | wc -l)" = 0 ]
	equal "$1-nothing-left" "$(xenstore-list /local/domain/0/backend/vbd 2> /dev/null | wc -l) $(pidof zazen-backend | wc -w) $(xl list | wc -l)" "0 0 2"
	kill $listener 2> /dev/null
}

guests=$(echo "${guests:-pvh,hvm}" | tr , " ")
image /guests/b.img 16
for name in pvh hvm; do
	case " $guests " in *" $name "*) ;; *) continue ;; esac
	kills=0
	image /guests/a.img 64
	case $name in
	pvh) config pvh "'/guests/a.img,raw,xvda,w', '/guests/b.img,raw,xvdb,r'" disk,network,load ; type=PVH ;;
	hvm) config hvm "'/guests/a.img,raw,hda,w', '/guests/b.img,raw,hdb,r', '/guests/hvm.iso,raw,hdc:cdrom,r'" ; type=HVM ;;
	esac
	if start $name $type; then
		compare $name /guests/a.img
		kill_under_load $name /guests/a.img
	fi
	nothing_left $name
	ifconfig xenbr0:1 down 2> /dev/null
done
case " $guests " in *" speed "*)
	image /guests/a.img 64
	image /guests/c.img 32
	config hvm "'/guests/a.img,raw,hda,w', '/guests/c.img,raw,xvde,w', '/guests/speed.iso,raw,hdc:cdrom,r'"
	start hvm HVM
	wait_for 300 said hvm SPEED && pass speed || fail speed "$(xl log hvm | tail -n 10)"
	echo "NOTE $(word_of hvm SPEED 1) $(word_of hvm SPEED 2) hundredths of a second for 24 MiB"
	;;
esac
end
