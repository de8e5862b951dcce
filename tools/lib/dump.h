/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A guest as a core file. */
#ifndef TOOLS_DUMP_H
#define TOOLS_DUMP_H

#include "guests.h"

/* The guest stands still meanwhile. What fails leaves no file. */
bool dump_core(struct hypervisor *h, const struct guest_info *g, const char *path,
               struct failure *f);

#endif
