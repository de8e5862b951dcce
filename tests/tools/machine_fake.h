/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A machine that is always the same, for checks of guests' descriptions. */
#ifndef TOOLS_MACHINE_FAKE_H
#define TOOLS_MACHINE_FAKE_H

#include "environment.h"

/* /images with its files, the bridge xenbr0, 2 CPUs, 3 GiB free, port 5907 taken, a guest "taken". */
extern const struct config_environment machine_fake;

#endif
