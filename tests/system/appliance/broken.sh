#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs in the control domain of `make run`, beside the guest of ../run-broken.sh: what cannot work.
mkdir -p /tmp/tree && cd /tmp/tree && zcat /ramdisk | cpio -id 2> /dev/null
ln -s /tmp/tree/b /b
cd /b || exit
mkdir dir
: > empty.img
for image in ok held looped; do truncate -s 1M $image.img; done
head -c 4096 /dev/zero > zeros
for module in loop cdrom isofs; do insmod $module.ko; done

# Two guests that have something already: the one that the machine came with, and this one.
cat > holder.cfg <<'END'
name = "holder"
type = "hvm"
memory = 32
vnc = 1
serial = "tcp:127.0.0.1:4000,server,nowait"
disk = [ '/b/held.img,raw,hda,w' ]
END
check holder xl create -q -p holder.cfg

# What each case must leave as it was.
free_kib() { xl info | sed -n 's/^free_memory *: //p'; }
all_there() # one line
{
	xenstore-ls -f / 2> /dev/null | sed '/^.tool./d; s/ = .*//' | sort > /tmp/nodes
	echo "guests=$(xl list | awk 'NR > 1 { print $1 "-" $2 }' | tr '\n' ' ')nodes=$(wc -l < /tmp/nodes) processes=$(pidof xenstored zazen-keeper zazen-guardian zazen-backend | wc -w) \
files=$(ls -R /run/zazen | wc -l) terminals=$(ls /dev/pts | wc -l) interfaces=$(ls /sys/class/net | tr '\n' ' ')memory=$(free_kib)"
}
# A process that ended just now may still be there for a moment.
is_as_before() { all_there > /tmp/now; cmp -s /tmp/now /tmp/before; }
nothing_left()
{
	wait_for 3 is_as_before || fail "$1" "something is left: $(cat /tmp/now), before: $(cat /tmp/before) $(diff /tmp/nodes.before /tmp/nodes | grep '^[-+]/' | tr '\n' ' ')"
}

# The lines that every description has, but those whose key the case has itself. (There are many cases, and processes are slow here: the shell does what it can.)
NL='
'
BASE='name = "b"
type = "hvm"
memory = 32
vnc = 0'
description() # LINES: the case's own lines, divided by ;;, come last; $nr_lines
{
	lines="$1;;" nr_lines=0 all=
	while [ -n "$lines" ]; do
		all="$all${lines%%;;*}$NL" lines=${lines#*;;} nr_lines=$((nr_lines + 1))
	done
	while read -r key rest; do
		case "$NL$all" in
		*"$NL$key = "*) ;;
		*) echo "$key $rest"; nr_lines=$((nr_lines + 1)) ;;
		esac
	done <<-END
	$BASE
	END
	echo "${all%"$NL"}"
}

broken() # NAME WHERE PATTERN BEFORE AFTER LINES: WHERE: line: file and line (the last one of the description) come first; name: only the guest or its part is named
{
	description "$6" > "/b/$1.cfg"
	eval "$4"
	xl create -q "/b/$1.cfg" > /tmp/said 2>&1
	status=$?
	eval "$5"
	nr=0 error=
	while read -r text; do
		case $text in notice:*) ;; *) nr=$((nr + 1)) error=$text ;; esac
	done < /tmp/said
	line="/b/$1.cfg:$nr_lines: "
	case "$2$error" in name* | line*"$line"*) is_placed=1 ;; *) is_placed=0 ;; esac
	if [ $status != 1 ]; then
		fail "$1" "exit status $status: $(head -c 300 /tmp/said | tr '\n' '|')"
		xl destroy b 2> /dev/null
	elif [ $nr != 1 ]; then
		fail "$1" "not one message: $(head -c 600 /tmp/said | tr '\n' '|')"
	elif ! grep -q -- "$3" /tmp/said; then
		fail "$1" "it says: $error"
	elif [ $is_placed = 0 ]; then
		fail "$1" "no $line in: $error"
	else
		# What is found in the description, or beside it, leaves nothing because nothing has begun: they are looked at together, at the end.
		[ "$2" = line ] && [ -z "$4" ] || nothing_left "$1"
		pass "$1"
	fi
}

