/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SeaBIOS: where its image goes, and what it is told when it runs under Xen. */
#ifndef HVMLOADER_BIOS_H
#define HVMLOADER_BIOS_H

#include "memory_map.h"

#define BIOS_TABLES_MAX 4

/* To the end of 1 MiB, and to the end of 4 GiB. */
void bios_load(struct memory_map *m, const struct config *c);
/* The hand-over: addresses of tables that the BIOS copies to where systems look for them, and the memory map. After this the map is told and may not change. */
void bios_tell(const struct memory_map *m, const uint32_t *tables, unsigned nr);

#endif
