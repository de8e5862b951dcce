/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The first domain's questions about firmware and screen, its clock setting and its last word. */
#include "platform_op.h"

#include "machine_info.h"
#include "string.h"
#include "vrtc.h"

#include <xen/sched.h>

#define NS_A_SECOND    1000000000ull
#define ACPI_STATE_OFF 5 /* S5 */
#define FONT_HEIGHT    16
#define LINEAR_UNIT    16 /* sizes of frame buffers are in 64 KiB */

/* ---- clock ---- */

static void wallclocks_update(void)
{
	struct domain *d;
	uint32_t from = 0;

	while (from < DOMID_LIMIT && (d = domain_next((uint16_t)from)) != NULL) {
		domain_wallclock_update(d);
		vrtc_date_changed(d);
		from = d->id + 1u;
		domain_put(d);
	}
}

/* UTC at a moment of the caller's clock. */
static long clock_set(struct domain *d, uint64_t seconds, uint32_t nanoseconds,
                      uint64_t system_time)
{
	machine_set_wallclock_ns(seconds * NS_A_SECOND + nanoseconds -
	                         (system_time + d->time_offset_ns));
	wallclocks_update();
	return 0;
}

long platform_settime32(struct control_call *c, void *member)
{
	const struct xenpf_settime32 *t = member;

	return clock_set(c->caller->domain, t->secs, t->nsecs, t->system_time);
}

long platform_settime64(struct control_call *c, void *member)
{
	const struct xenpf_settime64 *t = member;

	return t->mbz ? -EINVAL : clock_set(c->caller->domain, t->secs, t->nsecs, t->system_time);
}

/* ---- firmware ---- */

/* Disks and screen were not asked of the BIOS before it was left behind; of EFI no service is kept. */
long platform_firmware_info(struct control_call *c, void *member)
{
	const struct xenpf_firmware_info *f = member;

	switch (f->type) {
	case XEN_FW_DISK_INFO:
	case XEN_FW_DISK_MBR_SIGNATURE:
	case XEN_FW_VBEDDC_INFO:
	case XEN_FW_KBD_SHIFT_FLAGS: return -ESRCH;
	case XEN_FW_EFI_INFO: return -ENOSYS;
	default: return -EINVAL;
	}
}

/* The first domain prepared everything; the last step is ours. Other states would end us, too. */
long platform_enter_acpi_sleep(struct control_call *c, void *member)
{
	const struct xenpf_enter_acpi_sleep *s = member;

	if ((s->flags & XENPF_ACPI_SLEEP_EXTENDED) || !machine_info.power.pm1a_control)
		return -EPERM;
	if (s->flags || !s->sleep_state || s->sleep_state > ACPI_STATE_OFF)
		return -EINVAL;
	if (s->sleep_state != ACPI_STATE_OFF)
		return -EOPNOTSUPP;
	domain_shutdown(c->caller->domain, SHUTDOWN_poweroff);
	return 0;
}

/* ---- screen ---- */

/* Where the colours lie in a pixel, in the order that VESA's modes have. */
static void colours_fill(struct dom0_vga_console_info *s, uint8_t bits)
{
	static const struct layout {
		uint8_t bits, size[4], pos[4]; /* red, green, blue, unused */
	} layouts[] = {
		{ 15, { 5, 5, 5, 1 }, { 10, 5, 0, 15 } },
		{ 16, { 5, 6, 5, 0 }, { 11, 5, 0, 0 } },
		{ 24, { 8, 8, 8, 0 }, { 16, 8, 0, 0 } },
		{ 32, { 8, 8, 8, 8 }, { 16, 8, 0, 24 } },
	};

	for (unsigned i = 0; i < ARRAY_LEN(layouts); i++) {
		const struct layout *l = &layouts[i];

		if (l->bits != bits)
			continue;
		s->u.vesa_lfb.red_pos = l->pos[0];
		s->u.vesa_lfb.green_pos = l->pos[1];
		s->u.vesa_lfb.blue_pos = l->pos[2];
		s->u.vesa_lfb.rsvd_pos = l->pos[3];
		s->u.vesa_lfb.red_size = l->size[0];
		s->u.vesa_lfb.green_size = l->size[1];
		s->u.vesa_lfb.blue_size = l->size[2];
		s->u.vesa_lfb.rsvd_size = l->size[3];
	}
}

static void linear_fill(struct dom0_vga_console_info *s, const struct machine_screen *screen)
{
	uint64_t bytes = (uint64_t)screen->pitch * screen->rows;

	s->video_type = machine_info.is_efi ? XEN_VGATYPE_EFI_LFB : XEN_VGATYPE_VESA_LFB;
	s->u.vesa_lfb.width = (uint16_t)screen->columns;
	s->u.vesa_lfb.height = (uint16_t)screen->rows;
	s->u.vesa_lfb.bytes_per_line = (uint16_t)screen->pitch;
	s->u.vesa_lfb.bits_per_pixel = screen->bits;
	s->u.vesa_lfb.lfb_base = (uint32_t)screen->base;
	s->u.vesa_lfb.ext_lfb_base = (uint32_t)(screen->base >> 32);
	s->u.vesa_lfb.lfb_size = (uint32_t)((bytes + MIB(1) / 16 - 1) >> LINEAR_UNIT);
	colours_fill(s, screen->bits);
}

/* The size of what was filled in is the result. */
long platform_get_dom0_console(struct control_call *c, void *member)
{
	const struct machine_screen *screen = &machine_info.screen;
	struct dom0_vga_console_info *s = member;

	memset(s, 0, sizeof(*s));
	if (screen->kind == SCREEN_NONE)
		return -ENODEV;
	if (screen->kind == SCREEN_LINEAR) {
		linear_fill(s, screen);
		return sizeof(*s);
	}
	s->video_type = XEN_VGATYPE_TEXT_MODE_3;
	s->u.text_mode_3.font_height = FONT_HEIGHT;
	s->u.text_mode_3.cursor_y = (uint16_t)(screen->rows - 1);
	s->u.text_mode_3.rows = (uint16_t)screen->rows;
	s->u.text_mode_3.columns = (uint16_t)screen->columns;
	return sizeof(*s);
}

/* ---- our symbols ---- */

/* symnum goes to the next one; where it stays, there are no more. */
long platform_get_symbol(struct control_call *c, void *member)
{
	struct xenpf_symdata *s = member;
	uint32_t room = s->namelen, size;
	const char *name = machine_symbol(s->symnum, &s->address);

	if (!name && s->symnum > machine_nr_symbols())
		return -ERANGE;
	s->type = 't';
	if (name)
		s->symnum++;
	else
		name = "";
	size = (uint32_t)strlen(name) + 1;
	s->namelen = size;
	return control_put(c, name, control_handle(s->name), 0, MIN(size, room));
}
