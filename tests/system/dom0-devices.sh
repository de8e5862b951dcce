#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# dom0-devices.sh [NAME...]: dom0 drives disks, network cards and USB. What it wrote is looked at in the disks' files here, what it
# sent is summed here. The same cases run on the bare machine first: that shows the tests right and is the measure of warnings.
# Prints "PASS name", "FAIL name: text", and at the end "END passed failed". The environment is that of dom0/host.sh.
here=$(cd "$(dirname "$0")" && pwd)
wanted_names=$*
. "$here/dom0/host.sh"

NETWORK_MIB=64
sum() { sha256sum | cut -d' ' -f1; }

# What the machine's user network answers with: the file, and the sum of what comes.
head -c $((NETWORK_MIB * 1048576)) /dev/urandom > "$dir/download"
download=$(sum < "$dir/download")
printf '#!/bin/sh\nsha256sum | cut -d" " -f1\n' > "$dir/receive"
printf '#!/bin/sh\nexec cat %s\n' "$dir/download" > "$dir/send"
chmod +x "$dir/receive" "$dir/send"

disk() # NAME: an image of 32 MiB that says what is on it; see cases/disks
{
	head -c 8388608 /dev/urandom > "$dir/content"
	{
		printf 'zazen %s %s\n' "$1" "$(sum < "$dir/content")" | dd bs=1M conv=sync status=none
		cat "$dir/content"
		head -c $((23 * 1048576)) /dev/zero
	} > "$dir/$name.$1"
	echo "-drive if=none,format=raw,cache=writeback,file=$dir/$name.$1,id=$1"
}

network() # NUMBER DEVICE: a card and its network 10.0.NUMBER.0/24
{
	echo "-netdev user,id=n$1,net=10.0.$1.0/24,guestfwd=tcp:10.0.$1.100:1001-cmd:$dir/send,guestfwd=tcp:10.0.$1.100:1002-cmd:$dir/receive" \
		"-device $2,netdev=n$1"
}

# Each disk's part that dom0 says to have written, in its file.
compare_disks()
{
	! reference_lacks || return 0
	for d in $(echo "$disks" | tr , ' '); do
		wrote=$(sed -n "s/^NOTE wrote $d //p" "$dir/$name.told")
		found=$(tail -c +$((16 * 1048576 + 1)) "$dir/$name.$d" | head -c 8388608 | sum)
		if [ -n "$wrote" ] && [ "$wrote" = "$found" ]; then
			pass "disk-$d-on-host"
		else
			fail "disk-$d-on-host" "dom0 wrote ${wrote:-nothing}, the file has $found"
		fi
	done
}

q35_devices()
{
	machine="-machine q35 -smp 3 -m 2048" disks=ahci,nvme,virtio
	cards="e1000e:$NETWORK_MIB,virtio_net:$NETWORK_MIB"
	devices="$(disk ahci) -device ide-hd,drive=ahci,bus=ide.0 $(disk nvme) -device nvme,serial=1,drive=nvme
		$(disk virtio) -device virtio-blk-pci,drive=virtio -device qemu-xhci -device usb-kbd
		$(network 2 e1000e) $(network 3 virtio-net-pci)"
}

pc_devices()
{
	machine="-machine pc -smp 3 -m 2048" disks=ide,virtio cards="e1000e:$NETWORK_MIB"
	devices="$(disk ide) -device ide-hd,drive=ide,bus=ide.0 $(disk virtio) -device virtio-blk-pci,drive=virtio
		-device piix3-usb-uhci,id=uhci -device usb-kbd,bus=uhci.0 $(network 2 e1000e)"
}

for kind in q35 pc; do
	wanted "$kind" || wanted "bare-$kind" || continue
	for name in bare-$kind $kind; do
		wanted "$kind" || [ "$name" != "$kind" ] || continue
		defaults
		${kind}_devices
		[ "$name" = "$kind" ] || loader=bare
		# Under real Xen interrupts of a PVH dom0 do not come here; a PV dom0 is what it does well, on pc too.
		[ -z "${REFERENCE:-}" ] || kind_of_dom0= iommu=
		arguments="tests=disks,usb,network,dmesg ${ARGUMENTS:-} disks=$disks network=$cards download=$download"
		seconds=${SECONDS_MAX:-1500}
		run_needed
		compare_disks
	done
	compare_dmesg "bare-$kind"
done
finish
