// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ACPI's S3 of a guest with a board: its vcpus stand still, RAM stays, and what wakes it (a button, the clock's alarm, a key, the tools) starts vcpu 0 where a PC starts, with the
 * reason in CMOS. The BIOS then goes where the guest's FACS says (ACPI 5.0, 16.3.2).
 */
#include "devmodel.h"
#include "domain_table.h"
#include "hvm_platform.h"
#include "log.h"
#include "virt_ops.h"

#include <xen/hvm/params.h>

#define S3 3
/* The shutdown status byte of a PC's CMOS, and what means S3 in it. */
#define CMOS_SHUTDOWN_STATUS 0x0f
#define STATUS_RESUME        0xfe

void domain_sleep(struct domain *d)
{
	struct vcpu *v;
	uint32_t i;

	spin_lock(&d->lock);
	if (!d->devmodel || d->sleep != DOMAIN_AWAKE || d->is_shut_down) {
		spin_unlock(&d->lock);
		return;
	}
	write_once(d->sleep, DOMAIN_ASLEEP);
	d->hvm_params.value[HVM_PARAM_ACPI_S_STATE] = S3;
	domain_for_each_vcpu(d, v, i)
		sched_pause(&v->sched);
	spin_unlock(&d->lock);
	hvm_platform_sleep(d);
	log_guest(
		d, LOG_INFO,
		"asleep (ACPI S3); a button, a key, its clock's alarm or xl trigger s3resume wakes it");
}

static bool waking_begin(struct domain *d)
{
	bool begins;

	spin_lock(&d->lock);
	begins = d->sleep == DOMAIN_ASLEEP && !d->is_shut_down && d->state == DOMAIN_RUNNING;
	if (begins)
		write_once(d->sleep, DOMAIN_WAKING);
	spin_unlock(&d->lock);
	return begins;
}

/* Vcpu 0 is where the power-on left it; the others wait for it to start them. */
static void waking_end(struct domain *d)
{
	struct vcpu *v;
	uint32_t i;

	spin_lock(&d->lock);
	domain_for_each_vcpu(d, v, i) {
		if (i == 0) {
			vcpu_up_locked(v);
		} else {
			v->wait_for_sipi = true;
			vcpu_down_locked(v);
		}
		sched_unpause(&v->sched);
	}
	d->hvm_params.value[HVM_PARAM_ACPI_S_STATE] = 0;
	write_once(d->sleep, DOMAIN_AWAKE);
	spin_unlock(&d->lock);
}

/* In real mode's shadow of the BIOS: there is no ROM below 4 GiB. */
static void start_at_bios(struct vcpu *v)
{
	struct segment cs = { .selector = 0xf000, .attr = 0x09b, .limit = 0xffff, .base = 0xf0000 };

	virt->set_segment(v, SEG_CS, &cs);
}

void domain_wake(struct domain *d)
{
	struct vcpu *v;
	uint32_t i;

	if (!waking_begin(d))
		return;
	domain_for_each_vcpu(d, v, i)
		vcpu_reset(v, false);
	hvm_platform_reset(d);
	vrtc_set_cmos(d, CMOS_SHUTDOWN_STATUS, STATUS_RESUME);
	devmodel_wake(d->devmodel);
	start_at_bios(domain_vcpu(d, 0));
	log_guest(d, LOG_INFO, "awake");
	waking_end(d);
}

void domain_alarm(struct domain *d)
{
	if (d->devmodel)
		devmodel_raise(d->devmodel, DEVMODEL_EVENT_ALARM);
}
