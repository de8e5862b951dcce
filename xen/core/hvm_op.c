// SPDX-License-Identifier: GPL-2.0-or-later
/* hvm_op: parameters, the upcall vector, and what a guest asks of its own machine. Public xen/hvm/hvm_op.h. */
#include "domain.h"
#include "hypercall.h"

#include <xen/hvm/hvm_op.h>

struct compat_get_mem_type {
	uint16_t domid, mem_type, pad[2];
	uint64_t pfn;
} packed_struct;

static const struct abi_struct param_abi = ABI_SAME(struct xen_hvm_param);
static const struct abi_struct vector_abi = ABI_SAME(xen_hvm_evtchn_upcall_vector_t);
static const struct abi_struct dying_abi = ABI_SAME(struct xen_hvm_pagetable_dying);
static const struct abi_struct time_abi = ABI_SAME(struct xen_hvm_get_time);
static const struct abi_field mem_type_fields[] = {
	ABI_FIELD(struct xen_hvm_get_mem_type, struct compat_get_mem_type, domid),
	ABI_FIELD(struct xen_hvm_get_mem_type, struct compat_get_mem_type, mem_type),
	ABI_FIELD(struct xen_hvm_get_mem_type, struct compat_get_mem_type, pfn),
	ABI_END,
};
static const struct abi_struct mem_type_abi = { sizeof(struct xen_hvm_get_mem_type),
	                                        sizeof(struct compat_get_mem_type),
	                                        mem_type_fields };

static long hvm_op_param(struct vcpu *v, uint64_t handle, bool is_set)
{
	struct xen_hvm_param p;
	struct domain *d;
	long err;

	if (abi_get(v, &param_abi, &p, handle, 0))
		return -EFAULT;
	if (p.index >= HVM_NR_PARAMS)
		return -EINVAL;
	d = domain_by_handle(v, p.domid);
	if (!d)
		return -ESRCH;
	if (is_set) {
		err = hvm_param_set(v, d, p.index, p.value);
	} else {
		err = hvm_param_get(v, d, p.index, &p.value);
		if (err == 0 && abi_put(v, &param_abi, &p, handle, 0))
			err = -EFAULT;
	}
	domain_put(d);
	return err;
}

static long hvm_op_set_param(struct vcpu *v, uint64_t handle)
{
	return hvm_op_param(v, handle, true);
}

static long hvm_op_get_param(struct vcpu *v, uint64_t handle)
{
	return hvm_op_param(v, handle, false);
}

static long hvm_op_upcall_vector(struct vcpu *v, uint64_t handle)
{
	xen_hvm_evtchn_upcall_vector_t op;
	struct vcpu *target;

	if (abi_get(v, &vector_abi, &op, handle, 0))
		return -EFAULT;
	if (op.vector < 16)
		return -EINVAL;
	target = domain_vcpu(v->domain, op.vcpu);
	if (!target)
		return -ENOENT;
	target->upcall_vector = op.vector;
	/* What is pending already is shown by the new way too. */
	if (read_once(target->info[0]))
		vlapic_set_irq(&target->lapic, op.vector, false);
	return 0;
}

/* A hint for shadow page tables; nested paging has no use for it. */
static long hvm_op_pagetable_dying(struct vcpu *v, uint64_t handle)
{
	struct xen_hvm_pagetable_dying op;

	return abi_get(v, &dying_abi, &op, handle, 0) ? -EFAULT : -ENOSYS;
}

static const uint8_t mem_types[NR_P2M_TYPES] = {
	[P2M_HOLE] = HVMMEM_mmio_dm,        [P2M_RAM_RW] = HVMMEM_ram_rw,
	[P2M_RAM_RO] = HVMMEM_ram_ro,       [P2M_RAM_LOGDIRTY] = HVMMEM_ram_rw,
	[P2M_MMIO_DIRECT] = HVMMEM_mmio_dm, [P2M_GRANT_RW] = HVMMEM_ram_rw,
	[P2M_GRANT_RO] = HVMMEM_ram_ro,     [P2M_FOREIGN] = HVMMEM_ram_rw,
	[P2M_SHARED] = HVMMEM_ram_rw,       [P2M_ON_DEMAND] = HVMMEM_ram_rw,
};

static long hvm_op_get_mem_type(struct vcpu *v, uint64_t handle)
{
	struct xen_hvm_get_mem_type op = { 0 };
	struct domain *d;
	long err = 0;

	if (abi_get(v, &mem_type_abi, &op, handle, 0))
		return -EFAULT;
	d = domain_by_handle(v, op.domid);
	if (!d)
		return -ESRCH;
	if (d != v->domain && !v->domain->is_privileged) {
		err = -EPERM;
	} else {
		op.mem_type = mem_types[p2m_lookup(&d->p2m, gfn(op.pfn)).type];
		if (abi_put(v, &mem_type_abi, &op, handle, 0))
			err = -EFAULT;
	}
	domain_put(d);
	return err;
}

static long hvm_op_get_time(struct vcpu *v, uint64_t handle)
{
	struct xen_hvm_get_time op = { .now = domain_now_ns(v->domain) };

	return abi_put(v, &time_abi, &op, handle, 0);
}

/* Only the nested TLB could be stale for a guest, and it is flushed when entries change. */
static long hvm_op_flush_tlbs(struct vcpu *v, uint64_t handle)
{
	uint32_t i;
	struct vcpu *other;

	if (handle)
		return -EINVAL;
	domain_for_each_vcpu(v->domain, other, i)
		write_once(other->flush_generation, read_once(v->domain->p2m.generation) - 1);
	p2m_flush(&v->domain->p2m);
	return 0;
}

static long (*const hvm_ops[])(struct vcpu *v, uint64_t handle) = {
	[HVMOP_set_param] = hvm_op_set_param,
	[HVMOP_get_param] = hvm_op_get_param,
	[HVMOP_flush_tlbs] = hvm_op_flush_tlbs,
	[HVMOP_pagetable_dying] = hvm_op_pagetable_dying,
	[HVMOP_get_time] = hvm_op_get_time,
	[HVMOP_get_mem_type] = hvm_op_get_mem_type,
	[HVMOP_set_evtchn_upcall_vector] = hvm_op_upcall_vector,
};

long hvm_op(struct vcpu *v, uint64_t *args)
{
	uint32_t op = (uint32_t)args[0];

	if (op >= ARRAY_LEN(hvm_ops) || !hvm_ops[op])
		return -ENOSYS;
	return hvm_ops[op](v, args[1]);
}
