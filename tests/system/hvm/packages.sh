#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# packages.sh DIR ARCHITECTURE[@SUITE] PACKAGE...: fetches these Debian packages into DIR/debs and unpacks them in DIR/root. +PACKAGE is a package with all that it depends upon,
# *PACKAGE the one behind it. Nothing is installed on this computer, and its own list of architectures and suites stays as it is: another one's package lists are kept in DIR while
# it is asked. With all of them there no network is asked.
set -eu
export LC_ALL=C
dir=$1
arch=${2%@*}
suite=${2#"$arch"}
suite=${suite#@}
shift 2
say() { echo "hvm: $*" >&2; }
die() { say "$@"; exit 1; }

mkdir -p "$dir/debs"
dir=$(cd "$dir" && pwd)
options=
[ "$(id -u)" != 0 ] || options="-o APT::Sandbox::User=root"
if [ "$arch" != "$(dpkg --print-architecture)" ] || [ -n "$suite" ]; then
	mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial"
	options="$options -o APT::Architecture=$arch -o APT::Architectures::=$arch -o Dir::State::Lists=$dir/lists -o Dir::Cache=$dir/cache -o Debug::NoLocking=1"
fi
if [ -n "$suite" ]; then
	# Where apt has this computer's packages from has the other suites as well.
	archive=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME)' 'Created-By: Packages' | awk '$2 == "bookworm" { print $1; exit }')
	[ -n "$archive" ] || die "apt names no source for Debian 12 (bookworm): this needs its package lists"
	echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $archive $suite main" > "$dir/sources.list"
	options="$options -o Dir::Etc::SourceList=$dir/sources.list -o Dir::Etc::SourceParts=/dev/null"
fi

closure() # PACKAGE: its name and those that it depends upon
{
	apt-cache $options depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances "$1" |
		grep '^[a-z]' | sed 's/:.*//' | sort -u
}

download()
{
	names=
	for package; do
		case $package in
		\**)
			real=$(apt-cache $options depends "${package#\*}" | sed -n 's/^ *Depends: \(linux-image-[^ ]*\)$/\1/p' | head -n 1)
			[ -n "$real" ] || die "apt-cache names no kernel package behind ${package#\*}. Run apt-get update (as root)"
			package=$real ;;
		+*)
			all=$(closure "${package#+}")
			[ -n "$all" ] || die "apt-cache does not know ${package#+}${suite:+ in $suite}"
			package=$all ;;
		esac
		for package in $package; do names="$names $package:$arch"; done
	done
	(cd "$dir/debs" && rm -f ./*.deb && say "downloading$names" && apt-get -q $options download $names > ../apt.log 2>&1) ||
		{ tail -n 5 "$dir/apt.log" >&2
		  die "a download failed (log above). The network is needed once; the files are kept in $dir/debs. Perhaps apt-get update (as root) helps"; }
}

if [ "$(cat "$dir/wanted" 2> /dev/null)" = "$suite $*" ] && (cd "$dir/debs" && sha256sum --quiet -c ../sums > /dev/null 2>&1); then
	say "all packages are in $dir/debs"
else
	[ "$arch" = "$(dpkg --print-architecture)" ] && [ -z "$suite" ] && [ "$(id -u)" != 0 ] || apt-get -q $options update > "$dir/apt.log" 2>&1 ||
		say "warning: apt-get update failed in part, the package lists are used as they are"
	download "$@"
	(cd "$dir/debs" && sha256sum -- *.deb) > "$dir/sums"
	echo "$suite $*" > "$dir/wanted"
	rm -rf "$dir/lists" "$dir/cache" "$dir/sources.list"
fi
rm -rf "$dir/root"
mkdir "$dir/root"
for deb in "$dir"/debs/*.deb; do
	dpkg-deb -x "$deb" "$dir/root"
done
