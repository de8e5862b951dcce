/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who may do what to whom, in one place. */
#include "domain.h"

#include "errno.h"

int privilege_control(const struct vcpu *caller, const struct domain *d)
{
	return caller->domain->is_privileged ? 0 : -EPERM;
}
