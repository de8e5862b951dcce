#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# hvm-attack.sh: device models that are up to no good (attack/attack.c), one in each of many guests without a control domain, beside a healthy guest with Debian. Each must end its own
# guest, with a dump in words, and nothing else: the neighbour comes to its end, and the hypervisor has all memory back. Prints "PASS name", "FAIL name: text", and at the end
# "END passed failed".
# Environment: see hvm/machine.sh; ATTACK=build/attack
set -u
here=$(cd "$(dirname "$0")" && pwd)
wanted_names=$*
. "$here/hvm/machine.sh"
ATTACK=${ATTACK:-build/attack}

# In the order of attack.c's table: NAME | what the dump says
attacks()
{
	cat <<-END
	read-direct-map     | an exception .vector 14, .* address 0xffff800000200000
	read-hypervisor     | an exception .vector 14, .* address 0xffffffff80200000
	read-nothing        | an exception .vector 14, .* address 0\)
	read-strange        | an exception .vector 13,
	write-direct-map    | an exception .vector 14, error code 0x[67], address 0xffff800000200000
	write-hypervisor    | an exception .vector 14, error code 0x[67], address 0xffffffff80200000
	write-own-code      | an exception .vector 14, error code 0x7, address 0x400000
	write-past-vram     | an exception .vector 14, error code 0x6,
	jump-to-data        | an exception .vector 14, error code 0x15,
	jump-to-shared      | an exception .vector 14, error code 0x1[45], address 0x30000000
	jump-to-hypervisor  | an exception .vector 14, error code 0x1[45], address 0xffffffff80200000
	jump-to-guest-ram   | an exception .vector 14, error code 0x1[45], address 0x200000001000
	loop                | its time is over
	loop-uninterrupted  | its time is over
	loop-of-calls       | its time is over
	loop-of-text        | its time is over
	stack-overflow      | an exception .vector 14, error code 0x6, address 0x1ffe
	all-memory          | an exception .vector 14, .* address 0x20[0-9a-f]*
	hlt                 | an exception .vector 13,
	cli                 | an exception .vector 13,
	out                 | an exception .vector 13,
	wrmsr               | an exception .vector 13,
	cr3                 | an exception .vector 13,
	lgdt                | an exception .vector 13,
	int2                | an exception .vector 13,
	int80               | an exception .vector 13,
	int3                | an exception .vector 13,
	syscall             | an exception .vector 6,
	sysenter            | an exception .vector (6|13),
	vmrun               | an exception .vector (6|13),
	vmmcall             | an exception .vector 6,
	fpu                 | an exception .vector 7,
	single-step         | an exception .vector 1,
	far-return          | an exception .vector 13,
	segments-and-stack  | an exception .vector 6,
	wild-calls          | an exception .vector 6,
	END
}

attackers() # the descriptions of those in $dir/some, which is "NUMBER NAME | PATTERN" lines; d1 is the neighbour
{
	while read -r number line; do
		printf "name='%s'\nmemory=16\nvideoram=1\ndevice_model_override='attack'\nvif=['mac=00:16:3e:00:00:%02x']\n" "${line%% *}" "$number" > "$dir/attack-$number.cfg"
		printf ',%s' "$dir/attack-$number.cfg"
	done < "$dir/some"
}

# The guest is gone, and its dump says why.
judge() # NAME GUEST PATTERN
{
	if ! wait_console "^\(XEN\) d$2: gone"; then
		fail "$1" "its guest d$2 did not end"
	elif ! console | grep -Eq -- "^\(XEN\) d$2: the device model is ended: $3"; then
		fail "$1" "the dump does not say: $3"
	elif ! console | grep -Eq -- "^\(XEN\) d$2: it was entered for: "; then
		fail "$1" "the dump does not say what it was entered for"
	else
		pass "$1"
	fi
}

run_attacks()
{
	cp "$ATTACK" "$dir/attack"
	make_boot "tests=hvm cpus=2 mac=00:16:3e:12:34:56"
	printf "name='neighbour'\nmemory=256\nvcpus=2\nboot='c'\ndisk=['%s.iso,hda,w']\nvif=['mac=00:16:3e:12:34:56']\nserial='pty'\n" "$name" > "$dir/neighbour.cfg"
	before=$failed
	start_machine "$dir/neighbour.cfg$(attackers),$dir/attack,$dir/$name.iso"
	guest=2
	while read -r number line; do
		judge "${line%% *}" $guest "$(echo "$line" | sed 's/^[^|]*| //')"
		guest=$((guest + 1))
	done < "$dir/some"
	must_come wait_console neighbour '^\(XEN\) d1: gone'
	stop_machine
	if console | grep -Eq '^\(XEN\) d1: shutdown: poweroff'; then pass neighbour-end; else fail neighbour-end "it did not switch itself off"; fi
	take_results 1
	if console | grep -Eq '^\(XEN\) .*([Pp]anic|BUG|[Aa]ssert|[^-a-z](bug|stack):)'; then fail hypervisor "it complained"; else pass hypervisor; fi
	[ "$failed" = "$before" ] || failure_report
}

attacks | awk '{ print NR - 1, $0 }' > "$dir/numbered"
for name in first second; do
	case $name in
	first)  sed -n 1,18p "$dir/numbered" > "$dir/some" ;;
	second) sed -n 19,36p "$dir/numbered" > "$dir/some" ;;
	esac
	wanted "$name" && run_attacks
done

echo "END $passed $failed"
[ $failed = 0 ] && [ $passed -gt 0 ]
