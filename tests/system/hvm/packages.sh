#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# packages.sh DIR ARCHITECTURE PACKAGE...: fetches these Debian packages into DIR/debs and unpacks them in DIR/root. Nothing is installed on this computer, and its own list of
# architectures stays as it is: another one's package lists are kept in DIR. With all of them there no network is asked.
set -eu
export LC_ALL=C
dir=$1
arch=$2
shift 2
say() { echo "hvm: $*" >&2; }
die() { say "$@"; exit 1; }

mkdir -p "$dir/debs"
dir=$(cd "$dir" && pwd)
options=
[ "$(id -u)" != 0 ] || options="-o APT::Sandbox::User=root"
if [ "$arch" != "$(dpkg --print-architecture)" ]; then
	mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial"
	options="$options -o APT::Architecture=$arch -o APT::Architectures::=$arch -o Dir::State::Lists=$dir/lists -o Dir::Cache=$dir/cache -o Debug::NoLocking=1"
fi

# A package that is named *KERNEL stands for the one behind it.
download()
{
	names=
	for package; do
		case $package in
		\**)
			real=$(apt-cache $options depends "${package#\*}" | sed -n 's/^ *Depends: \(linux-image-[^ ]*\)$/\1/p' | head -n 1)
			[ -n "$real" ] || die "apt-cache names no kernel package behind ${package#\*}. Run apt-get update (as root)"
			package=$real ;;
		esac
		names="$names $package:$arch"
	done
	(cd "$dir/debs" && rm -f ./*.deb && say "downloading$names" && apt-get -q $options download $names > ../apt.log 2>&1) ||
		{ tail -n 5 "$dir/apt.log" >&2
		  die "a download failed (log above). The network is needed once; the files are kept in $dir/debs. Perhaps apt-get update (as root) helps"; }
}

if [ "$(cat "$dir/wanted" 2> /dev/null)" = "$*" ] && (cd "$dir/debs" && sha256sum --quiet -c ../sums > /dev/null 2>&1); then
	say "all packages are in $dir/debs"
else
	[ "$arch" = "$(dpkg --print-architecture)" ] && [ "$(id -u)" != 0 ] || apt-get -q $options update > "$dir/apt.log" 2>&1 ||
		say "warning: apt-get update failed in part, the package lists are used as they are"
	download "$@"
	(cd "$dir/debs" && sha256sum -- *.deb) > "$dir/sums"
	echo "$*" > "$dir/wanted"
	rm -rf "$dir/lists" "$dir/cache"
fi
rm -rf "$dir/root"
mkdir "$dir/root"
for deb in "$dir"/debs/*.deb; do
	dpkg-deb -x "$deb" "$dir/root"
done
