#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# hvm.sh [REFDIR] - one HVM guest with Debian (BIOS, GRUB and kernel from a disk, IDE, e1000) in the control domain of `make run`, by our own tools, and, with REFDIR, on Debian's real Xen 4.17 with
# its xl and QEMU as device model, one after the other in the same emulated machine. Prints how long it takes to the guest's first instruction and to its user space, what its IDE disk and e1000
# give, and how much memory its processes take in the control domain when it is idle; and the ratios, and fails when one is not as wanted (README.md).
#
# REFDIR: the folder of the reference kit (setup.sh).
# Environment: BUILD=build  WORKDIR=build/reference-xen417  where the kit keeps what it unpacked  DOM0=build/dom0
#              REFERENCE_DOM0=pv, or pvh: the kind of real Xen's control domain  SECONDS_MOST=1800 for each  REFERENCE_ARGUMENTS= more of real Xen's options
#              CLOCK=machine  seconds are of the machine's own clock, which counts instructions (one CPU); host: of the host's, with its threads at once (two CPUs)
#              MIB=16 RANDOMS=200 NET=8  how much is moved  QEMU_MORE= more options of QEMU's
#              EMULATOR_WRAPPER= a command to run QEMU under  KEEP=1 keeps consoles and marks and says where
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../qemu.sh"
. "$here/../../tools/appliance/root.sh"
[ $# -le 1 ] || { sed -n '3,/^set/{/^#/s/^# \{0,1\}//p}' "$0" >&2; exit 2; }
BUILD=${BUILD:-build}
DOM0=${DOM0:-$BUILD/dom0}
work=${WORKDIR:-$BUILD/reference-xen417}
kit=$here/hvm
dir=$(mktemp -d "${TMPDIR:-/tmp}/zazen-bench.XXXXXX")
clean_up()
{
	[ ! -f "$dir/pid" ] || kill "$(cat "$dir/pid")" 2> /dev/null || true
	[ -n "${KEEP:-}" ] && echo "kept: $dir" || rm -rf "$dir"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP
[ -f "$BUILD/xen" ] || { echo "bench: no $BUILD/xen: run make" >&2; exit 1; }
[ $# = 0 ] || [ -f "$work/dom0.cpio" ] || "$1/setup.sh" "$work" >&2

# How much is moved: MiB of disk, reads of 4 KiB, MiB each way of network.
mib=${MIB:-16} randoms=${RANDOMS:-200} net=${NET:-8}
# The emulator, the column of marks.c that has the time, what is wanted of the start, and CPUs: where QEMU's threads run at once guests keep off the first one.
case ${CLOCK:-machine} in
host) clock="-accel tcg,thread=multi" column=2 user_space=0.5 cpus=3 our_cpus="spare_cpus=1" their_cpus="dom0_max_vcpus=2" guest_cpus=1-2 ;;
*) clock="-accel tcg,thread=single -icount shift=0,sleep=off -rtc base=2026-01-01,clock=vm -seed 1" column=5 user_space=0.7 cpus=1 our_cpus=virtual_irqs their_cpus='' guest_cpus=0 ;;
esac

compile() # OUT SOURCE FLAGS...
{
	${CC:-cc} -std=gnu11 -D_GNU_SOURCE -O2 -Wall -Wextra -Wno-unused-parameter -iquote "$kit" -o "$@"
}
compile "$dir/marks.so" "$kit/marks.c" -fPIC -shared -pthread -ldl
compile "$dir/work" "$kit/work.c" -static
mkdir -p "$dir/bench"
compile "$dir/bench/chain" "$kit/chain.S" -m32 -nostdlib -static -Wl,--build-id=none,-m,elf_i386,-Ttext=0x7c00,--oformat=binary

# ---- the guest's disk: the same for both ----
skeleton "$dir/guest" "$DOM0/root/bin/busybox"
modules "$dir/guest" "$DOM0/root" ata_piix ahci sd_mod e1000
cp "$dir/work" "$dir/guest/bin/"
install -m 755 "$kit/guest-init" "$dir/guest/init"
pack "$dir/guest" "$dir/guest.cpio"
mkdir -p "$dir/iso/boot/grub"
cp "$DOM0/vmlinuz" "$dir/iso/"
gzip -1nc "$dir/guest.cpio" > "$dir/iso/initrd"
cat > "$dir/iso/boot/grub/grub.cfg" <<END
set timeout=0
menuentry guest {
	linux /vmlinuz console=ttyS0 quiet panic=1 mitigations=off nokaslr no_timer_check xen_emul_unplug=never mib=$mib randoms=$randoms net=$net
	initrd /initrd
}
END
grub-mkrescue -d /usr/lib/grub/i386-pc -o "$dir/bench/guest.iso" "$dir/iso" --locales= --fonts= \
	--install-modules="linux normal iso9660 biosdisk echo search configfile part_msdos" > "$dir/mkrescue" 2>&1 || { cat "$dir/mkrescue" >&2; exit 1; }

common="name = 'bench'
builder = 'hvm'
memory = 256
vcpus = 1
boot = 'c'
serial = 'pty'
vnc = 0
vga = 'stdvga'
usb = 0
tsc_mode = 'native'
on_reboot = 'destroy'
on_crash = 'destroy'"
cat > "$dir/bench/zazen.cfg" <<END
$common
vif = [ 'mac=00:16:3e:09:00:02,bridge=xenbr0,model=e1000,type=ioemu' ]
disk = [ '/tmp/guest.img,raw,hda,w', '/tmp/data.img,raw,hdb,w' ]
END
# It starts from AHCI, as from its IDE it is slower by far. Xen's description has no guest with both; so the disk to work on comes by QEMU's own words, with what xl says of disks.
cat > "$dir/bench/reference.cfg" <<END
$common
hdtype = 'ahci'
vif = [ 'mac=00:16:3e:09:00:02,bridge=xenbr0,model=e1000,type=ioemu,script=/bench/vif' ]
disk = [ 'format=raw,vdev=hda,access=rw,backendtype=qdisk,target=/tmp/guest.img' ]
cpus = '$guest_cpus'
device_model_args_hvm = [ '-drive', 'file=/tmp/data.img,if=none,id=data,format=raw,cache=writeback', '-device', 'ide-hd,drive=data,bus=ide.0' ]
END

# ---- the machine ----
add_tree() # OUT ARCHIVE: the archive with what both control domains need behind it, out of $dir/tree
{
	mkdir -p "$dir/tree/bench"
	cp "$dir/bench/"* "$kit/dom0.sh" "$kit/vif" "$dir/work" "$dir/tree/bench/"
	chmod +x "$dir/tree/bench/vif"
	{ cat "$2"; (cd "$dir/tree" && find . | cpio --quiet -o -H newc -R 0:0); } > "$1"
	rm -rf "$dir/tree"
}

first_bytes() # FILE: ADDRESS:BYTES of an ELF program's entry
{
	entry=$(readelf -h "$1" | sed -n 's/.*Entry point address: *0x//p')
	offset=$(readelf -lW "$1" | awk '$1 == "LOAD" { print $2, $3 }' | while read -r offset address; do
		[ $((0x$entry)) -lt $((address)) ] || echo $((offset + 0x$entry - address)); done | tail -n 1)
	echo "$entry:$(od -An -tx1 -j"$offset" -N8 "$1" | tr -d ' ')"
}

# measure NAME IMAGE XEN-ARGUMENTS KERNEL KERNEL-ARGUMENTS INITRD HVMLOADER QEMU-OPTIONS
measure()
{
	: > "$dir/$1.log"
	: > "$dir/$1.marks"
	# shellcheck disable=SC2086
	${EMULATOR_WRAPPER:-} timeout "${SECONDS_MOST:-1800}" "$QEMU" -machine q35 $clock -cpu "$QEMU_CPU" -smp $cpus -m 2048 -no-reboot -display none -nic none \
		-serial "file:$dir/$1.log" -plugin "$dir/marks.so,marks=$dir/$1.marks,first=first:$(first_bytes "$7"),first=boot-sector:7c00:$(od -An -tx1 -N2 "$dir/bench/guest.iso" | tr -d ' ')" \
		-pidfile "$dir/pid" ${QEMU_MORE:-} $8 -kernel "$2" -append "console=com1 com1=115200 dom0_mem=768M $3" \
		-initrd "$4 console=hvc0 quiet panic=1 mitigations=off no_timer_check nopvspin net=$net cpus=$guest_cpus $5,$6" > "$dir/$1.qemu" 2>&1 < /dev/null || true
	tr -d '\r' < "$dir/$1.log" | sed -n 's/^.*BENCH \([a-z-]* [0-9][0-9]*\)$/\1/p' > "$dir/$1.told"
	# What has been measured stays measured; what kept it from its end is in the last lines of its console.
	if ! grep -aq 'BENCH end' "$dir/$1.log" || ! grep -q '^receive-end' "$dir/$1.marks"; then
		tr -d '\r' < "$dir/$1.log" | tail -n 40 >&2
		cat "$dir/$1.marks" "$dir/$1.qemu" >&2
		echo "bench: the guest did not come to its end on $1" >&2
		failed=1
	fi
}

# Lines "name value" in $dir/NAME.figures: seconds, MiB a second, reads a second, KiB. With -cpu: by the time that the emulator has computed; with -entries: how often a guest (the control domain
# among them, if it is one of hardware's) was entered, in all or for a MiB or a read. A figure whose end was not reached is not there.
figures() # NAME
{
	awk -v mib=$mib -v randoms=$randoms -v net=$net -v column=$column '
		{ at[$1] = $column / 1e9; cpu[$1] = $3 / 1e9; entries[$1] = $4 }
		function time(name, a, b) {
			if (!(a in at && b in at)) return
			print name, at[b] - at[a]; print name "-cpu", cpu[b] - cpu[a]; print name "-entries", entries[b] - entries[a]
		}
		function work(name, n,   end) {
			end = name "-end"
			if (!(name in at && end in at)) return
			print name, n / (at[end] - at[name]); print name "-cpu", n / (cpu[end] - cpu[name]); print name "-entries", (entries[end] - entries[name]) / n
		}
		END {
			time("first-instruction", "create", "first"); time("created", "create", "created"); time("boot-sector", "create", "boot-sector"); time("user-space", "create", "user-space")
			work("read", mib); work("read64", mib); work("write", mib); work("random", randoms); work("send", net); work("receive", net)
			time("destroyed", "destroy", "destroyed")
		}' "$dir/$1.marks" > "$dir/$1.figures"
	cat "$dir/$1.told" >> "$dir/$1.figures"
}

failed=0
add_tree "$dir/zazen.cpio" "$BUILD/appliance/dom0.cpio"
measure zazen "$BUILD/xen" "dom0=pvh $our_cpus" "$DOM0/vmlinux" "test=/bench/dom0.sh" "$dir/zazen.cpio" "$BUILD/hvmloader" ""
rm "$dir/zazen.cpio"
figures zazen
if [ $# = 0 ]; then
	awk '{ printf "bench %-24s %12.3f\n", $1, $2 }' "$dir/zazen.figures"
	exit $failed
fi

mkdir -p "$dir/tree/usr/share/qemu" "$dir/tree/usr/bin"
modules "$dir/tree" "$DOM0/root" xen_evtchn xen_gntdev xen_gntalloc xen_privcmd xenfs bridge tun xen_netback
cp "$work/root/usr/bin/xenstore-write" "$dir/tree/usr/bin/"
# xl gives the card a ROM for network boots, and QEMU wants the file. With nothing in it real Xen's guest starts sooner than ours, which has iPXE to look at.
head -c 512 /dev/zero > "$dir/tree/usr/share/qemu/efi-e1000.rom"
install -m 755 "$kit/reference-init" "$dir/tree/init"
add_tree "$dir/reference.cpio" "$work/dom0.cpio"
# It keeps off the first CPU, too (reference-init does that for the control domain).
case ${REFERENCE_DOM0:-pv} in
pvh) measure reference "$work/xen" "dom0=pvh spec-ctrl=no $their_cpus ${REFERENCE_ARGUMENTS:-}" "$DOM0/vmlinux" "" "$dir/reference.cpio" "$work/root/usr/lib/xen-4.17/boot/hvmloader" "-device intel-iommu" ;;
*) measure reference "$work/xen" "spec-ctrl=no $their_cpus ${REFERENCE_ARGUMENTS:-}" "$DOM0/vmlinux" "" "$dir/reference.cpio" "$work/root/usr/lib/xen-4.17/boot/hvmloader" "" ;;
esac
figures reference
# "name ratio-of-ours-to-theirs at least or at most": what README.md's table wants
awk -v user_space=$user_space '
	BEGIN {
		split("first-instruction <0.2 user-space <" user_space " read >2 write >2 random >2 send >2 receive >2 pss <0.5", w, " ")
		for (i = 1; i in w; i += 2) wanted[w[i]] = w[i + 1]
		printf "%-30s %12s %12s %8s  %s\n", "bench", "zazen", "xen 4.17", "ratio", "wanted"
	}
	FILENAME == ARGV[2] { ours[$1] = $2; next }
	{
		seen[$1] = 1
		ratio = $2 && $1 in ours ? ours[$1] / $2 : 0
		is_wanted = $1 in wanted
		limit = is_wanted ? substr(wanted[$1], 2) + 0 : 0
		bad = is_wanted && (!ratio || (substr(wanted[$1], 1, 1) == "<" ? ratio > limit : ratio < limit))
		missed += bad
		printf "bench %-24s %12.3f %12.3f %8.3f  %s%s\n", $1, ours[$1], $2, ratio, is_wanted ? wanted[$1] : "", bad ? " MISSED" : ""
	}
	END {
		for (name in wanted) if (!(name in seen)) { print "bench " name ": no figure of real Xen"; missed++ }
		exit missed + failed > 0
	}' failed=$failed "$dir/zazen.figures" "$dir/reference.figures"
