/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Event channels, 2-level. */
#include "guest.h"

static uint8_t shared_page[4096] __attribute__((aligned(4096)));
volatile struct shared_info *shared = (volatile struct shared_info *)shared_page;
volatile unsigned event_upcalls, event_count[EVENT_PORTS], event_cpu[EVENT_PORTS];

bool shared_info_map(void)
{
	struct xen_add_to_physmap a = {
		.domid = DOMID_SELF,
		.space = XENMAPSPACE_shared_info,
		.gpfn = page_frame(shared_page),
	};

	for (unsigned i = 0; i < MAX_CPUS; i++)
		vcpu_infos[i] = &shared->vcpu_info[i];
	return memory_op(XENMEM_add_to_physmap, &a) == 0;
}

void event_init(void)
{
	memset((void *)shared->evtchn_mask, 0xff, sizeof(shared->evtchn_mask));
	trap_handle(VECTOR_CALLBACK, event_upcall);
	if (hvm_param_set(HVM_PARAM_CALLBACK_IRQ, 2ull << 56 | VECTOR_CALLBACK))
		test_fail("HVM_PARAM_CALLBACK_IRQ refused");
}

static void scan_word(unsigned word, unsigned cpu)
{
	unsigned bits = sizeof(xen_ulong_t) * 8;
	xen_ulong_t ready = shared->evtchn_pending[word] & ~shared->evtchn_mask[word];

	for (unsigned i = 0; i < bits; i++) {
		unsigned port = word * bits + i;

		if (!(ready >> i & 1))
			continue;
		bit_clear(shared->evtchn_pending, port);
		event_cpu[port] = cpu;
		atomic_add(&event_count[port], 1);
	}
}

void event_upcall(struct trap_frame *frame)
{
	unsigned cpu = this_cpu()->id;
	volatile struct vcpu_info *v = vcpu_infos[cpu];
	xen_ulong_t words;

	atomic_add(&event_upcalls, 1);
	while (atomic_xchg(&v->evtchn_upcall_pending, 0)) {
		words = atomic_xchg(&v->evtchn_pending_sel, 0);
		for (unsigned w = 0; w < sizeof(xen_ulong_t) * 8; w++)
			if (words >> w & 1 && w * sizeof(xen_ulong_t) * 8 < EVENT_PORTS)
				scan_word(w, cpu);
	}
}

long event_alloc_unbound(domid_t remote)
{
	struct evtchn_alloc_unbound a = { .dom = DOMID_SELF, .remote_dom = remote };
	long ret = evtchn_op(EVTCHNOP_alloc_unbound, &a);

	return ret ? ret : (long)a.port;
}

long event_bind_interdomain(domid_t remote, evtchn_port_t port)
{
	struct evtchn_bind_interdomain a = { .remote_dom = remote, .remote_port = port };
	long ret = evtchn_op(EVTCHNOP_bind_interdomain, &a);

	return ret ? ret : (long)a.local_port;
}

long event_bind_ipi(unsigned vcpu)
{
	struct evtchn_bind_ipi a = { .vcpu = vcpu };
	long ret = evtchn_op(EVTCHNOP_bind_ipi, &a);

	return ret ? ret : (long)a.port;
}

long event_bind_virq(unsigned virq, unsigned vcpu)
{
	struct evtchn_bind_virq a = { .virq = virq, .vcpu = vcpu };
	long ret = evtchn_op(EVTCHNOP_bind_virq, &a);

	return ret ? ret : (long)a.port;
}

long event_bind_vcpu(evtchn_port_t port, unsigned vcpu)
{
	struct evtchn_bind_vcpu a = { .port = port, .vcpu = vcpu };

	return evtchn_op(EVTCHNOP_bind_vcpu, &a);
}

long event_send(evtchn_port_t port)
{
	struct evtchn_send a = { .port = port };

	return evtchn_op(EVTCHNOP_send, &a);
}

long event_close(evtchn_port_t port)
{
	struct evtchn_close a = { .port = port };

	return evtchn_op(EVTCHNOP_close, &a);
}

long event_unmask_call(evtchn_port_t port)
{
	struct evtchn_unmask a = { .port = port };

	return evtchn_op(EVTCHNOP_unmask, &a);
}
