/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The toolstack's commands about device models: our own rows of domctl (devmodel_control.h). */
#include "devmodel_control.h"

#include "devmodel.h"
#include "devmodel_link.h"
#include "domctl.h"
#include "hvm_platform.h"

_Static_assert(sizeof(struct devmodel_domctl_create) <= CONTROL_MEMBER_MAX &&
                       sizeof(struct devmodel_domctl_info) <= CONTROL_MEMBER_MAX,
               "room for each member");

#define CMOS_BOOT_FIRST  0x3d /* two places of the order that SeaBIOS looks up, */
#define CMOS_BOOT_SECOND 0x38 /* and the third */

static int create_check(const struct domain *d, const struct devmodel_domctl_create *x)
{
	if (d->devmodel)
		return -EEXIST;
	if (read_once(d->state) != DOMAIN_BUILDING || !d->platform)
		return -EINVAL;
	if (x->board_size != sizeof(struct devmodel_board) || x->cmos_boot > 0xffff || x->zero)
		return -EINVAL;
	return x->image_size > DEVMODEL_IMAGE_MAX ? -E2BIG : 0;
}

/* Of the rest the device model itself makes sense, or not. */
static bool board_valid(const struct devmodel_board *b)
{
	uint64_t visible = (uint64_t)b->vram_size - DEVMODEL_VRAM_HIDDEN;

	return b->version == DEVMODEL_ABI_VERSION && b->has_link &&
	       b->vram_size > DEVMODEL_VRAM_HIDDEN && visible <= DEVMODEL_VRAM_MAX &&
	       !(visible & (visible - 1)) && visible >= MIB(1) &&
	       b->guest_end <= DEVMODEL_GUEST_MAX;
}

static int image_get(struct control_call *c, const struct devmodel_domctl_create *x,
                     struct devmodel_config *config)
{
	unsigned order = 0;
	void *copy;

	if (!x->image_size)
		return -ENOEXEC;
	while (PAGE_SIZE << order < x->image_size)
		order++;
	copy = page_alloc_virt(order);
	if (!copy)
		return -ENOMEM;
	if (control_get(c, copy, x->image, 0, x->image_size)) {
		page_free_virt(copy, order);
		return -EFAULT;
	}
	config->owned_image = devmodel_image_get(copy, x->image_size, order);
	if (!config->owned_image)
		return -ENOMEM;
	config->image = config->owned_image->bytes;
	config->image_size = x->image_size;
	return 0;
}

long domctl_devmodel_create(struct control_call *c, void *member)
{
	struct devmodel_domctl_create *x = member;
	struct devmodel_config config = { .image_name = "what the toolstack gave",
		                          .backend = c->caller->domain->id };
	struct domain *d = c->d;
	int err = create_check(d, x);

	if (err)
		return err;
	if (control_get(c, &config.board, x->board, 0, sizeof(config.board)))
		return -EFAULT;
	if (!board_valid(&config.board))
		return -EINVAL;
	err = image_get(c, x, &config);
	if (!err)
		err = devmodel_create(d, &config);
	if (err)
		return err;
	vrtc_set_cmos(d, CMOS_BOOT_FIRST, (uint8_t)x->cmos_boot);
	vrtc_set_cmos(d, CMOS_BOOT_SECOND, (uint8_t)(x->cmos_boot >> 8));
	x->port = d->devmodel->port;
	return 0;
}

long domctl_devmodel_info(struct control_call *c, void *member)
{
	struct devmodel_domctl_info *x = member;
	struct devmodel *m = read_once(c->d->devmodel);

	*x = (struct devmodel_domctl_info){ .state = DEVMODEL_NONE };
	if (!m)
		return 0;
	/* An entry is short, and there is no other way to have them all of one moment. */
	spin_lock(&m->lock);
	x->state = m->is_dead ? DEVMODEL_DEAD : DEVMODEL_ALIVE;
	x->port = m->port;
	x->entries = m->nr_entries;
	x->run_ns = machine_ticks_to_ns(m->run_ticks);
	x->pages = m->space.own.nr + m->space.window.nr + m->space.link.nr;
	x->vram_pages = m->space.vram.nr;
	spin_unlock(&m->lock);
	return 0;
}
