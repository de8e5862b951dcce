#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# hvm-pc.sh: a PC as programs without an operating system of today see it, tested by a program that starts from its disk (tests/pc): BIOS, VGA, timers, keyboard and mouse, drives,
# the CPU's old modes. Its results come by the debug port. Prints "PASS name", "FAIL name: text", and at the end "END passed failed".
# Environment: see hvm/machine.sh; PC=build/pc.img
#
# Left out is what QEMU's CPUs do not look at: limits and kinds of segments. On VT-x of bochs all of it is tried (vtx-more.sh).
set -u
here=$(cd "$(dirname "$0")" && pwd)
wanted_names=$*
. "$here/hvm/machine.sh"
seconds=1200
PC=${PC:-build/pc.img}
NOT_LOOKED_AT='segment-(limit-over|down-below|read-only-write|null|code-write)'

name=pc
cp "$PC" "$dir/disk.img"
cp "$PC" "$dir/cd.iso"
cat > "$dir/pc.cfg" <<END
name = 'pc'
builder = 'hvm'
memory = 64
boot = 'c'
disk = [ 'disk.img,hda,w', 'cd.iso,hdc:cdrom,r' ]
END
start_machine "$dir/pc.cfg,$dir/disk.img,$dir/cd.iso" 1024
must_come wait_console ending '^\(XEN\) d1: gone'
stop_machine
told() { console | sed -n "s/^(d1) debug: \(PASS\|FAIL\) /\1 $name-/p" | grep -Ev "^FAIL $name-$NOT_LOOKED_AT: "; }
told
passed=$((passed + $(told | grep -c '^PASS ')))
failed=$((failed + $(told | grep -c '^FAIL ')))
if console | grep -Eq '^\(d1\) debug: END [1-9][0-9]+ [0-9]+$' && console | grep -q 'd1: shutdown: poweroff'; then pass end; else fail end "it did not come to its end"; fi
[ $failed = 0 ] || failure_report
echo "END $passed $failed"
[ $failed = 0 ]
