#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# packages.sh DIR: fetches the Debian packages that the dom0 machine is made of into DIR/debs and unpacks them in DIR/root. Nothing
# is installed on this computer. Packages already there are kept; with all of them there no network is asked.
set -eu
export LC_ALL=C
dir=$1
say() { echo "dom0: $*" >&2; }
die() { say "$@"; exit 1; }

# What runs in dom0, and the libraries of that. mkroot.sh checks that none is missing.
PACKAGES="busybox-static xen-utils-4.17 xenstore-utils xen-hypervisor-4.17-amd64
libc6 libgcc-s1 libuuid1 libyajl2 zlib1g liblzma5 libzstd1
libxencall1 libxendevicemodel1 libxenevtchn1 libxenforeignmemory1 libxengnttab1 libxenhypfs1 libxenmisc4.17 libxenstore4
libxentoolcore1 libxentoollog1"
KERNEL=linux-image-amd64

mkdir -p "$dir/debs"
# shellcheck disable=SC2086
if [ -f "$dir/names" ] && (cd "$dir/debs" && while read -r deb size; do
		[ "$(stat -c %s "$deb" 2> /dev/null)" = "$size" ] || exit 1
	done < ../names); then
	say "all $(wc -l < "$dir/names") packages are in $dir/debs"
else
	# A new machine has no lists, an old one lists of packages that are gone.
	[ "$(id -u)" != 0 ] || apt-get -qq update > "$dir/apt.log" 2>&1 ||
		say "warning: apt-get update failed, the package lists are used as they are"
	apt-cache show xen-utils-4.17 > /dev/null 2>&1 ||
		die "apt knows no xen-utils-4.17. Run apt-get update (as root); this needs the package lists of Debian 12"
	real=$(apt-cache depends "$KERNEL" | sed -n 's/^ *Depends: \(linux-image-[^ ]*\)$/\1/p' | head -n 1)
	[ -n "$real" ] || die "apt-cache names no kernel package behind $KERNEL. Run apt-get update (as root)"
	# Lines of apt-get: 'address' file bytes hash.
	apt-get -qq download --print-uris $PACKAGES "$real" > "$dir/uris" 2> "$dir/apt.log" ||
		{ cat "$dir/apt.log" >&2; die "apt-get does not find the packages above. Run apt-get update (as root)"; }
	awk '{ print $2, $3 }' "$dir/uris" | sort > "$dir/names.new"
	for deb in "$dir"/debs/*.deb; do
		grep -qF "${deb##*/} " "$dir/names.new" || rm -f "$deb"
	done
	wanted=
	while read -r deb size; do
		[ "$(stat -c %s "$dir/debs/$deb" 2> /dev/null)" = "$size" ] || wanted="$wanted ${deb%%_*}"
	done < "$dir/names.new"
	sandbox=
	[ "$(id -u)" != 0 ] || sandbox="-o APT::Sandbox::User=root"
	[ -z "$wanted" ] || say "downloading$wanted"
	[ -z "$wanted" ] || (cd "$dir/debs" && apt-get -q $sandbox download $wanted > ../apt.log 2>&1) ||
		{ tail -n 5 "$dir/apt.log" >&2
		  die "a download failed (log above). The network is needed once; the files are kept in $dir/debs"; }
	rm -f "$dir/uris"
	mv "$dir/names.new" "$dir/names"
fi

rm -rf "$dir/root"
mkdir "$dir/root"
for deb in "$dir"/debs/*.deb; do
	dpkg-deb -x "$deb" "$dir/root"
done
set -- "$dir"/root/lib/modules/*
[ $# = 1 ] || die "$dir/root/lib/modules does not hold one kernel: $*"
"$dir/root/bin/busybox" depmod -b "$dir/root" "${1##*/}"
