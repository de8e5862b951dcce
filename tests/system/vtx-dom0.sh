#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# vtx-dom0.sh [NAME...]: Debian's kernel as dom0 on VT-x, on a CPU model of bochs. Prints "PASS name" or
# "FAIL name: text" for each case, and at the end "END passed failed". Fails when one failed. The environment is that of ../bochs/machine.sh.
set -u
. "$(dirname "$0")/../bochs/machine.sh"

ENDS='^END [1-9][0-9]* 0$'
cases()
{
	cat <<-END
	dom0-haswell | corei7_haswell_4770 | 1 | base.cpio | tests=boot cpus=1 memory=500-700 | $ENDS & PASS wall-clock | 2000 | check_entries
	END
}

bochs_main "$@"
