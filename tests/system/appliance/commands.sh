#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs in the control domain of `make run`, beside its example guest, after example.sh: commands of xl on a guest that lives.
refused() # NAME TEXT COMMAND...: exit status 1, and the text in what it says
{
	checked=$1 wanted=$2
	shift 2
	if "$@" > /tmp/out 2>&1; then fail "$checked" "it was done"; return; fi
	if grep -q -- "$wanted" /tmp/out; then pass "$checked"; else fail "$checked" "$(head -n 2 /tmp/out | tr '\n' ' ')"; fi
}
shows() # NAME TEXT COMMAND...: exit status 0, and the text in what it says
{
	checked=$1 wanted=$2
	shift 2
	if "$@" > /tmp/out 2>&1 && grep -q -- "$wanted" /tmp/out; then pass "$checked"; else fail "$checked" "$(head -n 4 /tmp/out | tr '\n' ' ')"; fi
}
memory() { xl list example | awk 'NR == 2 { print $3 }'; }
memory_is_about() { [ $(($(memory) - $1)) -ge -8 ] && [ $(($(memory) - $1)) -le 32 ]; }

for command in $(xl help | awk '/^ [a-z]/ { print $1 }'); do
	xl help "$command" 2> /dev/null | grep -q "^xl $command" || fail help "$command"
done
pass help
refused absent-save 'not there yet. Instead: ' xl save example /tmp/x
refused absent-attach 'xl cd-insert' xl block-attach example x
refused unknown 'xl help shows all' xl frobnicate

# What it has, and what it uses.
shows block-list '^5632 .*hdc: CD .*emulated' xl block-list example
shows network-list '^0 *0 *[0-9a-f:]\{17\} .*emulated e1000' xl network-list example
shows top ' example ' xl top -b
shows top-json '"name": "example"' xl top --json
shows list-long '"name": "example"' xl list -l example
shows vcpu-list '^example  *1  *0 ' xl vcpu-list example
shows list-verbose 'Reason-Code' xl list -v
shows info-compiler '^cc_compiler *: .*[a-z]' xl info
shows info '^xen_scheduler *: credit2' xl info

# Its CD, out and in, also in the words of disk=.
check cd-eject xl cd-eject example hdc
shows cd-out 'hdc: CD (empty), emulated' xl block-list example
check cd-insert xl cd-insert example hdc file:/media/0
shows cd-in 'hdc: CD /dev/vd[a-z], emulated' xl block-list example
refused cd-insert-nothing 'No such file or directory. Say the path' xl cd-insert example hdc /nothing.iso
refused cd-insert-folder 'this is a folder' xl cd-insert example hdc /tmp
refused cd-insert-drive 'hdz' xl cd-insert example hdz /media/0
refused vcpu-pin-vcpu 'has no vcpu 7: its last one is 0' xl vcpu-pin example 7 0
check vcpu-pin xl vcpu-pin example 0 1 -
shows vcpu-pinned ' 1 / all$' xl vcpu-list example
check vcpu-pin-back xl vcpu-pin example 0 all
shows cpupool-list '^Pool-0 ' xl cpupool-list

# Shares.
check sched-set xl sched-credit2 -d example -w 512 -c 90
shows sched-list '^example  *1  *512  *90$' xl sched-credit2
refused sched-credit 'sched-credit2' xl sched-credit -d example
check sched-back xl sched-credit2 -d example -w 256 -c 0

# Memory: Linux has a balloon driver.
check mem-set xl mem-set example 200
wait_for 60 memory_is_about 200 && pass mem-followed || fail mem-followed "it has $(memory) MiB"
refused mem-too-much 'maxmem=' xl mem-set example 300
refused mem-max-below 'xl mem-set' xl mem-max example 100
check mem-max xl mem-max example 256
check mem-set-back xl mem-set example 256
wait_for 60 memory_is_about 256 && pass mem-followed-back || fail mem-followed-back "it has $(memory) MiB"
refused vcpu-set-more 'maxvcpus=' xl vcpu-set example 2
check vcpu-set xl vcpu-set example 1

# Its memory as a file, with what its kernel has in it.
check dump-core xl dump-core example /tmp/core
[ "$(head -c 4 /tmp/core | tail -c 3)" = ELF ] && grep -q 'Linux version' /tmp/core && pass dump-file || fail dump-file "$(ls -l /tmp/core)"
rm -f /tmp/core
tell example 'echo dumped-$((6 * 7))'
comes goes-on 60 example 'dumped-42'

# It sleeps by its own will, and the tools wake it.
refused sleep-not 'does not sleep' xl trigger example s3resume
asleep() { xl dmesg | grep -q 'asleep (ACPI S3)'; }
tell example 'echo mem > /sys/power/state; echo awake-$((6 * 7))'
wait_for 60 asleep && pass asleep || fail asleep "$(xl log example | tail -n 3 | tr '\n' '|')"
case $(state example) in *p*) pass sleep-state ;; *) fail sleep-state "$(state example)" ;; esac
check s3resume xl trigger example s3resume
comes awake 60 example 'awake-42'

# What it does, another description, and how it ended.
shows why-running 'has not ended' xl why example
shows why-exits 'last exits, the oldest first' xl why example
refused why-nobody 'no guest of this name' xl why nobody
tell example 'echo cpu-$(grep -c " popcnt " /proc/cpuinfo)'
comes popcnt 60 example '^[^ ]* serial0 .*cpu-1$'
sed 's/^memory .*/memory = 192/' /guest.cfg > /tmp/guest.cfg
echo 'cpuid = "host,popcnt=0"' >> /tmp/guest.cfg
refused config-update-broken 'No such file' xl config-update example /tmp/guest.cfg 'disk=["/media/nothing,raw,hdc:cdrom,r"]'
shows config-update 'next restart' xl config-update example /tmp/guest.cfg cpu_weight=300 name=example vnclisten=0.0.0.0 'disk=["/media/0,raw,hdc:cdrom,r"]'
prompts=$(count example '6n$')
tell example 'reboot -f'
comes reboot 300 example 'Welcome to the example guest' 2
wait_for 10 memory_is_about 192 && pass config-memory || fail config-memory "it has $(memory) MiB"
equal reboot-name "$(xl list example | awk 'NR == 2 { print $1 }')" example
shows config-weight ' 300 ' xl sched-credit2 -d example
comes reboot-prompt 60 example '6n$' $((prompts + 1))
tell example 'echo cpu-$(grep -c " popcnt " /proc/cpuinfo)'
comes cpuid 60 example '^[^ ]* serial0 .*cpu-0$'
shows why-before 'has asked for a restart' xl why example
check destroy xl destroy example
refused why-destroyed-board 'there is no domain' xl block-list example
shows why-gone 'cause: its board was reset' xl why example
none_is_kept() { [ "$(ls /run/zazen | wc -l)" = 0 ]; }
wait_for 60 none_is_kept
equal nothing-left "$(ls /run/zazen | wc -l) $(pidof zazen-backend | wc -w) $(xl list | wc -l)" "0 0 2"
end
