#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# install.sh install|uninstall BUILD VERSION [DESTDIR]: what tools/install/files lists. Without DESTDIR, on this computer: then GRUB's menu is made anew, and programs that
# another package owns are not overwritten.
set -eu
verb=$1 build=$2 version=$3 root=${4:-}
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
die() { echo "$verb: $*" >&2; exit 1; }

# Lines "mode source destination" with one file each.
each()
{
	sed 's/[ \t]*#.*//; /^[ \t]*$/d' "$here/files" | sed "s/@VERSION@/$version/g" | while read -r mode source destination; do
		case $mode in
		link|dir) echo "$mode $source $destination"; continue ;;
		esac
		case $source in B/*) source=$build/${source#B/} ;; *) source=$top/$source ;; esac
		for file in $source; do
			case $destination in */) echo "$mode $file $destination${file##*/}" ;; *) echo "$mode $file $destination" ;; esac
		done
	done
}

# A file of another package, such as Debian's xen-utils-common, stays what it is.
owner_check() # FILE
{
	[ -z "$root" ] && command -v dpkg-query > /dev/null || return 0
	owner=$(dpkg-query -S "$1" 2> /dev/null | grep -v '^diversion\|^zazen:' | cut -d: -f1 | head -n 1) || return 0
	[ -z "$owner" ] || die "$1 belongs to the package $owner. Remove that package (apt-get remove $owner), or install with DESTDIR="
}

install_one() # MODE SOURCE DESTINATION
{
	to=$root$3
	case $1 in
	dir) mkdir -p "$to"; return ;;
	link) mkdir -p "${to%/*}"; ln -sf "$2" "$to"; return ;;
	esac
	[ -f "$2" ] || die "$2 is not there. Run make first"
	mkdir -p "${to%/*}"
	case $3 in
	/etc/*) [ ! -f "$to" ] || [ -n "$root" ] || { cmp -s "$2" "$to" || echo "$verb: $to stays as it is: it was changed here"; return 0; } ;;
	esac
	install -m "$1" "$2" "$to.new"
	mv -f "$to.new" "$to"
}

grub_update()
{
	[ -z "$root" ] || return 0
	if command -v update-grub > /dev/null; then
		update-grub
	else
		echo "$verb: there is no update-grub: start /boot/xen-zazen-$version.gz with your boot loader (multiboot2, the kernel as its first module)"
	fi
}

case $verb in
install)
	[ -n "$root" ] || [ "$(id -u)" = 0 ] || die "this needs root: sudo make install, or make install DESTDIR=FOLDER"
	each | while read -r mode source destination; do owner_check "$destination"; done
	each | while read -r mode source destination; do install_one "$mode" "$source" "$destination"; done
	[ -n "$root" ] || ! command -v systemctl > /dev/null || systemctl daemon-reload || true
	grub_update ;;
uninstall)
	each | while read -r mode source destination; do
		case $mode in
		dir) ;;
		*) rm -f "$root$destination" ;;
		esac
	done
	for d in /usr/lib/zazen /usr/share/doc/zazen /var/lib/zazen /etc/xen/auto /etc/xen; do
		rmdir "$root$d" 2> /dev/null || true # what you put there stays
	done
	grub_update ;;
*) die "say install or uninstall" ;;
esac
