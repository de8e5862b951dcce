/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A virtual CPU: its registers between runs, why it stopped, and what it must look at before it goes on. */
#ifndef CORE_VCPU_H
#define CORE_VCPU_H

#include "exit.h"
#include "history.h"
#include "insn_decode.h"
#include "guest_memory.h"
#include "msr.h"
#include "sched.h"
#include "vcpu_time.h"
#include "virt_ops.h"
#include "vlapic.h"

#include <xen/xen.h>
#include <xen/vcpu.h>

struct domain;

/* Of VCPUOP_set_periodic_timer; longer ones overflow somebody's arithmetic. */
#define VCPU_PERIOD_MIN_NS 1000000ull
#define VCPU_PERIOD_MAX_NS (UINT64_MAX >> 2)

/* Reasons not to take the fast road into the guest. Atomic bits of vcpu.requests; set with vcpu_request(). */
enum vcpu_requests {
	VCPU_REQ_EVENT = 1 << 0,  /* an interrupt, NMI or INIT/SIPI may be deliverable */
	VCPU_REQ_TIME = 1 << 1,   /* rewrite pvclock and runstate areas */
	VCPU_REQ_RESET = 1 << 2,  /* INIT came: wait for SIPI */
	VCPU_REQ_NMI = 1 << 3,    /* an NMI waits */
	VCPU_REQ_WINDOW = 1 << 4, /* an event window is open in hardware */
	VCPU_REQ_HALTED =
		1 << 5, /* sleeps, or was about to: whoever wakes it, all is looked at again */
};

/* No port: it naps until its device model has heard something (devmodel_nap()). */
#define VCPU_POLLS_DEVICES 0u

struct vcpu {
	/* hot: read or written on each exit. Only the CPU that runs the vcpu, unless said otherwise */
	struct guest_regs regs;
	struct vcpu_exit exit;
	struct walk_cache walk;
	struct insn_memo insn_memo[INSN_MEMO_SLOTS];
	uint8_t *
		info; /* its vcpu_info in host memory: byte 0 upcall pending, byte 1 mask. event_channels.lock to move */
	uint32_t requests;         /* enum vcpu_requests; atomic */
	uint64_t flush_generation; /* p2m generation that its TLB entries belong to */
	struct event event;        /* to be (re-)delivered at the next entry; EVENT_NONE */
	struct domain *domain;
	void *virt; /* backend's state */
	uint32_t id;
	bool is_initialised; /* it has a state to run: builder, SIPI or VCPUOP_initialise. domain->lock */
	bool is_up;          /* VCPUOP_is_up. domain->lock */
	bool wait_for_sipi;  /* domain->lock */
	bool init_pending;   /* INIT is on its way (VCPU_REQ_RESET). domain->lock */
	int16_t sipi_vector; /* SIPI to start at after that INIT; -1: none. domain->lock */
	bool halted;         /* in HLT (blocked by it) */
	bool nmi_masked_by_soft;
	uint64_t fpu_stop;     /* where an x87 error stopped it last, as a sum; 0: none. Own CPU */
	uint8_t upcall_vector; /* HVMOP_set_evtchn_upcall_vector; 0: none */

	struct sched_unit sched;
	struct vlapic lapic;
	struct vcpu_time time;
	struct guest_msrs msrs;
	uint64_t xcr0;
	uint64_t dr[4];
	void *fpu_area;
	uint64_t tsc_offset;

	/* timers of the vcpu's own (VCPUOP_set_singleshot_timer, periodic, sched_op poll) */
	struct timer singleshot, periodic, poll_timer;
	uint32_t timers_cpu; /* where they live: the CPU it was last loaded on */
	uint64_t periodic_ns;
	uint32_t
		poll_port; /* event_channels.lock: port that it waits for; VCPU_POLLS_DEVICES, ~0 several */
	bool polling; /* in SCHEDOP_poll or a nap, or was: cleared when it runs next */

	/* event channels: VIRQ to port. event_channels.lock */
	uint32_t virq_port[24];
	void *fifo_control;        /* pinned control block; NULL: none */
	uint64_t fifo_control_gfn; /* its page, as the guest named it */
	struct fifo_vcpu *fifo;

	bool paused_for_shutdown;          /* domain->lock */
	bool is_pinned;                    /* SCHEDOP_pin_override. Own CPU */
	struct cpu_mask unpinned_affinity; /* hard affinity before that */

