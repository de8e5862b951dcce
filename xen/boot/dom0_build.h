/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The first domain: from the boot modules and the options. */
#ifndef BOOT_DOM0_BUILD_H
#define BOOT_DOM0_BUILD_H

#include "boot_info.h"
#include "cpuid.h"

struct domain;
struct dom0_machine;
struct pvh_layout;

/* Whether the loader puts the file's name before a command line: all do but GRUB 2. */
bool boot_loader_gives_name(const char *loader);
/* A command line without the file's name. */
const char *boot_command_line_skip_name(const char *command_line, const char *loader);

/*
 * Builds domain 0 from the first module (kernel) and the others (its modules) of machine->boot. Errors have had their line: -ENOENT no module, others as pvh_build().
 */
int must_check dom0_build(const struct dom0_machine *machine, const struct pvh_layout *layout,
                          const struct cpuid_policy *cpuid, struct domain **out);

/* Bytes for domain 0, given what is free and what the options say; *vcpus likewise. */
uint64_t dom0_memory_choose(uint64_t free);
uint32_t dom0_vcpus_choose(uint32_t nr_cpus);

#endif
