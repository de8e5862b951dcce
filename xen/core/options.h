/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hypervisor's command line, with Xen's names and forms. A table of rows; unknown options give one warning line each. */
#ifndef CORE_OPTIONS_H
#define CORE_OPTIONS_H

#include "types.h"

struct options {
	char command_line[1024];        /* as given, for XENVER_commandline */
	bool console_com1, console_vga; /* console= (default: both that exist) */
	bool vga_keep; /* vga=keep: the screen stays ours when the first domain starts */
	uint32_t com1_baud, com1_port, com1_irq; /* com1=115200,8n1[,port[,irq]]; 0: default */
	char loglvl[16], guest_loglvl[16];
	uint64_t dom0_mem_min, dom0_mem_max, dom0_mem; /* bytes; 0: not given */
	uint32_t dom0_max_vcpus, dom0_max_vcpus_min;   /* 0: not given */
	bool dom0_pvh;
	bool noreboot, sync_console, console_to_ring;
	bool virtual_irqs; /* QEMU's translator: no interrupt is injected, not into a kernel either (xen/virt/svm) */
	bool check_entries; /* the rules of a guest's state are checked before entries, not only after a refused one */
	uint32_t maxcpus;
	uint32_t
		spare_cpus; /* so many of the first CPUs begin outside of all pools, where there are more */
	uint32_t hidden[16],
		nr_hidden; /* pci_hide=: devices that the first domain does not see, as in vpci.h */
};
extern struct options options;

/*
 * Parses and keeps. A first word that is a path (an image name) is no option. Returns how many options were not understood: their lines are
 * kept for options_report(), because the console is not there yet when its options are read.
 */
int options_parse(const char *command_line);
/* One warning line for each that was not understood, and what was wrong with it. */
void options_report(void);

#endif
