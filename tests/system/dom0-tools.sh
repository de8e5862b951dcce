#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# dom0-tools.sh [NAME...]: Debian's own Xen tools in dom0, the guests that they start, and our programs on Xen's libraries. Prints
# "PASS name", "FAIL name: text", and at the end "END passed failed". The environment is that of dom0/host.sh; CYCLES=100: how often a guest is created and destroyed.
here=$(cd "$(dirname "$0")" && pwd)
wanted_names=$*
. "$here/dom0/host.sh"

# NAME | cases in dom0 | vcpus of dom0 | more arguments | seconds
cases()
{
	cat <<-END
	xl       | xl               | 2 |                       | 2000
	programs | programs,hvmlink | 2 |                       | 2000
	cycles   | cycles,sched     | 2 | cycles=${CYCLES:-100} | 2000
	END
}
cases | sed 's/ *| */|/g' > "$dir/cases"

while IFS='|' read -r name tests cpus more limit; do
	defaults
	machine="-machine q35 -smp $((cpus + 1)) -m 2048"
	initrd=dom0.cpio seconds=$limit
	arguments="tests=$tests cpus=$cpus $more"
	run_case
done < "$dir/cases"
finish
