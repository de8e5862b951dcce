/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a guest ended, or what it does: what the hypervisor remembers of it, in words. */
#ifndef TOOLS_ENDING_H
#define TOOLS_ENDING_H

#include "guests.h"

#include <stdio.h>

/* False: the hypervisor does not tell (a line of why not is written all the same). */
bool ending_print(struct hypervisor *h, const struct guest_info *g, FILE *to);

#endif
