# SPDX-License-Identifier: GPL-2.0-or-later
# How initial root file systems are made of Debian's files; sourced.
die() { echo "${0##*/}: $*" >&2; exit 1; }

skeleton() # TREE BUSYBOX: directories, and busybox under all its names
{
	rm -rf "$1"
	for d in bin dev etc mnt proc root run sys tmp var/log var/lib usr/bin usr/sbin; do mkdir -p "$1/$d"; done
	ln -s /run "$1/var/run"
	ln -s /run/lock "$1/var/lock"
	ln -s bin "$1/sbin"
	cp "$2" "$1/bin/busybox"
	"$2" --list | grep -vx busybox | while read -r name; do ln -s busybox "$1/bin/$name"; done
	printf 'root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n' > "$1/etc/passwd"
	printf 'root:x:0:\nnogroup:x:65534:\n' > "$1/etc/group"
}

modules() # TREE ROOT NAMES: these kernel modules of ROOT, what they need, and the tables of modprobe
{
	tree=$1 root=$2
	shift 2
	version=$(basename "$root"/lib/modules/*)
	from=$root/lib/modules/$version
	for name; do
		awk -v name="$name" '
			{ file = $1; sub(/:$/, "", file); module = file; sub(/.*\//, "", module); sub(/\.ko$/, "", module); gsub(/-/, "_", module) }
			module == name { $1 = ""; print file $0; found = 1 }
			END { exit !found }' "$from/modules.dep" || die "the kernel package has no module $name"
	done | tr ' ' '\n' | sort -u | while read -r file; do
		[ -n "$file" ] || continue
		mkdir -p "$tree/lib/modules/$version/$(dirname "$file")"
		cp "$from/$file" "$tree/lib/modules/$version/$file"
	done
	cp "$from/modules.builtin" "$from/modules.order" "$tree/lib/modules/$version/"
	"$root/bin/busybox" depmod -b "$tree" "$version"
}

libraries() # TREE: the libraries that its programs need, as this computer's loader finds them
{
	find "$1/usr" -type f -perm -u+x | while read -r f; do
		[ "$(head -c 4 "$f" | od -An -tx1 | tr -d ' ')" != 7f454c46 ] || ldd "$f" 2> /dev/null || :
	done | awk '
		$2 == "=>" && $3 == "not" { print "missing: " $1 > "/dev/stderr"; bad = 1 }
		$2 == "=>" && $3 ~ /^\// { print $3 }
		$1 ~ /^\/lib.*ld-linux/ { print $1 }
		END { exit bad }' | sort -u | while read -r f; do
		mkdir -p "$1$(dirname "$f")"
		cp -L "$f" "$1$f"
	done
}

pack() # TREE FILE: a cpio archive that depends on nothing but the contents
{
	(cd "$1" && find . -exec touch -hd @1700000000 {} + && find . | sort | cpio --quiet --reproducible -o -H newc -R 0:0) > "$2"
	rm -rf "$1"
}
