/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen/core/domctl_memory.c, domctl_device.c and domctl_policy.c: a domain's memory, what of the machine it may use, and its CPU policy. */
#include <string.h>

#include "cpu_policy.h"
#include "cpuid_features.h"
#include "errno.h"
#include "fake_control.h"
#include "fake_domain.h"
#include "machine_fake.h"
#include "unit.h"

static struct domain *d;
static struct xen_domctl op;

static void start(void)
{
	fake_control_machine(1);
	d = fake_tool_domain(1, 16);
	op = (struct xen_domctl){ .cmd = 0 };
}

static void end(void)
{
	CHECK_EQ(fake_domctl_plain(XEN_DOMCTL_destroydomain, d->id), 0);
}

static long call(uint32_t cmd)
{
	op.cmd = cmd;
	op.domain = d->id;
	return fake_domctl(&op);
}

static void frames(void)
{
	uint64_t gfns[3] = { 3, 16, ~0ull >> 12 };

	start();
	fake_buffer_write(0, gfns, sizeof(gfns));
	op.u.getpageframeinfo3.num = 3;
	op.u.getpageframeinfo3.array.p = (void *)(uintptr_t)FAKE_BUFFER;
	CHECK_EQ(call(XEN_DOMCTL_getpageframeinfo3), 0);
	fake_buffer_read(0, gfns, sizeof(gfns));
	CHECK_EQ(gfns[0], XEN_DOMCTL_PFINFO_NOTAB);
	CHECK(gfns[1] == XEN_DOMCTL_PFINFO_XTAB && gfns[2] == XEN_DOMCTL_PFINFO_XTAB);
	op.u.getpageframeinfo3.num = 1025;
	CHECK_EQ(call(XEN_DOMCTL_getpageframeinfo3), -E2BIG);
	op.u.getpageframeinfo3.num = 1;
	op.u.getpageframeinfo3.array.p = (void *)(uintptr_t)(1ull << 40);
	CHECK_EQ(call(XEN_DOMCTL_getpageframeinfo3), -EFAULT);
	end();
}

static void pool(void)
{
	start();
	op.u.paging_mempool.size = MIB(3) + PAGE_SIZE;
	CHECK_EQ(call(XEN_DOMCTL_set_paging_mempool_size), 0);
	op.u.paging_mempool.size = 0;
	CHECK_EQ(call(XEN_DOMCTL_get_paging_mempool_size), 0);
	CHECK_EQ(op.u.paging_mempool.size, MIB(3) + PAGE_SIZE);
	op.u.paging_mempool.size = 5;
	CHECK_EQ(call(XEN_DOMCTL_set_paging_mempool_size), -EINVAL);
	memset(&op.u, 0, sizeof(op.u));
	op.u.shadow_op.op = XEN_DOMCTL_SHADOW_OP_GET_ALLOCATION;
	CHECK_EQ(call(XEN_DOMCTL_shadow_op), 0);
	CHECK_EQ(op.u.shadow_op.mb, 4);
	op.u.shadow_op.op = XEN_DOMCTL_SHADOW_OP_SET_ALLOCATION;
	op.u.shadow_op.mb = 7;
	CHECK_EQ(call(XEN_DOMCTL_shadow_op), 0);
	CHECK_EQ(d->settings.paging_pool, MIB(7));
	op.u.shadow_op.op = 77;
	CHECK_EQ(call(XEN_DOMCTL_shadow_op), -EINVAL);
	end();
}

static void hypercall_page(void)
{
	start();
	op.u.hypercall_init.gmfn = 5;
	CHECK_EQ(call(XEN_DOMCTL_hypercall_init), 0);
	CHECK_EQ(*(uint8_t *)fake_guest_page(d, 5), 0xb8);
	op.u.hypercall_init.gmfn = 99;
	CHECK_EQ(call(XEN_DOMCTL_hypercall_init), -EACCES);
	op.u.hypercall_init.gmfn = ~0ull;
	CHECK_EQ(call(XEN_DOMCTL_hypercall_init), -EACCES);
	end();
}

