/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xl create: whether this machine has what a guest's plan asks for. */
#ifndef XL_CREATE_CHECK_H
#define XL_CREATE_CHECK_H

#include "cmd.h"
#include "guest_config.h"

/* Names, memory and CPUs are looked at after xl_connect() only. is_thorough: what the builder would find out itself, too. False: m has errors. */
bool create_check(struct xl *x, const struct guest_config *g, bool is_thorough, struct messages *m);
/* The same for a guest that runs, with another description: its name, its disks and its port are its own. */
bool update_check(struct xl *x, const struct guest_config *g, struct messages *m);
/* The keeper works in the root folder. */
void config_make_absolute(struct guest_config *g);

#endif
