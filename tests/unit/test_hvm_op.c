/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen/core/hvm_op.c and hvm_params.c: who may set what, and what a value means. */
#include <string.h>

#include "errno.h"
#include "fake_domain.h"
#include "machine_fake.h"
#include "unit.h"
#include "virt_script.h"

#include <xen/hvm/hvm_op.h>
#include <xen/sched.h>
#include <xen/xen.h>

#define ARG 0x3000u

static struct domain *d, *guest;
static struct vcpu *v;

static void start(void)
{
	d = fake_domain_machine(1, 1, 16);
	guest = fake_domain_add(1, 8, false);
	v = d->vcpus[0];
}

/* The struct goes into the caller's page and comes back. */
static long call(struct vcpu *caller, uint32_t op, void *arg, size_t size)
{
	uint64_t args[5] = { op, ARG };
	void *page = fake_guest_page(caller->domain, 3);
	long r;

	memcpy(page, arg, size);
	fake_make_current(caller);
	r = hvm_op(caller, args);
	memcpy(arg, page, size);
	return r;
}
#define CALL(caller, op, arg) call(caller, HVMOP_##op, arg, sizeof(*(arg)))

static long set(struct vcpu *caller, uint16_t domid, uint32_t index, uint64_t value)
{
	struct xen_hvm_param p = { .domid = domid, .index = index, .value = value };

	return CALL(caller, set_param, &p);
}

static long get(struct vcpu *caller, uint16_t domid, uint32_t index, uint64_t *value)
{
	struct xen_hvm_param p = { .domid = domid, .index = index, .value = ~0ull };
	long r = CALL(caller, get_param, &p);

	*value = p.value;
	return r;
}

static void rights(void)
{
	struct vcpu *g;
	uint64_t value;

	start();
	g = guest->vcpus[0];
	/* The toolstack's, readable for the guest. */
	CHECK_EQ(set(v, guest->id, HVM_PARAM_STORE_PFN, 0x77), 0);
	CHECK_EQ(get(g, DOMID_SELF, HVM_PARAM_STORE_PFN, &value), 0);
	CHECK_EQ(value, 0x77);
	CHECK_EQ(set(g, DOMID_SELF, HVM_PARAM_STORE_PFN, 1), -EPERM);
	CHECK_EQ(get(g, DOMID_SELF, HVM_PARAM_IOREQ_PFN, &value), -EPERM);
	/* Nobody else's. */
	CHECK_EQ(get(g, d->id, HVM_PARAM_STORE_PFN, &value), -EPERM);
	CHECK_EQ(set(g, d->id, HVM_PARAM_CALLBACK_IRQ, 0), -EPERM);
	CHECK_EQ(get(g, 99, HVM_PARAM_STORE_PFN, &value), -ESRCH);
	/* No such parameter. */
	CHECK_EQ(set(v, guest->id, 3, 0), -EINVAL);
	CHECK_EQ(set(v, guest->id, HVM_NR_PARAMS, 0), -EINVAL);
	CHECK_EQ(get(v, guest->id, ~0u, &value), -EINVAL);
}

static void values_with_rules(void)
{
	uint64_t value;

	start();
	CHECK_EQ(set(v, guest->id, HVM_PARAM_VIRIDIAN, 1), 0);
	CHECK_EQ(set(v, guest->id, HVM_PARAM_VIRIDIAN, 1), 0);
	CHECK_EQ(set(v, guest->id, HVM_PARAM_VIRIDIAN, 3), -EEXIST);
	CHECK_EQ(get(v, guest->id, HVM_PARAM_TRIPLE_FAULT_REASON, &value), 0);
	CHECK_EQ(value, SHUTDOWN_reboot);
	CHECK_EQ(set(v, guest->id, HVM_PARAM_TRIPLE_FAULT_REASON, SHUTDOWN_crash), 0);
	CHECK_EQ(set(v, guest->id, HVM_PARAM_TRIPLE_FAULT_REASON, SHUTDOWN_MAX + 1), -EINVAL);
	CHECK_EQ(guest->hvm_params.value[HVM_PARAM_TRIPLE_FAULT_REASON], SHUTDOWN_crash);
}

