#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# boot.sh [NAME...]: starts the hypervisor in every way that it can be started, with a micro-VM as its first domain. Prints
# "PASS name" or "FAIL name: text" for each case, and at the end "END passed failed". Fails when one failed.
#
# Environment: XEN=build/xen, GUEST=build/guest/start-hvm64, JOBS=2 emulators at once, EMULATOR_WRAPPER= a command to run QEMU under,
# KEEP=1 keeps consoles and ISO images and says where.
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../qemu.sh"
XEN=${XEN:-build/xen}
GUEST=${GUEST:-build/guest/start-hvm64}
OVMF=/usr/share/OVMF
# The micro-VM's own arguments: what it cannot know of these machines is left out.
ARGS="guest-argument=7 skip=memory_map_sane,vcpus_in_madt"
dir=$(mktemp -d "${TMPDIR:-/tmp}/zazen-boot.XXXXXX") || exit 2
clean_up()
{
	for p in "$dir"/*.pid; do
		[ -f "$p" ] && kill "$(cat "$p")" 2> /dev/null
	done
	[ -n "${KEEP:-}" ] && echo "kept: $dir" || rm -rf "$dir"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

# NAME | how it is loaded | QEMU's options | hypervisor's options | what the console must show, in any order, divided by "&" | seconds
# Loaders: kernel (qemu -kernel), none (the same, without a module), grub1, grub2, grub2gz, efi2 (GRUB: multiboot, multiboot2, of xen.gz, by UEFI)
ENDS='^END [0-9]+ 0$'
cases()
{
	cat <<-END
	pc-1            | kernel  | -machine pc -smp 1 -m 2048  |                | $ENDS & Zazen .*started by qemu
	pc-4            | kernel  | -machine pc -smp 4 -m 1024  |                | $ENDS & 4 CPUs
	q35-2           | kernel  | -machine q35 -smp 2 -m 2048 |                | $ENDS & 2 CPUs & domain 0: 2 vcpus
	q35-16          | kernel  | -machine q35 -smp 16 -m 2048 |               | $ENDS & 16 CPUs & domain 0: 16 vcpus
	maxcpus         | kernel  | -machine q35 -smp 4 -m 512  | maxcpus=2      | $ENDS & 2 CPUs
	memory-128      | kernel  | -machine q35 -smp 1 -m 128  |                | $ENDS & memory: 12[678] MiB
	memory-3584     | kernel  | -machine pc -smp 1 -m 3584  |                | $ENDS
	memory-6144     | kernel  | -machine q35 -smp 1 -m 6144 |                | $ENDS & memory: 614[34] MiB & domain 0: 1 vcpus, 59[0-9]+ MiB
	dom0-size       | kernel  | -machine q35 -smp 2 -m 2048 | dom0_mem=256M dom0_max_vcpus=3 | $ENDS & domain 0: 3 vcpus, 256 MiB
	dom0-range      | kernel  | -machine q35 -smp 2 -m 2048 | dom0_mem=max:128M dom0_max_vcpus=4-8 | $ENDS & domain 0: 4 vcpus, 128 MiB
	options         | kernel  | -machine q35 -smp 1 -m 256  | nonsense=1 dom0_mem=lots dom0=pv | $ENDS & option "nonsense=1" ignored: not known & option "dom0_mem=lots" ignored: & PV dom0 is not served
	no-module       | none    | -machine q35 -smp 2 -m 256  |                | no boot module & no domain runs
	no-svm          | kernel  | -machine q35 -smp 1 -m 256 -cpu qemu64,-svm | | no guest can run: .*AMD-V & no domain runs
	no-npt          | kernel  | -machine q35 -smp 1 -m 256 -cpu qemu64,+svm,-npt | | no guest can run: .*nested paging & no domain runs
	no-long-mode    | kernel  | -machine pc -smp 1 -m 256 -cpu qemu32 | | this CPU has no 64-bit mode
	not-a-kernel    | data    | -machine q35 -smp 1 -m 256  |                | neither an ELF file, nor a bzImage & no domain runs
	grub-multiboot  | grub1   | -machine pc -smp 2 -m 512   |                | $ENDS & started by GRUB 2 & 2 CPUs
	grub-multiboot2 | grub2   | -machine q35 -smp 2 -m 512  |                | $ENDS & started by GRUB 2
	grub-gz         | grub2gz | -machine pc -smp 1 -m 512   |                | $ENDS & started by GRUB 2
	grub-efi        | efi2    | -machine q35 -smp 2 -m 512  |                | $ENDS & started by GRUB 2.* on UEFI & ACPI: RSDP | 600
	END
}

# iso KIND LINES...: an image whose GRUB, on BIOS or UEFI, does those lines at once
iso()
{
	mkdir -p "$dir/$1/boot/grub"
	cp "$XEN" "$dir/$1/xen"
	gzip -nc "$XEN" > "$dir/$1/xen.gz"
	cp "$GUEST" "$dir/$1/kernel"
	printf 'set timeout=0\nmenuentry boot {\n%s\nboot\n}\n' "$2" > "$dir/$1/boot/grub/grub.cfg"
	grub-mkrescue -o "$dir/$1.iso" "$dir/$1" > "$dir/$1.mkrescue" 2>&1 || cat "$dir/$1.mkrescue"
}

# The options of a loader, for QEMU, with the hypervisor's command line $2
loader()
{
	case $1 in
	kernel) set -- -kernel "$XEN" -append "$2" -initrd "$GUEST $(echo "$ARGS" | sed 's/,/,,/g')" ;;
	none)   set -- -kernel "$XEN" -append "$2" ;;
	data)   set -- -kernel "$XEN" -append "$2" -initrd "$here/boot.sh" ;;
	efi2)
		cp "$OVMF/OVMF_VARS_4M.fd" "$dir/$name.vars"
		set -- -cdrom "$dir/grub2.iso" -drive "if=pflash,format=raw,readonly=on,file=$OVMF/OVMF_CODE_4M.fd" \
			-drive "if=pflash,format=raw,file=$dir/$name.vars" ;;
	*)      set -- -boot d -cdrom "$dir/$1.iso" ;;
	esac
	# shellcheck disable=SC2086
	exec ${EMULATOR_WRAPPER:-} timeout "$seconds" "$QEMU" -accel tcg,thread=multi -cpu "$QEMU_CPU" $qemu -display none \
		-serial "file:$dir/$name.log" -nic none -no-reboot -pidfile "$dir/$name.pid" "$@"
}

console() { tr -d '\r' < "$dir/$1.log" 2> /dev/null | sed 's/^(XEN) //; s/^(d0) //'; }

# All patterns of the case are on its console: 0. Else the first that is missing is in $missing.
shown()
{
	rest=$2
	while [ -n "$rest" ]; do
		missing=${rest%%&*}
		missing=$(echo "$missing" | sed 's/^ *//; s/ *$//')
		case $rest in *"&"*) rest=${rest#*&} ;; *) rest= ;; esac
		console "$1" | grep -Eq -- "$missing" || return 1
	done
}