hide() { mv "$1" "$1.hidden"; }
show() { mv "$1.hidden" "$1"; }
# Nobody starts it again meanwhile.
store_stop() { cp /usr/sbin/xenstored /tmp/xenstored.kept && rm /usr/sbin/xenstored && kill -9 "$(pidof xenstored)"; }
# By its socket alone: xenstore-list would else ask the kernel while nobody listens, which waits for an answer.
store_answers() { XENSTORED_PATH=/run/xenstored/socket xenstore-list /; }
store_start() { cp /tmp/xenstored.kept /usr/sbin/xenstored; wait_for 60 store_answers; }
small() { mount -t tmpfs -o size=4k,nr_inodes=1 tmpfs "$1"; } # has no room for one more file

wait_for 60 [ -e /run/zazen ]
all_there > /tmp/before
mv /tmp/nodes /tmp/nodes.before
echo "before: $(cat /tmp/before)"
lib=$(dirname "$(find /usr/lib -name hvmloader | head -n 1)")
many=$(for a in a b; do for b in a b c d e f g h i j k l m n o p q r s t u v w x y z; do printf "'/b/ok.img,raw,xvd%s%s,r'," $a $b; done; done)

# NAME @ WHERE @ PATTERN @ BEFORE @ AFTER @ LINES, divided by ;;
cat > /tmp/table <<END
disk-missing@line@none.img": No such file or directory; correct the path@@@disk = ['/b/none.img,raw,hda,w']
disk-folder@line@this is a folder; name the image in it@@@disk = ['/b/dir,raw,hda,w']
disk-empty@line@it is empty: .*make it with truncate@@@disk = ['/b/empty.img,raw,hda,w']
disk-terminal@line@neither a file nor a block device; name one@@@disk = ['/dev/null,raw,hda,w']
disk-unreadable@line@cannot be read; look at its rights@@@disk = ['/sys/bus/pci/rescan,raw,hda,r']
disk-format-unsaid@line@the file is a qcow2 image; say format=qcow2@@@disk = ['/b/good.qcow2,,hda,w']
disk-format-wrong@line@the file is raw; say format=raw@@@disk = ['/b/zeros,qcow2,hda,w']
disk-format-other@line@the file is vmdk; say format=vmdk@@@disk = ['/b/good.vmdk,qcow2,hda,w']
disk-qcow2-cut@line@is cut off.*copy it again@@@disk = ['/b/cut.qcow2,qcow2,hda,w']
disk-qcow2-damaged@line@is damaged; try qemu-img check\|is cut off.*copy it again@@@disk = ['/b/damaged.qcow2,qcow2,hda,w']
disk-vhd-cut@line@is cut off.*copy it again@@@disk = ['/b/cut.vpc,vhd,hda,w']
disk-vdi@line@not served; convert it@@@disk = ['/b/good.vdi,qcow2,hda,w']
disk-vhdx@line@not served; convert it@@@disk = ['/b/good.vhdx,vhd,hda,w']
disk-packed@line@is compressed; unpack it first@@@disk = ['/b/packed.img,qcow2,hda,w']
disk-of-another-guest@line@another guest or program has locked it; end that use, or say w!@@@disk = ['/b/held.img,raw,hda,w']
disk-device-of-another-guest@line@it is mounted, or part of another device; end that use@@@disk = ['/media/0,raw,hda,w']
disk-mounted@line@it is mounted, or part of another device; end that use@mount -t iso9660 -o ro /media/1 /mnt@umount /mnt@disk = ['/media/1,raw,hda,w']
disk-behind-loop@name@looped.img.*loop@losetup /dev/loop0 /b/looped.img@losetup -d /dev/loop0@disk = ['/b/looped.img,raw,hda,w']
disk-loop-used@line@it is mounted, or part of another device; end that use@losetup -r /dev/loop0 /media/1 && mount -t iso9660 -o ro /dev/loop0 /mnt@umount /mnt; losetup -d /dev/loop0@disk = ['/dev/loop0,raw,hda,w']
disk-swap@line@; end that use@losetup /dev/loop1 /b/ok.img; mkswap /dev/loop1 > /dev/null; swapon /dev/loop1@swapoff /dev/loop1; losetup -d /dev/loop1@disk = ['/dev/loop1,raw,hda,w']
disk-twice@line@two drives that write to one image destroy it@@@disk = ['/b/ok.img,raw,hda,w', '/b/ok.img,raw,hdb,w']
disk-same-device@line@hda is that of the disk of line@@@disk = ['/b/ok.img,raw,hda,w', '/b/zeros,raw,hda,w']
disk-too-many@line@disk@@@disk = [$many]
disk-word@line@sideways@@@disk = ['/b/ok.img,raw,hda,sideways']
disk-script@line@are not served; attach it first@@@disk = ['script=block-nbd,vdev=hda,target=x']
cd-missing@line@CD "/b/none.iso": No such file or directory; correct the path@@@disk = ['/b/none.iso,raw,hdc:cdrom,r']
bridge-missing@line@no bridge "xenbr7"; make it@@@vif = ['bridge=xenbr7']
mac-bad@line@is not of the form 00:16:3e:12:34:56@@@vif = ['mac=00:16:3e:12:34,bridge=xenbr0']
mac-group@line@vif@@@vif = ['mac=01:16:3e:12:34:56,bridge=xenbr0']
mac-twice@line@give each its own@@@vif = ['mac=00:16:3e:12:34:56,bridge=xenbr0', 'mac=00:16:3e:12:34:56,bridge=xenbr0']
vif-word@line@colour@@@vif = ['colour=red']
vif-script-missing@name@/b/none.sh cannot be started: correct its path@@@vif = ['type=ioemu,bridge=xenbr0,script=/b/none.sh']
tun-missing@name@/dev/net/tun@hide /dev/net/tun@show /dev/net/tun@vif = ['type=ioemu,bridge=xenbr0']
memory-short@line@lower memory=, or end or shrink another guest@@@memory = 100000
memory-text@line@memory@@@memory = "lots"
memory-none@line@memory@@@memory = 0
name-taken@line@has this name already; end it with xl destroy holder@@@name = "holder"
name-slash@line@name@@@name = "a/b"
uuid-taken@line@a copied description needs a new one@@@uuid = "11111111-2222-3333-4444-555555555555"
uuid-short@line@uuid@@@uuid = "1111"
type-unknown@line@type@@@type = "vm"
vcpus-none@line@vcpus@@@vcpus = 0
cpus-not-there@line@there is no CPU 77.*correct the list@@@cpus = "77"
cpuid-unknown@line@cpuid@@@cpuid = "host,frob=0"
screen-port-taken@line@port 5900 of .* is taken; choose another vncdisplay=@@@vnc = 1;;vncunused = 0;;vncdisplay = 0
screen-password@line@8 characters.*make it shorter@@@vnc = 1;;vncpasswd = "correcthorse"
screen-display@line@vncdisplay@@@vnc = 1;;vncdisplay = 100000
serial-folder-missing@line@the folder "/b/none": No such file or directory; correct the path@@@serial = "unix:/b/none/socket,server"
serial-socket-refused@name@/proc/socket cannot be listened on@@@serial = "unix:/proc/socket,server"
serial-file-refused@name@/proc/log: .*name another one@@@serial = "file:/proc/log"
serial-port-taken@line@port 4000 of .* is taken; choose another one@@@serial = "tcp:127.0.0.1:4000,server,nowait"
serial-nobody@name@nobody answers at .*Start what shall listen there@@@serial = "tcp:127.0.0.1:4001"
serial-unknown@line@serial@@@serial = "pigeon"
terminal-missing@name@no pseudo-terminal can be had.*Is /dev/pts mounted@hide /dev/ptmx@show /dev/ptmx@serial = "pty"
kernel-missing@line@"/b/none": No such file or directory; correct the path@@@type = "pvh";;kernel = "/b/none"
kernel-absent@name@kernel@@@type = "pvh"
kernel-folder@line@this is a folder; name the file in it@@@type = "pvh";;kernel = "/b/dir"
kernel-empty@line@the file is empty; put a whole one there@@@type = "pvh";;kernel = "/b/empty.img"
kernel-none@name@neither an ELF file.*Name a kernel@@@type = "pvh";;kernel = "/b/zeros"
kernel-cut@name@kernel.*cut@@@type = "pvh";;kernel = "/b/cut-kernel"
kernel-too-large@name@give it more (memory=)@@@type = "pvh";;memory = 20;;kernel = "/kernel"
ramdisk-missing@line@"/b/none": No such file or directory; correct the path@@@type = "pvh";;kernel = "/kernel";;ramdisk = "/b/none"
ramdisk-too-large@name@do not fit into its memory.*give it more@truncate -s 70M /b/large@rm /b/large@type = "pvh";;kernel = "/kernel";;memory = 96;;ramdisk = "/b/large"
device-model-missing@line@"/b/none": No such file or directory; correct the path@@@device_model_override = "/b/none"
hvmloader-missing@name@hvmloader.*[Ii]nstall Zazen's tools again\|hvmloader.*Correct its path@hide $lib/hvmloader@show $lib/hvmloader@
hvmloader-empty@name@hvmloader@hide $lib/hvmloader; : > $lib/hvmloader@show $lib/hvmloader@
devmodel-missing@name@devmodel.*Correct its path\|devmodel.*nstall@hide $lib/devmodel@show $lib/devmodel@
devmodel-broken@name@its device model .* is refused@hide $lib/devmodel; cp /b/zeros $lib/devmodel@show $lib/devmodel@
backend-missing@name@zazen-backend, is not there: install Zazen's tools again@hide $lib/zazen-backend@show $lib/zazen-backend@
store-missing@name@the store does not answer.*Start xenstored@store_stop@store_start@
hypervisor-missing@name@start it by the hypervisor's entry in the boot menu@hide /dev/xen/privcmd; mount -t tmpfs none /proc/xen@umount /proc/xen; show /dev/xen/privcmd@
run-full@name@cannot listen at .*No space left on device@small /run/zazen@umount /run/zazen@
log-full@name@No space left on device@small /var/log/zazen@umount /var/log/zazen@
syntax-quote@line@no closing quote@@@extra = "abc
syntax-list@name@put one between them@@@disk = [ '/b/ok.img,raw,hda,w'
syntax-equals@line@=@@@extra "abc"
action-unknown@line@on_crash@@@on_crash = "explode"
boot-letter@line@boot@@@boot = "z"
END
number=0
while IFS=@ read -r name where pattern before after lines <&3; do
	number=$((number + 1))
	case ",$ONLY," in ,,) [ $((number % EVERY)) = 0 ] || continue ;; *",$name,"*) ;; *) continue ;; esac
	broken "$name" "$where" "$pattern" "$before" "$after" "$lines"
done 3< /tmp/table

# The file itself.
said() { xl create -q "$1" > /tmp/said 2>&1; [ $? = 1 ] && [ "$(wc -l < /tmp/said)" = 1 ] && grep -q "$2" /tmp/said; }
said /b/none.cfg 'none.cfg: No such file' && pass file-missing || fail file-missing "$(cat /tmp/said)"
said /b/dir 'dir' && pass file-folder || fail file-folder "$(cat /tmp/said)"
said /bin/busybox 'no text file' && pass file-program || fail file-program "$(cat /tmp/said)"
su -s /bin/sh nobody -c 'xl create -q /b/holder.cfg' > /tmp/said 2>&1
[ $? = 1 ] && grep -q 'run this as root' /tmp/said && pass no-rights || fail no-rights "$(cat /tmp/said)"
nothing_left all
[ $number -ge 70 ] && pass table || fail table "$number lines"

check destroy xl destroy holder
end
