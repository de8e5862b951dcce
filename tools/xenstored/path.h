/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of nodes: /-separated, absolute or under the caller's home; and the special ones, which begin with @. */
#ifndef XENSTORED_PATH_H
#define XENSTORED_PATH_H

#include <stdbool.h>
#include <stdint.h>
#include <xen/io/xs_wire.h>

#define PATH_HOME     "/local/domain/%u"
#define PATH_HOME_MAX 24 /* of that, with its nul */
#define PATH_SIZE     (XENSTORE_ABS_PATH_MAX + PATH_HOME_MAX + 2)

/*
 * The absolute form of a name that a domain gave. With special, @names are names as well, and stay as they are.
 * Returns 0, or -EINVAL for a name that is none.
 */
int path_resolve(char out[PATH_SIZE], const char *given, uint32_t domid, bool special);

/* Cuts the last component off; of "/a" that leaves "/". False for "/" and @names, which have no parent. */
bool path_to_parent(char *path);

/* Where the last component begins. */
const char *path_leaf(const char *path);

/* path is below, and is not itself, above. */
bool path_is_below(const char *path, const char *above);

#endif
