/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The domctl hypercall: its table. What is not in it answers -ENOSYS; xen/README.md lists that. */
#include "devmodel_control.h"
#include "domain_history.h"
#include "domctl.h"

/* What the ABI has and this machine or hypervisor has not: IOMMU, populate on demand, sharing, monitoring, cache allocation, processor trace. */
static long not_here(struct control_call *c, void *member)
{
	return -EOPNOTSUPP;
}

#define OUT     CONTROL_OUT
#define ALWAYS  CONTROL_OUT_ALWAYS
#define OTHERS  CONTROL_NOT_SELF
#define ZOMBIES CONTROL_ZOMBIE
#define NONE    CONTROL_NO_DOMAIN

/* Handler domctl_NAME, and how much of the union it uses. */
#define ROW(name, type, flags) \
	[XEN_DOMCTL_##name] = { domctl_##name, #name, sizeof(struct xen_domctl_##type), (flags) }
#define ROW_ALONE(name, flags) [XEN_DOMCTL_##name] = { domctl_##name, #name, 0, (flags) }
#define ROW_NOT_HERE(name)     [XEN_DOMCTL_##name] = { not_here, #name, 0, CONTROL_NO_DOMAIN }

/* clang-format off */
static const struct control_row rows[] = {
	/* a domain's life */
	ROW(createdomain,            createdomain,       OUT | NONE),
	ROW(max_vcpus,               max_vcpus,          OTHERS),
	ROW_ALONE(pausedomain,                           OTHERS),
	ROW_ALONE(unpausedomain,                         0),
	ROW_ALONE(resumedomain,                          OTHERS),
	ROW_ALONE(destroydomain,                         OTHERS | ZOMBIES),
	ROW(getdomaininfo,           getdomaininfo,      OUT | NONE),
	ROW(scheduler_op,            scheduler_op,       OUT),
	ROW(max_mem,                 max_mem,            0),
	ROW(setdomainhandle,         setdomainhandle,    0),
	ROW(subscribe,               subscribe,          0),
	ROW(settimeoffset,           settimeoffset,      0),
	ROW(settscinfo,              tsc_info,           OTHERS),
	ROW(gettscinfo,              tsc_info,           OUT | OTHERS),
	ROW(set_address_size,        address_size,       0),
	ROW(get_address_size,        address_size,       OUT),
	ROW(setnodeaffinity,         nodeaffinity,       0),
	ROW(getnodeaffinity,         nodeaffinity,       0),
	/* vcpus */
	ROW(getvcpuinfo,             getvcpuinfo,        OUT),
	ROW(setvcpuaffinity,         vcpuaffinity,       0),
	ROW(getvcpuaffinity,         vcpuaffinity,       0),
	ROW(setvcpucontext,          vcpucontext,        OTHERS),
	ROW(getvcpucontext,          vcpucontext,        OTHERS),
	ROW(sendtrigger,             sendtrigger,        0),
	ROW(gethvmcontext,           hvmcontext,         OUT | OTHERS),
	ROW(sethvmcontext,           hvmcontext,         OTHERS),
	ROW(gethvmcontext_partial,   hvmcontext_partial, OUT | OTHERS),
	ROW(get_vcpu_msrs,           vcpu_msrs,          0),
	ROW(set_vcpu_msrs,           vcpu_msrs,          0),
	ROW(getvcpuextstate,         vcpuextstate,       0),
	ROW(setvcpuextstate,         vcpuextstate,       0),
	ROW(get_cpu_policy,          cpu_policy,         OUT),
	ROW(set_cpu_policy,          cpu_policy,         ALWAYS | OTHERS),
	/* memory */
	ROW(getpageframeinfo3,       getpageframeinfo3,  0),
	ROW(shadow_op,               shadow_op,          OUT | OTHERS),
	ROW(get_paging_mempool_size, paging_mempool,     OUT | OTHERS),
	ROW(set_paging_mempool_size, paging_mempool,     OTHERS),
	ROW(hypercall_init,          hypercall_init,     0),
	/* the machine's own */
	ROW(irq_permission,          irq_permission,     0),
	ROW(iomem_permission,        iomem_permission,   0),
	ROW(ioport_permission,       ioport_permission,  0),
	ROW(memory_mapping,          memory_mapping,     0),
	ROW(ioport_mapping,          ioport_mapping,     0),

	ROW_NOT_HERE(assign_device),
	ROW_NOT_HERE(deassign_device),
	ROW_NOT_HERE(test_assign_device),
	ROW_NOT_HERE(get_device_group),
	ROW_NOT_HERE(bind_pt_irq),
	ROW_NOT_HERE(unbind_pt_irq),
	ROW_NOT_HERE(vm_event_op),
	ROW_NOT_HERE(monitor_op),
	ROW_NOT_HERE(mem_sharing_op),
	ROW_NOT_HERE(set_access_required),
	ROW_NOT_HERE(psr_cmt_op),
	ROW_NOT_HERE(psr_alloc),
	ROW_NOT_HERE(vmtrace_op),
	ROW_NOT_HERE(setvnumainfo),
	ROW_NOT_HERE(debug_op),
	ROW_NOT_HERE(setdebugging),
};

#define OWN_ROW(name, type, flags)                                         \
	[DEVMODEL_DOMCTL_##name - DEVMODEL_DOMCTL_CREATE] = {               \
		domctl_devmodel_##type, "devmodel_" #type,                  \
		sizeof(struct devmodel_domctl_##type), (flags)              \
	}

/* Not the ABI's, in a range far from its own. */
static const struct control_row own_rows[] = {
	OWN_ROW(CREATE, create, OUT | OTHERS),
	OWN_ROW(INFO,   info,   OUT),
	[HISTORY_DOMCTL_GET - DEVMODEL_DOMCTL_CREATE] = {
		domctl_history_get, "history_get", sizeof(struct history_domctl_get), OTHERS
	},
};
/* clang-format on */

static struct control_table table = {
	.name = "domctl",
	.version = XEN_DOMCTL_INTERFACE_VERSION,
	.head_size = offsetof(struct xen_domctl, u),
	.has_domain = true,
	.nr_rows = ARRAY_LEN(rows),
	.rows = rows,
	.own_first = DEVMODEL_DOMCTL_CREATE,
	.nr_own_rows = ARRAY_LEN(own_rows),
	.own_rows = own_rows,
	.lock = SPINLOCK_INIT,
};

long domctl_op(struct vcpu *caller, uint64_t *args)
{
	return control_op(&table, caller, args[0]);
}
