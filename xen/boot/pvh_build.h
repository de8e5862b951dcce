/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Builds a PVH domain: an ELF with a PHYS32_ENTRY note, its start info, memory map, RSDP, command line and modules. Public xen/arch-x86/hvm/start_info.h. */
#ifndef BOOT_PVH_BUILD_H
#define BOOT_PVH_BUILD_H

#include "domain.h"

struct pvh_module {
	const void *data;
	uint64_t size;
	const char *command_line;
};

struct pvh_config;
struct pvh_space;

/* What differs between guests and the first domain. Errors are negative errno, their line is pvh_build()'s. */
struct pvh_layout {
	/* The domain's memory map and its RAM. */
	int (*populate)(struct domain *d, const struct pvh_config *config);
	/* Its ACPI tables; *rsdp: where they begin. Pages for them may be taken from space. */
	int (*firmware)(struct domain *d, const struct pvh_config *config, struct pvh_space *space,
	                uint64_t *rsdp);
	/* Its devices. */
	int (*devices)(struct domain *d, const struct pvh_config *config);
	bool is_direct_mapped; /* RAM at gfn = mfn */
};
/* RAM from 0, no devices. */
extern const struct pvh_layout pvh_guest_layout;

struct pvh_config {
	const char *name; /* of the kernel, for messages */
	struct pvh_module kernel;
	bool is_loader; /* the kernel is hvmloader: started in the same way, at its file's entry */
	const struct pvh_module *modules; /* at most PVH_MAX_MODULES */
	uint32_t nr_modules;
	uint64_t memory;       /* bytes; whole pages are used */
	uint64_t extra_memory; /* beyond it: pages that its devices take (a screen's) */
	uint32_t emulation_flags;
	uint32_t max_vcpus;
	uint32_t package_vcpus; /* struct domain_config's */
	bool is_privileged;
	const struct cpuid_policy *cpuid; /* what its vcpus see */
	const struct pvh_layout *layout;
	const void *machine; /* for the layout: the first domain's is a struct dom0_machine */
};

#define PVH_MAX_MODULES 32

/*
 * A domain ready for domain_start(), vcpu 0 up. Errors say their reason in one log line each: -ENOEXEC (not an ELF with the note, wrong class, truncated, entry
 * outside), -ENOMEM, -EINVAL.
 */
int must_check pvh_build(const struct pvh_config *config, struct domain **out);

#endif
