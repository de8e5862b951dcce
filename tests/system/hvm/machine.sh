# SPDX-License-Identifier: GPL-2.0-or-later
# What the scripts with HVM guests without a control domain share; sourced. $dir: for their files, gone at the end. $name: of the case that runs; $seconds: its deadline.
#
# Environment: XEN=build/xen, DOM0=build/dom0, EMULATOR_WRAPPER= a command to run QEMU under, KEEP=1 keeps consoles and says where.
. "$here/../qemu.sh"
XEN=${XEN:-build/xen}
DOM0=${DOM0:-build/dom0}
seconds=2000
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

# ---- a machine ------------------------------------------------------------------------------------------

start_machine() # MODULES MEBIBYTES: guests' descriptions first
{
	[ -p "$dir/keys" ] || mkfifo "$dir/keys"
	exec 3<> "$dir/keys"
	: > "$dir/$name.log"
	# The first CPU is left alone: see "Faults of the emulator" in ../dom0/README.md.
	set -- -machine q35 -accel tcg,thread=multi -cpu "$QEMU_CPU" -smp 3 -m "${2:-2048}" -display none -no-reboot -nic none -monitor none \
		-serial stdio -kernel "$XEN" -append "console=com1 com1=115200 spare_cpus=1" -initrd "$1"
	echo "$QEMU $*" > "$dir/$name.again"
	${EMULATOR_WRAPPER:-} timeout "$seconds" "$QEMU" "$@" -pidfile "$dir/$name.pid" > "$dir/$name.log" 2> "$dir/$name.qemu" < "$dir/keys" 3>&- &
	emulator=$!
	keys=
}

# A debug key of the hypervisor's. s: the guests' text screens come on the console.
press() # KEY
{
	[ -n "$keys" ] || printf '\001\001\001' >&3
	keys=yes
	printf '%s' "$1" >&3
}

# Until the console has the pattern, the machine is gone or the deadline over.
wait_console() # PATTERN
{
	until console | grep -Eq -- "$1"; do
		kill -0 $emulator 2> /dev/null || { console | grep -Eq -- "$1"; return; }
		sleep 0.3
	done
}

# The same for a text screen: it is asked for until it has the pattern.
wait_screen() # PATTERN
{
	polls=0
	until console | grep -Eq -- "$1"; do
		kill -0 $emulator 2> /dev/null || return 1
		[ $((polls % 10)) != 9 ] || press s
		polls=$((polls + 1))
		sleep 0.3
	done
}

# Each pattern must come; WHAT: wait_console or wait_screen.
must_come() # WHAT NAME PATTERN
{
	if "$1" "$3"; then pass "$2"; else fail "$2" "it does not show: $3"; fi
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

# ---- Debian as a guest, which tests itself ----------------------------------------------------------------

# Another kernel with its initramfs than the dom0 machine's, for run_debian().
kernel=
initrd=

# $dir/$name.iso: GRUB, from a CD and, its first sector being a boot record as well, from a disk. It starts the kernel.
make_boot() # KERNEL-ARGUMENTS
{
	mkdir -p "$dir/iso/boot/grub"
	cp "${kernel:-$DOM0/vmlinuz}" "$dir/iso/vmlinuz"
	gzip -1c "${initrd:-$DOM0/base.cpio}" > "$dir/iso/initrd"
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

# Debian's kernel from $place, by the variables that run_cases() reads
run_debian()
{
	cdrom=
	case $place in *cdrom*) cdrom=yes ;; esac
	make_boot "tests=hvm,disks disks=data cpus=$vcpus memory=$memory mac=00:16:3e:12:34:56 cdrom=$cdrom $arguments"
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
		$settings
	EOF
	before=$failed
	start_machine "$dir/$name.cfg,$dir/$name.iso,$dir/$name.data" $((memory > 1024 ? memory + 1024 : 2048))
	must_come wait_console ending '^\(XEN\) d1: gone'
	stop_machine
	how=poweroff
	case $arguments in *end=reboot*) how=reboot ;; esac
	for pattern in 'd1\) debug: hvmloader: ' 'd1\) .*GRUB is there' "d1: shutdown: $how"; do
		if console | grep -Eq -- "$pattern"; then pass console; else fail console "it does not show: $pattern"; fi
	done
	take_results 1
	[ "$failed" = "$before" ] || failure_report
}

# NAME | boot order | memory | vcpus | place of GRUB and kernel | one more disk | more settings | more for the kernel and the tests in it
run_cases()
{
	sed 's/ *| */|/g' > "$dir/cases"
	while IFS='|' read -r name boot memory vcpus place more settings arguments; do
		wanted "$name" && run_debian
	done < "$dir/cases"
}
