#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# deb.sh BUILD VERSION: makes BUILD/zazen_VERSION_amd64.deb of what `make install` installs, stripped and packed as Debian wants it.
set -eu
build=$1 version=$2
here=$(cd "$(dirname "$0")" && pwd)
deb=$build/zazen_${version}_amd64.deb
stage=$build/deb
rm -rf "$stage"
mkdir -p "$stage/DEBIAN"
"$here/install.sh" install "$build" "$version" "$stage"
doc=$stage/usr/share/doc/zazen
gzip -9nc "$here/changelog" > "$doc/changelog.gz"
find "$stage/usr/share/man" -type f -exec gzip -9n {} +
find "$stage/usr/share/man" -type l | while read -r link; do
	ln -s "$(readlink "$link").gz" "$link.gz"
	rm "$link"
done
strip --strip-unneeded "$stage/usr/sbin/xl" "$stage/usr/sbin/xenstored" "$stage/usr/lib/zazen/zazen-backend" "$stage/usr/lib/zazen/zazen-window"
strip "$stage/usr/lib/zazen/hvmloader"
install -D -m 644 "$here/lintian-overrides" "$stage/usr/share/lintian/overrides/zazen"
find "$stage/etc" -type f | sed "s|^$stage||" | sort > "$stage/DEBIAN/conffiles"
(cd "$stage" && find boot usr -type f | LC_ALL=C sort | xargs md5sum) > "$stage/DEBIAN/md5sums"

# The libraries' packages, as the linker named them. Those of the window bring half a desktop: they are suggested.
depends=$(find "$stage/usr" -type f -perm -u+x ! -name zazen-window -exec sh -c 'objdump -p "$1" 2> /dev/null' _ {} \; | awk '$1 == "NEEDED" { print $2 }' | sort -u |
	while read -r library; do
		file=$(ldconfig -p | awk -v l="$library" '$1 == l && /x86-64/ { print $NF; exit }')
		dpkg-query -S "$(readlink -f "$file")" 2> /dev/null || dpkg-query -S "$file"
	done | cut -d: -f1 | sort -u | paste -sd, | sed 's/,/, /g')
carried=$(dpkg-query -W -f '${source:Package} (= ${source:Version}), ' seabios ipxe-qemu | sed 's/, $//')
sed "s/@VERSION@/$version/; s/@DEPENDS@/$depends/; s/@CARRIED@/$carried/; s/@SIZE@/$(du -sk --exclude=DEBIAN "$stage" | cut -f1)/" "$here/control" > "$stage/DEBIAN/control"
for script in postinst prerm postrm; do install -m 755 "$here/$script" "$stage/DEBIAN/"; done
chmod -R go-w,u=rwX,go=rX "$stage"
dpkg-deb --root-owner-group -Zxz --build "$stage" "$deb" > /dev/null
echo "built $deb: $(stat -c %s "$deb") bytes"
