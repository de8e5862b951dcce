/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside of domain*.c: the table of domains, and the ends of a domain's life. */
#ifndef CORE_DOMAIN_TABLE_H
#define CORE_DOMAIN_TABLE_H

#include "domain.h"

/* Gives d its id (id DOMID_INVALID: a free one) and its name, and makes it findable. -EEXIST, -ENOSPC. */
int must_check domain_table_insert(struct domain *d, uint16_t id);
void domain_table_remove(struct domain *d);
/* The whole table is gone: for a new start of the core. */
void domain_table_init(void);

/* Every vcpu is paused once while pause_count is not 0. domain->lock held. */
void domain_pause_locked(struct domain *d);

/* The last reference went: frees everything that is left. No lock held. */
void domain_free(struct domain *d);
/* A domain that never got into the table. */
void domain_unbuild(struct domain *d);
void domain_watchdog_fired_0(struct timer *t);
void domain_watchdog_fired_1(struct timer *t);
/* Begins teardown of a domain that is dying and paused. */
void domain_teardown_start(struct domain *d);

#endif
