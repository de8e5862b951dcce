#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# install-boot.sh: a Debian 12 on a disk, in which the package zazen was installed by dpkg, is started by its BIOS, its GRUB and the entry that update-grub made: systemd comes up in the control domain, starts
# the store and the guests of /etc/xen/auto in order, and ends them in reverse order, one by its time-out. Prints "PASS name" and "FAIL name: text", and at the end "END passed failed". Part of
# `make test-install`: it takes minutes. Needs root and a loop device; without them it is skipped.
cd "$(dirname "$0")/../.." || exit 2
[ -n "${OWN_VIEW:-}" ] || [ "$(id -u)" != 0 ] || exec env OWN_VIEW=1 unshare -m --propagation private sh tests/system/install-boot.sh
. tests/qemu.sh
. tests/system/debian/disk.sh
[ "$(id -u)" = 0 ] || skip_all install-boot "mounting a disk needs root"
[ -s "$debian" ] || skip_all install-boot "$debian was not made: debootstrap needs root"
losetup -f > /dev/null 2>&1 || skip_all install-boot "there is no loop device on this computer"
DOM0=${DOM0:-$BUILD/dom0}

make_disk > "$dir/out" 2>&1 || { fail disk "$(tail -n 3 "$dir/out")"; finish; }

# Guests: two small Linuxes, which end when they are asked, and a PC that does not.
guest=$dir/guest
mkdir -p "$guest/bin" "$guest/proc" "$guest/sys" "$guest/dev" "$guest/sbin"
cp "$DOM0/root/bin/busybox" "$guest/bin/"
for name in sh mount sleep poweroff; do ln -s busybox "$guest/bin/$name"; done
cat > "$guest/init" <<'END'
#!/bin/sh
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
echo "GUEST UP"
while :; do sleep 60; done
END
printf '#!/bin/sh\necho "GUEST DOWN" > /dev/console\nexec /bin/poweroff -f\n' > "$guest/sbin/poweroff"
chmod 755 "$guest/init" "$guest/sbin/poweroff"
mkdir -p "$root/guests" "$root/etc/xen/auto" "$root/var/log/journal"
(cd "$guest" && find . | cpio --quiet -o -H newc | gzip -1) > "$root/guests/initrd"
cp "$BUILD/hvmsector" "$root/guests/sector.img"
truncate -s 1M "$root/guests/sector.img"
for name in web db hand; do
	cat > "$root/guests/$name.cfg" <<END
name = "$name"
type = "pvh"
kernel = "/vmlinuz"
ramdisk = "/guests/initrd"
extra = "console=hvc0 panic=1 mitigations=off"
memory = 160
END
done
cat > "$root/guests/pc.cfg" <<'END'
name = "pc"
builder = "hvm"
memory = 32
boot = "c"
serial = "pty"
vnc = 1
disk = [ 'file:/guests/sector.img,hda,w' ]
END
ln -s /guests/web.cfg "$root/etc/xen/auto/10-web"
ln -s /guests/pc.cfg "$root/etc/xen/auto/20-pc"
ln -s /guests/db.cfg "$root/etc/xen/auto/30-db"

cp "$deb" "$root/tmp/zazen.deb"
if inside dpkg -i /tmp/zazen.deb > "$dir/out" 2>&1; then pass dpkg-i; else fail dpkg-i "$(tail -n 5 "$dir/out" | tr '\n' '|')"; fi
cat > "$root/etc/default/grub.d/zazen.cfg" <<'END'
GRUB_TIMEOUT=0
GRUB_CMDLINE_XEN_DEFAULT="dom0_mem=768M"
GRUB_CMDLINE_XEN="console=com1 com1=115200 spare_cpus=1"
GRUB_CMDLINE_LINUX_XEN_REPLACE="console=hvc0 mitigations=off systemd.log_level=info"
END
sed -n '/^ZAZEN_FIRST/,$p' tools/install/grub.cfg | sed 's/^ZAZEN_FIRST=.*/ZAZEN_FIRST=yes/' >> "$root/etc/default/grub.d/zazen.cfg"
echo "SHUTDOWN_SECONDS=25" > "$root/etc/default/zazen"

# What looks at it, when all is up.
cat > "$root/usr/local/sbin/look" <<'END'
#!/bin/sh
exec > /dev/hvc0 2>&1
passed=0 failed=0
pass() { passed=$((passed + 1)); echo "PASS $1"; }
fail() { failed=$((failed + 1)); echo "FAIL $1: $2"; }
check() { name=$1; shift; if "$@" > /tmp/check 2>&1; then pass "$name"; else fail "$name" "$(tail -n 3 /tmp/check | tr '\n' '|')"; fi; }
equal() { if [ "$2" = "$3" ]; then pass "$1"; else fail "$1" "is \"$2\", not \"$3\""; fi; }
echo
equal system "$(systemctl is-system-running --wait)" running
equal failed-units "$(systemctl --failed --no-legend --plain | cut -d' ' -f1 | tr '\n' ' ')" ""
for unit in proc-xen.mount zazen-xenstored zazen-guests; do equal "active-$unit" "$(systemctl is-active $unit)" active; done
check xl-info xl info
equal capabilities "$(cat /proc/xen/capabilities | tr -d '\0')" control_d
equal guests "$(xl list | awk 'NR > 2 { print $1 }' | tr '\n' ' ')" "web pc db "
for name in web db; do
	i=0
	until grep -q 'GUEST UP' /var/log/zazen/$name.log || [ $i = 300 ]; do sleep 1; i=$((i + 1)); done
	check "$name-is-up" grep -q 'GUEST UP' /var/log/zazen/$name.log
