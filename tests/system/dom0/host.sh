# SPDX-License-Identifier: GPL-2.0-or-later
# The host's side of the dom0 machine; sourced by tests/system/dom0-*.sh. A script sets what a boot needs and calls run_case:
#   name        of the case; cases whose names are not among the script's arguments are left out
#   machine     QEMU's options for machine, CPUs and memory      devices     more of QEMU's options
#   loader      kernel: QEMU's multiboot loader; efi, grub: GRUB; bare: no hypervisor
#   kernel      file of $DOM0, or a path                         initrd      the same, or empty
#   hypervisor  more of its options                              arguments   more of dom0's kernel's
#   ending      off: the machine ends by itself; or a pattern at which it is ended, when `times` lines of the console have it
#   want        patterns, one a line, all of which must be on the console
#   results     yes: dom0 tells results and END; no: it does not come so far
#   reboots     yes: the machine may start again; no: then it ends
#   seconds     the deadline: far beyond what it takes, only a hang meets it
# and afterwards looks at what it wants with `console` and says so with pass and fail.
#
# Environment: ACCEL=tcg,thread=multi, XEN=build/xen, REFERENCE=FILE an image of real Xen 4.17 in its place, DOM0=build/dom0, EMULATOR_WRAPPER= a command
# to run QEMU under, KEEP=1 keeps consoles and disks and says where, VERBOSE=1 tells dom0's lines as they are.
set -u
. "$here/../qemu.sh"
XEN=${REFERENCE:-${XEN:-build/xen}}
DOM0=${DOM0:-build/dom0}
ACCEL=${ACCEL:-tcg,thread=multi}
OVMF=/usr/share/OVMF
dir=$(mktemp -d "${TMPDIR:-/tmp}/zazen-dom0.XXXXXX") || exit 2
clean_up()
{
	for p in "$dir"/*.pid; do
		[ -f "$p" ] && kill "$(cat "$p")" 2> /dev/null
	done
	[ -n "${KEEP:-}" ] && echo "kept: $dir" || rm -rf "$dir"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

passed=0 failed=0 skipped=0
pass() { passed=$((passed + 1)); echo "PASS $name-$1"; }
fail() { failed=$((failed + 1)); echo "FAIL $name-$1: $2"; }
skip() { skipped=$((skipped + 1)); echo "SKIP $name: $1"; }

defaults()
{
	# The first CPU is left alone: see "Faults of the emulator" in README.md.
	machine="-machine q35 -smp 3 -m 2048" devices='' loader=kernel kernel=vmlinux initrd=base.cpio
	hypervisor=spare_cpus=1 arguments='' ending=off want='' kind_of_dom0=pvh iommu="${REFERENCE:+-device intel-iommu}" times=1 results=yes reboots=no seconds=1200
}

# wanted NAME: it is to run; wanted_names are the script's arguments
wanted()
{
	[ -z "${wanted_names:-}" ] && return 0
	case " $wanted_names " in *" $1 "*) return 0 ;; esac
	return 1
}

console() { tr -d '\r' < "$dir/$name.log" 2> /dev/null | sed "/TCG doesn't support/d; s/^(d0) //; s/^d0: //"; }

# Results of a control domain of `make run`'s file system, which says them as they come, and END once: they count as ours.
console_results()
{
	console | grep '^\(PASS\|FAIL\|NOTE\) ' | sed "s/^\(....\) /\1 $name-/"
	told_passed=$(console | grep -c '^PASS ') told_failed=$(console | grep -c '^FAIL ')
	passed=$((passed + told_passed)) failed=$((failed + told_failed))
	if [ "$(console | grep -E '^END [0-9]+ [0-9]+$')" != "END $told_passed $told_failed" ] || [ "$told_passed" = 0 ]; then
		fail results "the control domain's END line does not agree with its results"
	fi
	[ $failed = 0 ] || failure_report
}

# The results that dom0 told at its end.
told() { console | sed '1,/^RESULTS$/d; /^END [0-9]/,$d'; }

iso() # LINES: $dir/$name.iso, whose GRUB does those lines at once
{
	mkdir -p "$dir/iso/boot/grub"
	cp "$XEN" "$dir/iso/xen"
	cp "$kernel_file" "$dir/iso/kernel"
	[ -z "$initrd" ] || cp "$initrd_file" "$dir/iso/initrd"
	printf 'set timeout=0\nmenuentry boot {\n%s\nboot\n}\n' "$1" > "$dir/iso/boot/grub/grub.cfg"
	grub-mkrescue -o "$dir/$name.iso" "$dir/iso" > "$dir/$name.mkrescue" 2>&1 || cat "$dir/$name.mkrescue"
	rm -rf "$dir/iso"
}


# Real Xen gives dom0 memory that is not where dom0 thinks it is: its devices need an IOMMU, which QEMU has on q35 only, and without
# one it does not even map the machine's ACPI tables. Ours gives dom0 its own addresses.
reference_lacks() # the machine of this case is none for real Xen
{
	[ -n "${REFERENCE:-}" ] && [ "$loader" != bare ] && [ "$kind_of_dom0" = pvh ] || return 1
	case $machine in *q35*) return 1 ;; esac
}

start_machine() # leaves QEMU's process in $emulator, its command in $dir/$name.again
{
	case $kernel in */*) kernel_file=$kernel ;; *) kernel_file=$DOM0/$kernel ;; esac
	case $initrd in */*) initrd_file=$initrd ;; *) initrd_file=${initrd:+$DOM0/$initrd} ;; esac
	xen_args="console=com1 com1=115200 ${kind_of_dom0:+dom0=$kind_of_dom0 }dom0_mem=1024M $hypervisor${REFERENCE:+ spec-ctrl=no}"
	# Of the kernel's own options: what only costs time here, and is the same for both hypervisors. no_timer_check: Linux counts the machine's
	# timer ticks through a delay by the TSC and panics when they are too few; QEMU drops ticks when its host is slow, and the TSC goes on.
	linux_args="panic=1 mitigations=off nokaslr no_timer_check${REFERENCE:+ reference=yes} $arguments"
	set -- -accel "$ACCEL" -cpu "$QEMU_CPU" $machine $([ $reboots = yes ] || echo -no-reboot) -display none -serial "file:$dir/$name.log" \
		$(case "$devices" in *netdev*) ;; *) echo -nic none ;; esac)
	# shellcheck disable=SC2086
	case $loader in
	bare)
		set -- "$@" $devices -kernel "$kernel_file" -append "console=ttyS0 $linux_args machine=bare" ${initrd:+-initrd "$initrd_file"} ;;
	kernel)
		module="$kernel_file $(echo "console=hvc0 $linux_args" | sed 's/,/,,/g')${initrd:+,$initrd_file}"
		set -- "$@" $iommu $devices -kernel "$XEN" -append "$xen_args" -initrd "$module" ;;
	grub|efi)
		iso "multiboot2 /xen $xen_args
module2 /kernel console=hvc0 $linux_args
${initrd:+module2 /initrd}"
		set -- "$@" $iommu $devices -boot d -cdrom "$dir/$name.iso"
		if [ $loader = efi ]; then
			cp "$OVMF/OVMF_VARS_4M.fd" "$dir/$name.vars"
			set -- "$@" -drive "if=pflash,format=raw,readonly=on,file=$OVMF/OVMF_CODE_4M.fd" \
				-drive "if=pflash,format=raw,file=$dir/$name.vars"
		fi ;;
	esac
	: > "$dir/$name.log"
	for word; do printf "%s " "'$(echo "$word" | sed "s/'/'\\\\''/g")'"; done > "$dir/$name.again"
	# shellcheck disable=SC2086
	${EMULATOR_WRAPPER:-} timeout "$seconds" "$QEMU" "$@" -pidfile "$dir/$name.pid" > "$dir/$name.qemu" 2>&1 < /dev/null &
	emulator=$!
}

ended() { [ "$(console | grep -Ec -- "$ending")" -ge $times ]; }

# The machine is there until it ends by itself, shows the ending, or the deadline (timeout's status is 124) is over.
# What says that nothing more will come: the machine is not waited for.
stuck="no domain runs|Panic on CPU|FATAL "

wait_machine()
{
	while kill -0 $emulator 2> /dev/null; do
		if [ "$ending" != off ] && ended; then
			kill "$(cat "$dir/$name.pid")" 2> /dev/null
			wait $emulator 2> /dev/null
			return 0
		fi
		if console | grep -Eq -- "$stuck"; then
			kill "$(cat "$dir/$name.pid")" 2> /dev/null
		fi
		sleep 0.2
	done
	wait $emulator
	status=$?
	[ "$ending" = off ] || { ended; return; }
	[ $status = 0 ]
}

failure_report()
{
	{ grep -v "TCG doesn't support" "$dir/$name.qemu"; echo "the last lines of the console:"; console | tail -n 40
	  echo "again: $QEMU $(cat "$dir/$name.again")"; } | sed 's/^/     /'
}

run_case() # if it is wanted
{
	wanted "$name" && run_needed
}

run_needed()
{
	if reference_lacks; then
		skip "real Xen wants an IOMMU for a PVH dom0; the machine pc has none"
		return
	fi
	before=$failed
	start_machine
	if wait_machine; then
		pass ending
	elif [ "$ending" = off ]; then
		fail ending "the machine did not end by itself in $seconds s, or QEMU failed (status $status)"
	else
		fail ending "the console does not show: $ending"
	fi
	console > "$dir/$name.console"
	echo "$want" | sed '/^[ \t]*$/d; s/^[ \t]*//' > "$dir/$name.want"
	while IFS= read -r pattern; do
		if grep -Eq -- "$pattern" "$dir/$name.console"; then
			passed=$((passed + 1))
		else
			fail console "it does not show: $pattern"
		fi
	done < "$dir/$name.want"
	[ "$results" = no ] || take_results
	[ "$failed" = "$before" ] || failure_report
	[ -z "${VERBOSE:-}" ] || sed 's/^/     /' "$dir/$name.console"
}

