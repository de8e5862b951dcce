/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The memory and the devices of an HVM guest. */
#include "guest_hvm.h"

#include "hvm_platform.h"
#include "pvh_parts.h"
#include "vrtc.h"
#include <xen/arch-x86/hvm/start_info.h>
#include <xen/hvm/params.h>

#define VGA_WINDOW     0xa0000u
#define VGA_WINDOW_END 0xc0000u

/*
 * The map tells of what an operating system may use; the firmware's places from 768 KiB on are RAM, too, which hvmloader fills and describes. Where the VGA shows its memory
 * there is none.
 */
static int populate(struct domain *d, const struct pvh_config *config)
{
	uint64_t low_end;
	int err = pvh_memory_lay(d, config, GUEST_HVM_HOLE, &low_end);

	if (!err)
		err = pvh_range_populate(d, 0, VGA_WINDOW);
	return err ? err : pvh_range_populate(d, VGA_WINDOW_END, low_end);
}

/* hvmloader makes the tables. */
static int firmware(struct domain *d, const struct pvh_config *config, struct pvh_space *space,
                    uint64_t *rsdp)
{
	*rsdp = 0;
	return 0;
}

/* Where SeaBIOS looks for the order: its three places of four bits, 1 floppy, 2 disk, 3 CD, 4 network. */
static void cmos_boot_order(struct domain *d, const char *boot)
{
	static const char letters[] = "acdn";
	uint8_t order[3] = { 0 };
	unsigned n = 0;

	for (; *boot && n < ARRAY_LEN(order); boot++)
		for (uint8_t i = 0; letters[i]; i++)
			if (letters[i] == *boot)
				order[n++] = (uint8_t)(i + 1);
	vrtc_set_cmos(d, 0x3d, (uint8_t)(order[0] | order[1] << 4));
	vrtc_set_cmos(d, 0x38,
	              (uint8_t)(order[2] << 4 | 1)); /* 1: no check of a floppy's signature */
}

static int devices(struct domain *d, const struct pvh_config *config)
{
	const struct guest_hvm *g = config->machine;
	int err = hvm_platform_create(d);

	if (!err) {
		cmos_boot_order(d, g->config->boot);
		d->hvm_params.value[HVM_PARAM_TIMER_MODE] = g->config->timer_mode;
	}
	return err ? err : devmodel_create(d, &g->devmodel);
}

const struct pvh_layout guest_hvm_layout = {
	.populate = populate,
	.firmware = firmware,
	.devices = devices,
};
