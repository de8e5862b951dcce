/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The FPU and extended state of vcpus: XSAVE where there is one, else FXSAVE. Serves machine_fpu_*() (core/machine.h). */
#ifndef MACHINE_FPU_H
#define MACHINE_FPU_H

#include "types.h"

/* Boot CPU, after paging_cpu_init(): decides the features and the size. */
void fpu_init(void);
/* Each CPU. */
void fpu_cpu_init(void);

#endif
