/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is where on a guest's board: the name of a port or of a guest-physical address; "": nothing that is known. */
#ifndef TOOLS_PLACES_H
#define TOOLS_PLACES_H

#include <stdint.h>

const char *place_of_port(uint64_t port);
const char *place_of_memory(uint64_t address);
const char *exception_name(uint64_t vector);

#endif