static void callback(void)
{
	static const struct {
		uint64_t value;
		enum callback_kind kind;
		uint32_t number;
	} rows[] = {
		{ 2ull << 56 | 0xf3, CALLBACK_VECTOR, 0xf3 },
		{ 2ull << 56 | 15, CALLBACK_NONE, 0 }, /* no vector */
		{ 9, CALLBACK_GSI, 9 },
		{ 1ull << 56 | 0x1803, CALLBACK_PCI_INTX, 0x1803 },
		{ 0, CALLBACK_NONE, 0 },
		{ 77ull << 56 | 1, CALLBACK_NONE, 0 },
	};
	struct hvm_params *p;

	start();
	p = &guest->hvm_params;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CHECK_EQ(set(guest->vcpus[0], DOMID_SELF, HVM_PARAM_CALLBACK_IRQ, rows[i].value),
		         0);
		CHECK_EQ(p->callback, rows[i].kind);
		if (rows[i].kind == CALLBACK_VECTOR)
			CHECK_EQ(p->callback_vector, rows[i].number);
		else if (rows[i].kind != CALLBACK_NONE)
			CHECK_EQ(p->callback_gsi, rows[i].number);
	}
	/* Set by 32-bit code: the layout is its. The toolstack's setting says nothing of that. */
	CHECK(guest->is_compat);
	CHECK(!d->is_compat);
	CHECK_EQ(set(v, guest->id, HVM_PARAM_CALLBACK_IRQ, 9), 0);
	CHECK(!d->is_compat);
}

static void upcall_vector(void)
{
	xen_hvm_evtchn_upcall_vector_t op = { .vcpu = 0, .vector = 0xd0 };
	uint32_t word;

	start();
	CHECK_EQ(CALL(v, set_evtchn_upcall_vector, &op), 0);
	CHECK_EQ(v->upcall_vector, 0xd0);
	op.vector = 15;
	CHECK_EQ(CALL(v, set_evtchn_upcall_vector, &op), -EINVAL);
	op.vector = 0xd1;
	op.vcpu = 1;
	CHECK_EQ(CALL(v, set_evtchn_upcall_vector, &op), -ENOENT);
	/* What is pending comes by the new vector too. */
	vlapic_write(v, 0xf0, 0x1ff);
	v->info[0] = 1;
	op.vcpu = 0;
	CHECK_EQ(CALL(v, set_evtchn_upcall_vector, &op), 0);
	CHECK(vlapic_read(v, 0x200 + (0xd1 / 32) * 16, &word));
	CHECK(word >> (0xd1 % 32) & 1);
}

static void own_machine(void)
{
	struct xen_hvm_get_time now;
	struct xen_hvm_pagetable_dying dying = { .domid = DOMID_SELF };
	uint64_t args[5] = { HVMOP_flush_tlbs, 0 };

	start();
	fake_set_now(5000000000);
	d->time_offset_ns = 1000;
	CHECK_EQ(CALL(v, get_time, &now), 0);
	CHECK_EQ(now.now, 5000000000 - 1000);
	CHECK_EQ(CALL(v, pagetable_dying, &dying), -ENOSYS);
	v->flush_generation = d->p2m.generation;
	CHECK_EQ(hvm_op(v, args), 0);
	CHECK(v->flush_generation != d->p2m.generation); /* the next entry flushes */
	args[1] = 1;
	CHECK_EQ(hvm_op(v, args), -EINVAL);
	args[0] = 200;
	CHECK_EQ(hvm_op(v, args), -ENOSYS);
}

/* 32-bit callers' layout: the frame number lies at 8, as theirs is packed. */
static void mem_type(void)
{
	struct {
		uint16_t domid, type, pad[2];
		uint64_t gfn;
	} op = { .domid = DOMID_SELF, .gfn = 5 };

	start();
	CHECK_EQ(CALL(v, get_mem_type, &op), 0);
	CHECK_EQ(op.type, HVMMEM_ram_rw);
	op.gfn = 0x100000;
	CHECK_EQ(CALL(v, get_mem_type, &op), 0);
	CHECK_EQ(op.type, HVMMEM_mmio_dm);
	op.domid = d->id;
	CHECK_EQ(CALL(guest->vcpus[0], get_mem_type, &op), -EPERM);
	op.domid = 99;
	CHECK_EQ(CALL(v, get_mem_type, &op), -ESRCH);
}

UNIT_MAIN(UNIT(rights), UNIT(values_with_rules), UNIT(callback), UNIT(upcall_vector),
          UNIT(own_machine), UNIT(mem_type))
