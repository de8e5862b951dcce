/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A kernel that is started directly. */
#include "domain_image.h"

bool pvh_furnish(struct domain_image *d)
{
	return fail(d->failure, "%s: type=\"pvh\" is not served yet", d->plan->name);
}
