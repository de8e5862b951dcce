/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The keyboard controller under any sequence of port accesses, input and time. Input: operations of a byte each, with their parameters:
 * 0 read 0x60, 1 read 0x64, 2 write 0x60 (byte), 3 write 0x64 (byte), 4 write 0x92 (byte), 5 key (byte, down: bit 7 of the next), 6 mouse event (kind, code, x, y),
 * 7 time (units of 100 us), 8 save and restore, 9 a record of the rest of the input is restored, 10 reset. What must hold is in check().
 */
#include <stdlib.h>
#include <string.h>

#include "device_fake.h"
#include "i8042.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t *at;
static size_t left;
static struct fake_machine *m;
static struct device d;
static struct input_backend input;
static unsigned rare_left; /* what takes long is in a run only a few times */

static uint8_t next(void)
{
	if (!left)
		return 0;
	left--;
	return *at++;
}

/* A line is high only while there is something to read, and only one of them. */
static void check(void)
{
	uint32_t status = fake_in(m, 0x64, 1);
	bool one = m->isa[1].level, twelve = m->isa[12].level;

	if ((one && twelve) || ((one || twelve) && !(status & 1)) || (one && (status & 0x20)) ||
	    (twelve && !(status & 0x20)))
		abort();
}

static void save_and_restore(void)
{
	uint8_t record[2048], again[2048];
	struct i8042_config config = { &input };
	long n, k;

	if (!rare_left)
		return;
	rare_left--;
	n = device_save(&d, record, sizeof(record));
	device_destroy(&d);
	if (n < 0 || device_create(&d, &i8042_class, "kbd", &m->ports, &config) ||
	    device_restore(&d, 1, record, (size_t)n))
		abort();
	/* Restoring may move a byte that was due; what is restored stays good. */
	k = device_save(&d, again, sizeof(again));
	if (k != n)
		abort();
}

static void foreign_record(void)
{
	uint8_t record[2048] = { 0 };
	long n;

	if (!rare_left)
		return;
	rare_left--;
	n = device_save(&d, record, sizeof(record));
	for (long i = 0; left && i < n; i++)
		record[i] ^= next();
	device_reset(&d);
	if (device_restore(&d, 1, record, (size_t)n))
		return;
}

static void input_event(void)
{
	struct input_event e = { .kind = next() % 6 };

	e.code = next();
	e.down = e.code & 0x80;
	e.code &= 0x1f;
	e.x = (int8_t)next() * 16;
	e.y = (int8_t)next();
	input.receive(&input, &e);
}

static void key(void)
{
	struct input_event e = { .kind = INPUT_KEY };

	e.code = next();
	e.down = next() & 0x80;
	input.receive(&input, &e);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct i8042_config config = { &input };

	at = bytes;
	left = size;
	rare_left = 6;
	m = fake_machine_small();
	input = (struct input_backend){ NULL };
	if (device_create(&d, &i8042_class, "kbd", &m->ports, &config))
		abort();
	while (left) {
		switch (next() % 11) {
		case 0: fake_in(m, 0x60, 1); break;
		case 1: fake_in(m, 0x64, 1); break;
		case 2: fake_out(m, 0x60, 1, next()); break;
		case 3: fake_out(m, 0x64, 1, next()); break;
		case 4: fake_out(m, 0x92, 1, next()); break;
		case 5: key(); break;
		case 6: input_event(); break;
		case 7: fake_machine_pass(m, next(), 100000); break;
		case 8: save_and_restore(); break;
		case 9: foreign_record(); break;
		case 10: device_reset(&d); break;
		}
		check();
	}
	device_destroy(&d);
	if (m->timers.waiting)
		abort();
	return 0;
}