	void *info_page;   /* pinned page when info was moved by VCPUOP_register_vcpu_info */
	uint64_t info_gfn; /* that page, as the guest named it */
	uint64_t unknown_msr_logged;
	struct exit_history history; /* for people. Own CPU; read while it is paused */
};

/* While building. -EINVAL: no such slot, or not building; -EEXIST, -ENOMEM. */
static inline const struct paging_mode *guest_paging_mode(struct vcpu *v)
{
	return likely(v->walk.mode_valid) ? &v->walk.mode : guest_paging_mode_read(v);
}

int must_check vcpu_create(struct domain *d, uint32_t id, struct vcpu **out);
/* A vcpu that is stopped or paused for good. Waits until no CPU holds its state. */
void vcpu_destroy(struct vcpu *v);

/*
 * Power-on or INIT state of everything that belongs to the vcpu. v is the current vcpu, or stopped or paused; then this waits until no CPU holds its state.
 */
void vcpu_reset(struct vcpu *v, bool init);
/* SIPI: real mode at vector << 12. */
void vcpu_sipi(struct vcpu *v, uint8_t vector);
/*
 * INIT and SIPI on their way (SDM 8.4): send is called by anyone for a target, and waits for nobody; received by the target itself before entry. A SIPI that comes
 * while the INIT is still on its way is kept. init_sipi.c
 */
void vcpu_init_send(struct vcpu *v);
void vcpu_sipi_send(struct vcpu *v, uint8_t vector);
void vcpu_init_received(struct vcpu *v);
/* HLT with interrupts off: offline until INIT; the last vcpu to go powers the domain off. */
void vcpu_down_forever(struct vcpu *v);
/* First start and VCPUOP_up / down. The locked ones: domain->lock held. */
void vcpu_up(struct vcpu *v);
void vcpu_down(struct vcpu *v);
void vcpu_up_locked(struct vcpu *v);
void vcpu_down_locked(struct vcpu *v);

/* Sets request bits and makes v look at them soon: wakes it if it waits for events, kicks its CPU if it runs. Any CPU. */
void vcpu_request(struct vcpu *v, uint32_t bits);
/* Kicks the CPU that runs v, if one does. */
void vcpu_kick(struct vcpu *v);

/*
 * The slow road before entry: delivers what is due (v->event, NMI, upcall, APIC interrupt), opens windows, rewrites time areas. False: v must not run now
 * (it blocked, waits for SIPI, was stopped): go round the CPU loop. event_delivery.c
 */
bool vcpu_prepare_entry(struct vcpu *v);
/* Nothing to prepare: the test on the fast road. */
static inline bool vcpu_entry_is_clean(const struct vcpu *v)
{
	return !(read_once(v->requests) | read_once(v->info[0])) && v->event.type == EVENT_NONE;
}
/* Can v be interrupted now (HLT's wake condition): something it would take with IF set, or an NMI, upcall pending. */
bool vcpu_has_work(struct vcpu *v);
/*
 * Before the current vcpu looks whether it has a reason not to sleep: from here on each new one wakes it. An event that an earlier request asked for must be looked
 * for, too: its bit is taken back, because vcpu_request() wakes nobody for a bit that is set.
 */
void vcpu_sleep_prepare(struct vcpu *v);
/* HLT. With IF clear and nothing that could come, the vcpu goes offline (and the last one ends the domain). */
void vcpu_halt(struct vcpu *v);

/* An exception for the guest at the next entry, combined with one being delivered; a triple fault ends the domain. */
void vcpu_raise(struct vcpu *v, struct event e);
static inline void vcpu_raise_ud(struct vcpu *v)
{
	vcpu_raise(v, event_exception(X86_UD));
}
static inline void vcpu_raise_gp(struct vcpu *v)
{
	vcpu_raise(v, event_exception_code(X86_GP, 0));
}

/* Switch of hardware state; called by the scheduler. NULL: nothing is loaded before, or after. */
void vcpu_switch(struct vcpu *from, struct vcpu *to);
/* v was chosen to run here (run queue lock held): what it must look at before entry. */
void vcpu_scheduled(struct vcpu *v);

/*
 * VCPUOP_initialise with the HVM context; all of it is checked before anything is changed. The vcpu is stopped and becomes initialised. domain->lock, or building.
 * -EINVAL.
 */
struct vcpu_hvm_context;
int must_check vcpu_set_context(struct vcpu *v, const struct vcpu_hvm_context *ctx);

long vcpu_op(struct vcpu *caller, uint64_t *args);
void vcpu_dump(struct vcpu *v);

#endif
