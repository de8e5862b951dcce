// SPDX-License-Identifier: GPL-2.0-or-later
// The HVM guest of hvmguest, and the toolstack's half of it (hvmbuild.h).
#pragma once
#include "program.h"

struct guest {
	xencall_handle *xen;
	xenevtchn_handle *events;
	xenforeignmemory_handle *memory;
	uint32_t domid;
	evtchn_port_t port; // of ours, to its device model's: remote
	evtchn_port_t remote;
	struct devmodel_link *link;
	uint8_t *vram;
	uint8_t *disk; // the file, mapped
	uint64_t disk_size;
};
extern struct guest guest;

// Tells the device model of a new backend, which is answered later.
void guest_attach(uint32_t epoch);

#include "hvmbuild.h"
