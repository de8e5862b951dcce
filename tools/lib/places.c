/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A PC's places by name. */
#include "places.h"

#include <stddef.h>

struct place {
	uint64_t first, last;
	const char *name;
};

static const struct place ports[] = {
	{ 0x00, 0x0f, "DMA controller" },
	{ 0x20, 0x21, "interrupt controller" },
	{ 0x40, 0x43, "timer (PIT)" },
	{ 0x60, 0x60, "keyboard and mouse" },
	{ 0x61, 0x61, "speaker and timer gate" },
	{ 0x64, 0x64, "keyboard controller" },
	{ 0x70, 0x71, "clock and CMOS" },
	{ 0x80, 0x80, "POST code" },
	{ 0x92, 0x92, "A20 and fast reset" },
	{ 0xa0, 0xa1, "second interrupt controller" },
	{ 0xb2, 0xb3, "system management" },
	{ 0xe9, 0xe9, "debug port" },
	{ 0x170, 0x177, "secondary IDE channel" },
	{ 0x1f0, 0x1f7, "primary IDE channel" },
	{ 0x2e8, 0x2ef, "serial port 3" },
	{ 0x2f8, 0x2ff, "serial port 1" },
	{ 0x376, 0x376, "secondary IDE channel, control" },
	{ 0x3b0, 0x3df, "VGA" },
	{ 0x3e8, 0x3ef, "serial port 2" },
	{ 0x3f6, 0x3f6, "primary IDE channel, control" },
	{ 0x3f8, 0x3ff, "serial port 0" },
	{ 0x402, 0x402, "firmware's debug port" },
	{ 0x4d0, 0x4d1, "interrupt controller, edges and levels" },
	{ 0x510, 0x511, "firmware configuration" },
	{ 0x600, 0x60f, "IDE bus master" },
	{ 0xcf8, 0xcf8, "PCI configuration" },
	{ 0xcf9, 0xcf9, "reset control" },
	{ 0xcfa, 0xcff, "PCI configuration" },
	{ 0xb000, 0xb03f, "ACPI power management" },
};
static const struct place memory[] = {
	{ 0xa0000, 0xbffff, "VGA memory" },       { 0xc0000, 0xfffff, "BIOS" },
	{ 0xfec00000, 0xfec00fff, "IO-APIC" },    { 0xfed00000, 0xfed003ff, "HPET" },
	{ 0xfee00000, 0xfee00fff, "local APIC" },
};

static const char *find(const struct place *p, size_t n, uint64_t at)
{
	for (size_t i = 0; i < n; i++)
		if (at >= p[i].first && at <= p[i].last)
			return p[i].name;
	return "";
}

const char *place_of_port(uint64_t port)
{
	return find(ports, sizeof(ports) / sizeof(ports[0]), port);
}

const char *place_of_memory(uint64_t address)
{
	return find(memory, sizeof(memory) / sizeof(memory[0]), address);
}

const char *exception_name(uint64_t vector)
{
	static const char *const names[] = {
		"divide error",
		"debug exception",
		"NMI",
		"breakpoint",
		"overflow",
		"bound range exceeded",
		"undefined instruction",
		"no FPU",
		"double fault",
		"FPU segment overrun",
		"invalid task",
		"segment not present",
		"stack fault",
		"general protection fault",
		"page fault",
		"reserved exception",
		"FPU error",
		"alignment check",
		"machine check",
		"SIMD exception",
	};

	return vector < sizeof(names) / sizeof(names[0]) ? names[vector] : "exception";
}
