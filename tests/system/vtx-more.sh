#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# vtx-more.sh [NAME...]: the rest of the micro-VMs on VT-x (other widths, vector registers) and an HVM guest that starts from its disk, on CPU models of bochs. Prints "PASS name" or
# "FAIL name: text" for each case, and at the end "END passed failed". Fails when one failed. The environment is that of ../bochs/machine.sh.
#
# Left out: loops and the watchdog of ending, as vtx.sh says; storm without paging, x2apic and xstate but in 64 bits, which are not built. On models with AVX-512 "instructions" of xstate:
# bochs 2.7's XSAVEC and XSAVES do not agree with XRSTOR and XRSTORS there (xen/virt/README.md).
set -u
. "$(dirname "$0")/../bochs/machine.sh"

ENDS='^END [1-9][0-9]* 0$'
C=check_entries
cases()
{
	cat <<-END
	clock-32       | corei7_haswell_4770 | 1 | clock-hvm32        |  | $ENDS | | $C
	clock-pae      | corei7_haswell_4770 | 1 | clock-hvm32pae     |  | $ENDS | | $C
	cpuid-32       | corei7_haswell_4770 | 1 | cpuid-hvm32        |  | $ENDS | | $C
	cpuid-pae      | corei7_haswell_4770 | 1 | cpuid-hvm32pae     |  | $ENDS | | $C
	channels-32    | corei7_haswell_4770 | 2 | event_channel-hvm32 |  | $ENDS | | $C
	channels-pae   | corei7_haswell_4770 | 2 | event_channel-hvm32pae |  | $ENDS | | $C
	fifo-32        | corei7_haswell_4770 | 2 | event_fifo-hvm32   |  | $ENDS | | $C
	fifo-pae       | corei7_haswell_4770 | 2 | event_fifo-hvm32pae |  | $ENDS | | $C
	upcalls-32     | corei7_haswell_4770 | 1 | event_upcall-hvm32 |  | $ENDS | | $C
	upcalls-pae    | corei7_haswell_4770 | 1 | event_upcall-hvm32pae |  | $ENDS | | $C
	fpu-32         | corei7_haswell_4770 | 1 | fpu-hvm32          |  | $ENDS | | $C
	grants-32      | corei7_haswell_4770 | 2 | grant_table-hvm32  |  | $ENDS | | $C
	hvm-op-32      | corei7_haswell_4770 | 1 | hvm_op-hvm32       |  | $ENDS | | $C
	hvm-op-pae     | corei7_haswell_4770 | 1 | hvm_op-hvm32pae    |  | $ENDS | | $C
	hypercall-pae  | corei7_haswell_4770 | 1 | hypercall-hvm32pae |  | $ENDS | | $C
	lapic-32       | corei7_haswell_4770 | 1 | lapic-hvm32        |  | $ENDS | | $C
	memory-pae     | corei7_haswell_4770 | 2 | memory_op-hvm32pae |  | $ENDS | | $C
	mmio-32        | corei7_haswell_4770 | 1 | mmio-hvm32         |  | $ENDS | | $C
	msr-32         | corei7_haswell_4770 | 1 | msr-hvm32          |  | $ENDS | | $C
	msr-pae        | corei7_haswell_4770 | 1 | msr-hvm32pae       |  | $ENDS | | $C
	multicall-32   | corei7_haswell_4770 | 1 | multicall-hvm32    |  | $ENDS | | $C
	multicall-pae  | corei7_haswell_4770 | 1 | multicall-hvm32pae |  | $ENDS | | $C
	sched-op-32    | corei7_haswell_4770 | 2 | sched_op-hvm32     |  | $ENDS | | $C
	sched-op-pae   | corei7_haswell_4770 | 2 | sched_op-hvm32pae  |  | $ENDS | | $C
	small-ops-32   | corei7_haswell_4770 | 1 | small_ops-hvm32    |  | $ENDS | | $C
	small-ops-pae  | corei7_haswell_4770 | 1 | small_ops-hvm32pae |  | $ENDS | | $C
	start-pae      | corei7_haswell_4770 | 1 | start-hvm32pae     | guest-argument=7 | $ENDS | | $C
	vcpu-op-32     | corei7_haswell_4770 | 2 | vcpu_op-hvm32      |  | $ENDS | | $C
	version-32     | corei7_haswell_4770 | 1 | version-hvm32      |  | $ENDS | | $C dom0=pvh
	version-pae    | corei7_haswell_4770 | 1 | version-hvm32pae   |  | $ENDS | | $C dom0=pvh
	xstate         | corei7_haswell_4770 | 2 | xstate-hvm64       | | $ENDS | 600 | $C
	skylake-xstate | corei7_skylake_x    | 2 | xstate-hvm64       | skip=instructions | $ENDS | 600 | $C
	hvm-disk       | corei7_haswell_4770 | 1 | disk.cfg           | | SECTOR ONE READ & WRITTEN | 600 | $C
	pc             | corei7_haswell_4770 | 1 | pc.cfg             |  | END [1-9][0-9]* 0$ | 300 | $C
	END
}

bochs_main "$@"
