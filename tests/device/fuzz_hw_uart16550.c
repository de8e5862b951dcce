/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The serial port: fuzz_chip.h. Its own event: bytes, a break, modem lines, another number of bytes that the other end takes. */
#include "fuzz_chip.h"
#include "uart16550.h"

static struct char_backend line;
static size_t takes;

static size_t put(struct char_backend *b, const uint8_t *bytes, size_t n)
{
	n = MIN(n, takes);
	takes -= n;
	return n;
}

static void room(struct char_backend *b)
{
	if (takes & 1)
		b->receive(b, (const uint8_t *)"0123456789abcdefghij", takes % 20);
}

static void event(void)
{
	uint8_t bytes[32] = { next() };

	switch (next() % 4) {
	case 0: line.receive(&line, bytes, next() % 32); break;
	case 1: line.receive_break(&line); break;
	case 2: line.lines_changed(&line, next()); break;
	case 3:
		takes = next();
		line.writable(&line);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct uart16550_config config = { 0x3f8, 4, &line };
	static const struct fuzz_chip chip = { &uart16550_class, &config, 0, 0x3f8, NULL, event };

	line = (struct char_backend){ .put = put, .room = room };
	takes = 100;
	return fuzz_chip_run(&chip, data, size);
}
