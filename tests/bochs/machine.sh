# SPDX-License-Identifier: GPL-2.0-or-later
# Machines of bochs; sourced by the system tests that have a table of them. A script defines cases(), which prints lines
#   NAME | CPU model | CPUs | micro-VM | its arguments | what the console must show, divided by "&" | seconds (300) | more of the hypervisor's options
# and calls bochs_main with its own arguments: the names of the cases to run, all without. They start from an option ROM of the tests' own (rom.S, mkstart.c); with "grub:" before
# the micro-VM's name from an ISO, by GRUB, which takes several times as long as most of these tests. A micro-VM named *.cpio is Debian's kernel with that initramfs of
# $DOM0; one named *.cfg an HVM guest without a control domain, which comes as far as its BIOS does; disk*.cfg one that starts from a disk, pc*.cfg from tests/pc's.
# Prints "PASS name" or "FAIL name: text" for each case, and at the end "END passed failed"; fails when one failed.
#
# Environment: XEN=build/xen, GUESTS=build/guest, DOM0=build/dom0, SECTOR=build/hvmsector, PC=build/pc.img, START=build/bochs, BOCHS=bochs-bin, JOBS=2 emulators at once, EMULATOR_WRAPPER= a command to run it
# under, KEEP=1 keeps consoles and ISO images and says where.
set -u
XEN=${XEN:-build/xen}
GUESTS=${GUESTS:-build/guest}
DOM0=${DOM0:-build/dom0}
SECTOR=${SECTOR:-build/hvmsector}
PC=${PC:-build/pc.img}
START=${START:-build/bochs}
BOCHS=${BOCHS:-bochs-bin}
dir=$(mktemp -d "${TMPDIR:-/tmp}/zazen-bochs.XXXXXX") || exit 2
clean_up()
{
	for p in "$dir"/*.pid; do
		[ -f "$p" ] && kill "$(cat "$p")" 2> /dev/null
	done
	[ -n "${KEEP:-}" ] && echo "kept: $dir" || rm -rf "$dir"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

# What the case is started with: $kernel with $args, more modules in $more and their names in $names, and $xen_args.
start_choose()
{
	kernel=$GUESTS/$guest more= names= memory=512
	xen_args="console=com1 noreboot dom0_mem=256M dom0_max_vcpus=4 $hypervisor"
	case $guest in
	*.cpio)
		kernel=$DOM0/vmlinux more=$DOM0/$guest memory=1024
		xen_args="console=com1 dom0=pvh dom0_mem=640M $hypervisor"
		args="console=hvc0 panic=1 mitigations=off nokaslr no_timer_check $args" ;;
	*.cfg) # an HVM guest without a control domain
		kernel=$dir/$name.cfg
		printf 'name = "%s"\nbuilder = "hvm"\nmemory = 64\nvcpus = 1\n' "$name" > "$kernel"
		case $guest in
		disk*) # one that starts from a disk
			printf 'serial = "pty"\nboot = "c"\ndisk = [ "hvmsector,hda,w" ]\n' >> "$kernel"
			more=$SECTOR names=hvmsector ;;
		pc*)
			printf 'boot = "c"\ndisk = [ "pc,hda,w", "pc-cd,hdc:cdrom,r" ]\n' >> "$kernel"
			more="$PC $PC" names="pc pc-cd" ;;
		esac
		args="$guest $args" ;;
	esac
}

modules() # COMMAND...: with each module's file and words as two more arguments
{
	set -- "$@" "$kernel" "$args"
	words=$names
	for file in $more; do
		set -- "$@" "$file" "${words%% *}"
		case $words in *" "*) words=${words#* } ;; esac
	done
	"$@"
}

by_rom() # $dir/$name.disk
{
	modules "$START/mkstart" "$XEN" "$xen_args" > "$dir/$name.disk"
}

grub_module() # FILE WORDS [FILE WORDS...]
{
	while [ $# != 0 ]; do
		n=$((n + 1))
		cp "$1" "$dir/$name/module$n" || return 1
		echo "module2 /module$n $2"
		shift 2
	done
}

by_grub() # $dir/$name.iso
{
	mkdir -p "$dir/$name/boot/grub"
	n=0
	cp "$XEN" "$dir/$name/xen" && modules grub_module > "$dir/$name.modules" || return 1
	printf 'set timeout=0\nmenuentry boot {\nmultiboot2 /xen %s\n%s\nboot\n}\n' "$xen_args" "$(cat "$dir/$name.modules")" > "$dir/$name/boot/grub/grub.cfg"
	grub-mkrescue -d /usr/lib/grub/i386-pc -o "$dir/$name.iso" "$dir/$name" > "$dir/$name.mkrescue" 2>&1 && return
	cat "$dir/$name.mkrescue"
	return 1
}

image()
{
	case $guest in
	grub:*)
		guest=${guest#grub:}
		start_choose
		by_grub || return
		drive="boot: cdrom
	ata0-master: type=cdrom, path=$dir/$name.iso, status=inserted" ;;
	*)
		start_choose
		by_rom || return
		drive="boot: disk
	ata0-master: type=disk, mode=flat, path=$dir/$name.disk
	optromimage1: file=$START/rom, address=0xd0000" ;;
	esac
}

configuration()
{
	cat <<-END
	config_interface: textconfig
	display_library: rfb, options="timeout=0"
	memory: guest=$memory, host=$memory
	romimage: file=/usr/share/bochs/BIOS-bochs-latest
	vgaromimage: file=/usr/share/bochs/VGABIOS-lgpl-latest
	vga: extension=none, update_freq=1
	$drive
	cpu: model=$model, count=$cpus, ips=50000000, reset_on_triple_fault=0
	clock: sync=none
	com1: enabled=1, mode=file, dev=$dir/$name.log
	log: $dir/$name.messages
	panic: action=fatal
	error: action=ignore
	info: action=ignore
	debug: action=ignore
	speaker: enabled=0
	sound: driver=dummy
	END
}

console() { tr -d '\r\000' < "$dir/$1.log" 2> /dev/null | sed 's/^(XEN) //; s/^(d0) //'; }

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

emulator() # its debugger is told to go on; power-off ends it
{
	# shellcheck disable=SC2086
	exec ${EMULATOR_WRAPPER:-} timeout "$seconds" sh -c 'echo $$ > "$0"; exec "$@"' "$dir/$name.pid" "$BOCHS" -q -f "$dir/$name.rc" -rc "$dir/go"
}

# Two bochs that look for a port for their screens at the same moment may both find none: one after the other.
has_screen()
{
	until ls -l "/proc/$(cat "$dir/$name.pid" 2> /dev/null)/fd" 2> /dev/null | grep -q socket:; do
		kill -0 $running 2> /dev/null || return
		sleep 0.1
	done
	sleep 0.2
}

run_case() # the case's fields are in name, model, cpus, guest, args, patterns, seconds, hypervisor
{
	: > "$dir/$name.log"
	image || { echo "FAIL $name: nothing to start from"; return; }
	configuration > "$dir/$name.rc"
	exec 8> "${TMPDIR:-/tmp}/zazen-bochs.lock"
	flock 8
	emulator > "$dir/$name.out" 2>&1 < /dev/null 8>&- &
	running=$!
	has_screen
	exec 8>&-
	until shown "$name" "$patterns"; do
		kill -0 $running 2> /dev/null || break
		sleep 0.2
	done
	if shown "$name" "$patterns"; then
		echo "PASS $name"
	else
		echo "FAIL $name: the console does not show: $missing"
		{ console "$name" | tail -n 20; tail -n 5 "$dir/$name.out"; } | sed 's/^/     /'
	fi
	[ ! -f "$dir/$name.pid" ] || kill "$(cat "$dir/$name.pid")" 2> /dev/null
	wait $running 2> /dev/null
	rm -rf "$dir/$name.pid" "$dir/$name.iso" "$dir/$name.disk" "$dir/$name"
}

worker() # takes the next case that no other worker has
{
	n=0
	while IFS="$(printf '\t')" read -r name model cpus guest args seconds patterns hypervisor; do
		n=$((n + 1))
		mkdir "$dir/$n.taken" 2> /dev/null || continue
		[ "$args" != - ] || args=
		[ "$hypervisor" != - ] || hypervisor=
		run_case
	done < "$dir/todo" > "$dir/out.$1"
}

bochs_main()
{
	echo c > "$dir/go"
	cases | awk -F' *[|] *' -v wanted=" $* " '
		wanted == "  " || index(wanted, " " $1 " ") {
			print $1 "\t" $2 "\t" $3 "\t" $4 "\t" ($5 == "" ? "-" : $5) "\t" ($7 == "" ? 300 : $7) "\t" $6 "\t" ($8 == "" ? "-" : $8) }' > "$dir/todo"
	jobs=${JOBS:-2}
	i=0
	while [ $i -lt "$jobs" ]; do
		worker $i &
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
}
