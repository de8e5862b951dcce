# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by tests that install into a Debian: its disk, mounted at $root, in which commands run by `inside`. Everything that is mounted is in a view of files of this process's own.
#
# Environment: BUILD=build, KEEP=1 keeps the disk and says where.
set -u
BUILD=$(cd "${BUILD:-build}" && pwd)
top=$(pwd)
debian=$BUILD/debian/root.tar
version=$(sed -n 's/^VERSION := //p' Makefile)
deb=$BUILD/zazen_${version}_amd64.deb
passed=0 failed=0
pass() { passed=$((passed + 1)); echo "PASS $1"; }
fail() { failed=$((failed + 1)); echo "FAIL $1: $2"; }
judge() { if [ -s "$2" ]; then fail "$1" "$(head -n 12 "$2" | tr '\n' '|')"; else pass "$1"; fi; }
skip_all() { echo "SKIP $1: $2"; echo "END 0 0"; exit 0; }
finish() { echo "END $passed $failed"; [ $failed = 0 ]; exit; }

dir=$(mktemp -d "${TMPDIR:-/tmp}/zazen-debian.XXXXXX") || exit 2
disk=$dir/disk root=$dir/root
loop= machine=
unmount()
{
	umount -R "$root" 2> /dev/null
	[ ! -e /dev/installed ] || umount /dev
	[ -z "$loop" ] || losetup -d "$loop"
	loop=
}
clean_up()
{
	[ -z "$machine" ] || kill "$machine" 2> /dev/null
	unmount
	[ -n "${KEEP:-}" ] && echo "kept: $dir" || rm -rf --one-file-system "$dir"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

# The partition, at 1 MiB, as a device of its own. It has a name in a /dev of ours, by which GRUB takes it for a whole disk: not every kernel knows partitions of loop devices.
mount_disk() # [new]
{
	loop=$(losetup -f --show --offset 1048576 "$disk") || return 1
	[ "${1:-}" != new ] || mkfs.ext4 -q -F -O ^metadata_csum_seed "$loop" || return 1
	mkdir -p "$root" "$dir/dev"
	mount -t tmpfs -o mode=755 dev "$dir/dev" || return 1
	echo 'null 1 3|zero 1 5|full 1 7|random 1 8|urandom 1 9|tty 5 0' | tr '|' '\n' | while read -r name major minor; do mknod -m 666 "$dir/dev/$name" c "$major" "$minor"; done
	ln -s /proc/self/fd "$dir/dev/fd"
	mknod "$dir/dev/installed" b $(lsblk -dno MAJ:MIN "$loop" | tr ':' ' ') || return 1
	mkdir -p "$dir/dev/disk/by-uuid" && ln -s /dev/installed "$dir/dev/disk/by-uuid/$(blkid -s UUID -o value "$loop")" || return 1
	mount --move "$dir/dev" /dev && mount /dev/installed "$root"
}

# A disk of 3 GiB with one partition, and the Debian on it.
make_disk()
{
	truncate -s 3G "$disk"
	echo '2048,,L,*' | sfdisk -q "$disk" && mount_disk new && tar -C "$root" -xf "$debian" || return 1
	mount -t proc proc "$root/proc" && mount -t sysfs -o ro sys "$root/sys" && mount --bind /dev "$root/dev" && mount -t tmpfs run "$root/run" || return 1
	echo "UUID=$(blkid -s UUID -o value /dev/installed) / ext4 defaults 0 1" > "$root/etc/fstab"
}
inside() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C DEBIAN_FRONTEND=noninteractive "$@"; }
