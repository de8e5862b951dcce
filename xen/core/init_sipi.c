// SPDX-License-Identifier: GPL-2.0-or-later
/* INIT and start-up IPIs between vcpus, SDM 8.4 and 10.6. */
#include "domain.h"

#include <xen/sched.h>

/*
 * What an INIT or a SIPI changes is changed by the target alone, in vcpu_init_received(): a sender that waited for the target's state would wait
 * for another CPU, which may be waiting for the sender's.
 */

/* domain->lock held. */
static void init_ask(struct vcpu *v, int16_t sipi_vector)
{
	v->init_pending = true;
	v->sipi_vector = sipi_vector;
	vcpu_request(v, VCPU_REQ_RESET);
}

void vcpu_init_send(struct vcpu *v)
{
	spin_lock(&v->domain->lock);
	if (v->is_up)
		init_ask(v, -1);
	else
		v->wait_for_sipi = true;
	spin_unlock(&v->domain->lock);
}

void vcpu_sipi_send(struct vcpu *v, uint8_t vector)
{
	spin_lock(&v->domain->lock);
	if (v->is_up) {
		if (v->init_pending && v->sipi_vector < 0)
			v->sipi_vector = vector;
	} else if (v->wait_for_sipi) {
		v->is_initialised = true;
		init_ask(v, vector);
		vcpu_up_locked(v);
	}
	spin_unlock(&v->domain->lock);
}

void vcpu_init_received(struct vcpu *v)
{
	spin_lock(&v->domain->lock);
	/* The request of an INIT that was taken together with the one before it. */
	if (!v->init_pending)
		goto out;
	v->init_pending = false;
	vcpu_reset(v, true);
	if (v->sipi_vector >= 0) {
		vcpu_sipi(v, (uint8_t)v->sipi_vector);
		v->sipi_vector = -1;
		event_channel_upcall_again(v);
	} else {
		v->wait_for_sipi = true;
		vcpu_down_locked(v);
	}
out:
	spin_unlock(&v->domain->lock);
}

void vcpu_down_forever(struct vcpu *v)
{
	struct domain *d = v->domain;
	struct vcpu *other;
	uint32_t i, up = 0;

	vcpu_down(v);
	spin_lock(&d->lock);
	domain_for_each_vcpu(d, other, i)
		up += other->is_up;
	spin_unlock(&d->lock);
	if (up == 0) {
		domain_ending_note(
			d,
			"its last vcpu stopped for good at %#lx: it halted with interrupts off, which nothing ends",
			v->regs.rip);
		domain_shutdown(d, SHUTDOWN_poweroff);
	}
}
