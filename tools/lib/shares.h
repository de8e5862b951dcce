/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A domain's share of the CPUs: its weight and cap. */
#ifndef TOOLS_SHARES_H
#define TOOLS_SHARES_H

#include "hypervisor.h"

struct share {
	unsigned weight; /* of each vcpu, beside others' 256 */
	unsigned cap;    /* percent of one CPU for the whole domain; 0: none */
};

/* 0, or a negative errno. */
int share_get(struct hypervisor *h, uint32_t domid, struct share *s);
int share_set(struct hypervisor *h, uint32_t domid, const struct share *s);

#endif
