/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Brings up the other CPUs. Serves machine_nr_cpus() and machine_kick_cpu() (core/machine.h). */
#ifndef MACHINE_SMP_H
#define MACHINE_SMP_H

#include "types.h"

/*
 * Starts the CPUs that ACPI lists, up to maxcpus=, one after the other. trampoline_page: a page of RAM below 640 KiB that may be overwritten (nothing to do with it
 * after the return). before runs on the boot CPU for each new number, then cpu_init on that CPU itself; when either fails (negative errno) that CPU is left out.
 * Both may allocate. On return machine_nr_cpus() is final and the others wait for smp_release().
 */
void smp_start(uint64_t trampoline_page, int (*before)(unsigned cpu),
               int (*cpu_init)(unsigned cpu));
/* The others go on to cpu_loop(). */
void smp_release(void);

/* From trampoline.S, on the new CPU. */
void smp_secondary_main(void) noreturn_fn;
/* Stops all other CPUs for a crash or a reboot, by NMI; bounded wait. */
void smp_stop_others(void);
/* Set by it: NMIs mean "stop" from now on. */
extern bool smp_stopping;

#endif
