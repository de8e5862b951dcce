#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# dom0-store.sh: our own xenstored in dom0, in place of Debian's, under Debian's tools; and killed while a guest works with it. Prints
# "PASS name", "FAIL name: text", and at the end "END passed failed". The environment is that of dom0/host.sh.
here=$(cd "$(dirname "$0")" && pwd)
wanted_names=$*
. "$here/dom0/host.sh"

name=store
defaults
initrd=dom0.cpio seconds=2000
arguments="tests=store"
run_case
finish
