# SPDX-License-Identifier: GPL-2.0-or-later
# What the cases that use Xen's tools share; sourced. The tools are started once a boot.
. /cases/lib.sh

store_answers() { xenstore-read domid; }

start_tools()
{
	[ ! -f /run/tools ] || return 0
	modprobe -a xen_evtchn xen_gntdev xen_gntalloc xen_privcmd xenfs
	mount -t xenfs xenfs /proc/xen
	mkdir -p /run/xenstored /run/xen /run/lock
	# store=own: our own daemon under the same name.
	[ "${store:-}" != own ] || PATH=/usr/lib/zazen/bin:$PATH
	check tools-xenstored xenstored --pid-file /run/xenstored.pid || return 1
	# By its socket only: one that is asked before that is there would go to the kernel's own connection, and wait there for ever.
	wait_for 120 xenstore-exists -s / || { fail tools-xenstored-answers "it does not"; return 1; }
	check tools-init-dom0 xen-init-dom0 || return 1
	check tools-xenconsoled xenconsoled --log=guest --log-dir=/var/log/xen/console --pid-file=/run/xenconsoled.pid || return 1
	touch /run/tools
	mark "TOOLS"
}

# config NAME VCPUS KERNEL LINES...: the configuration of a PVH guest in /guest/NAME.cfg
config()
{
	guest=$1
	{
		printf 'name="%s"\ntype="pvh"\nvcpus=%s\nmemory=256\ntsc_mode="native"\n' "$1" "$2"
		printf 'on_crash="destroy"\non_reboot="destroy"\nkernel="/guest/%s"\n' "$3"
		shift 3
		for line; do echo "$line"; done
	} > "/guest/$guest.cfg"
}

# linux_config NAME VCPUS KERNEL LINES...: the same, of Debian's kernel with the guest's initramfs
linux_config()
{
	n=$1 v=$2 k=$3
	shift 3
	config "$n" "$v" "$k" 'ramdisk="/guest/guest.cpio.gz"' 'cmdline="console=hvc0 panic=1 mitigations=off nokaslr pci=noearly"' "$@"
}

guest_log() { cat "/var/log/xen/console/guest-$1.log"; }
guest_says() { guest_log "$1" | tr -d '\r' | grep -Eq -- "$2"; } # NAME PATTERN
gone() { ! xl domid "$1"; }

# tell NAME COMMAND: types it on the guest's console
tell()
{
	printf '%s\n' "$2" > "$(xenstore-read "/local/domain/$(xl domid "$1")/console/tty")"
}

# A figure of xl info.
info() { xl info | sed -n "s/^$1 *: //p"; }

# ---- what the hypervisor holds for domains: the same before and after ----
nr_ports() { lsevtchn 0 | wc -l; }
domains() { xl list | awk 'NR > 1 { print $1 }' | tr '\n' ' '; }
# Grants that somebody maps, of all domains: the debug key lists one a line, in each hypervisor's own words. The key h comes after it.
keys_done() { xl dmesg | grep -Eq "'h'|debug keys:"; }
nr_grants()
{
	xl dmesg -c > /dev/null
	xl debug-keys gh
	wait_for 60 keys_done || return
	xl dmesg | grep -Ec '^\(XEN\) *(\[[^]]*\] *)?(ref [0-9]+: gfn|\[0x[0-9a-f]+\])'
}
held() { echo "$(info free_memory) MiB free; domains: $(domains); $(nr_ports) event channels; $(nr_grants) grants"; }

# left_as NAME HELD: in the end it is so again
is_held() { found=$(held) && [ "$found" = "$1" ]; }
left_as()
{
	wait_for 60 is_held "$2"
	equal "$1" "$(held)" "$2"
}
