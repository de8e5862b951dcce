#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# run-guests.sh: two HVM guests and a PVH guest at once on 2 CPUs and 2 GiB, in the machine of `make run`, all with work for disk and network; then xenstored, keepers and backends are killed (kill -9) at
# random moments, each KILLS times (4), and the others must not notice, and what was flushed must be on the disk. SEED= repeats the moments. Prints "PASS name" and "FAIL name: text", and at the end
# "END passed failed".
PORT=${PORT:-5950}
. "$(dirname "$0")/appliance/host.sh"
kit=$(cd "$(dirname "$0")/../.." && pwd)
. "$kit/tools/appliance/root.sh"
DOM0=$(cd "${DOM0:-$BUILD/dom0}" && pwd)

# One file system for all of them; the control domain takes its program out of it, too.
skeleton "$dir/guest" "$DOM0/root/bin/busybox"
modules "$dir/guest" "$DOM0/root" ata_piix sd_mod e1000 xen_blkfront xen_netfront
install -m 755 "$appliance/load-init" "$dir/guest/init"
cp "$DOM0/programs/load" "$DOM0/programs/victims" "$dir/guest/bin/"
pack "$dir/guest" "$dir/guest.cpio"
gzip -1n "$dir/guest.cpio"
mkdir -p "$dir/cd/boot/grub"
cp "$DOM0/vmlinuz" "$dir/cd/"
cp "$dir/guest.cpio.gz" "$dir/cd/initrd"
printf 'set timeout=0\nmenuentry guest {\nlinux /vmlinuz console=ttyS0 panic=1 mitigations=off no_timer_check\ninitrd /initrd\n}\n' > "$dir/cd/boot/grub/grub.cfg"
grub-mkrescue -d /usr/lib/grub/i386-pc -o "$dir/hvm.iso" "$dir/cd" > "$dir/mkrescue" 2>&1 || cat "$dir/mkrescue"
truncate -s 8M "$dir/pvh.img"
cat > "$dir/pvh.cfg" <<END
name = "pvh"
type = "pvh"
kernel = "$DOM0/vmlinuz"
ramdisk = "$dir/guest.cpio.gz"
extra = "console=hvc0 panic=1 mitigations=off"
memory = 128
disk = [ '$dir/pvh.img,raw,xvda,w', '$dir/hvm.iso,raw,xvdb,r' ]
vif = [ 'mac=00:16:3e:09:00:3d,bridge=xenbr0' ]
END

seed=${SEED:-$(date +%s)}
variables="KILLS=${KILLS:-4} SEED=$seed"
echo "SEED=$seed"
machine_start "${SECONDS_MOST:-2000}" guests.sh "$dir/pvh.cfg"
if wait_console '^VIEWERS'; then
	viewer_check viewer-5900 "$dir/one.png" "$port"
	viewer_check viewer-5901 "$dir/two.png" $((port + 1))
fi
machine_results "run-guests.sh with SEED=$seed KILLS=${KILLS:-4}"
