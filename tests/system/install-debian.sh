#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# install-debian.sh: the package and `make install` in a Debian 12 on a disk of its own: GRUB's menu, services, completion, libraries; and nothing is left after dpkg -P and after `make uninstall`. Prints
# "PASS name" and "FAIL name: text", and at the end "END passed failed". Needs root and a loop device; without them it is skipped.
cd "$(dirname "$0")/../.." || exit 2
[ -n "${OWN_VIEW:-}" ] || [ "$(id -u)" != 0 ] || exec env OWN_VIEW=1 unshare -m --propagation private sh tests/system/install-debian.sh
. tests/system/debian/disk.sh
[ "$(id -u)" = 0 ] || skip_all install-debian "mounting a disk needs root"
[ -s "$debian" ] || skip_all install-debian "$debian was not made: debootstrap needs root"
losetup -f > /dev/null 2>&1 || skip_all install-debian "there is no loop device on this computer"

make_disk > "$dir/out" 2>&1 || { fail disk "$(tail -n 3 "$dir/out")"; finish; }
inside grub-mkconfig -o /boot/grub/grub.cfg > "$dir/out" 2>&1 || fail grub-before "$(tail -n 3 "$dir/out")"

# All files, with the contents of settings and of the menu; not what dpkg and systemd note for themselves.
listing()
{
	(cd "$root" && find . -xdev \( -path ./var/lib/dpkg -o -path ./var/cache -o -path ./var/log -o -path ./run -o -path ./tmp -o -path ./src -o -path ./proc -o -path ./sys -o -path ./dev \) -prune \
		-o -printf '%M %u %p %l\n' | sort -k 3
	 find ./var/log -printf '%p\n' | grep -v '^./var/log/\(dpkg\|alternatives\).log$' | sort
	 find ./etc ./boot/grub -xdev -type f -exec cksum {} + | sort -k 3)
}
listing > "$dir/before"

# ---- the package ----
cp "$deb" "$root/tmp/zazen.deb"
if inside dpkg -i /tmp/zazen.deb > "$dir/out" 2>&1; then pass dpkg-i; else fail dpkg-i "$(tail -n 5 "$dir/out" | tr '\n' '|')"; fi
inside dpkg -V zazen > "$dir/wrong" 2>&1
judge dpkg-verifies "$dir/wrong"
menu=$root/boot/grub/grub.cfg
inside grub-script-check /boot/grub/grub.cfg > "$dir/wrong" 2>&1
judge menu-syntax "$dir/wrong"
# Of each of Zazen's entries: the hypervisor, the kernel with its root, its initramfs, in this order.
awk -v xen="/boot/xen-zazen-$version.gz" '
	/menuentry .*xen-gnulinux-/ { entry = 1; entries++; step = 0; is_recovery = /recovery/ }
	entry && $1 == "multiboot2" && $2 == xen && (is_recovery || / dom0_mem=2G/) && step == 0 { step = 1 }
	entry && $1 == "module2" && $2 ~ /^\/boot\/vmlinuz-/ && / root=UUID=/ && step == 1 { step = 2 }
	entry && $1 == "module2" && $2 == "--nounzip" && $3 ~ /^\/boot\/initrd.img-/ && step == 2 { step = 3 }
	entry && /^[ \t]*}/ { if (step != 3) print "an entry has only " step " of 3 parts"; entry = 0 }
	END { if (entries < 3) print entries + 0 " entries" }' "$menu" > "$dir/wrong"