/* Only what the caller has can be given. */
static void permissions(void)
{
	start();
	CHECK_EQ(direct_irqs_give(fake_control, 5, 5), 0);
	CHECK_EQ(direct_frames_give(fake_control, 0xa0000, 0xa000f), 0);
	CHECK_EQ(direct_ports_give(fake_control, 0x60, 0x64), 0);
	op.u.irq_permission.pirq = 5;
	op.u.irq_permission.allow_access = 1;
	CHECK_EQ(call(XEN_DOMCTL_irq_permission), 0);
	CHECK(direct_irq_may(d, 5));
	op.u.irq_permission.allow_access = 0;
	CHECK_EQ(call(XEN_DOMCTL_irq_permission), 0);
	CHECK(!direct_irq_may(d, 5));
	op.u.irq_permission.pirq = 6;
	CHECK_EQ(call(XEN_DOMCTL_irq_permission), -EPERM);
	memset(&op.u, 0, sizeof(op.u));
	op.u.ioport_permission.first_port = 0x60;
	op.u.ioport_permission.nr_ports = 5;
	op.u.ioport_permission.allow_access = 1;
	CHECK_EQ(call(XEN_DOMCTL_ioport_permission), 0);
	op.u.ioport_permission.nr_ports = 6;
	CHECK_EQ(call(XEN_DOMCTL_ioport_permission), -EPERM);
	op.u.ioport_permission.nr_ports = 0;
	CHECK_EQ(call(XEN_DOMCTL_ioport_permission), -EINVAL);
	op.u.ioport_permission.first_port = 0xffff;
	op.u.ioport_permission.nr_ports = 2;
	CHECK_EQ(call(XEN_DOMCTL_ioport_permission), -EINVAL);
	end();
}

static void device_memory(void)
{
	struct xen_domctl_memory_mapping *m = &op.u.memory_mapping;

	start();
	CHECK_EQ(direct_frames_give(fake_control, 0xa0000, 0xa00ff), 0);
	*m = (struct xen_domctl_memory_mapping){ 0x100, 0xa0000, 4, DPCI_ADD_MAPPING };
	CHECK_EQ(call(XEN_DOMCTL_memory_mapping), -EPERM);
	op.u.iomem_permission = (struct xen_domctl_iomem_permission){ 0xa0000, 0x100, 1 };
	CHECK_EQ(call(XEN_DOMCTL_iomem_permission), 0);
	op.u.iomem_permission.nr_mfns = 0x101;
	CHECK_EQ(call(XEN_DOMCTL_iomem_permission), -EPERM);
	op.u.iomem_permission.nr_mfns = 0;
	CHECK_EQ(call(XEN_DOMCTL_iomem_permission), -EINVAL);
	*m = (struct xen_domctl_memory_mapping){ 0x100, 0xa0000, 4, DPCI_ADD_MAPPING };
	CHECK_EQ(call(XEN_DOMCTL_memory_mapping), 0);
	CHECK_EQ(p2m_lookup(&d->p2m, gfn(0x103)).type, P2M_MMIO_DIRECT);
	CHECK_EQ(p2m_lookup(&d->p2m, gfn(0x103)).mfn.v, 0xa0003);
	/* Not over RAM: and what was mapped before that is taken out again. */
	*m = (struct xen_domctl_memory_mapping){ ~0ull, 0xa0000, 4, DPCI_ADD_MAPPING };
	CHECK_EQ(call(XEN_DOMCTL_memory_mapping), -EINVAL);
	CHECK_EQ(p2m_unmap(&d->p2m, gfn(0), 0), 0);
	*m = (struct xen_domctl_memory_mapping){ 0, 0xa0010, 4, DPCI_ADD_MAPPING };
	CHECK_EQ(call(XEN_DOMCTL_memory_mapping), -EBUSY);
	CHECK_EQ(p2m_lookup(&d->p2m, gfn(0)).type, P2M_HOLE);
	*m = (struct xen_domctl_memory_mapping){ 0x100, 0xa0000, 65, DPCI_ADD_MAPPING };
	CHECK_EQ(call(XEN_DOMCTL_memory_mapping), -E2BIG);
	*m = (struct xen_domctl_memory_mapping){ 0x100, 0xa0000, 4, DPCI_REMOVE_MAPPING };
	CHECK_EQ(call(XEN_DOMCTL_memory_mapping), 0);
	CHECK_EQ(p2m_lookup(&d->p2m, gfn(0x103)).type, P2M_HOLE);
	end();
}

