#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# hvm.sh REFDIR - an HVM guest with Debian, from its start to its user space, on real Xen 4.17 with QEMU's device model (BIOS, GRUB, kernel from an AHCI disk, as its IDE is slower still) and
# on this hypervisor with its own (the same disk on IDE), one after the other in the same emulated machine; seconds, and their ratio. Fails when it is above a half.
#
# REFDIR: the folder of the reference kit (setup.sh, run.sh).
# Environment: XEN=build/xen  WORKDIR=build/reference-xen417  where the kit keeps what it unpacked  EMULATOR_WRAPPER= a command to run QEMU under
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../qemu.sh"
[ $# = 1 ] || { sed -n '3,/^set/{/^#/s/^# \{0,1\}//p}' "$0" >&2; exit 2; }
xen=${XEN:-build/xen}
work=${WORKDIR:-build/reference-xen417}
dir=$(mktemp -d "${TMPDIR:-/tmp}/zazen-bench.XXXXXX")
clean_up()
{
	[ ! -f "$dir/pid" ] || kill "$(cat "$dir/pid")" 2> /dev/null || true
	rm -rf "$dir"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP
[ -f "$work/dom0.cpio" ] || "$1/setup.sh" "$work" >&2
[ -f "$xen" ] || { echo "bench: no $xen: run make" >&2; exit 1; }

now() { read -r up rest < /proc/uptime; echo "$up"; }
# The seconds at which the console had the pattern for the first time
wait_for() # PATTERN
{
	until grep -aq "$1" "$dir/log"; do
		kill -0 $emulator 2> /dev/null && ! grep -aq '^(XEN) d1: shutdown' "$dir/log" || { tail -n 20 "$dir/log" >&2; echo "bench: the guest did not come to: $1" >&2; exit 1; }
		sleep 0.05
	done
	now
}

# ---- ours: from the line that tells of the guest's making ----
# Its disk with the console on the serial port, as there is no other here; each letter is an access there, which the kit's guest is spared.
xorriso -osirrox on -indev "$work/guest.iso" -extract / "$dir/iso" > "$dir/extracted" 2>&1 || { cat "$dir/extracted" >&2; exit 1; }
chmod -R u+w "$dir/iso"
cfg=$(find "$dir/iso" -name grub.cfg)
sed -i 's/console=hvc0/console=ttyS0/' "$cfg"
grub-mkrescue -o "$dir/guest.iso" "$dir/iso" > "$dir/mkrescue" 2>&1 || { cat "$dir/mkrescue" >&2; exit 1; }
cat > "$dir/guest.cfg" <<-EOF2
	name = 'guest'
	memory = 256
	boot = 'c'
	serial = 'pty'
	disk = [ 'guest.iso,hda,w' ]
	vif = [ '' ]
EOF2
: > "$dir/log"
# shellcheck disable=SC2086
${EMULATOR_WRAPPER:-} timeout 600 "$QEMU" -machine q35 -accel tcg,thread=multi -smp 2 -m 4096 $QEMU_COMMON -pidfile "$dir/pid" \
	-kernel "$xen" -append "console=com1 com1=115200" -initrd "$dir/guest.cfg,$dir/guest.iso" > "$dir/log" 2>&1 < /dev/null &
emulator=$!
start=$(wait_for 'guest guest: ')
end=$(wait_for 'GUEST-USERSPACE-OK')
kill "$(cat "$dir/pid")" 2> /dev/null || true
wait $emulator 2> /dev/null || true
ours=$(echo "$start $end" | awk '{ print $2 - $1 }')
echo "zazen, IDE disk:       $ours s"

# ---- real Xen: from xl create ----
LOG=$dir/reference WORKDIR=$work TMO=900 "$1/run.sh" pvh hvma > "$dir/run" 2>&1 || { tail -n 20 "$dir/run" "$dir/reference" >&2; exit 1; }
theirs=$(awk '/ CREATE hvma/ && !a { a = $1 } /GUEST-USERSPACE-OK/ && !b { b = $1 } END { if (!a || !b) exit 1; print b - a }' "$dir/reference")
echo "xen 4.17, AHCI disk:   $theirs s"
echo "$ours $theirs" | awk '{ printf "ratio: %.2f (wanted: 0.50)\n", $1 / $2; exit $1 / $2 > 0.5 }'
