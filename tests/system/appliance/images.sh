#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs in the control domain of `make run`: a guest that starts from a qcow2 image over another one, and writes to it, a VHD and a VMDK; then planted code in qemu-nbd's place. ../run-images.sh has put what this needs
# onto the carrier's disk.
xl destroy carrier
cd / && cpio -id < /media/0 2> /dev/null
sum() { sha256sum | cut -d' ' -f1; }
word_of() { xl log images | sed -n "s/^[^ ]* [a-z0-9]* *$1 //p" | tail -n 1 | cut -d' ' -f"$2"; }
base=$(sum < /images/base.qcow2)
cat > /images.cfg <<'END'
name = "images"
type = "hvm"
memory = 192
boot = "c"
serial = "pty"
vnc = 0
disk = [ '/images/disk.qcow2,qcow2,hda,w', 'format=vhd,vdev=hdb,access=w,target=/images/disk.vhd', '/images/disk.vmdk,vmdk,hdc,w' ]
END
xl create -q /images.cfg > /tmp/out 2>&1 && pass create || { fail create "$(cat /tmp/out)"; end; exit; }
equal servers "$(pidof qemu-nbd | wc -w)" 3
for p in $(pidof qemu-nbd); do
	equal "server-uid" "$(awk '/^Uid:/ { print $2 }' "/proc/$p/status")" "$((0x59000000 + p))"
	[ -e "/proc/$p/root/init" ] || [ -e "/proc/$p/root/proc/1" ] && fail server-root "it sees the control domain's files" || pass server-root
done
comes starts 300 images 'Welcome to the example guest'
comes prompt 60 images '6n$'

# Each of its disks: what is written is read, after the guest has forgotten it. Which of them is sda its kernel leaves to chance; their places it does not: hda, hdb, hdc.
cat > /tmp/work <<'END'
for at in a=0:0:0:0 b=0:0:1:0 c=1:0:0:0; do ln -s $(ls /sys/bus/scsi/devices/${at#*=}/block) /dev/disk-${at%=*}; done
dmesg -n 1; for d in a b c; do head -c 3000000 /dev/urandom > /tmp/$d; dd if=/tmp/$d of=/dev/disk-$d bs=1M seek=2 conv=fsync 2> /dev/null || echo BAD $d; done; echo 3 > /proc/sys/vm/drop_caches
for d in a b c; do echo DISK-$d $(sha256sum < /tmp/$d | cut -c1-64) $(dd if=/dev/disk-$d bs=1M skip=2 count=3 2> /dev/null | head -c 3000000 | sha256sum | cut -c1-64); done; echo WORK-$((6 * 7))
END
while read -r line; do tell images "$line"; done < /tmp/work
comes works 120 images 'WORK-42'
for d in a b c; do
	equal "read-$d" "$(word_of DISK-$d 2)" "$(word_of DISK-$d 1)"
done

# A server dies: another takes its place, and the guest does not notice.
killed=$(pidof qemu-nbd | cut -d' ' -f1)
kill -9 "$killed"
tell images 'for d in a b c; do dd if=/tmp/$d of=/dev/disk-$d bs=1M seek=8 conv=fsync 2> /dev/null || echo BAD $d; done; echo AFTER-$((6 * 8))'
comes after-kill 120 images 'AFTER-48'
said images '^[^ ]* serial0 BAD' && fail after-kill-errors "$(xl log images | grep 'serial0 BAD' | head -n 3)" || pass after-kill-errors
tell images 'poweroff -f'
wait_for 120 gone images && pass ends || fail ends "$(xl list)"
no_server() { ! pidof qemu-nbd; }
wait_for 30 no_server && pass servers-gone || fail servers-gone "$(ps | grep nbd)"

# The same seen from here, and nothing is broken.
part() { dd if=/tmp/raw bs=1M skip="$1" count=3 2> /dev/null | head -c 3000000 | sum; }
for row in qcow2:disk.qcow2:a vpc:disk.vhd:b vmdk:disk.vmdk:c; do
	format=${row%%:*} d=${row##*:} image=${row#*:} image=${image%:*}
	check "convert-$format" qemu-img convert -f "$format" -O raw "/images/$image" /tmp/raw
	equal "image-$format" "$(part 2)" "$(word_of DISK-$d 1)"
	equal "image-$format-after" "$(part 8)" "$(word_of DISK-$d 1)"
	rm -f /tmp/raw
	[ "$format" = vpc ] || check "check-$format" qemu-img check -q -f "$format" "/images/$image"
done
equal base-untouched "$(sum < /images/base.qcow2)" "$base"

# Planted code has the image, and nothing else. Without the cage it does get out, so it can tell.
mv /usr/bin/qemu-nbd /usr/bin/qemu-nbd.kept
cp /planted/planted /usr/bin/qemu-nbd
cp /images/planted.qcow2 /images/free.qcow2
xl create -q /images.cfg 'disk=["/images/planted.qcow2,qcow2,hda,w"]' > /tmp/out 2>&1 && fail planted-create "it started" || pass planted-create
report() { tail -c 8192 "/images/$1.qcow2" | head -c 4096 | tr -d '\0'; }
report planted > /tmp/report
if grep -q '^got out\|^refused' /tmp/report; then fail planted "$(grep '^got out\|^refused' /tmp/report | head -n 5 | tr '\n' '|')"; else pass planted; fi
[ "$(sed -n 's/^tried //p' /tmp/report)" -ge 280 ] && pass planted-tried || fail planted-tried "$(tail -n 2 /tmp/report)"
equal planted-base "$(sum < /images/base.qcow2)" "$base"
/usr/bin/qemu-nbd file.filename=/images/free.qcow2 < /dev/null > /dev/null 2>&1
[ "$(report free | grep -c '^got out')" -ge 20 ] && pass planted-free || fail planted-free "$(report free | head -n 5)"
end
