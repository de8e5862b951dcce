#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# vtx-pvh.sh [NAME...]: a PVH guest that Debian's tools start and shut down in Debian's dom0 on VT-x, on a CPU model of bochs. Prints "PASS name" or
# "FAIL name: text" for each case, and at the end "END passed failed". Fails when one failed. The environment is that of ../bochs/machine.sh.
#
# Not on a model with AVX-512: there bochs 2.7 loses vector registers of programs by itself (xen/virt/README.md).
set -u
. "$(dirname "$0")/../bochs/machine.sh"

cases()
{
	cat <<-END
	pvh-guest | corei7_haswell_4770 | 1 | dom0.cpio | tests=guest cpus=1 | ^END [1-9][0-9]* 0$ & PASS guest-up & PASS shutdown | 800 |
	END
}

bochs_main "$@"