/* ---- policy ---- */

static uint32_t policy_get(void)
{
	struct xen_domctl_cpu_policy *x = &op.u.cpu_policy;

	memset(&op.u, 0, sizeof(op.u));
	x->nr_leaves = CPU_POLICY_LEAVES_MAX;
	x->nr_msrs = CPU_POLICY_MSRS_MAX;
	x->leaves.p = (void *)(uintptr_t)FAKE_BUFFER;
	x->msrs.p = (void *)(uintptr_t)(FAKE_BUFFER + 0x4000);
	CHECK_EQ(call(XEN_DOMCTL_get_cpu_policy), 0);
	return x->nr_leaves;
}

static struct xen_cpuid_leaf *leaf_at(uint32_t i)
{
	return fake_buffer(i * (uint32_t)sizeof(struct xen_cpuid_leaf));
}

static void policy(void)
{
	struct xen_domctl_cpu_policy *x = &op.u.cpu_policy;
	uint32_t n;

	start();
	n = policy_get();
	CHECK_EQ(n, cpu_policy_nr_leaves(&d->cpuid));
	CHECK_EQ(leaf_at(1)->leaf, 1);
	/* Less, and back as asked for. */
	leaf_at(1)->c &= ~(1u << (FEATURE_SSE4_2 % 32));
	CHECK_EQ(call(XEN_DOMCTL_set_cpu_policy), 0);
	CHECK(!cpuid_has(&d->cpuid, FEATURE_SSE4_2));
	CHECK_EQ(policy_get(), n);
	CHECK(!(leaf_at(1)->c & 1u << (FEATURE_SSE4_2 % 32)));
	/* A bad one is named, and changes nothing. */
	leaf_at(1)->c &= ~(1u << (FEATURE_SSSE3 % 32));
	leaf_at(3)->leaf = 0x99;
	CHECK_EQ(call(XEN_DOMCTL_set_cpu_policy), -ERANGE);
	CHECK_EQ(x->err_leaf, 0x99);
	CHECK(cpuid_has(&d->cpuid, FEATURE_SSSE3));
	policy_get();
	leaf_at(0)->a = 0x55;
	CHECK_EQ(call(XEN_DOMCTL_set_cpu_policy), -EINVAL);
	CHECK_EQ(x->err_leaf, 0);
	policy_get();
	((struct xen_msr_entry *)fake_buffer(0x4000))->idx = 0x123;
	CHECK_EQ(call(XEN_DOMCTL_set_cpu_policy), -ERANGE);
	CHECK_EQ(x->err_msr, 0x123);
	x->nr_leaves = CPU_POLICY_LEAVES_MAX + 1;
	CHECK_EQ(call(XEN_DOMCTL_set_cpu_policy), -E2BIG);
	x->nr_leaves = 3;
	CHECK_EQ(call(XEN_DOMCTL_get_cpu_policy), -ENOBUFS);
	/* Not once it runs. */
	policy_get();
	d->vcpus[0]->is_initialised = d->vcpus[0]->is_up = true;
	CHECK_EQ(fake_domctl_plain(XEN_DOMCTL_unpausedomain, d->id), 0);
	CHECK_EQ(call(XEN_DOMCTL_set_cpu_policy), -EEXIST);
	end();
}

UNIT_MAIN(UNIT(frames), UNIT(pool), UNIT(hypercall_page), UNIT(permissions), UNIT(device_memory),
          UNIT(policy))
