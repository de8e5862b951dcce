#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# dom0-memory.sh [NAME...]: what Debian's own Xen tools do with memory: guests that get theirs on demand, dom0's balloon, saved and restored guests; and `move` and `dump`, which take
# minutes and so run only when they are named. Prints "PASS name", "FAIL name: text", and at the end "END passed failed". The environment is that of dom0/host.sh.
here=$(cd "$(dirname "$0")" && pwd)
wanted_names=${*:-memory}
. "$here/dom0/host.sh"

for name in memory move dump; do
	defaults
	machine="-machine q35 -smp 3 -m 2048"
	initrd=dom0.cpio seconds=2000
	arguments="tests=$name cpus=2"
	run_case
done
finish
