#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Installs the Debian packages that are missing, and nothing when none is.
set -eu

PACKAGES='
gcc                 compiler of everything
make                the build
binutils            linker, assembler, nm
libc6-dev           host programs: unit tests, mkelf32
libxen-dev          the public ABI headers under /usr/include/xen
qemu-system-x86     the test machine
clang               fuzz targets (libFuzzer)
libclang-rt-14-dev  sanitizers and libFuzzer of clang
clang-format        make check: the style
cppcheck            make check: static analysis
grub-common         grub-mkrescue, for boot tests by GRUB
grub-pc-bin         GRUB for BIOS
grub-efi-amd64-bin  GRUB for UEFI
xorriso             writes the ISO images of the boot tests
mtools              grub-mkrescue makes its EFI partition with it
cpio                the root file systems of the dom0 machine
xz-utils            unpacks the kernel of the dom0 machine; packs files for unit tests
gzip                packs build/xen.gz, and files for unit tests
bzip2               packs files for unit tests
lzop                the same
lz4                 the same
zstd                the same
ovmf                UEFI firmware for the test machine
bochs               tests/system/bochs.sh: a second emulator with AMD-V, for features that QEMU lacks
bochs-term          the one user interface of bochs, which wants some, that brings no X server
bochsbios           its BIOS
vgabios             the BIOS of its VGA, which GRUB needs
seabios             the BIOS and VGA BIOS of HVM guests, carried by hvmloader
ipxe-qemu           the boot ROM of their network card
libsdl2-dev         the screen as a window
libx11-dev          a test of that looks at it
libvncserver-dev    the screen of HVM guests for viewers (VNC)
libpixman-1-dev     formats of pixels that guests have
liburing-dev        disks of HVM guests: io_uring
libnbd-dev          disk images other than raw, through qemu-nbd
qemu-utils          qemu-nbd; qemu-img, for tests
libslirp-dev        a network for guests where there is no bridge
libseccomp-dev      what the backend of a guest may ask of the kernel
gvncviewer          gvnccapture: an outside viewer, for tests
tigervnc-viewer     another one, with a keyboard, for the test that installs a system
xvfb                its display
xdotool             its fingers
libpng-dev          the screen as a picture, for xl screen
mandoc              looks at the manual pages
man-db              the same
lintian             looks at the package of make deb
debootstrap         a Debian to install it into, for a test
e2fsprogs           its disk
fdisk               the same
novnc               the viewer in a browser; its files are served by the backend
acpica-tools        iasl, which makes their ACPI name space
'

names=$(printf '%s' "$PACKAGES" | awk 'NF { print $1 }')
missing=
for name in $names; do
	status=$(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null || true)
	[ "$status" = installed ] || missing="$missing $name"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
	echo "setup: these Debian packages are missing:$missing" >&2
	echo "setup: install them, as root: apt-get install --no-install-recommends$missing" >&2
	exit 1
fi

echo "setup: installing$missing"
export DEBIAN_FRONTEND=noninteractive
# A fresh system has no package lists yet; old lists name files that are gone.
# shellcheck disable=SC2086
if ! apt-get install -y --no-install-recommends $missing; then
	apt-get update
	apt-get install -y --no-install-recommends $missing
fi
