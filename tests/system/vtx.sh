#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# vtx.sh [NAME...]: the micro-VMs on VT-x, and the refusals of CPUs that lack what is needed, on CPU models of bochs. Prints "PASS name" or
# "FAIL name: text" for each case, and at the end "END passed failed". Fails when one failed. The environment is that of ../bochs/machine.sh.
#
# All of them run with check_entries: a state that breaks a rule ends the domain with the rule's name, whatever the emulator thinks of it.
# What bochs 2.7 does wrong under VT-x, so that no case asks for it: an interrupt that waits when a guest with IF clear is entered does not end it (loops, the watchdog of ending);
# on models with AVX-512 its XSAVEC and XSAVES do not agree with XRSTOR and XRSTORS about the compacted format (instructions of xstate): see xen/virt/README.md.
set -u
. "$(dirname "$0")/../bochs/machine.sh"

ENDS='^END [1-9][0-9]* 0$'
C=check_entries
# The models: haswell has all that is used but XSAVES; skylake_x that, too; arrandale and sandy_bridge are the oldest with unrestricted guests.
cases()
{
	cat <<-END
	start          | corei7_haswell_4770 | 1 | grub:start-hvm64   | guest-argument=7 | $ENDS & vmx: VT-x, nested paging & with TPR shadow, I/O bitmaps, MSR bitmaps, VPID | | $C
	clock          | corei7_haswell_4770 | 2 | clock-hvm64        | | $ENDS | | $C
	control-regs   | corei7_haswell_4770 | 1 | control_regs-hvm64 | | $ENDS | | $C
	control-32     | corei7_haswell_4770 | 1 | control_regs-hvm32 | | $ENDS | | $C
	control-pae    | corei7_haswell_4770 | 1 | control_regs-hvm32pae | | $ENDS | | $C
	cpuid          | corei7_haswell_4770 | 1 | cpuid-hvm64        | | $ENDS | | $C
	channels       | corei7_haswell_4770 | 2 | event_channel-hvm64 | | $ENDS | | $C
	fifo           | corei7_haswell_4770 | 2 | event_fifo-hvm64   | | $ENDS | | $C
	upcalls        | corei7_haswell_4770 | 1 | event_upcall-hvm64 | | $ENDS | | $C
	exceptions     | corei7_haswell_4770 | 1 | exceptions-hvm64   | | $ENDS | | $C
	exceptions-32  | corei7_haswell_4770 | 1 | exceptions-hvm32   | | $ENDS | | $C
	exceptions-pae | corei7_haswell_4770 | 1 | exceptions-hvm32pae | | $ENDS | | $C
	fpu            | corei7_haswell_4770 | 1 | fpu-hvm64          | | $ENDS | | $C
	grants         | corei7_haswell_4770 | 2 | grant_table-hvm64  | | $ENDS | | $C
	grants-pae     | corei7_haswell_4770 | 2 | grant_table-hvm32pae | | $ENDS | | $C
	hvm-op         | corei7_haswell_4770 | 1 | hvm_op-hvm64       | | $ENDS | | $C
	hypercall      | corei7_haswell_4770 | 1 | hypercall-hvm64    | | $ENDS | | $C
	hypercall-32   | corei7_haswell_4770 | 1 | hypercall-hvm32    | | $ENDS | | $C
	lapic          | corei7_haswell_4770 | 1 | lapic-hvm64        | | $ENDS | | $C
	x2apic         | corei7_haswell_4770 | 2 | x2apic-hvm64       | | $ENDS & with .*virtual interrupt delivery, x2APIC, APIC registers | | $C
	memory         | corei7_haswell_4770 | 2 | memory_op-hvm64    | | $ENDS | | $C
	mmio           | corei7_haswell_4770 | 2 | mmio-hvm64         | | $ENDS | | $C
	mmio-pae       | corei7_haswell_4770 | 2 | mmio-hvm32pae      | | $ENDS | | $C
	msr            | corei7_haswell_4770 | 1 | msr-hvm64          | | $ENDS | | $C
	multicall      | corei7_haswell_4770 | 1 | multicall-hvm64    | | $ENDS | | $C
	port-io        | corei7_haswell_4770 | 1 | port_io-hvm64      | | $ENDS | | $C
	port-io-32     | corei7_haswell_4770 | 1 | port_io-hvm32      | | $ENDS | | $C
	sched-op       | corei7_haswell_4770 | 2 | sched_op-hvm64     | | $ENDS | | $C
	small-ops      | corei7_haswell_4770 | 1 | small_ops-hvm64    | | $ENDS | | $C
	smp            | corei7_haswell_4770 | 2 | smp-hvm64          | | $ENDS & 2 CPUs | | $C
	smp-32         | corei7_haswell_4770 | 1 | smp-hvm32          | | $ENDS | | $C
	smp-pae        | corei7_haswell_4770 | 1 | smp-hvm32pae       | | $ENDS | | $C
	dirty-log      | corei7_haswell_4770 | 2 | dirty_log-hvm64    | | $ENDS & dirty marks, .*without .*log of writes | | $C
	dirty-log-pml  | corei7_skylake_x    | 2 | dirty_log-hvm64    | | $ENDS & with .*log of writes \(PML\) | | $C
	first-dirty-log | corei5_arrandale_m520 | 2 | dirty_log-hvm64 | | $ENDS | | $C
	task-switch    | corei7_haswell_4770 | 1 | task_switch-hvm32  | | $ENDS | | $C
	task-switch-pae | corei7_skylake_x   | 1 | task_switch-hvm32pae | | $ENDS | | $C
	vcpu-op        | corei7_haswell_4770 | 2 | vcpu_op-hvm64      | | $ENDS | | $C
	vcpu-op-pae    | corei7_haswell_4770 | 1 | vcpu_op-hvm32pae   | | $ENDS | | $C
	version        | corei7_haswell_4770 | 1 | version-hvm64      | | $ENDS | | $C dom0=pvh
	storm          | corei7_haswell_4770 | 2 | storm-hvm64        | calls=50000 seed=3 | $ENDS | | $C
	storm-pae      | corei7_haswell_4770 | 1 | storm-hvm32pae     | calls=50000 seed=4 | $ENDS | | $C
	triple-fault   | corei7_haswell_4770 | 1 | ending-hvm64       | end=triple-fault | d0: shutdown: reboot | | $C
	crash          | corei7_haswell_4770 | 1 | ending-hvm64       | end=crash | d0: shutdown: crash | | $C
	poweroff       | corei7_haswell_4770 | 1 | ending-hvm64       | end=poweroff | d0: shutdown: poweroff | | $C
	reboot         | corei7_haswell_4770 | 1 | ending-hvm64       | end=reboot | d0: shutdown: reboot | | $C
	suspend        | corei7_haswell_4770 | 1 | ending-hvm64       | end=suspend | d0: shutdown: suspend | | $C
	watchdog-reason | corei7_haswell_4770 | 1 | ending-hvm64      | end=watchdog-reason | d0: shutdown: watchdog | | $C
	halt           | corei7_haswell_4770 | 1 | ending-hvm64       | end=halt | d0: shutdown: poweroff | | $C
	skylake        | corei7_skylake_x    | 2 | smp-hvm64          | | $ENDS & with .*XSAVES | | $C
	skylake-apic   | corei7_skylake_x    | 2 | lapic-hvm64        | | $ENDS & with .*virtual interrupt delivery, x2APIC, APIC registers | | $C
	skylake-x2apic | corei7_skylake_x    | 2 | x2apic-hvm64       | | $ENDS | | $C
	skylake-ipis   | corei7_skylake_x    | 2 | event_channel-hvm64 | | $ENDS | | $C
	skylake-fpu    | corei7_skylake_x    | 1 | fpu-hvm64          | | $ENDS | | $C
	skylake-memory | corei7_skylake_x    | 2 | memory_op-hvm64    | | $ENDS | | $C
	skylake-control | corei7_skylake_x   | 1 | control_regs-hvm64 | | $ENDS | | $C
	skylake-clock  | corei7_skylake_x    | 1 | clock-hvm64        | | $ENDS | | $C
	first-start    | corei5_arrandale_m520 | 1 | start-hvm32      | guest-argument=7 | $ENDS & without | | $C
	first-port-io  | corei5_arrandale_m520 | 1 | port_io-hvm32pae | | $ENDS | | $C
	first-x2apic   | corei5_arrandale_m520 | 2 | x2apic-hvm64     | | $ENDS & without .*virtual interrupt delivery | | $C
	first-memory   | corei5_arrandale_m520 | 2 | memory_op-hvm32  | | $ENDS | | $C
	sandy-lapic    | corei7_sandy_bridge_2600k | 1 | lapic-hvm32pae | | $ENDS | | $C
	icelake        | corei7_icelake_u    | 2 | control_regs-hvm64 | | $ENDS | | $C
	hvm            | corei7_haswell_4770 | 1 | hvm.cfg            | | hvmloader: 1 vcpus & SeaBIOS \(version & No bootable device | 600 | guest_loglvl=all $C
	hvm-first      | corei5_arrandale_m520 | 1 | hvm.cfg          | | No bootable device | 600 | guest_loglvl=all $C
	without-checks | corei7_haswell_4770 | 2 | smp-hvm64          | | $ENDS |
	no-unrestricted | corei5_lynnfield_750 | 1 | start-hvm64      | | no guest can run: this CPU has VT-x without unrestricted guest mode & no domain runs
	no-ept         | core2_penryn_t9600   | 1 | start-hvm64      | | no guest can run: this CPU has VT-x without .*EPT & no domain runs
	END
}

bochs_main "$@"
