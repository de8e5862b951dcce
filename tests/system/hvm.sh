#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# hvm.sh [NAME...]: HVM guests without a control domain: hvmloader, SeaBIOS, GRUB and Debian's kernel from disk and from CD, on the device model. The guests test themselves
# (dom0/cases/hvm, disks) and tell the results on their serial port. Prints "PASS name", "FAIL name: text", and at the end "END passed failed".
#
# Environment: XEN=build/xen, DOM0=build/dom0, EMULATOR_WRAPPER= a command to run QEMU under, KEEP=1 keeps consoles and says where.
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../qemu.sh"
XEN=${XEN:-build/xen}
DOM0=${DOM0:-build/dom0}
wanted_names=$*
dir=$(mktemp -d "${TMPDIR:-/tmp}/zazen-hvm.XXXXXX") || exit 2
clean_up()
{
	for p in "$dir"/*.pid; do
		[ -f "$p" ] && kill "$(cat "$p")" 2> /dev/null
	done
	[ -n "${KEEP:-}" ] && echo "kept: $dir" || rm -rf "$dir"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

passed=0 failed=0
pass() { passed=$((passed + 1)); echo "PASS $name-$1"; }
fail() { failed=$((failed + 1)); echo "FAIL $name-$1: $2"; }
console() { tr -d '\r' < "$dir/$name.log" 2> /dev/null | sed "/TCG doesn't support/d"; }
# What guest N said on its serial port.
said() { console | sed -n "s/^(d$1) //p" | grep -Ev '^(debug|screen): '; }
sum() { sha256sum | cut -d' ' -f1; }
wanted()
{
	[ -z "$wanted_names" ] && return 0
	case " $wanted_names " in *" $1 "*) return 0 ;; esac
	return 1
}

# ---- the guests' media ----------------------------------------------------------------------------------

# $dir/boot.iso: GRUB, from a CD and, its first sector being a boot record as well, from a disk. It starts Debian's kernel with $arguments.
make_boot()
{
	mkdir -p "$dir/iso/boot/grub"
	cp "$DOM0/vmlinuz" "$dir/iso/vmlinuz"
	gzip -1c "$DOM0/base.cpio" > "$dir/iso/initrd"
	cat > "$dir/iso/boot/grub/grub.cfg" <<-EOF
		serial --unit=0 --speed=115200
		terminal_output console serial
		set timeout=0
		echo GRUB is there
		menuentry debian {
			linux /vmlinuz console=ttyS0 panic=1 mitigations=off nokaslr no_timer_check $1
			initrd /initrd
		}
	EOF
	grub-mkrescue -o "$dir/$name.iso" "$dir/iso" > "$dir/$name.mkrescue" 2>&1 || cat "$dir/$name.mkrescue"
	rm -rf "$dir/iso"
}

# $dir/NAME.data: a disk of 32 MiB as dom0/cases/disks wants it
make_data()
{
	head -c 8388608 /dev/urandom > "$dir/content"
	{
		printf 'zazen data %s\n' "$(sum < "$dir/content")" | dd bs=1M conv=sync status=none
		cat "$dir/content"
		head -c $((23 * 1048576)) /dev/zero
	} > "$dir/$name.data"
}

# ---- a machine ------------------------------------------------------------------------------------------

start_machine() # MODULES: guests' descriptions first
{
	: > "$dir/$name.log"
	set -- -machine q35 -accel tcg,thread=multi -cpu "$QEMU_CPU" -smp 2 -m 2048 -display none -no-reboot -nic none \
		-serial "file:$dir/$name.log" -kernel "$XEN" -append "console=com1 com1=115200" -initrd "$1"
	echo "$QEMU $*" > "$dir/$name.again"
	${EMULATOR_WRAPPER:-} timeout "$seconds" "$QEMU" "$@" -pidfile "$dir/$name.pid" > "$dir/$name.qemu" 2>&1 < /dev/null &
	emulator=$!
}

# Until the console has the pattern, the machine is gone or the deadline over.
wait_console() # PATTERN
{
	until console | grep -Eq -- "$1"; do
		kill -0 $emulator 2> /dev/null || return 1
		sleep 0.3
	done
}

stop_machine()
{
	[ ! -f "$dir/$name.pid" ] || kill "$(cat "$dir/$name.pid")" 2> /dev/null
	wait $emulator 2> /dev/null
}

failure_report()
{
	{ cat "$dir/$name.qemu"; echo "the last lines of the console:"; console | tail -n 40; echo "again: $(cat "$dir/$name.again")"; } | sed 's/^/     /'
}

take_results() # GUEST
{
	said "$1" | sed '1,/^RESULTS$/d; /^END [0-9]/,$d' > "$dir/$name.told"
	told_passed=$(grep -c '^PASS ' "$dir/$name.told")
	told_failed=$(grep -c '^FAIL ' "$dir/$name.told")
	sed -n "s/^\(PASS\|FAIL\) /\1 $name-/p" "$dir/$name.told"
	passed=$((passed + told_passed)) failed=$((failed + told_failed))
	if [ "$(said "$1" | grep -E '^END [0-9]+ [0-9]+$' | tail -n 1)" != "END $told_passed $told_failed" ] || [ "$told_passed" = 0 ]; then
		fail results "the guest's END line does not agree with its results"
	fi
}

# ---- Debian from CD and from disk -----------------------------------------------------------------------

# NAME | boot order | memory | vcpus | place of GRUB and kernel | one more disk
cases()
{
	cat <<-END
	cd      | dc | 256  | 1 | hdc:cdrom,r |
	disk    | c  | 256  | 2 | hda,w       |
	four    | c  | 1024 | 4 | hda,w       |
	empty   | dc | 256  | 1 | hda,w       | ',hdc:cdrom,r'
	END
}

run_debian()
{
	cdrom=
	case $place in *cdrom*) cdrom=yes ;; esac
	make_boot "tests=hvm,disks disks=data cpus=$vcpus mac=00:16:3e:12:34:56 cdrom=$cdrom"
	make_data
	cat > "$dir/$name.cfg" <<-EOF
		name = '$name'
		builder = 'hvm'
		memory = $memory
		vcpus = $vcpus
		boot = '$boot'
		serial = 'pty'
		disk = [ 'file:/$name.iso,$place', 'phy:$name.data,hdb,w', $more ]
		vif = [ 'type=ioemu,mac=00:16:3e:12:34:56' ]
	EOF
	before=$failed
	start_machine "$dir/$name.cfg,$dir/$name.iso,$dir/$name.data"
	if wait_console '^\(XEN\) d1: gone'; then pass ending; else fail ending "it did not come to its end in $seconds s"; fi
	stop_machine
	for pattern in 'd1\) debug: hvmloader: ' 'd1\) .*GRUB is there' 'd1: shutdown: poweroff'; do
		if console | grep -Eq -- "$pattern"; then pass "console"; else fail console "it does not show: $pattern"; fi
	done
	take_results 1
	[ "$failed" = "$before" ] || failure_report
}

seconds=600
cases | sed 's/ *| */|/g' > "$dir/cases"
while IFS='|' read -r name boot memory vcpus place more; do
	wanted "$name" && run_debian
done < "$dir/cases"

# ---- a guest that restarts, and one whose description is wrong, side by side ------------------------------

name=restart
if wanted $name; then
	make_boot "tests=hvm cpus=1 mac=00:16:3e:7a:01:00 end=reboot"
	printf "name='again'\nmemory=256\nboot='d'\ndisk=['%s.iso,hdc:cdrom,r']\nvif=['']\n" $name > "$dir/a.cfg"
	printf "name='wrong'\nmemory='lots'\n" > "$dir/b.cfg"
	before=$failed
	start_machine "$dir/a.cfg,$dir/b.cfg,$dir/$name.iso"
	for pattern in 'b.cfg, line 2: not a number: memory' 'd1: shutdown: reboot' 'd1: gone, and all of its memory is back' '^\(d[2-9]\) .*GRUB is there'; do
		if wait_console "$pattern"; then pass console; else fail console "it does not show: $pattern"; fi
	done
	stop_machine
	[ "$failed" = "$before" ] || failure_report
fi

echo "END $passed $failed"
[ $failed = 0 ] && [ $passed -gt 0 ]
