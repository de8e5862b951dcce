/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The whole hypercall layer as a library: a domain of two vcpus makes the calls that the input describes. Afterwards the domain is destroyed, and every page must be back.
 *
 * Input: bytes 0-1023 fill a page that arguments point to; the rest is a list of calls: vcpu and width (1), number (1), five arguments. An argument is a selector (1)
 * and a value (2): small number, pointer into the page, pointer past the RAM, a DOMID, large number.
 */
#include <stdlib.h>
#include <string.h>

#include "exit_handlers.h"
#include "fake_domain.h"
#include "hypercall.h"
#include "machine_fake.h"
#include "virt_script.h"

#include <xen/xen.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define DATA_PAGE  0x8000u
#define DATA_BYTES 1024u
#define RAM_PAGES  64u
#define CALL_BYTES 17u
#define MAX_CALLS  24u

static uint64_t argument(const uint8_t *p)
{
	uint16_t raw = (uint16_t)(p[1] | p[2] << 8);

	switch (p[0] % 6) {
	case 0: return raw;
	case 1: return DATA_PAGE + raw % DATA_BYTES;
	case 2: return RAM_PAGES * PAGE_SIZE - 64 + raw % 128;
	case 3: return 0x7ff0 + raw % 16;
	case 4: return (uint64_t)raw << 48 | raw;
	default: return raw % 16;
	}
}

static void one_call(struct domain *d, const uint8_t *p)
{
	static const uint8_t args_32[5] = { GPR_RBX, GPR_RCX, GPR_RDX, GPR_RSI, GPR_RDI };
	struct vcpu *v = d->vcpus[p[0] & 1];

	if (d->is_shut_down || !v->is_up || v->sched.state == SCHED_OFFLINE)
		return;
	fake_make_current(v);
	v->regs.r[GPR_RAX] = p[1];
	for (unsigned i = 0; i < 5; i++)
		v->regs.r[args_32[i]] = argument(p + 2 + i * 3);
	v->regs.rip = 0x1000;
	for (unsigned restarts = 0; restarts < 64; restarts++) {
		v->exit = (struct vcpu_exit){ .kind = EXIT_HYPERCALL, .insn_len = 3 };
		exit_dispatch(v);
		if (v->regs.rip != 0x1000)
			break;
	}
	percpu()->current = percpu()->loaded = NULL;
	fake_advance(1000000);
}

static void teardown(struct domain *d)
{
	percpu()->current = percpu()->loaded = NULL;
	percpu()->pending = 0;
	domain_destroy(d);
	for (unsigned i = 0; i < 10000 && d->state != DOMAIN_DEAD; i++)
		work_run();
	if (d->state != DOMAIN_DEAD)
		abort();
	domain_put(d);
	work_run();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct domain *first, *d;
	uint64_t free_before;
	unsigned calls;

	if (size < DATA_BYTES + CALL_BYTES)
		return 0;
	fake_core_init(MIB(8), 1);
	first = fake_domain_add(1, 4, true);
	free_before = page_nr_free();
	d = fake_domain_add(2, RAM_PAGES, false);
	memcpy(fake_guest_page(d, DATA_PAGE >> 12), data, DATA_BYTES);
	calls = (unsigned)MIN((size - DATA_BYTES) / CALL_BYTES, (size_t)MAX_CALLS);
	for (unsigned i = 0; i < calls; i++)
		one_call(d, data + DATA_BYTES + i * CALL_BYTES);
	teardown(d);
	if (page_nr_free() != free_before)
		abort();
	(void)first;
	return 0;
}
