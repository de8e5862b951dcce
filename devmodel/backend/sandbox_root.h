/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A root of its own for this process: a file system in memory, read-only, that is in no other process's view. */
#ifndef BACKEND_SANDBOX_ROOT_H
#define BACKEND_SANDBOX_ROOT_H

#include "sandbox.h"

/* Goes there. In it: the resolver's settings (a copy) and w->files, each under the name that it had. The error is errno's; *what: what did not succeed. */
bool sandbox_root_enter(const struct sandbox_wish *w, const char **what);

#endif