done
# A guest that somebody starts in a session of theirs: its keeper is not of that session.
check create-by-hand systemd-run --quiet --scope xl create -q /guests/hand.cfg
i=0
until grep -q 'GUEST UP' /var/log/zazen/hand.log || [ $i = 300 ]; do sleep 1; i=$((i + 1)); done
check hand-is-up grep -q 'GUEST UP' /var/log/zazen/hand.log
equal keepers "$(for p in $(pidof xl); do cut -d: -f3 /proc/$p/cgroup; done | sort | uniq -c | awk '{ print $1, $2 }')" "4 /system.slice/zazen-guests.service/keepers"
# The store anew: guests do not notice.
check store-restart systemctl restart zazen-xenstored
equal guests-after-store "$(xl list | awk 'NR > 2 { print $1 }' | tr '\n' ' ')" "web pc db hand "
check screen xl screen pc
echo "END $passed $failed"
END
chmod 755 "$root/usr/local/sbin/look"
cat > "$root/etc/systemd/system/look.service" <<'END'
[Unit]
After=zazen-guests.service
[Service]
Type=exec
ExecStart=/usr/local/sbin/look
ExecStopPost=/bin/systemctl --no-block poweroff
[Install]
WantedBy=multi-user.target
END
inside systemctl -q enable look.service
# No login is wanted on consoles that are not there.
inside systemctl -q mask serial-getty@hvc0.service getty.target
inside update-grub > "$dir/out" 2>&1 || fail update-grub "$(tail -n 3 "$dir/out")"
# What grub-install does where it sees the disk: its first sector, and the core image behind it.
grub-mkimage -O i386-pc -o "$dir/core.img" -p '(hd0,msdos1)/boot/grub' biosdisk part_msdos ext2
mkdir -p "$root/boot/grub/i386-pc"
cp "$root"/usr/lib/grub/i386-pc/*.mod "$root"/usr/lib/grub/i386-pc/*.lst "$root/boot/grub/i386-pc/"
unmount
dd if=/usr/lib/grub/i386-pc/boot.img of="$disk" bs=440 count=1 conv=notrunc status=none
dd if="$dir/core.img" of="$disk" bs=512 seek=1 conv=notrunc status=none

timeout "${SECONDS_MOST:-1500}" "$QEMU" -machine q35 -accel tcg,thread=multi -m 2560 -smp 3 $QEMU_COMMON -display none \
	-drive "file=$disk,format=raw,if=none,id=d,cache=unsafe" -device virtio-blk-pci,drive=d > "$dir/log" 2>&1 < /dev/null &
machine=$!
wait $machine
status=$?
machine=
console() { tr -d '\r' < "$dir/log" | sed 's/^(d0) //; s/\x1b\[[0-9;?]*[a-zA-Z]//g'; }
console | grep '^\(PASS\|FAIL\) '
told_passed=$(console | grep -c '^PASS ') told_failed=$(console | grep -c '^FAIL ')
passed=$((passed + told_passed)) failed=$((failed + told_failed))
if [ "$(console | grep -E '^END [0-9]+ [0-9]+$')" = "END $told_passed $told_failed" ] && [ "$told_passed" -gt 10 ]; then pass results; else fail results "the control domain's END line is not there, or does not agree"; fi
if [ $status = 0 ]; then pass machine-is-off; else fail machine-is-off "the machine did not end by itself ($status)"; fi

# What its disk says of the end: who was asked, in which order.
mount_disk && mount --bind /dev "$root/dev" || fail disk-after "it cannot be mounted"
inside journalctl -q -D /var/log/journal -u zazen-guests -o short-monotonic > "$dir/journal" 2>&1
cp "$root"/var/log/zazen/*.log "$dir/"
for name in web db hand; do
	if grep -q 'GUEST DOWN' "$dir/$name.log"; then pass "$name-went-down"; else fail "$name-went-down" "its log has: $(tail -n 2 "$dir/$name.log" | tr '\n' '|')"; fi
done
if grep -q 'pc has not shut down in 25 s and is ended' "$dir/journal"; then pass pc-was-ended; else fail pc-was-ended "$(tail -n 3 "$dir/journal" | tr '\n' '|')"; fi
down() { sed -n 's/^\([^ ]*\) .*GUEST DOWN.*/\1/p' "$dir/$1.log" | tail -n 1; }
order=$(for name in hand db web; do echo "$(down $name) $name"; done | sort | cut -d' ' -f2 | tr '\n' ' ')
if [ "$order" = "hand db web " ]; then pass order-of-the-end; else fail order-of-the-end "$order"; fi
if [ $failed != 0 ]; then
	echo "     the last lines of the console, and of the service:"
	console | tail -n 40 | sed 's/^/     /'
	tail -n 15 "$dir/journal" | sed 's/^/     /'
	echo "     again: KEEP=1 sh tests/system/install-boot.sh"
fi
finish
