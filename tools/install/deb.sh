#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# deb.sh BUILD VERSION: makes BUILD/zazen_VERSION_amd64.deb of what `make install` installs.
set -eu
build=$1 version=$2
here=$(cd "$(dirname "$0")" && pwd)
stage=$build/deb
rm -rf "$stage"
mkdir -p "$stage/DEBIAN"
"$here/install.sh" install "$build" "$version" "$stage"
find "$stage/etc" -type f | sed "s|^$stage||" > "$stage/DEBIAN/conffiles"
# The libraries' packages, as the linker named them.
depends=$(find "$stage/usr" -type f -perm -u+x -exec sh -c 'objdump -p "$1" 2> /dev/null' _ {} \; | awk '$1 == "NEEDED" { print $2 }' | sort -u |
	while read -r library; do
		file=$(ldconfig -p | awk -v l="$library" '$1 == l && /x86-64/ { print $NF; exit }')
		dpkg-query -S "$(readlink -f "$file")" 2> /dev/null || dpkg-query -S "$file"
	done | cut -d: -f1 | sort -u | paste -sd, | sed 's/,/, /g')
cat > "$stage/DEBIAN/control" <<END
Package: zazen
Version: $version
Architecture: amd64
Section: kernel
Priority: optional
Maintainer: The Zazen developers <zazen@localhost>
Depends: $depends
Recommends: bridge-utils, qemu-utils, grub2-common
Suggests: novnc, tigervnc-viewer
Conflicts: xen-utils-common, xenstore-utils
Description: type-1 hypervisor for x86-64 with an embedded device model
 Zazen runs unmodified operating systems and kernels made for Xen. This package has the hypervisor, its
 xl and xenstored, the device model and the firmware of guests. After installation GRUB's menu has an
 entry that starts Linux as its control domain.
END
cat > "$stage/DEBIAN/postinst" <<'END'
#!/bin/sh
set -e
if [ "$1" = configure ]; then
	if [ -d /run/systemd/system ]; then
		systemctl daemon-reload || true
	fi
	if command -v deb-systemd-helper > /dev/null; then
		for unit in zazen-xenstored.service zazen-guests.service; do deb-systemd-helper enable $unit > /dev/null || true; done
	fi
	! command -v update-grub > /dev/null || update-grub || true
fi
END
cat > "$stage/DEBIAN/postrm" <<'END'
#!/bin/sh
set -e
if [ "$1" = remove ] || [ "$1" = purge ]; then
	if command -v deb-systemd-helper > /dev/null; then
		for unit in zazen-xenstored.service zazen-guests.service; do deb-systemd-helper purge $unit > /dev/null || true; done
	fi
	! command -v update-grub > /dev/null || update-grub || true
fi
END
chmod 755 "$stage/DEBIAN/postinst" "$stage/DEBIAN/postrm"
dpkg-deb --root-owner-group -Zxz --build "$stage" "$build/zazen_${version}_amd64.deb" > /dev/null
echo "built $build/zazen_${version}_amd64.deb: $(stat -c %s "$build/zazen_${version}_amd64.deb") bytes"
