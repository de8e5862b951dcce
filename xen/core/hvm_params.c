// SPDX-License-Identifier: GPL-2.0-or-later
/* HVM parameters: who may read and write each, and what a write means. Public xen/hvm/params.h. */
#include "hvm_params.h"
#include "devmodel.h"
#include "domain.h"
#include "errno.h"
#include "irq_routing.h"

#include <xen/sched.h>

/* Bits 63:56 of HVM_PARAM_CALLBACK_IRQ say what the rest is. */
#define CALLBACK_TYPE_SHIFT 56

enum param_rights {
	GUEST_READ = 1,
	GUEST_WRITE = 2,
	WRITE_ONCE = 4, /* a value other than 0 stays */
	EXISTS = 8,     /* the toolstack's own */
};
#define GUEST_BOTH (EXISTS | GUEST_READ | GUEST_WRITE)

static int set_callback(struct vcpu *caller, struct domain *d, uint64_t value);
static int set_triple_fault(struct vcpu *caller, struct domain *d, uint64_t value);
static int set_timer_mode(struct vcpu *caller, struct domain *d, uint64_t value);
static int set_sleep_state(struct vcpu *caller, struct domain *d, uint64_t value);

static const struct param_row {
	uint8_t rights;
	int (*set)(struct vcpu *caller, struct domain *d, uint64_t value); /* NULL: only stored */
} rows[HVM_NR_PARAMS] = {
	[HVM_PARAM_CALLBACK_IRQ] = { GUEST_BOTH, set_callback },
	[HVM_PARAM_STORE_PFN] = { EXISTS | GUEST_READ },
	[HVM_PARAM_STORE_EVTCHN] = { EXISTS | GUEST_READ },
	[HVM_PARAM_PAE_ENABLED] = { EXISTS },
	[HVM_PARAM_IOREQ_PFN] = { EXISTS },
	[HVM_PARAM_BUFIOREQ_PFN] = { EXISTS },
	[HVM_PARAM_VIRIDIAN] = { EXISTS | WRITE_ONCE },
	[HVM_PARAM_TIMER_MODE] = { EXISTS, set_timer_mode },
	[HVM_PARAM_HPET_ENABLED] = { EXISTS },
	[HVM_PARAM_IDENT_PT] = { EXISTS },
	[HVM_PARAM_ACPI_S_STATE] = { EXISTS, set_sleep_state },
	[HVM_PARAM_VM86_TSS] = { GUEST_BOTH },
	[HVM_PARAM_VPT_ALIGN] = { EXISTS },
	[HVM_PARAM_CONSOLE_PFN] = { EXISTS | GUEST_READ },
	[HVM_PARAM_CONSOLE_EVTCHN] = { EXISTS | GUEST_READ },
	[HVM_PARAM_ACPI_IOPORTS_LOCATION] = { GUEST_BOTH },
	[HVM_PARAM_NESTEDHVM] = { EXISTS | WRITE_ONCE },
	[HVM_PARAM_PAGING_RING_PFN] = { EXISTS },
	[HVM_PARAM_MONITOR_RING_PFN] = { EXISTS },
	[HVM_PARAM_SHARING_RING_PFN] = { EXISTS },
	[HVM_PARAM_TRIPLE_FAULT_REASON] = { EXISTS, set_triple_fault },
	[HVM_PARAM_IOREQ_SERVER_PFN] = { EXISTS | WRITE_ONCE },
	[HVM_PARAM_NR_IOREQ_SERVER_PAGES] = { EXISTS | WRITE_ONCE },
	[HVM_PARAM_VM_GENERATION_ID_ADDR] = { GUEST_BOTH },
	[HVM_PARAM_ALTP2M] = { EXISTS | GUEST_READ | WRITE_ONCE },
	[HVM_PARAM_X87_FIP_WIDTH] = { EXISTS | GUEST_READ },
	[HVM_PARAM_VM86_TSS_SIZED] = { GUEST_BOTH },
	[HVM_PARAM_MCA_CAP] = { EXISTS | WRITE_ONCE },
};

const struct save_field hvm_params_saved[] = {
	SAVE_ARRAY(SAVE_U64, 1, struct hvm_params, value),
	SAVE_LAST,
};

void hvm_params_init(struct domain *d)
{
	d->hvm_params = (struct hvm_params){ 0 };
	d->hvm_params.value[HVM_PARAM_TRIPLE_FAULT_REASON] = SHUTDOWN_reboot;
}

/* A vector below 16 is no vector: then there is no callback. SDM 10.5.2 */
static int set_callback(struct vcpu *caller, struct domain *d, uint64_t value)
{
	struct hvm_params *p = &d->hvm_params;
	uint64_t type = value >> CALLBACK_TYPE_SHIFT;

	p->callback = CALLBACK_NONE;
	irq_routing_callback_sync(d);
	if (type == HVM_PARAM_CALLBACK_TYPE_VECTOR && (uint8_t)value >= 16) {
		p->callback_vector = (uint8_t)value;
		p->callback = CALLBACK_VECTOR;
	} else if (type == HVM_PARAM_CALLBACK_TYPE_PCI_INTX) {
		p->callback_gsi = (uint32_t)value;
		p->callback = CALLBACK_PCI_INTX;
	} else if (type == HVM_PARAM_CALLBACK_TYPE_GSI && value != 0) {
		p->callback_gsi = (uint32_t)value;
		p->callback = CALLBACK_GSI;
	}
	if (caller && caller->domain == d)
		domain_latch_width(d, caller);
	/* What is pending already is shown by the new way. */
	irq_routing_callback_sync(d);
	return 0;
}

static int set_triple_fault(struct vcpu *caller, struct domain *d, uint64_t value)
{
	return value > SHUTDOWN_MAX ? -EINVAL : 0;
}

static int set_timer_mode(struct vcpu *caller, struct domain *d, uint64_t value)
{
	return value > HVMPTM_one_missed_tick_pending ? -EINVAL : 0;
}

/* 0 wakes it, by its board; only the guest itself puts it to sleep. */
static int set_sleep_state(struct vcpu *caller, struct domain *d, uint64_t value)
{
	if (value)
		return -EINVAL;
	if (d->devmodel)
		devmodel_raise(d->devmodel, DEVMODEL_EVENT_WAKE);
	return 0;
}

/* Rights of caller over a parameter of d; 0 or the error. */
static int param_check(struct vcpu *caller, struct domain *d, uint32_t index,
                       enum param_rights wanted)
{
	if (index >= HVM_NR_PARAMS || !rows[index].rights)
		return -EINVAL;
	if (!caller)
		return 0;
	if (caller->domain == d)
		return rows[index].rights & wanted ? 0 : -EPERM;
	return caller->domain->is_privileged ? 0 : -EPERM;
}

int hvm_param_set(struct vcpu *caller, struct domain *d, uint32_t index, uint64_t value)
{
	int err = param_check(caller, d, index, GUEST_WRITE);
	uint64_t old;

	if (err)
		return err;
	old = d->hvm_params.value[index];
	if ((rows[index].rights & WRITE_ONCE) && old != 0 && old != value)
		return -EEXIST;
	if (rows[index].set) {
		err = rows[index].set(caller, d, value);
		if (err)
			return err;
	}
	d->hvm_params.value[index] = value;
	return 0;
}

int hvm_param_get(struct vcpu *caller, struct domain *d, uint32_t index, uint64_t *value)
{
	int err = param_check(caller, d, index, GUEST_READ);

	if (err == 0)
		*value = d->hvm_params.value[index];
	return err;
}