take_results()
{
	end=$(grep -E '^END [0-9]+ [0-9]+$' "$dir/$name.console" | tail -n 1)
	told > "$dir/$name.told"
	told_passed=$(grep -c '^PASS ' "$dir/$name.told")
	told_failed=$(grep -c '^FAIL ' "$dir/$name.told")
	sed -n "s/^\(PASS\|FAIL\) /\1 $name-/p" "$dir/$name.told"
	[ -z "${VERBOSE:-}" ] || grep '^NOTE ' "$dir/$name.told"
	passed=$((passed + told_passed)) failed=$((failed + told_failed))
	if [ "$end" != "END $told_passed $told_failed" ]; then
		fail results "dom0 said \"${end:-no END}\", and $told_passed passed, $told_failed failed on the console"
	fi
	[ "$told_passed" != 0 ] || fail results "no test ran"
}

finish()
{
	echo "END $passed $failed"
	[ $failed = 0 ] && [ $((passed + skipped)) -gt 0 ]
}

# What the kernel warned of, with numbers made alike: two machines never agree on addresses and times.
warnings() # FILE: of results told
{
	sed -n 's/^DMESG //p' "$1" | sed -E 's/0x[0-9a-f]+/N/g; s/\b[0-9a-f]{4,}\b/N/g; s/[0-9]+/N/g' | sort -u
}

# compare_dmesg BARE: each warning of this case that the kernel does not print in the case BARE, without a hypervisor, and that
# dom0/dmesg-allowed does not list, is a failure. The test case "dmesg" must have run in both.
compare_dmesg()
{
	wanted "$name" || return 0
	! reference_lacks || return 0
	if ! grep -q '^PASS dmesg$' "$dir/$1.told" 2> /dev/null || ! grep -q '^PASS dmesg$' "$dir/$name.told"; then
		fail dmesg-clean "no list of warnings of $name or of $1 to compare it with"
		return
	fi
	grep -v '^#' "$here/dom0/dmesg-allowed" | sed 's/[ \t]*#.*//; /^$/d' > "$dir/allowed"
	warnings "$dir/$1.told" > "$dir/$1.warnings"
	warnings "$dir/$name.told" | grep -vxFf "$dir/$1.warnings" | grep -vEf "$dir/allowed" > "$dir/$name.warnings"
	if [ -s "$dir/$name.warnings" ]; then
		fail dmesg-clean "the kernel warns of what it does not on the bare machine (numbers are N):"
		sed 's/^/     /' "$dir/$name.warnings"
	else
		pass dmesg-clean
	fi
}

