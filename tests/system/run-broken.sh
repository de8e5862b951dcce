#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# run-broken.sh: descriptions, images and environments that cannot work, each given to `xl create` in the control domain of `make run` beside guests that live: one message with cause and remedy, exit status 1, and
# nothing is left. appliance/broken.sh has the table, of which this takes each third line, or with EVERY=1 all of it, or ONLY=NAME,NAME. Prints "PASS name" and "FAIL name: text", and at the end "END passed failed".
PORT=${PORT:-5960}
. "$(dirname "$0")/appliance/host.sh"
kit=$(cd "$(dirname "$0")/../.." && pwd)
. "$kit/tools/appliance/root.sh"
DOM0=$(cd "${DOM0:-$BUILD/dom0}" && pwd)

# The images go along in the ramdisk of a guest; the guest itself only waits.
tree=$dir/tree
skeleton "$tree" "$DOM0/root/bin/busybox"
printf '#!/bin/sh\nexec sleep 100000\n' > "$tree/init"
chmod 755 "$tree/init"
mkdir "$tree/b"
version=$(basename "$DOM0"/root/lib/modules/*)
for module in block/loop cdrom/cdrom; do cp "$DOM0/root/lib/modules/$version/kernel/drivers/$module.ko" "$tree/b/"; done
cp "$DOM0/root/lib/modules/$version/kernel/fs/isofs/isofs.ko" "$tree/b/"
head -c 300000 /dev/urandom > "$dir/data"
for format in qcow2 vdi vhdx vpc vmdk; do qemu-img convert -q -f raw -O $format "$dir/data" "$tree/b/good.$format"; done
head -c 200000 "$tree/b/good.qcow2" > "$tree/b/cut.qcow2"
{ head -c 40 "$tree/b/good.qcow2"; head -c 24 /dev/zero | tr '\0' '\377'; tail -c +65 "$tree/b/good.qcow2"; } > "$tree/b/damaged.qcow2"
head -c 100000 "$tree/b/good.vpc" > "$tree/b/cut.vpc"
gzip -nc "$dir/data" > "$tree/b/packed.img"
head -c 3000000 "$DOM0/vmlinuz" > "$tree/b/cut-kernel"
mkdir "$dir/cd"
cp "$dir/data" "$dir/cd/"
xorriso -as mkisofs -quiet -o "$dir/cd.iso" "$dir/cd" > "$dir/mkisofs" 2>&1 || cat "$dir/mkisofs"
truncate -s 1M "$dir/first.img"
pack "$tree" "$dir/ramdisk.cpio"
gzip -1n "$dir/ramdisk.cpio"
cat > "$dir/first.cfg" <<END
name = "first"
type = "pvh"
kernel = "$DOM0/vmlinuz"
ramdisk = "$dir/ramdisk.cpio.gz"
extra = "console=hvc0 panic=1 mitigations=off"
memory = 128
uuid = "11111111-2222-3333-4444-555555555555"
disk = [ '$dir/first.img,raw,xvda,w', '$dir/cd.iso,raw,xvdb,r' ]
END

# This computer has no hypervisor, as far as this script knows: then its xl says that.
if [ ! -e /dev/xen/privcmd ]; then
	printf 'name = "b"\ntype = "hvm"\nmemory = 32\nvnc = 0\n' > "$dir/plain.cfg"
	"$BUILD/tools/xl" create "$dir/plain.cfg" > "$dir/said" 2>&1
	status=$?
	if [ $status = 1 ] && [ "$(wc -l < "$dir/said")" = 1 ] && grep -q "start it by the hypervisor's entry in the boot menu" "$dir/said"; then
		pass no-hypervisor
	else
		fail no-hypervisor "status $status: $(cat "$dir/said")"
	fi
fi
variables="ONLY=${ONLY:-} EVERY=${EVERY:-3}"
machine_start "${SECONDS_MOST:-2000}" broken.sh "$dir/first.cfg"
machine_results run-broken.sh
