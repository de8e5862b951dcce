#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# dom0-boot.sh [NAME...]: Debian's kernel as the first domain on machines of many kinds. Prints "PASS name", "FAIL name: text",
# and at the end "END passed failed". Fails when one failed. The environment is that of dom0/host.sh.
here=$(cd "$(dirname "$0")" && pwd)
wanted_names=$*
. "$here/dom0/host.sh"

# NAME | loader | machine | vcpus | kernel | initrd | the case whose warnings are the measure
cases()
{
	cat <<-END
	bare-q35    | bare   | q35 | 4 | vmlinux | base.cpio |
	bare-pc     | bare   | pc  | 2 | vmlinuz | base.cpio |
	q35-1-elf   | kernel | q35 | 1 | vmlinux | base.cpio | bare-q35
	q35-2-bz    | kernel | q35 | 2 | vmlinuz | base.cpio | bare-q35
	q35-4-elf   | kernel | q35 | 4 | vmlinux | base.cpio | bare-q35
	pc-1-bz     | kernel | pc  | 1 | vmlinuz | base.cpio | bare-pc
	pc-2-elf    | kernel | pc  | 2 | vmlinux | base.cpio | bare-pc
	pc-4-bz     | kernel | pc  | 4 | vmlinuz | base.cpio | bare-pc
	grub        | grub   | pc  | 2 | vmlinuz | base.cpio |
	efi         | efi    | q35 | 2 | vmlinuz | base.cpio | bare-q35
	no-initrd   | kernel | q35 | 2 | vmlinux |           |
	no-initrd-bz | kernel | pc | 1 | vmlinuz |           |
	END
}
cases | sed 's/ *| */|/g; s/|$//' > "$dir/cases"

while IFS='|' read -r name load kind cpus image ramdisk measure; do
	case $name in
	bare-*) wanted_by=$(awk -F'|' -v bare="$name" '$7 == bare { print $1 }' "$dir/cases") ;;
	*) wanted_by=$name ;;
	esac
	# A measure is taken when a case that needs it is.
	needed=
	for user in $name $wanted_by; do wanted "$user" && needed=1; done
	[ -n "$needed" ] || continue
	defaults
	loader=$load kernel=$image initrd=$ramdisk
	machine="-machine $kind -smp $([ $load = bare ] && echo $cpus || echo $((cpus + 1))) -m 2048"
	arguments="tests=boot,dmesg cpus=$cpus memory=700-2048"
	if [ -z "$ramdisk" ]; then
		# No root: the kernel's own panic is the proof that it came so far, and that a crash ends as noreboot says.
		arguments= results=no hypervisor="spare_cpus=1 noreboot"
		want="Cannot open root device|Unable to mount root fs
			VFS: Unable to mount root fs on unknown-block"
		ending='Hardware Dom0 crashed|domain 0: crash|d0: shutdown: crash'
	fi
	run_needed
	[ -z "$measure" ] || compare_dmesg "$measure"
done < "$dir/cases"
finish
