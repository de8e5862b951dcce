#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# hvm-typing.sh: what is typed on the hypervisor's console reaches the serial ports of guests that run without a control domain, one guest after the other. Each guest is GRUB's
# prompt, on a CD. Prints "PASS name" or "FAIL name: text", and at the end "END passed failed".
#
# Environment: XEN=build/xen, EMULATOR_WRAPPER= a command to run QEMU under
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../qemu.sh"
XEN=${XEN:-build/xen}
dir=$(mktemp -d "${TMPDIR:-/tmp}/zazen-typing.XXXXXX") || exit 2
trap 'kill $(cat "$dir/pid" 2> /dev/null) 2> /dev/null; rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM HUP
mkfifo "$dir/in"
passed=0 failed=0

mkdir -p "$dir/iso/boot/grub"
printf 'serial --unit=0 --speed=115200\nterminal_input serial\nterminal_output serial\necho here-is-grub\n' > "$dir/iso/boot/grub/grub.cfg"
grub-mkrescue -d /usr/lib/grub/i386-pc -o "$dir/grub.iso" "$dir/iso" > "$dir/mkrescue" 2>&1 || cat "$dir/mkrescue"
for name in one two; do
	printf "name = '%s'\nbuilder = 'hvm'\nmemory = 64\nboot = 'd'\nserial = 'pty'\ndisk = [ 'grub.iso,hdc:cdrom,r' ]\n" $name > "$dir/$name.cfg"
done

cd "$dir" || exit 2
case $XEN in /*) ;; *) XEN=$OLDPWD/$XEN ;; esac
machine="-machine q35 -accel tcg,thread=multi -smp 2 -m 512 -display none -serial stdio -monitor none -no-reboot -nic none -cpu $QEMU_CPU"
${EMULATOR_WRAPPER:-} timeout 1200 "$QEMU" $machine -pidfile pid -kernel "$XEN" -append "console=com1 com1=115200" -initrd one.cfg,two.cfg,grub.iso < in > log 2> errors &
emulator=$!
exec 3> in

# check NAME PATTERN: the console shows it in the end
check()
{
	until tr -d '\r' < log | grep -Eq "$2"; do
		if ! kill -0 $emulator 2> /dev/null; then
			failed=$((failed + 1))
			echo "FAIL $1: the console does not say \"$2\""
			return
		fi
		sleep 0.2
	done
	passed=$((passed + 1))
	echo "PASS $1"
}

check guest-one '^\(d1\).*here-is-grub'
check guest-two '^\(d2\).*here-is-grub'
printf 'set x=first\recho answer-$x\r' >&3
check typed-to-one '^\(d1\).*answer-first'
printf '\001\001\001h\001\001\001' >&3
check keys-between 'destroy domains that have ended'
check switched 'input goes to d2'
printf 'set x=second\recho answer-$x\r' >&3
check typed-to-two '^\(d2\).*answer-second'
printf '\001\001\001\001\001\001halt\r' >&3
check back-to-one 'input goes to d1'
check one-ends '(d1|one).*(halt|ended|shut|powers|power)'
if [ $failed != 0 ]; then
	echo "the last lines of the console:"
	tr -d '\r' < log | tail -n 30
	echo "again: $QEMU $machine -kernel $XEN -append \"console=com1 com1=115200\" -initrd one.cfg,two.cfg,grub.iso"
fi
echo "END $passed $failed"
[ $failed = 0 ]
