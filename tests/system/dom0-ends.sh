#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# dom0-ends.sh [NAME...]: how dom0 ends the machine, and how kernels end that are none. Prints "PASS name", "FAIL name: text",
# and at the end "END passed failed". Fails when one failed. The environment is that of dom0/host.sh.
here=$(cd "$(dirname "$0")" && pwd)
wanted_names=$*
. "$here/dom0/host.sh"

# ---- power off, reboot, crash --------------------------------------------------------------------------------
defaults
name=poweroff reboots=yes		# were it a reset, the machine would start again and not end
arguments="tests=boot cpus=2"
run_case

defaults
name=reboot reboots=yes
arguments="tests=boot cpus=2 end=reboot" results=no
ending='USER SPACE' times=2
want="^END [1-9][0-9]* 0"
run_case

# A crash: dom0's last lines are on the console; the machine stays as noreboot says, or resets (which ends QEMU here).
crashed='Hardware Dom0 crashed|d0: shutdown: crash|domain 0: crash'
defaults
name=crash-noreboot
hypervisor="spare_cpus=1 noreboot" arguments="tests=boot cpus=2 end=crash" results=no
ending=$crashed
want="Kernel panic - not syncing: sysrq triggered crash"
run_case

defaults
name=crash-reboot
arguments="tests=boot cpus=2 end=crash" results=no
want="Kernel panic - not syncing: sysrq triggered crash
	$crashed"
run_case

# ---- kernels that are none -----------------------------------------------------------------------------------
# The machine must stay up and say why: with a triple fault it would end before the line comes.
head -c 3000000 "$DOM0/vmlinux" > "$dir/cut-elf"
head -c 3000000 "$DOM0/vmlinuz" > "$dir/cut-bz"
seq 1 100000 > "$dir/text"
# ELF, 32 bits, with no note of Xen's.
printf '.globl _start\n_start: hlt\n.fill 4096\n' > "$dir/start.s"
as --32 -o "$dir/start.o" "$dir/start.s" && ld -m elf_i386 -Ttext 0x100000 -o "$dir/elf32" "$dir/start.o"

# NAME | what the console says of it: by ours, and by real Xen
bad_kernels()
{
	cat <<-END
	cut-elf | boot module 1: not a PVH kernel: .* | Could not (set up|construct) (DOM0|domain 0|d0)
	cut-bz  | boot module 1: a bzImage that is cut: .* | Could not (set up|construct) (DOM0|domain 0|d0)
	text    | boot module 1: neither an ELF file, .* | Could not (set up|construct) (DOM0|domain 0|d0)
	elf32   | boot module 1: not a PVH kernel: .* | Could not (set up|construct) (DOM0|domain 0|d0)
	END
}
bad_kernels | sed 's/^[ \t]*//; s/ *| */	/; s/ | /	/' > "$dir/bad"
while IFS='	' read -r name ours theirs; do
	defaults
	kernel=$dir/$name initrd= results=no hypervisor="spare_cpus=1 noreboot"
	machine="-machine q35 -smp 3 -m 2048"
	ending=${REFERENCE:+$theirs}
	ending=${ending:-$ours}
	run_case
done < "$dir/bad"
finish
