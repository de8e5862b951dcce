// SPDX-License-Identifier: GPL-2.0-or-later
/* From an ELF file to a PVH domain that is ready to start. */
#include "pvh_parts.h"
#include "errno.h"
#include "log.h"
#include "string.h"
#include <xen/hvm/hvm_vcpu.h>

/* Everything that can be said before a domain exists. */
static int config_check(const struct pvh_config *config, struct elf_image *kernel)
{
	const char *why = NULL;
	int err;

	if (config->is_loader)
		err = elf_parse_loader(config->kernel.data, config->kernel.size, kernel, &why);
	else
		err = elf_parse(config->kernel.data, config->kernel.size, kernel, &why);
	if (err) {
		log_error("%s: not a PVH kernel: %s", config->name, why);
		return err;
	}
	if (!config->max_vcpus || config->max_vcpus > DOMAIN_MAX_VCPUS) {
		log_error("%s: %u vcpus asked for, 1 to %u are possible", config->name,
		          config->max_vcpus, DOMAIN_MAX_VCPUS);
		return -EINVAL;
	}
	if (config->nr_modules > PVH_MAX_MODULES) {
		log_error("%s: %u modules, at most %u are possible", config->name,
		          config->nr_modules, PVH_MAX_MODULES);
		return -EINVAL;
	}
	if (config->memory < MIB(2)) {
		log_error("%s: %llu KiB of memory, at least 2048 are needed", config->name,
		          (unsigned long long)config->memory >> 10);
		return -EINVAL;
	}
	return 0;
}

static bool kernel_fits(const struct domain *d, const struct pvh_config *config,
                        const struct elf_image *kernel)
{
	for (uint32_t i = 0; i < kernel->nr_segments; i++) {
		const struct elf_segment *s = &kernel->segments[i];

		if (pvh_range_is_ram(d, s->paddr, s->memory_size))
			continue;
		log_error("%s: wants to lie at %#llx-%#llx, where its domain has no RAM",
		          config->name, (unsigned long long)s->paddr,
		          (unsigned long long)(s->paddr + s->memory_size - 1));
		return false;
	}
	return true;
}

static int kernel_load(struct domain *d, const struct pvh_config *config,
                       const struct elf_image *kernel)
{
	const uint8_t *file = config->kernel.data;
	int err = 0;

	for (uint32_t i = 0; i < kernel->nr_segments && !err; i++) {
		const struct elf_segment *s = &kernel->segments[i];

		err = pvh_copy(d, s->paddr, file + s->offset, s->file_size);
		if (!err)
			err = pvh_zero(d, s->paddr + s->file_size, s->memory_size - s->file_size);
	}
	return err;
}

/* The state that the PVH ABI wants at the entry: 32-bit protected mode, flat, no paging; EBX has the start info. */
static int vcpu_set_entry(struct vcpu *v, uint32_t entry, uint32_t start_info)
{
	struct vcpu_hvm_context ctx = {
		.mode = VCPU_HVM_MODE_32B,
		.cpu_regs.x86_32 = {
			.ebx = start_info,
			.eip = entry,
			.eflags = RFLAGS_MBS,
			.cr0 = CR0_PE | CR0_ET,
			.cs_limit = ~0u,
			.ds_limit = ~0u,
			.es_limit = ~0u,
			.ss_limit = ~0u,
			.tr_limit = 0x67,
			.cs_ar = 0xc9b,
			.ds_ar = 0xc93,
			.es_ar = 0xc93,
			.ss_ar = 0xc93,
			.tr_ar = 0x8b,
		},
	};

	return vcpu_set_context(v, &ctx);
}

static int vcpus_create(struct domain *d, const struct pvh_config *config)
{
	struct vcpu *v;

	for (uint32_t id = 0; id < config->max_vcpus; id++) {
		int err = vcpu_create(d, id, &v);

		if (err)
			return err;
	}
	return 0;
}

static int no_devices(struct domain *d, const struct pvh_config *config)
{
	return 0;
}

const struct pvh_layout pvh_guest_layout = {
	.populate = pvh_memory_populate,
	.firmware = pvh_acpi_write,
	.devices = no_devices,
};

/*
 * What nobody may be put upon: the kernel's place and, in a domain whose memory is the machine's, where the loader has left the kernel and the modules: they
 * are read later.
 */
static int space_prepare(struct pvh_space *space, const struct pvh_config *config,
                         const struct elf_image *kernel)
{
	int err;

	pvh_space_init(space);
	err = pvh_space_use(space, kernel->low, kernel->high - kernel->low);
	if (!config->layout->is_direct_mapped)
		return err;
	if (!err)
		err = pvh_space_use(space, virt_to_hpa(config->kernel.data).v, config->kernel.size);
	for (uint32_t i = 0; i < config->nr_modules && !err; i++)
		err = pvh_space_use(space, virt_to_hpa(config->modules[i].data).v,
		                    config->modules[i].size);
	return err;
}

static int vcpus_start(struct domain *d, const struct pvh_config *config, uint32_t entry,
                       uint64_t start_info)
{
	int err = vcpus_create(d, config);

	if (!err)
		err = vcpu_set_entry(domain_vcpu(d, 0), entry, (uint32_t)start_info);
	if (!err)
		vcpu_up(domain_vcpu(d, 0));
	return err;
}

/* Fills a new domain. The kernel comes last: it may overwrite what the loader had put there. */
static int domain_furnish(struct domain *d, const struct pvh_config *config,
                          const struct elf_image *kernel)
{
	struct pvh_space space;
	uint64_t start_info, rsdp;
	const char *stage = "its memory";
	int err;

	d->cpuid = *config->cpuid;
	d->is_direct_mapped = config->layout->is_direct_mapped;
	err = config->layout->populate(d, config);
	err = err ? err : space_prepare(&space, config, kernel);
	if (err)
		goto fail;
	if (!kernel_fits(d, config, kernel))
		return -EINVAL; /* has had its line */
	stage = "its ACPI tables";
	err = config->layout->firmware(d, config, &space, &rsdp);
	if (err)
		goto fail;
	stage = "its modules below 4 GiB";
	err = pvh_start_info_write(d, config, kernel, &space, rsdp, &start_info);
	if (err)
		goto fail;
	stage = "its kernel";
	err = kernel_load(d, config, kernel);
	if (err)
		goto fail;
	stage = "its devices";
	err = config->layout->devices(d, config);
	if (err)
		goto fail;
	stage = "its vcpus";
	err = vcpus_start(d, config, kernel->entry, start_info);
	if (!err)
		return 0;
fail:
	log_error("%s: no room for %s (error %d)", config->name, stage, -err);
	return err;
}

int pvh_build(const struct pvh_config *config, struct domain **out)
{
	struct domain_config domain = {
		.id = config->is_privileged ? 0 : DOMID_INVALID,
		.max_vcpus = config->max_vcpus,
		.package_vcpus = config->package_vcpus,
		.max_pages = (config->memory + config->extra_memory) >> PAGE_SHIFT,
		.emulation_flags = config->emulation_flags,
		.is_privileged = config->is_privileged,
	};
	struct elf_image kernel;
	struct domain *d;
	int err;

	err = config_check(config, &kernel);
	if (err)
		return err;
	err = domain_create(&domain, &d);
	if (err) {
		log_error("%s: its domain cannot be created (error %d)", config->name, -err);
		return err;
	}
	err = domain_furnish(d, config, &kernel);
	if (err) {
		domain_destroy(d);
		domain_put(d);
		return err;
	}
	*out = d;
	return 0;
}
