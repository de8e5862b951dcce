#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# bochs.sh [NAME...]: micro-VMs and refusals on CPU models of bochs. Prints "PASS name" or
# "FAIL name: text" for each case, and at the end "END passed failed". Fails when one failed. The environment is that of ../bochs/machine.sh.
#
# A second opinion on what QEMU has not: next RIP with an exit, flush by ASID, 64 ASIDs without it, XSAVE, SMAP, a TSC of 50 MHz.
# What bochs 2.7 does wrong under SVM, so that no case asks for it:
#   an intercepted #DB does not write DR6; TF of the guest ends in the host when the stepped instruction exits (watch_point,
#   single_step); CR2 is not loaded by VMRUN (string_in_faults); a guest entered with IF clear is not ended by interrupts (loops).
# It flushes the whole TLB at each entry and exit: a flush that is missing does not show here either.
set -u
. "$(dirname "$0")/../bochs/machine.sh"

ENDS='^END [1-9][0-9]* 0$'
cases()
{
	cat <<-END
	start         | ryzen  | 1 | grub:start-hvm64   | guest-argument=7 | $ENDS & with NRIP, flush by ASID & started by GRUB 2 & TSC: 50.000 MHz
	smp-2         | ryzen  | 2 | smp-hvm64          | | $ENDS & 2 CPUs
	smp-pae       | ryzen  | 1 | smp-hvm32pae       | | $ENDS
	cpuid         | ryzen  | 1 | cpuid-hvm64        | | $ENDS
	msr           | ryzen  | 1 | msr-hvm64          | | $ENDS
	control-regs  | ryzen  | 1 | control_regs-hvm64 | skip=watch_point | $ENDS
	exceptions    | ryzen  | 1 | exceptions-hvm64   | skip=single_step | $ENDS
	port-io       | ryzen  | 1 | port_io-hvm64      | skip=string_in_faults | $ENDS
	fpu           | ryzen  | 1 | fpu-hvm64          | | $ENDS
	lapic         | ryzen  | 1 | lapic-hvm64        | | $ENDS
	x2apic        | ryzen  | 1 | x2apic-hvm64       | skip=priorities,task_priority,in_service | $ENDS
	dirty-log     | ryzen  | 2 | dirty_log-hvm64    | | $ENDS
	task-switch   | ryzen  | 1 | task_switch-hvm32pae | | $ENDS
	clock         | ryzen  | 1 | clock-hvm64        | | $ENDS
	upcalls       | ryzen  | 1 | event_upcall-hvm64 | | $ENDS
	mmio          | ryzen  | 2 | mmio-hvm64         | | $ENDS
	memory        | ryzen  | 2 | memory_op-hvm64    | | $ENDS
	grants-pae    | ryzen  | 2 | grant_table-hvm32pae | | $ENDS
	storm         | ryzen  | 2 | storm-hvm64        | calls=50000 seed=3 | $ENDS
	old-memory    | phenom_8650_toliman | 1 | memory_op-hvm64 | | $ENDS & 64 ASIDs & without NRIP, decode assists, flush by ASID
	old-smp       | phenom_8650_toliman | 2 | smp-hvm64       | | $ENDS
	old-port-io   | phenom_8650_toliman | 1 | port_io-hvm32   | skip=string_in_faults | $ENDS
	few-asids     | zambezi             | 2 | storm-hvm32pae  | calls=50000 seed=4 | $ENDS & 64 ASIDs; with NRIP, flush by ASID
	no-npt        | turion64_tyler      | 1 | start-hvm64     | | no guest can run: this CPU has AMD-V without nested paging & no domain runs
	no-svm        | athlon64_venice     | 1 | start-hvm64     | | no guest can run: this CPU has neither AMD-V nor VT-x & no domain runs
	END
}

bochs_main "$@"
