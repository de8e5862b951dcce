/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nested page-table entries of AMD's form (APM volume 2, 15.25). Pure. */
#ifndef SVM_NPT_H
#define SVM_NPT_H

#include "virt_ops.h"

/* Constant after npt_init(). */
extern struct nested_format npt_format;

/* Once at start. Can a leaf be 1 GiB large (CPUID 8000_0001 EDX[26])? Width of a physical address (8000_0008 EAX[7:0]). Does the
 * CPU mark what is written, as every AMD-V does, in a way to rely on? */
void npt_init(bool has_1g_pages, unsigned physical_bits, bool marks_writes);

#endif