run_case() # the case's fields are in name, kind, qemu, args, patterns, seconds
{
	: > "$dir/$name.log"
	loader "$kind" "console=com1 noreboot $args" > "$dir/$name.qemu" 2>&1 < /dev/null &
	emulator=$!
	until shown "$name" "$patterns"; do
		kill -0 $emulator 2> /dev/null || break
		sleep 0.2
	done
	if shown "$name" "$patterns"; then
		echo "PASS $name"
	else
		echo "FAIL $name: the console does not show: $missing"
		{ grep -v "TCG doesn't support" "$dir/$name.qemu"; console "$name" | tail -n 20; } | sed 's/^/     /'
	fi
	[ ! -f "$dir/$name.pid" ] || kill "$(cat "$dir/$name.pid")" 2> /dev/null
	wait $emulator 2> /dev/null
}

iso grub1 "multiboot /xen console=com1 noreboot
module /kernel $ARGS"
iso grub2 "multiboot2 /xen console=com1 noreboot
module2 /kernel $ARGS"
iso grub2gz "multiboot2 /xen.gz console=com1 noreboot
module2 /kernel $ARGS"

cases | sed 's/ *| */|/g' > "$dir/cases"
# A pattern may hold a "|": what stands between the fourth and the last field is one.
awk -F'|' -v wanted=" $* " '
{
	gsub(/[ \t]+$/, "")
	seconds = NF > 5 && $NF ~ /^[0-9]+$/ ? $NF : 300
	last = NF > 5 && $NF ~ /^[0-9]+$/ ? NF - 1 : NF
	patterns = $5
	for (i = 6; i <= last; i++) patterns = patterns "|" $i
	if (wanted == "  " || index(wanted, " " $1 " ")) print $1 "\t" $2 "\t" $3 "\t" ($4 == "" ? "-" : $4) "\t" seconds "\t" patterns
}' "$dir/cases" > "$dir/todo"

worker() # NUMBER OF JOBS
{
	n=0
	while IFS="$(printf '\t')" read -r name kind qemu args seconds patterns; do
		n=$((n + 1))
		[ $((n % $2)) = "$1" ] || continue
		[ "$args" != - ] || args=
		run_case
	done < "$dir/todo" > "$dir/out.$1"
}

jobs=${JOBS:-2}
i=0
while [ $i -lt "$jobs" ]; do
	worker $i "$jobs" &
	workers="${workers:-} $!"
	i=$((i + 1))
done
# shellcheck disable=SC2086
wait $workers
cat "$dir"/out.*
passed=$(cat "$dir"/out.* | grep -c '^PASS ')
failed=$(cat "$dir"/out.* | grep -c '^FAIL ')
echo "END $passed $failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
