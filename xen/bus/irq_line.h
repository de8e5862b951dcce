/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An interrupt wire: a device drives it, an interrupt controller listens. */
#ifndef BUS_IRQ_LINE_H
#define BUS_IRQ_LINE_H

#include "types.h"

struct irq_line {
	void (*set)(struct irq_line *l, bool level);
};

static inline void irq_line_set(struct irq_line *l, bool level)
{
	l->set(l, level);
}

#endif
