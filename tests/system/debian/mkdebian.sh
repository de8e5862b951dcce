#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# mkdebian.sh OUT: makes OUT, a tar file of a Debian 12 with systemd, Debian's kernel, GRUB for BIOS, and the libraries that the package zazen depends upon, by debootstrap. Nothing is installed on this
# computer. Without root, OUT is an empty file, and the tests that want it say so.
set -eu
export LC_ALL=C
out=$1
say() { echo "debian: $*" >&2; }
[ "$(id -u)" = 0 ] || { say "not made: debootstrap needs root"; : > "$out"; exit 0; }
PACKAGES="systemd-sysv udev kmod initramfs-tools linux-image-amd64 grub-pc bash-completion
libnbd0 libpng16-16 libpixman-1-0 libseccomp2 libslirp0 libvncserver1 libxencall1 libxenevtchn1 libxenforeignmemory1 libxengnttab1 libxenstore4"
root=$out.root
clean_up()
{
	for place in proc sys dev; do umount -R "$root/$place" 2> /dev/null || true; done
	rm -rf --one-file-system "$root"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP
clean_up
# Where apt has this computer's packages from.
archive=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME)' 'Created-By: Packages' | awk '$2 == "bookworm" { print $1; exit }')
[ -n "$archive" ] || { say "apt names no source for Debian 12 (bookworm): this needs its package lists"; exit 1; }
say "a Debian is being made: minutes"
cache=$(dirname "$out")/debs
mkdir -p "$cache"
# shellcheck disable=SC2086
debootstrap --variant=minbase --cache-dir="$(cd "$cache" && pwd)" --include="$(echo $PACKAGES | tr ' ' ,)" bookworm "$root" "$archive" > "$out.log" 2>&1 ||
	{ tail -n 5 "$out.log" >&2; say "debootstrap failed (log above). The network is needed once"; exit 1; }
for place in proc sys dev; do umount -R "$root/$place" 2> /dev/null || true; done
rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*
tar -C "$root" --one-file-system -cf "$out.new" .
rm -f "$out.log"
mv "$out.new" "$out"
