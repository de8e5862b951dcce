#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# install.sh install|uninstall BUILD VERSION [DESTDIR]: what tools/install/files lists. Without DESTDIR, on this computer: then GRUB's menu is made anew, the services start with
# the system, and programs that another package owns are not overwritten. uninstall leaves what you have changed or made: guests' descriptions, their logs, settings.
set -eu
verb=$1 build=$2 version=$3 root=${4:-}
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
units="zazen-xenstored.service zazen-guests.service"
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

owner() { dpkg-query -S "$1" 2> /dev/null | grep -v '^diversion' | cut -d: -f1 | head -n 1; }

# A file of another package, such as Debian's xen-utils-common, stays what it is; and what the package zazen has is that package's.
owner_check() # FILE
{
	[ -z "$root" ] && command -v dpkg-query > /dev/null || return 0
	owner=$(owner "$1")
	[ -z "$owner" ] || die "$1 belongs to the package $owner. Remove that package (apt-get remove $owner), or say where else with DESTDIR="
}

is_setting() { case $1 in /etc/*) return 0 ;; *) return 1 ;; esac; }

install_one() # MODE SOURCE DESTINATION
{
	to=$root$3
	case $1 in
	dir) mkdir -p "$to"; return ;;
	link) mkdir -p "${to%/*}"; ln -sf "$2" "$to"; return ;;
	esac
	[ -f "$2" ] || die "$2 is not there. Run make first"
	mkdir -p "${to%/*}"
	if is_setting "$3" && [ -f "$to" ] && [ -z "$root" ] && ! cmp -s "$2" "$to"; then
		echo "$verb: $to stays as it is: it was changed here"
		return 0
	fi
	install -m "$1" "$2" "$to.new"
	mv -f "$to.new" "$to"
}

uninstall_one() # MODE SOURCE DESTINATION
{
	to=$root$3
	[ "$1" != dir ] || return 0
	if is_setting "$3" && [ -f "$to" ] && ! cmp -s "$2" "$to"; then
		echo "$verb: $to stays: it was changed here"
		return 0
	fi
	rm -f "$to"
}

# Folders that we made, if nothing is in them, the deepest first; what a package has stays.
folders_remove()
{
	each | while read -r mode source destination; do
		[ "$mode" = dir ] || destination=${destination%/*}
		while [ -n "$destination" ]; do
			echo "$destination"
			destination=${destination%/*}
		done
	done | LC_ALL=C sort -ru | while read -r folder; do
		[ -d "$root$folder" ] && [ -z "$(ls -A "$root$folder")" ] || continue
		[ -n "$root" ] || { command -v dpkg-query > /dev/null && [ -z "$(owner "$folder")" ]; } || continue
		rmdir "$root$folder"
	done
}

# Of this computer, not of DESTDIR.
grub_update()
{
	if command -v update-grub > /dev/null; then
		update-grub
	else
		echo "$verb: there is no update-grub: start /boot/xen-zazen-$version.gz with your boot loader (multiboot2, the kernel as its first module)"
	fi
}

units_tell() # enable|disable
{
	command -v systemctl > /dev/null || return 0
	[ ! -d /run/systemd/system ] || systemctl daemon-reload || true
	# shellcheck disable=SC2086
	systemctl -q "$1" $units || echo "$verb: systemctl $1 $units did not succeed"
}

case $verb in
install)
	[ -n "$root" ] || [ "$(id -u)" = 0 ] || die "this needs root: sudo make install, or make install DESTDIR=FOLDER"
	each | while read -r mode source destination; do [ "$mode" = dir ] || owner_check "$destination"; done
	each | while read -r mode source destination; do install_one "$mode" "$source" "$destination"; done
	[ -z "$root" ] || exit 0
	units_tell enable
	grub_update ;;
uninstall)
	[ -n "$root" ] || [ "$(id -u)" = 0 ] || die "this needs root: sudo make uninstall, or make uninstall DESTDIR=FOLDER"
	each | while read -r mode source destination; do [ "$mode" = dir ] || owner_check "$destination"; done
	[ -n "$root" ] || [ ! -e /usr/lib/systemd/system/zazen-guests.service ] || units_tell disable
	each | while read -r mode source destination; do uninstall_one "$mode" "$source" "$destination"; done
	folders_remove
	[ -n "$root" ] || grub_update ;;
*) die "say install or uninstall" ;;
esac
