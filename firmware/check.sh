#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# check.sh FILE... - the firmware of other packages that goes into hvmloader: a file that is missing ends the build with the package's name; one whose checksum
# is not the noted one is used, with a line that says so. Without Xen's part in the BIOS there is no way to start a guest: that ends the build, too.
set -eu
sums=$(dirname "$0")/sha256sums

package_of()
{
	case $1 in
	*/seabios/*) echo seabios ;;
	*/ipxe/*) echo ipxe-qemu ;;
	*) echo "that has it" ;;
	esac
}

for f; do
	if [ ! -r "$f" ]; then
		echo "firmware: $f: no such file; install the package $(package_of "$f")" >&2
		exit 1
	fi
	found=$(sha256sum < "$f" | cut -d' ' -f1)
	noted=$(awk -v f="$f" '$2 == f { print $1 }' "$sums")
	[ "$found" = "$noted" ] ||
		echo "firmware: $f: another version than the one tested: found $found, noted ${noted:-none}; it is used" >&2
	case $f in
	*/bios*)
		grep -q XenHVMSeaBIOS "$f" || {
			echo "firmware: $f: built without support of Xen; a SeaBIOS with it is needed" >&2
			exit 1
		} ;;
	esac
done
