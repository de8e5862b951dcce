/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state in which vcpu 0 begins: 32-bit protected mode with flat segments and no paging, EBX with the start info. Records as public xen/hvm/save.h has them. */
#include "domain_image.h"

#include <string.h>

#include <xen/hvm/save.h>

#define CONTEXT_MAX 65536u
#define CR0_PE_ET   0x11u
#define FLAGS_RESET 0x2u
#define ACCESS_CODE 0xc9bu
#define ACCESS_DATA 0xc93u
#define ACCESS_TASK 0x8bu
#define DR6_RESET   0xffff0ff0u
#define DR7_RESET   0x400u

struct cpu_context {
	struct hvm_save_descriptor header_descriptor;
	HVM_SAVE_TYPE(HEADER) header;
	struct hvm_save_descriptor cpu_descriptor;
	HVM_SAVE_TYPE(CPU) cpu;
	struct hvm_save_descriptor end_descriptor;
	HVM_SAVE_TYPE(END) end;
} __attribute__((packed));

static HVM_SAVE_TYPE(CPU) cpu_state(const struct domain_image *d)
{
	HVM_SAVE_TYPE(CPU) state = { 0 }, *c = &state;

	c->cr0 = CR0_PE_ET;
	c->rip = d->entry;
	c->rbx = d->start_info;
	c->rflags = FLAGS_RESET;
	c->cs_limit = c->ds_limit = c->es_limit = c->ss_limit = UINT32_MAX;
	c->cs_arbytes = ACCESS_CODE;
	c->ds_arbytes = c->es_arbytes = c->ss_arbytes = ACCESS_DATA;
	c->tr_limit = 0x67;
	c->tr_arbytes = ACCESS_TASK;
	c->dr6 = DR6_RESET;
	c->dr7 = DR7_RESET;
	return state;
}

/* The first record tells the hypervisor which one made them: its own is put in front of ours. */
static int header_get(struct domain_image *d, uint8_t *buffer, struct cpu_context *c)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_gethvmcontext,
		                 .domain = (domid_t)d->built->domid };
	int rc;

	op.u.hvmcontext.size = CONTEXT_MAX;
	set_xen_guest_handle(op.u.hvmcontext.buffer, buffer);
	rc = hypervisor_domctl(d->h, &op);
	if (rc >= 0)
		memcpy(c, buffer, sizeof(c->header_descriptor) + sizeof(c->header));
	return rc;
}

static int context_set(struct domain_image *d, uint8_t *buffer, const struct cpu_context *c)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_sethvmcontext,
		                 .domain = (domid_t)d->built->domid };

	memcpy(buffer, c, sizeof(*c));
	op.u.hvmcontext.size = sizeof(*c);
	set_xen_guest_handle(op.u.hvmcontext.buffer, buffer);
	return hypervisor_domctl(d->h, &op);
}

bool vcpu_start_state(struct domain_image *d)
{
	struct cpu_context c = {
		.cpu_descriptor = { .typecode = HVM_SAVE_CODE(CPU), .length = sizeof(c.cpu) },
		.end_descriptor = { .typecode = HVM_SAVE_CODE(END),
		                    .length = HVM_SAVE_LENGTH(END) },
	};
	uint8_t *buffer = hypervisor_buffer(d->h, CONTEXT_MAX);
	int rc;

	if (!buffer)
		return fail(d->failure, "%s: no memory in the control domain for its vcpu's state",
		            d->plan->name);
	rc = header_get(d, buffer, &c);
	c.cpu = cpu_state(d);
	if (rc >= 0)
		rc = context_set(d, buffer, &c);
	hypervisor_buffer_free(d->h, buffer, CONTEXT_MAX);
	return rc >= 0 || fail(d->failure, "%s: its vcpu's state is refused: %s", d->plan->name,
	                       hypervisor_error(rc));
}
