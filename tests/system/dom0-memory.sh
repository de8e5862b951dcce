#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# dom0-memory.sh [NAME...]: what Debian's own Xen tools do with memory: guests that get theirs on demand, dom0's balloon, dumps, saved and restored guests. Prints
# "PASS name", "FAIL name: text", and at the end "END passed failed". The environment is that of dom0/host.sh.
here=$(cd "$(dirname "$0")" && pwd)
wanted_names=$*
. "$here/dom0/host.sh"

name=memory
defaults
machine="-machine q35 -smp 2 -m 2048"
initrd=dom0.cpio seconds=600
arguments="tests=memory cpus=2"
run_case
finish
