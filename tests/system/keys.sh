#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# keys.sh: the debug keys on the serial line, and that a domain which stormed the hypervisor leaves nothing behind when it is destroyed by one of them.
# Prints "PASS name" or "FAIL name: text" for each case, and at the end "END passed failed". Fails when one failed.
#
# Environment: XEN=build/xen, GUEST=build/guest/storm-hvm64, EMULATOR_WRAPPER= a command to run QEMU under
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../qemu.sh"
XEN=${XEN:-build/xen}
GUEST=${GUEST:-build/guest/storm-hvm64}
dir=$(mktemp -d "${TMPDIR:-/tmp}/zazen-keys.XXXXXX") || exit 2
trap 'kill $(cat "$dir/pid" 2> /dev/null) 2> /dev/null; rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM HUP
log=$dir/log
mkfifo "$dir/in"
passed=0
failed=0

# The first domain ends with "reboot", which noreboot turns into standing still.
append="$XEN_ARGS dom0_max_vcpus=4 loglvl=all"
machine="-machine q35 -accel tcg,thread=multi -smp 2 -m 512 -display none -serial stdio -monitor none -no-reboot -nic none -cpu $QEMU_CPU"
${EMULATOR_WRAPPER:-} "$QEMU" $machine -pidfile "$dir/pid" -kernel "$XEN" -append "$append" \
	-initrd "$GUEST exit=1" < "$dir/in" > "$log" 2> "$dir/errors" &
exec 3> "$dir/in"

# wait_for PATTERN [SECONDS]
wait_for()
{
	polls=$((${2:-300} * 10))
	while [ $polls -gt 0 ]; do
		tr -d '\r' < "$log" | grep -Eq "$1" && return 0
		kill -0 $! 2> /dev/null || break
		sleep 0.1
		polls=$((polls - 1))
	done
	return 1
}

# check NAME PATTERN
check()
{
	if wait_for "$2"; then
		echo "PASS $1"
		passed=$((passed + 1))
	else
		echo "FAIL $1: the console does not say \"$2\""
		failed=$((failed + 1))
	fi
}

check storm-ends 'd0: halted'
printf '\001\001\001' >&3
check switch 'input goes to the hypervisor'
for case in 'h|help|destroy domains that have ended' 'd|vcpus|d0v0 cr0' 'q|domains|d0: ' 'r|run-queues|CPU *1' \
	'a|timers|timer' 'm|memory|memory: [0-9]+ of [0-9]+ pages free' 'e|events|event' 'g|grants|grant' \
	'p|maps|p2m: root' 't|time|system time' 'c|cpus|CPU1: [0-9]+ exits' '%|unknown|no debug key'; do
	IFS='|' read -r key name pattern <<-END
	$case
	END
	printf '%s' "$key" >&3
	check "key-$name" "$pattern"
done
printf x >&3
check destroy 'd0: gone, and all of its memory is back'
printf R >&3
check restart 'restart, by debug key'
if [ $failed != 0 ]; then
	echo "the last lines of the console:"
	tr -d '\r' < "$log" | tail -n 30
	echo "again: $QEMU $machine -kernel $XEN -append \"$append\" -initrd \"$GUEST exit=1\""
fi
echo "END $passed $failed"
[ $failed = 0 ]
