/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Giving up every privilege, when everything is open: an own uid, an empty root, no networks, no capabilities, and a list of system calls. README.md explains the list. */
#ifndef BACKEND_SANDBOX_H
#define BACKEND_SANDBOX_H

#include "failure.h"
#include "link_place.h"
#include "pv_place.h"

#include <stdint.h>

/* place, pv: what of the hypervisor is open; NULL: nothing. start: begins the threads that there are to be: they have no rights any more, and the list is theirs, too. There is no way back. Without root's rights there is no own uid and no empty root: the list of system calls remains. False: a kernel without seccomp, or no memory. */
bool sandbox_enter(uint32_t uid, const struct link_place *place,
                   const struct pv_place *pv, bool (*start)(void *context, struct failure *f), void *context, struct failure *f);
/* The part before the list of system calls, and with networks left: for the user-mode network's process. resolv: a copy of the resolver's settings is all that its root has. */
bool sandbox_drop(uint32_t uid, bool keeps_network, const char *resolv, struct failure *f);

#endif