judge menu-entries "$dir/wrong"
first_entry() { sed -n 's/^menuentry .*menuentry_id_option .\([a-z-]*\)-[0-9a-f-]*. {$/\1/p' "$menu" | head -n 1; }
if [ "$(first_entry)" = gnulinux-simple ] && grep -q 'set default="0"' "$menu"; then pass menu-linux-first; else fail menu-linux-first "$(first_entry), $(grep 'set default' "$menu" | tr '\n' '|')"; fi
sed -i 's/^ZAZEN_FIRST=no/ZAZEN_FIRST=yes/' "$root/etc/default/grub.d/zazen.cfg"
inside update-grub > "$dir/out" 2>&1 || fail update-grub "$(tail -n 3 "$dir/out")"
default=$(sed -n 's/^ *set default="\(xen-[^"]*\)"$/\1/p' "$menu")
if [ -n "$default" ] && grep -q "^menuentry .*'$default' {" "$menu"; then pass menu-zazen-first; else fail menu-zazen-first "the default is \"$default\""; fi
sed -i 's/^ZAZEN_FIRST=yes/ZAZEN_FIRST=no/' "$root/etc/default/grub.d/zazen.cfg"
# Only what is said of our units: those of others may want programs that this small Debian has not.
inside systemd-analyze verify --man=no proc-xen.mount zazen-xenstored.service zazen-guests.service 2>&1 | grep -i 'zazen\|proc-xen' > "$dir/wrong"
judge units "$dir/wrong"
for unit in zazen-xenstored zazen-guests; do [ "$(inside systemctl is-enabled $unit)" = enabled ] || echo "$unit is not enabled"; done > "$dir/wrong" 2>&1
judge units-enabled "$dir/wrong"
for program in /usr/sbin/xl /usr/sbin/xenstored /usr/lib/zazen/zazen-backend; do inside ldd $program | grep 'not found'; done > "$dir/wrong"
judge libraries "$dir/wrong"
if inside xm help 2>&1 | grep -q '^ create '; then pass xm; else fail xm "$(inside xm help 2>&1 | tail -n 2)"; fi
inside xl list > "$dir/out" 2>&1
if grep -q "hypervisor's entry in the boot menu" "$dir/out"; then pass xl-without-hypervisor; else fail xl-without-hypervisor "$(tail -n 1 "$dir/out")"; fi
got=$(inside bash -c '. /usr/share/bash-completion/bash_completion; _completion_loader xm; COMP_WORDS=(xm cre) COMP_CWORD=1; _xl; complete -p xm; echo "${COMPREPLY[*]}"' 2>&1 | tr '\n' ' ')
if [ "$got" = "complete -F _xl xm create " ]; then pass completion; else fail completion "$got"; fi
echo kept > "$root/etc/xen/auto/mine.cfg"
mkdir -p "$root/var/log/zazen"
echo log > "$root/var/log/zazen/mine.log"
cp "$deb" "$root/tmp/zazen.deb"
if inside dpkg -i /tmp/zazen.deb > "$dir/out" 2>&1 && [ -f "$root/etc/xen/auto/mine.cfg" ]; then pass dpkg-i-again; else fail dpkg-i-again "$(tail -n 3 "$dir/out")"; fi
rm "$root/etc/xen/auto/mine.cfg"
if inside dpkg -r zazen > "$dir/out" 2>&1; then pass dpkg-r; else fail dpkg-r "$(tail -n 3 "$dir/out")"; fi
! grep -q zazen "$menu" || fail dpkg-r "the menu has the hypervisor still"
listing | diff "$dir/before" - | grep '^[<>]' | grep -v ' \./etc/default\| \./etc/xen\| \./etc/systemd\| \./var/log/zazen\|^> ./var/log/zazen\| \./var/lib/systemd/deb-systemd-helper' > "$dir/wrong"
judge dpkg-r-leaves-settings-and-logs-only "$dir/wrong"
if inside dpkg -P zazen > "$dir/out" 2>&1; then pass dpkg-P; else fail dpkg-P "$(tail -n 3 "$dir/out")"; fi
listing | diff "$dir/before" - > "$dir/wrong"
judge dpkg-P-leaves-nothing "$dir/wrong"

# ---- make install ----
mkdir "$root/src" && mount --bind "$top" "$root/src" && mkdir -p "$root$BUILD" && mount --bind "$BUILD" "$root$BUILD"
by_make() { inside sh -c 'cd /src && tools/install/install.sh "$1" "$2" "$3" ""' sh "$1" "$BUILD" "$version"; }
inside dpkg -i /tmp/zazen.deb > "$dir/out" 2>&1
if by_make install > "$dir/out" 2>&1 || ! grep -q 'belongs to the package zazen. Remove' "$dir/out"; then fail refuses-package "$(tail -n 3 "$dir/out")"; else pass refuses-package; fi
if by_make uninstall > "$dir/out" 2>&1 || [ ! -x "$root/usr/sbin/xl" ]; then fail uninstall-refuses-package "$(tail -n 3 "$dir/out")"; else pass uninstall-refuses-package; fi
inside dpkg -P zazen > "$dir/out" 2>&1
if by_make install > "$dir/out" 2>&1; then pass make-install; else fail make-install "$(tail -n 3 "$dir/out")"; fi
grep -q "multiboot2.*/boot/xen-zazen-$version.gz" "$menu" || echo "the menu has no entry" > "$dir/wrong"
for unit in zazen-xenstored zazen-guests; do [ "$(inside systemctl is-enabled $unit)" = enabled ] || echo "$unit is not enabled"; done >> "$dir/wrong" 2>&1
judge make-install-menu-and-units "$dir/wrong"
if by_make uninstall > "$dir/out" 2>&1; then pass make-uninstall; else fail make-uninstall "$(tail -n 3 "$dir/out")"; fi
umount "$root/src" "$root$BUILD" && rmdir "$root/src" && (cd "$root" && rmdir -p ".$BUILD" 2> /dev/null)
listing | diff "$dir/before" - > "$dir/wrong"
judge make-uninstall-leaves-nothing "$dir/wrong"
finish
