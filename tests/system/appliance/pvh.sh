#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs in the control domain of `make run`'s file system, without a guest of its own: PVH guests of Debian's kernel by Zazen's own tools. tests/system/dom0-pvh-guest.sh has put kernel and
# ramdisk into /guests. Prints PASS and FAIL lines, then END.
. /guests/checks.sh

config() # NAME VCPUS: /guests/NAME.cfg
{
	cat > "/guests/$1.cfg" <<END
name = "$1"
type = "pvh"
kernel = "/guests/vmlinuz"
ramdisk = "/guests/guest.cpio.gz"
root = "/dev/ram0"
extra = "console=hvc0 panic=1 mitigations=off marker=$1"
memory = 192
vcpus = $2
END
}

# One, with one vcpu: its prompt, typing, its store, xl's commands.
config one 1
xl create /guests/one.cfg > /tmp/out 2>&1 && pass create || { fail create "$(cat /tmp/out)"; xl dmesg | tail -n 5; end; exit; }
one=$(xl domid one)
comes up 300 one 'GUEST UP type=PVH cpus=1'
# What is typed before the shell has opened its line is lost, as on any: it asks the terminal where it is (6n) with each prompt.
comes prompt 60 one '6n$'
tell one 'echo answer=$((6 * 7)) $(grep -o 'root=.*' /proc/cmdline)'
comes console 60 one '^[^ ]* console answer=42 root=/dev/ram0 console=hvc0 .*marker=one'
equal tty "$([ -c "$(xenstore-read /local/domain/$one/console/tty)" ] && echo yes)" yes
equal list "$(xl list one | awk 'NR == 2 { print $1, $4 }')" "one 1"
check pause xl pause one
check unpause xl unpause one
# Its backend dies: another takes over the console, and the guest does not notice.
kill -9 "$(pidof zazen-backend)"
sleep 1
wait_for 60 pidof zazen-backend && pass backend-again || fail backend-again "there is none"
wait_for 60 [ -c "$(xenstore-read /local/domain/$one/console/tty)" ]
tell one 'echo after=$((6 * 8))'
comes backend-console 60 one '^[^ ]* console after=48'
# The guest restarts by itself, under its name and uuid.
uuid=$(xl list -v one | awk 'NR == 2 { print $7 }')
check xl-reboot xl reboot one
comes reboot 300 one 'GUEST UP type=PVH' 2
equal reboot-uuid "$(xl list -v one | awk 'NR == 2 { print $7 }')" "$uuid"

# A second one beside it, with two vcpus.
config two 2
check create-two xl create -q /guests/two.cfg
comes two-vcpus 300 two 'GUEST UP type=PVH cpus=2'
# Its kernel follows what it is asked for: vcpus and memory.
vcpus_are() { [ "$(xl list two | awk 'NR == 2 { print $4 }')" = "$1" ]; }
memory_is_about() { m=$(xl list two | awk 'NR == 2 { print $3 }'); [ "$m" -ge $(($1 - 8)) ] && [ "$m" -le $(($1 + 16)) ]; }
check vcpu-set xl vcpu-set two 1
wait_for 60 vcpus_are 1 && pass vcpu-out || fail vcpu-out "$(xl list two | tail -n 1)"
check vcpu-set-back xl vcpu-set two 2
# Where there is no udev, a CPU that comes is put to work by hand.
tell two "until echo 1 > /sys/devices/system/cpu/cpu1/online; do sleep 1; done"
wait_for 60 vcpus_are 2 && pass vcpu-in || fail vcpu-in "$(xl list two | tail -n 1)"
check mem-set xl mem-set two 160
wait_for 60 memory_is_about 160 && pass mem-followed || fail mem-followed "$(xl list two | tail -n 1)"
check dump-core xl dump-core two /tmp/core
grep -q 'Linux version' /tmp/core && pass dump-file || fail dump-file "$(ls -l /tmp/core)"
rm -f /tmp/core
check destroy xl destroy two
wait_for 60 gone two && pass destroyed || fail destroyed "$(xl list)"
check shutdown xl shutdown -w one
wait_for 60 gone one && pass shut-down || fail shut-down "$(xl list)"

# What cannot start says why in one line.
refused() # NAME WORDS KEY=VALUE...
{
	refused_name=$1 words=$2
	shift 2
	if xl create -q /guests/one.cfg "$@" > /tmp/out 2>&1; then
		fail "$refused_name" "it started"
		xl destroy one
	elif grep -q -- "$words" /tmp/out; then
		pass "$refused_name"
	else
		fail "$refused_name" "$(cat /tmp/out)"
	fi
}
head -c 3000000 /guests/vmlinuz > /guests/cut
cp /bin/busybox /guests/program
refused cut 'kernel.*cut' 'kernel="/guests/cut"'
refused no-kernel 'no PVH guest can start from it' 'kernel="/guests/program"'
refused no-file 'No such file' 'kernel="/guests/nothing"'
refused no-room 'give it more (memory=)' 'memory=40'
refused no-memory 'memory' 'memory=100000'

wait_for 60 [ ! -e /run/zazen/$one ]
equal nothing-left "$(ls /run/zazen | wc -l) $(pidof zazen-backend | wc -w) $(xl list | wc -l) $(xenstore-list /local/domain | grep -cvx 0)" "0 0 2 0"
end
