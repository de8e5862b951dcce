/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The exit handlers that have files of their own; exit.c's table names them. All run on the CPU of v, the current vcpu. */
#ifndef CORE_EXIT_HANDLERS_H
#define CORE_EXIT_HANDLERS_H

#include "vcpu.h"

/* exit_pio.c */
enum exit_next exit_pio(struct vcpu *v);
enum exit_next exit_pio_string(struct vcpu *v);
/* exit_mmio.c */
enum exit_next exit_mmio(struct vcpu *v);
/* exit_cpuid.c */
enum exit_next exit_cpuid(struct vcpu *v);
/* exit_msr.c */
enum exit_next exit_msr_read(struct vcpu *v);
enum exit_next exit_msr_write(struct vcpu *v);
/* exit_cr.c */
enum exit_next exit_cr_access(struct vcpu *v);
enum exit_next exit_dr_access(struct vcpu *v);
enum exit_next exit_xsetbv(struct vcpu *v);
/* exit_exception.c */
enum exit_next exit_exception(struct vcpu *v);
/* exit_task.c */
enum exit_next exit_task_switch(struct vcpu *v);

/* RIP behind the current instruction (v->exit.insn_len), with all that the end of an instruction means: RF, shadow, single step. */
void exit_skip_insn(struct vcpu *v);
/* Between two elements of a string instruction, where an interrupt could come: the shadow of STI is over, and a single step traps. */
void exit_pause_insn(struct vcpu *v);
/* #DB with DR6.BS, as after an instruction with EFLAGS.TF. */
void exit_raise_single_step(struct vcpu *v);
/* Tells the hardware the values in v->msrs that it must know. exit_msr.c */
void vcpu_msrs_apply(struct vcpu *v);
/* The domain ends for HVM_PARAM_TRIPLE_FAULT_REASON. */
void vcpu_triple_fault(struct vcpu *v);

/*
 * The linear address of offset in a segment for an access of size bytes, with the mode's checks (limit, type, canonical). 0, or -EFAULT with the
 * #GP or #SS in *fault. SDM 5.3.
 */
int must_check segment_linear(struct vcpu *v, enum segment_name s, uint64_t offset, unsigned size,
                              bool is_write, uint64_t *linear, struct event *fault);

/* Sets a control register as MOV to CR does, with its checks. False: #GP. exit_cr.c; CR0, CR4 (and EFER for exit_msr.c). */
bool must_check control_set_cr0(struct vcpu *v, uint64_t value);
bool must_check control_set_cr4(struct vcpu *v, uint64_t value);
bool must_check control_set_efer(struct vcpu *v, uint64_t value);

#endif
