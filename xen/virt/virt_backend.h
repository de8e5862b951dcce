/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The functions of a backend that are named after their slots in struct virt_ops, prefix_slot(): their declarations and the slots. What they do: virt_ops.h.
 * Behind them those that both have for their own files. prefix_state.c: registers as after power-on; breakpoints (DR0-3, on VT-x DR6, too) go into the CPU, and the guest then has its
 * debug registers to itself, and back: v is loaded here. prefix_trap.c: the bitmaps at first. Only xen/virt includes it.
 */
#ifndef VIRT_VIRT_BACKEND_H
#define VIRT_VIRT_BACKEND_H

#include "virt_ops.h"

/* clang-format off */
#define VIRT_DECLARE(prefix)                                                                      \
	void prefix##_run(struct vcpu *v);                                                        \
	void prefix##_dump(struct vcpu *v);                                                       \
	void prefix##_get_paging(struct vcpu *v, struct paging_mode *out);                        \
	uint64_t prefix##_get_reg(struct vcpu *v, enum vcpu_reg r);                               \
	void prefix##_set_reg(struct vcpu *v, enum vcpu_reg r, uint64_t value);                   \
	void prefix##_get_segment(struct vcpu *v, enum segment_name s, struct segment *out);      \
	void prefix##_set_segment(struct vcpu *v, enum segment_name s, const struct segment *in); \
	uint8_t prefix##_get_cpl(struct vcpu *v);                                                 \
	bool prefix##_inject(struct vcpu *v, const struct event *e);                              \
	void prefix##_open_window(struct vcpu *v, enum window w, uint8_t priority);               \
	unsigned prefix##_interrupt_shadow(struct vcpu *v);                                       \
	void prefix##_set_interrupt_shadow(struct vcpu *v, unsigned shadow);                      \
	bool prefix##_post(struct vcpu *v);                                                       \
	void prefix##_trap_msr(struct vcpu *v, uint32_t index, bool on_read, bool on_write);      \
	void prefix##_trap_rdtsc(struct vcpu *v, bool on);                                        \
	void prefix##_set_tsc_offset(struct vcpu *v, uint64_t offset);                            \
	size_t prefix##_insn_bytes(struct vcpu *v, uint8_t bytes[15]);                            \
	void prefix##_state_reset(struct vcpu *v);                                                \
	void prefix##_breakpoints_load(struct vcpu *v);                                           \
	void prefix##_breakpoints_unload(struct vcpu *v);                                         \
	extern struct virt_msr_maps prefix##_msrs;                                                \
	void prefix##_trap_init(struct vcpu *v)

#define VIRT_SLOTS(prefix)                                                                        \
	.probe = prefix##_probe,                                                                  \
	.cpu_enable = prefix##_cpu_enable,                                                        \
	.cpu_disable = prefix##_cpu_disable,                                                      \
	.vcpu_create = prefix##_vcpu_create,                                                      \
	.vcpu_destroy = prefix##_vcpu_destroy,                                                    \
	.vcpu_reset = prefix##_vcpu_reset,                                                        \
	.vcpu_load = prefix##_vcpu_load,                                                          \
	.vcpu_unload = prefix##_vcpu_unload,                                                      \
	.run = prefix##_run,                                                                      \
	.get_paging = prefix##_get_paging,                                                        \
	.get_reg = prefix##_get_reg,                                                              \
	.set_reg = prefix##_set_reg,                                                              \
	.get_segment = prefix##_get_segment,                                                      \
	.set_segment = prefix##_set_segment,                                                      \
	.get_cpl = prefix##_get_cpl,                                                              \
	.inject = prefix##_inject,                                                                \
	.open_window = prefix##_open_window,                                                      \
	.interrupt_shadow = prefix##_interrupt_shadow,                                            \
	.set_interrupt_shadow = prefix##_set_interrupt_shadow,                                    \
	.post = prefix##_post,                                                                    \
	.trap_msr = prefix##_trap_msr,                                                            \
	.trap_port = virt_trap_port,                                                              \
	.trap_rdtsc = prefix##_trap_rdtsc,                                                        \
	.set_tsc_offset = prefix##_set_tsc_offset,                                                \
	.insn_bytes = prefix##_insn_bytes,                                                        \
	.dump = prefix##_dump,                                                                    \
	.describe = prefix##_describe
/* clang-format on */

/*
 * virt.c: is this computer QEMU's own translator? It (7.2) keeps the number of an interrupt that VMRUN injects as that of an exception which it has still to deliver; when another of its threads asks for its attention
 * before anything else happens, it delivers the interrupt again: at the first instruction of the handler, with interrupts off. An interrupt that the guest takes as a virtual one is not kept so. And with dirty bits that
 * are clear in nested entries live migrations failed there, which may have had the same reason.
 */
bool virt_under_tcg(void);

#endif
