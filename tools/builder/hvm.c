/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An HVM guest: memory as on a PC, hvmloader, and a device model with its board. hvmloader/README.md says what it wants to be told. */
#include "domain_image.h"

#include <stdlib.h>
#include <string.h>

#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>

#include "devmodel_control.h"
#include "uuid.h"

/* RAM below 4 GiB ends here at the latest: PCI's memory and the interrupt controllers are above. */
#define HOLE_USUAL  0xf0000000ull
#define HOLE_LOWEST 0x80000000ull
#define MIB_BYTES   0x100000ull

static bool memory_make(struct domain_image *d)
{
	uint64_t memory = d->plan->memory_kib * 1024 & ~(GUEST_PAGE - 1), hole = HOLE_USUAL, low;

	if (d->plan->mmio_hole > HOLE_END - HOLE_USUAL)
		hole = HOLE_END - d->plan->mmio_hole;
	if (hole < HOLE_LOWEST)
		hole = HOLE_LOWEST;
	low = memory < hole ? memory : hole;
	ram_row(d, 0, LOW_END, 1);
	ram_row(d, LOW_END, HIGH_START, 2);
	ram_row(d, HIGH_START, low, 1);
	ram_row(d, HOLE_END, HOLE_END + memory - low, 1);
	/* the firmware's places below 1 MiB are RAM, too; where the VGA shows its memory there is none */
	return ram_populate(d) && ram_populate_range(d, VGA_END, HIGH_START);
}

/* ---- hvmloader ---- */

static bool loader_load(struct domain_image *d)
{
	const struct build_plan *p = d->plan;
	char words[1500], uuid[UUID_TEXT];
	size_t size;
	uint8_t *file = file_read(d, "hvmloader", p->hvmloader, &size);
	struct elf_image image;
	const char *why;
	bool done;

	if (!file)
		return false;
	uuid_print(uuid, p->uuid);
	snprintf(words, sizeof(words),
	         "vcpus=%u maxvcpus=%u acpi=%u apic=%u hpet=%u acpi_s3=%u acpi_s4=%u uuid=%s",
	         p->vcpus, p->max_vcpus, p->acpi, p->apic, p->hpet, p->acpi_s3, p->acpi_s4, uuid);
	if (p->mmio_hole)
		snprintf(words + strlen(words), sizeof(words) - strlen(words), " mmio_hole=%llu",
		         (unsigned long long)p->mmio_hole);
	if (elf_parse_loader(file, size, &image, &why) != 0)
		done = fail(d->failure,
		            "%s: hvmloader, %s, cannot be started: %s. Install Zazen's tools again",
		            p->name, p->hvmloader, why);
	else
		done = elf_load(d, "hvmloader", file, &image) &&
		       start_info_write(d, words, NULL, 0);
	free(file);
	return done;
}

/* ---- the device model ---- */

/* Where SeaBIOS looks for the order: three places of four bits: 1 floppy, 2 disk, 3 CD, 4 network; the lowest bit of the second byte: no check of a floppy's signature. */
static uint32_t cmos_boot(const char *boot)
{
	static const char letters[] = "acdn";
	uint8_t order[3] = { 0 };
	unsigned n = 0;

	for (; *boot && n < 3; boot++) {
		const char *at = strchr(letters, *boot);

		if (at)
			order[n++] = (uint8_t)(at - letters + 1);
	}
	return order[0] | (uint32_t)order[1] << 4 | ((uint32_t)order[2] << 4 | 1) << 8;
}

static struct devmodel_board board_of(const struct domain_image *d)
{
	struct devmodel_board b = d->plan->board;

	b.version = DEVMODEL_ABI_VERSION;
	b.vram_size = (uint32_t)(d->plan->videoram_mib * MIB_BYTES + DEVMODEL_VRAM_HIDDEN);
	b.guest_end = d->map[d->nr_map - 1].end;
	b.has_link = 1;
	return b;
}

static bool devmodel_make(struct domain_image *d)
{
	struct devmodel_domctl_create create = { .board_size = sizeof(struct devmodel_board),
		                                 .cmos_boot = cmos_boot(d->plan->boot) };
	struct xen_domctl op = { .cmd = DEVMODEL_DOMCTL_CREATE,
		                 .domain = (domid_t)d->built->domid };
	const struct devmodel_board board = board_of(d);
	struct devmodel_board *board_buffer;
	uint8_t *image, *file;
	size_t size;
	int rc = -1;

	file = file_read(d, "the device model", d->plan->devmodel, &size);
	if (!file)
		return false;
	image = hypervisor_buffer(d->h, size);
	board_buffer = hypervisor_buffer(d->h, sizeof(board));
	if (image && board_buffer) {
		memcpy(image, file, size);
		*board_buffer = board;
		create.image = (uint64_t)image;
		create.image_size = size;
		create.board = (uint64_t)board_buffer;
		memcpy(&op.u, &create, sizeof(create));
		rc = hypervisor_domctl(d->h, &op);
		memcpy(&create, &op.u, sizeof(create));
	}
	hypervisor_buffer_free(d->h, image, size);
	hypervisor_buffer_free(d->h, board_buffer, sizeof(board));
	free(file);
	d->built->devmodel_port = create.port;
	return rc == 0 || fail(d->failure, "%s: its device model %s is refused: %s", d->plan->name,
	                       d->plan->devmodel, hypervisor_error(rc));
}

static bool param_set(struct domain_image *d, uint32_t index, uint64_t value)
{
	struct xen_hvm_param p = { .domid = (domid_t)d->built->domid,
		                   .index = index,
		                   .value = value };
	long rc = hypervisor_hvm_op(d->h, HVMOP_set_param, &p, sizeof(p));

	return rc == 0 || fail(d->failure, "%s: the hypervisor refuses its parameter %u: %s",
	                       d->plan->name, index, hypervisor_error((int)rc));
}

bool hvm_furnish(struct domain_image *d)
{
	return memory_make(d) && loader_load(d) &&
	       param_set(d, HVM_PARAM_TIMER_MODE, d->plan->timer_mode) && devmodel_make(d) &&
	       vcpu_start_state(d);
}
