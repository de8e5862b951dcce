/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a device model asks for. Its arguments are as little to be trusted as a guest's. */
#include "devmodel.h"

#include "device.h"
#include "domain.h"
#include "errno.h"
#include "guest_translate.h"
#include "irq_routing.h"
#include "log.h"
#include "string.h"
#include "vpmtimer.h"

/* The answer, or a negative errno. */
typedef int64_t (*call_fn)(struct devmodel *m, const uint64_t args[USERMODE_ARGS]);

static int64_t call_now(struct devmodel *m, const uint64_t args[USERMODE_ARGS])
{
	return (int64_t)(machine_now_ns() - m->domain->time_offset_ns);
}

static int64_t call_timer(struct devmodel *m, const uint64_t args[USERMODE_ARGS])
{
	if (args[0] == UINT64_MAX)
		timer_cancel(&m->timer);
	else
		timer_set(&m->timer, args[0] + m->domain->time_offset_ns);
	return 0;
}

static int64_t call_isa_irq(struct devmodel *m, const uint64_t args[USERMODE_ARGS])
{
	if (args[0] > 15)
		return -EINVAL;
	irq_routing_isa_set(m->domain, (unsigned)args[0], args[1]);
	return 0;
}

static int64_t call_pci_intx(struct devmodel *m, const uint64_t args[USERMODE_ARGS])
{
	if (args[0] > 255 || args[1] > 3)
		return -EINVAL;
	irq_routing_pci_set(m->domain, (unsigned)args[0], (unsigned)args[1], args[2]);
	return 0;
}

static int64_t call_pci_link(struct devmodel *m, const uint64_t args[USERMODE_ARGS])
{
	if (args[0] > 3 || args[1] > 15)
		return -EINVAL;
	irq_routing_link_set(m->domain, (unsigned)args[0], (unsigned)args[1]);
	return 0;
}

static int64_t call_msi(struct devmodel *m, const uint64_t args[USERMODE_ARGS])
{
	irq_routing_msi(m->domain, args[0], (uint32_t)args[1]);
	return 0;
}

static int64_t call_pm_timer(struct devmodel *m, const uint64_t args[USERMODE_ARGS])
{
	return vpmtimer_move(m->domain, (uint16_t)args[0]);
}

static int64_t call_machine(struct devmodel *m, const uint64_t args[USERMODE_ARGS])
{
	if (args[0] > MACHINE_CRASH)
		return -EINVAL;
	m->machine_events |= 1u << args[0];
	return 0;
}

/* ---- text ---- */

static int64_t call_polled(struct devmodel *m, const uint64_t args[USERMODE_ARGS])
{
	m->is_polled = true;
	return 0;
}

static const char *const text_names[DEVMODEL_NR_TEXTS] = {
	[DEVMODEL_TEXT_LOG] = "device model: ",
	[DEVMODEL_TEXT_DEBUG] = "debug: ",
	[DEVMODEL_TEXT_SERIAL] = "",
	[DEVMODEL_TEXT_SCREEN] = "screen: ",
};

static void line_end(struct devmodel *m, unsigned kind)
{
	struct devmodel_line *l = &m->lines[kind];

	log_guest_line(m->domain, text_names[kind], l->text, l->length);
	l->length = 0;
}

static int64_t call_text(struct devmodel *m, const uint64_t args[USERMODE_ARGS])
{
	struct devmodel_line *l;

	if (args[0] >= DEVMODEL_NR_TEXTS || args[1] > DEVMODEL_TEXT)
		return -EINVAL;
	l = &m->lines[args[0]];
	for (uint64_t i = 0; i < args[1]; i++) {
		char c = (char)read_once(m->shared->text[i]);

		if (c == '\n') {
			line_end(m, (unsigned)args[0]);
			continue;
		}
		if (l->length == sizeof(l->text))
			line_end(m, (unsigned)args[0]);
		if (c != '\r')
			l->text[l->length++] = c;
	}
	return (int64_t)args[1];
}

/* ---- the table ---- */

static const call_fn calls[DEVMODEL_NR_CALLS] = {
	[DEVMODEL_CALL_NOW] = call_now,
	[DEVMODEL_CALL_TIMER] = call_timer,
	[DEVMODEL_CALL_ISA_IRQ] = call_isa_irq,
	[DEVMODEL_CALL_PCI_INTX] = call_pci_intx,
	[DEVMODEL_CALL_PCI_LINK] = call_pci_link,
	[DEVMODEL_CALL_MSI] = call_msi,
	[DEVMODEL_CALL_PLACE] = devmodel_vram_place,
	[DEVMODEL_CALL_PM_TIMER] = call_pm_timer,
	[DEVMODEL_CALL_MACHINE] = call_machine,
	[DEVMODEL_CALL_TEXT] = call_text,
	[DEVMODEL_CALL_FRAME_SEND] = devmodel_frame_send,
	[DEVMODEL_CALL_FRAME_RECEIVE] = devmodel_frame_receive,
	[DEVMODEL_CALL_NOTIFY] = devmodel_link_notify,
	[DEVMODEL_CALL_VRAM_WRITTEN] = devmodel_vram_written,
	[DEVMODEL_CALL_POLLED] = call_polled,
};

/*
 * A call may wait for somebody who waits until this CPU does not touch the guest's memory any more (p2m_flush()): so it does not, for that time, and whatever it knew
 * of that memory is looked at anew.
 */
bool devmodel_call(struct usermode *u, uint64_t number, uint64_t args[USERMODE_ARGS])
{
	struct devmodel *m = container_of(u, struct devmodel, user);

	if (likely(number == DEVMODEL_CALL_RETURN)) {
		m->result = args[0];
		return false;
	}
	if (number >= DEVMODEL_NR_CALLS || !calls[number]) {
		args[0] = (uint64_t)-ENOSYS;
		return true;
	}
	guest_touch_end(m->cpu);
	args[0] = (uint64_t)calls[number](m, args);
	(void)guest_touch_begin(&m->domain->p2m);
	if (devmodel_space_renew(&m->space))
		machine_usermode_flush(u);
	return true;
}
