/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The DMA controllers as a BIOS and DOS's drivers set them up, and the page registers, of which some serve as a scratch pad. No device is asked for data: a channel that software asks to run counts by
 * itself.
 */
#include "real.h"

static void out_word(uint16_t port, uint16_t value)
{
	out8(port, (uint8_t)value);
	out8(port, (uint8_t)(value >> 8));
}

static uint16_t in_word(uint16_t port)
{
	uint8_t low = in8(port);

	return (uint16_t)(low | in8(port) << 8);
}

void dma_tests(void)
{
	uint8_t code = in8(0x80);

	out8(0x0c, 0);
	out_word(0x02, 0x1234);
	out_word(0x03, 0x5678);
	out8(0x83, 0x9a);
	equal("address", in_word(0x02), 0x1234);
	equal("count", in_word(0x03), 0x5678);
	equal("page", in8(0x83), 0x9a);
	out8(0xd8, 0);
	out_word(0xc4, 0xabcd);
	equal("second-address", in_word(0xc4), 0xabcd);
	out8(0x80, 0x55);
	equal("code-of-power-on", in8(0x80), 0x55);
	out8(0x80, code);
	/* Channel 1, in one block, nothing but counting. */
	out8(0x0b, 0x81);
	out_word(0x02, 0x1000);
	out_word(0x03, 99);
	in8(0x08);
	out8(0x09, 5);
	check("end-of-count", (in8(0x08) & 2) != 0);
	equal("address-behind", in_word(0x02), 0x1064);
	check("end-was-seen", (in8(0x08) & 2) == 0);
}
