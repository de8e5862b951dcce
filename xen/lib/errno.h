/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Error numbers: Xen's public ones (xen/errno.h), under their plain names. Functions return them negated.
 * Files that also need the host's <errno.h> (host programs only) must not include this one.
 */
#ifndef LIB_ERRNO_H
#define LIB_ERRNO_H

enum {
#define XEN_ERRNO(name, value) name = (value),
#include <xen/errno.h>
};

#define EINTR     4   /* internal only: "restart me", never seen by a guest */
#define ENOMEDIUM 123 /* internal only: a drive has no medium; the host's number */

#endif
