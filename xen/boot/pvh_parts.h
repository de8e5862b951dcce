/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of pvh_build(). The first domain's memory is the machine's: dom0_memory.h. */
#ifndef BOOT_PVH_PARTS_H
#define BOOT_PVH_PARTS_H

#include "elf.h"
#include "pvh_build.h"
#include "pvh_map.h"
#include "pvh_space.h"

/* pvh_memory.c */
/* Adds to the domain's memory map; a neighbour of the same type just before grows. What is empty or no longer fits is left out. */
void pvh_map_add(struct domain *d, uint64_t start, uint64_t end, uint32_t type);
/* Makes whole pages of RAM in the map another type. -ENOSPC: the map is full; -EINVAL: not RAM in one entry. */
int must_check pvh_map_carve(struct domain *d, uint64_t start, uint64_t size, uint32_t type);
/* RAM from start to end. -ENOMEM. */
int must_check pvh_range_populate(struct domain *d, uint64_t start, uint64_t end);
/* The map of a PC with its RAM below hole and from PVH_HOLE_END on, and the RAM there; *low_end: where that below the hole ends, which the caller populates. -ENOMEM. */
int must_check pvh_memory_lay(struct domain *d, const struct pvh_config *config, uint64_t hole,
                              uint64_t *low_end);
/* The map of a PVH guest with all of its RAM. -ENOMEM. */
int must_check pvh_memory_populate(struct domain *d, const struct pvh_config *config);
/* Copies to, or zeroes, guest memory of a domain that does not run yet. -EFAULT: not all of it is RAM. */
int must_check pvh_copy(struct domain *d, uint64_t gpa, const void *from, uint64_t size);
int must_check pvh_zero(struct domain *d, uint64_t gpa, uint64_t size);
/* Is all of it RAM that the memory map tells the guest about? */
bool pvh_range_is_ram(const struct domain *d, uint64_t gpa, uint64_t size);

/* Writes RSDP, XSDT, FADT, FACS, MADT and DSDT at PVH_ACPI, where the RSDP stands first. */
int must_check pvh_acpi_write(struct domain *d, const struct pvh_config *config,
                              struct pvh_space *space, uint64_t *rsdp);

/* pvh_start_info.c */
/* Start info and all that hangs on it. *gpa: where it is. -ENOMEM: does not fit below 4 GiB. */
int must_check pvh_start_info_write(struct domain *d, const struct pvh_config *config,
                                    const struct elf_image *kernel, struct pvh_space *space,
                                    uint64_t rsdp, uint64_t *gpa);

#endif
