/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A guest's grants and ports in a test: memory that test and process share, and a pair of sockets on which a message is a port (a struct pv_told). */
#ifndef PV_PLACE_MEMORY_H
#define PV_PLACE_MEMORY_H

#include <stdint.h>

#define PV_GRANTS 256u /* pages that the guest can grant; page g is grant g's */

enum pv_grant { PV_NOT_GRANTED, PV_GRANTED_READ, PV_GRANTED_WRITE };

struct pv_memory {
	uint8_t pages[PV_GRANTS][4096];
	uint8_t grants[4096]; /* enum pv_grant of each page */
};

/* The guest's port (remote) was told, or tells. */
struct pv_told {
	uint32_t port;
};

#endif
