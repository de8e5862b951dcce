/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hardware's ports, for those parts of the core that stand between them and the first domain. */
#include "cpu_insn.h"
#include "machine.h"

uint32_t machine_port_read(uint16_t port, unsigned size)
{
	return size == 1 ? in8(port) : size == 2 ? in16(port) : in32(port);
}

void machine_port_write(uint16_t port, uint32_t value, unsigned size)
{
	if (size == 1)
		out8(port, (uint8_t)value);
	else if (size == 2)
		out16(port, (uint16_t)value);
	else
		out32(port, value);
}
