#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# dom0-pvh-guest.sh: PVH guests of Debian's kernel by Zazen's own xl, xenstored, keeper and backend, in the control domain of `make run`: consoles, restart, shutdown, two at once,
# kernels that cannot start. tests/system/appliance/pvh.sh is what runs there.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/dom0/host.sh"

# Another archive behind the file system: the kernel unpacks one after the other.
tree=$dir/tree
mkdir -p "$tree/guests" "$tree/usr/bin"
cp "$DOM0/vmlinuz" "$DOM0/guest.cpio.gz" "$here/appliance/pvh.sh" "$here/appliance/checks.sh" "$tree/guests/"
for tool in read list; do cp -L "$DOM0/root/usr/bin/xenstore-$tool" "$tree/usr/bin/"; done
{ cat "${BUILD:-build}/appliance/dom0.cpio"; (cd "$tree" && find . | cpio --quiet -o -H newc -R 0:0); } > "$dir/pvh.cpio"
rm -rf "$tree"

defaults
name=pvh-guest initrd=$dir/pvh.cpio results=no arguments="test=/guests/pvh.sh" seconds=${SECONDS_MOST:-2000}
run_case
console_results
finish
