// SPDX-License-Identifier: GPL-2.0-or-later
/* INIT and start-up IPIs between vcpus, SDM 8.4 and 10.6. */
#include "domain.h"

#include <xen/sched.h>

/* domain->lock held. The target has no CPU: its state may be changed from here. */
static void start_at(struct vcpu *v, uint8_t vector)
{
	v->wait_for_sipi = false;
	v->sipi_vector = -1;
	vcpu_sipi(v, vector);
	v->is_initialised = true;
}

void vcpu_init_send(struct vcpu *v)
{
	spin_lock(&v->domain->lock);
	v->sipi_vector = -1;
	if (v->is_up)
		vcpu_request(v, VCPU_REQ_RESET);
	else
		v->wait_for_sipi = true;
	spin_unlock(&v->domain->lock);
}

void vcpu_sipi_send(struct vcpu *v, uint8_t vector)
{
	bool start = false;

	/* One that has just gone down may still be in its CPU: not to be waited for with the lock, which that CPU may want. */
	if (!read_once(v->is_up))
		sched_pause_wait(&v->sched);
	spin_lock(&v->domain->lock);
	if (v->is_up) {
		if (read_once(v->requests) & VCPU_REQ_RESET)
			v->sipi_vector = vector;
	} else if (v->wait_for_sipi) {
		vcpu_reset(v, true);
		start_at(v, vector);
		start = true;
	}
	spin_unlock(&v->domain->lock);
	if (start)
		vcpu_up(v);
}

void vcpu_init_received(struct vcpu *v)
{
	bool start = false;

	spin_lock(&v->domain->lock);
	vcpu_reset(v, true);
	v->halted = false;
	if (v->sipi_vector >= 0) {
		start_at(v, (uint8_t)v->sipi_vector);
		start = true;
	} else {
		v->wait_for_sipi = true;
	}
	spin_unlock(&v->domain->lock);
	if (!start)
		vcpu_down(v);
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
	if (up == 0)
		domain_shutdown(d, SHUTDOWN_poweroff);
}
