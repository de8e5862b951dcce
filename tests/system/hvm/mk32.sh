#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# mk32.sh DIR DOM0-KIT BUSYBOX: of each 32-bit kernel that packages.sh unpacked in DIR/root, DIR/VERSION.cpio: its modules, a 32-bit busybox, init and the test cases
# of the dom0 machine. BUSYBOX: one that runs on this computer.
set -eu
export LC_ALL=C
dir=$(cd "$1" && pwd)
kit=$(cd "$2" && pwd)
busybox=$(cd "$(dirname "$3")" && pwd)/${3##*/}
root=$dir/root
die() { echo "hvm: $*" >&2; exit 1; }

# Found by their aliases as the init of the dom0 machine does.
MODULES="ata_piix sd_mod sr_mod e1000"

# The module's file and those of all that it needs, from the table that depmod made
module_files() # VERSION NAME
{
	awk -v name="$2" '
		{ file = $1; sub(/:$/, "", file); module = file; sub(/.*\//, "", module); sub(/\.ko$/, "", module); gsub(/-/, "_", module) }
		module == name { $1 = ""; print file $0; found = 1 }
		END { exit !found }' "$root/lib/modules/$1/modules.dep" || die "the kernel package has no module $2"
}

make_root() # VERSION TREE
{
	rm -rf "$2"
	for d in bin dev etc mnt proc root run sys tmp var usr/bin; do mkdir -p "$2/$d"; done
	cp "$root/bin/busybox" "$2/bin/busybox"
	"$busybox" --list | grep -vx busybox | while read -r name; do ln -s busybox "$2/bin/$name"; done
	"$busybox" depmod -b "$root" "$1"
	for name in $MODULES; do module_files "$1" "$name"; done | tr ' ' '\n' | sort -u | while read -r file; do
		mkdir -p "$2/lib/modules/$1/$(dirname "$file")"
		cp "$root/lib/modules/$1/$file" "$2/lib/modules/$1/$file"
	done
	cp "$root/lib/modules/$1/modules.builtin" "$root/lib/modules/$1/modules.order" "$2/lib/modules/$1/"
	"$busybox" depmod -b "$2" "$1"
	install -m 755 "$kit/init" "$2/init"
	cp -R "$kit/cases" "$2/cases"
}

for modules in "$root"/lib/modules/*; do
	version=${modules##*/}
	make_root "$version" "$dir/tree"
	(cd "$dir/tree" && find . | sort | cpio --quiet -o -H newc -R 0:0) > "$dir/$version.cpio"
	cp "$root/boot/vmlinuz-$version" "$dir/$version.vmlinuz"
	rm -rf "$dir/tree"
done
