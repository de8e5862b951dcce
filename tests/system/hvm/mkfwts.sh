#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# mkfwts.sh DIR DOM0: of the packages that packages.sh unpacked in DIR/root, DIR/fwts.cpio: the initramfs of the dom0 machine (DOM0/base.cpio) with fwts, its libraries, and the
# kernel modules through which it reads MSRs and CPUID leaves.
set -eu
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
dir=$(cd "$1" && pwd)
kit=$(cd "$2" && pwd)
lib=usr/lib/x86_64-linux-gnu
. "$here/../../../tools/appliance/root.sh"

tree=$dir/tree
from=$dir/root
rm -rf "$tree"
mkdir -p "$tree/usr/bin" "$tree/$lib" "$tree/usr/share" "$tree/lib64" "$tree/modules"
cp "$from/usr/bin/fwts" "$from/usr/bin/lspci" "$tree/usr/bin/"
cp -R "$from/usr/share/fwts" "$tree/usr/share/"
for library in "$from/$lib"/*.so.*; do cp -L "$library" "$tree/$lib/"; done
cp -R "$from/$lib/fwts" "$tree/$lib/"
cp -L "$from/$lib/ld-linux-x86-64.so.2" "$tree/lib64/"
modules=$kit/root/lib/modules/$(ls "$kit/root/lib/modules")
cp "$modules/kernel/arch/x86/kernel/msr.ko" "$modules/kernel/arch/x86/kernel/cpuid.ko" "$tree/modules/"
pack "$tree" "$dir/own.cpio"
cat "$kit/base.cpio" "$dir/own.cpio" > "$dir/fwts.cpio"
rm -f "$dir/own.cpio"
