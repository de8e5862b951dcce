/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The UHCI controller and its tablet: a driver's way from reset to reports; errors, loops, suspend, cost when idle, the saved record. */
#include <string.h>

#include "device_fake.h"
#include "errno.h"
#include "uhci.h"
#include "unit.h"

#define PORT   0xc040
#define DEVFN  PCI_DEVFN(1, 2)
#define FRAMES 0x1000u
#define QH     0x3000u
#define TDS    0x4000u
#define DATA   0x5000u
#define ACTIVE (1u << 23)
#define END    1u
#define IN     0x69
#define OUT    0xe1
#define SETUP  0x2d
#define MS     1000000

static struct fake_machine *m;
static struct device d;
static struct fake_wire *wire;
static struct input_backend input;
static unsigned address;

static uint32_t in(unsigned reg)
{
	return fake_in(m, (uint16_t)(PORT + reg), 2);
}

static void out(unsigned reg, unsigned value)
{
	fake_out(m, (uint16_t)(PORT + reg), 2, value);
}

static void put(uint32_t at, uint32_t value)
{
	memcpy(m->ram + at, &value, 4);
}

static uint32_t get(uint32_t at)
{
	uint32_t value;

	memcpy(&value, m->ram + at, 4);
	return value;
}

static void create(bool tablet)
{
	struct uhci_config c = { tablet ? &input : NULL };

	CHECK_EQ(device_create(&d, &uhci_class, "usb", &m->ports, &c), 0);
	pci_bus_write(&m->pci, DEVFN, PCI_BAR0 + 16, 4, PORT);
	pci_bus_write(&m->pci, DEVFN, PCI_COMMAND, 2, 5);
	iobus_quiesce(&m->pio);
}

static void start(bool tablet)
{
	m = fake_machine_new();
	input = (struct input_backend){ NULL };
	wire = &m->intx[DEVFN][3];
	address = 0;
	create(tablet);
	for (unsigned i = 0; i < 1024; i++)
		put(FRAMES + 4 * i, QH | 2);
	put(QH, END);
	put(QH + 4, END);
}

static void run(void)
{
	out(8, FRAMES);
	out(10, 0);
	out(4, 0xf);
	out(0, 0xc1);
}

static void stop(void)
{
	device_destroy(&d);
	CHECK(!m->timers.waiting && !wire->level && !input.receive);
	CHECK(!iobus_has_any(&m->pio, 0, 0x10000));
}

static void td(unsigned i, unsigned pid, unsigned endpoint, uint32_t buffer, unsigned n,
               uint32_t flags)
{
	uint32_t at = TDS + 32 * i;

	put(at, (at + 32) | 4);
	put(at + 4, ACTIVE | 3u << 27 | flags);
	put(at + 8, pid | address << 8 | endpoint << 15 | ((n - 1) & 0x7ff) << 21);
	put(at + 12, buffer);
}

static void last(unsigned i)
{
	put(TDS + 32 * i, END);
}

/* A control transfer; how many bytes came, or -1 when it was stalled. */
static int control(unsigned type, unsigned request, unsigned value, unsigned index, unsigned n)
{
	uint8_t setup[8] = { (uint8_t)type,  (uint8_t)request,
		             (uint8_t)value, (uint8_t)(value >> 8),
		             (uint8_t)index, 0,
		             (uint8_t)n,     (uint8_t)(n >> 8) };
	unsigned count = 1, total = 0;

	out(2, 3);
	memcpy(m->ram + DATA, setup, 8);
	memset(m->ram + DATA + 64, 0xcc, 256);
	td(0, SETUP, 0, DATA, 8, 0);
	for (unsigned at = 0; at < n && type & 0x80; at += 8)
		td(count++, IN, 0, DATA + 64 + at, MIN(n - at, 8u), 0);
	td(count, type & 0x80 && n ? OUT : IN, 0, 0, 0, 1u << 24);
	last(count);
	put(QH + 4, TDS);
	fake_machine_advance(m, 10 * MS);
	for (unsigned i = 0; i <= count; i++) {
		uint32_t c = get(TDS + 32 * i + 4);

		if (c & 1u << 22)
			return -1;
		CHECK_EQ(c & ACTIVE, 0);
		if (i && i < count)
			total += ((c & 0x7ff) + 1) & 0x7ff;
	}
	CHECK(wire->level);
	out(2, 1);
	CHECK(!wire->level);
	return (int)total;
}

static void port_up(void)
{
	CHECK_EQ(in(16) & 0x3, 3);
	out(16, 0x200);
	out(16, 0x000);
	out(16, 0x00e);
	CHECK_EQ(in(16), 0x95);
}

static void configure(void)
{
	run();
	port_up();
	CHECK_EQ(control(0x00, 5, 7, 0, 0), 0);
	address = 7;
	CHECK_EQ(control(0x00, 9, 1, 0, 0), 0);
}

static void point(unsigned x, unsigned y)
{
	struct input_event e = { .kind = INPUT_POINT, .x = (int)x, .y = (int)y };

	input.receive(&input, &e);
}

static void event(unsigned kind, unsigned code, bool down, int y)
{
	struct input_event e = {
		.kind = (uint8_t)kind, .code = (uint16_t)code, .down = down, .y = y
	};

	input.receive(&input, &e);
}

static void test_registers(void)
{
	start(true);
	CHECK_EQ(pci_bus_read(&m->pci, DEVFN, 0, 4), 0x70208086);
	CHECK_EQ(pci_bus_read(&m->pci, DEVFN, 8, 4), 0x0c030001);
	CHECK_EQ(pci_bus_read(&m->pci, DEVFN, 0x3d, 1), 4);
	CHECK_EQ(pci_bus_read(&m->pci, DEVFN, 0xc0, 2), 0x2000);
	CHECK_EQ(in(0), 0);
	CHECK_EQ(in(2), 0x20);
	CHECK_EQ(fake_in(m, PORT + 12, 1), 0x40);
	CHECK_EQ(in(16), 0x93);
	CHECK_EQ(in(18), 0x80);
	CHECK_EQ(in(20), 0xff7f);
	CHECK_EQ(in(14), 0);
	out(6, 0xffff);
	CHECK_EQ(in(6), 0x7ff);
	fake_out(m, PORT + 8, 4, 0x12345678);
	CHECK_EQ(fake_in(m, PORT + 8, 4), 0x12345000);
	fake_out(m, PORT + 12, 1, 0xff);
	CHECK_EQ(fake_in(m, PORT + 12, 1), 0x7f);
	fake_out(m, PORT + 17, 1, 0x10); /* a byte alone */
	CHECK_EQ(in(16), 0x1093);
	out(18, 4); /* nobody to enable */
	CHECK_EQ(in(18), 0x80);
	out(4, 0xff);
	CHECK_EQ(in(4), 0xf);
	fake_out(m, PORT + 2, 1, 0xff);
	out(0, 2);
	CHECK_EQ(in(4), 0);
	CHECK_EQ(in(16), 0x93);
	out(0, 4);
	CHECK_EQ(in(0), 4);
	out(0, 0);
	stop();
}

static void test_frames(void)
{
	start(false);
	CHECK_EQ(in(16), 0x80);
	run();
	CHECK_EQ(in(2), 0);
	fake_machine_advance(m, 5 * MS);
	CHECK_EQ(in(6), 5);
	out(6, 0); /* not while it runs */
	CHECK_EQ(in(6), 5);
	fake_machine_advance(m, 2046ull * MS);
	CHECK_EQ(in(6), 3);
	out(0, 0);
	CHECK_EQ(in(2), 0x20);
	CHECK(!m->timers.waiting);
	stop();
}

static void test_descriptors(void)
{
	start(true);
	run();
	port_up();
	CHECK_EQ(control(0x80, 6, 0x0100, 0, 8), 8);
	CHECK_EQ(m->ram[DATA + 64], 18);
	CHECK_EQ(control(0x00, 5, 7, 0, 0), 0);
	address = 7;
	CHECK_EQ(control(0x80, 6, 0x0100, 0, 18), 18);
	CHECK_EQ(get(DATA + 64 + 8), 0x00010627);
	CHECK_EQ(control(0x80, 6, 0x0200, 0, 255), 34);
	CHECK_EQ(control(0x80, 6, 0x0300, 0, 255), 4);
	CHECK_EQ(control(0x80, 6, 0x0302, 0, 255), 22);
	CHECK_EQ(control(0x80, 6, 0x0309, 0, 255), -1);
	CHECK_EQ(control(0x80, 6, 0x0600, 0, 10), -1);
	CHECK(in(2) & 2);
	out(2, 2);
	CHECK_EQ(control(0x81, 6, 0x2100, 0, 9), 9);
	CHECK_EQ(m->ram[DATA + 64 + 7], control(0x81, 6, 0x2200, 0, 255));
	CHECK_EQ(control(0x80, 8, 0, 0, 1), 1);
	CHECK_EQ(m->ram[DATA + 64], 0);
	CHECK_EQ(control(0x00, 9, 2, 0, 0), -1);
	CHECK_EQ(control(0x00, 9, 1, 0, 0), 0);
	CHECK_EQ(control(0x80, 8, 0, 0, 1), 1);
	CHECK_EQ(m->ram[DATA + 64], 1);
	CHECK_EQ(control(0x00, 3, 1, 0, 0), 0);
	CHECK_EQ(control(0x80, 0, 0, 0, 2), 2);
	CHECK_EQ(m->ram[DATA + 64], 2);
	CHECK_EQ(control(0x00, 1, 1, 0, 0), 0);
	CHECK_EQ(control(0x00, 1, 2, 0, 0), -1);
	CHECK_EQ(control(0x81, 0, 0, 0, 2), 2);
	CHECK_EQ(control(0x02, 3, 0, 0x81, 0), 0);
	CHECK_EQ(control(0x82, 0, 0, 0x81, 2), 2);
	CHECK_EQ(m->ram[DATA + 64], 1);
	CHECK_EQ(control(0x02, 1, 0, 0x81, 0), 0);
	CHECK_EQ(control(0x81, 10, 0, 0, 1), 1);
	CHECK_EQ(control(0x01, 11, 0, 0, 0), 0);
	CHECK_EQ(control(0x01, 11, 1, 0, 0), -1);
	CHECK_EQ(control(0x21, 10, 0x0500, 0, 0), 0);
	CHECK_EQ(control(0xa1, 2, 0, 0, 1), 1);
	CHECK_EQ(m->ram[DATA + 64], 5);
	CHECK_EQ(control(0x21, 11, 0, 0, 0), 0);
	CHECK_EQ(control(0xa1, 3, 0, 0, 1), 1);
	CHECK_EQ(control(0xa1, 1, 0x0100, 0, 6), 6);
	stop();
}

static void poll_start(void)
{
	td(0, IN, 1, DATA, 8, 1u << 24 | 1u << 29);
	last(0);
	put(QH + 4, TDS);
}

static const uint8_t *report(void)
{
	poll_start();
	fake_machine_advance(m, 10 * MS);
	CHECK_EQ(get(TDS + 4) & (ACTIVE | 0x7ff), 5);
	CHECK(wire->level);
	out(2, 1);
	return m->ram + DATA;
}

static void test_reports(void)
{
	start(true);
	point(1, 2); /* nobody listens */
	configure();
	poll_start();
	fake_machine_advance(m, 5 * MS);
	CHECK_EQ(get(TDS + 4) >> 16 & 0xff, 0x88);
	CHECK_EQ(get(QH + 4), TDS);
	point(0x1234, 40000);
	point(0x1234, 40000); /* no news */
	CHECK(!memcmp(report(), "\x00\x34\x12\xff\x7f\x00", 6));
	point(5, 6);
	point(7, 8); /* the last one counts */
	event(INPUT_BUTTON, 0, true, 0);
	event(INPUT_BUTTON, 9, true, 0);
	event(INPUT_BUTTON, 0, false, 0);
	event(INPUT_WHEEL, 0, false, -1);
	event(INPUT_WHEEL, 0, false, 200);
	event(INPUT_KEY, 30, true, 0);
	CHECK(!memcmp(report(), "\x00\x07\x00\x08\x00\x00", 6));
	CHECK_EQ(report()[0], 1);
	CHECK_EQ(report()[0], 0);
	CHECK_EQ(report()[5], 1);
	CHECK_EQ(report()[5], 0x81);
	for (unsigned i = 0; i < 40; i++)
		event(INPUT_BUTTON, 1, !(i & 1), 0);
	for (unsigned i = 0; i < 16; i++)
		CHECK_EQ(report()[0], i & 1 ? 0 : 2);
	poll_start();
	fake_machine_advance(m, 10 * MS);
	CHECK_EQ(get(TDS + 4) & ACTIVE, ACTIVE);
	CHECK_EQ(control(0x02, 3, 0, 0x81, 0), 0);
	poll_start();
	fake_machine_advance(m, 10 * MS);
	CHECK_EQ(get(TDS + 4) >> 16 & 0xff, 0x40);
	stop();
}

static void test_errors(void)
{
	start(true);
	configure();
	address = 9; /* nobody */
	td(0, IN, 1, DATA, 8, 0);
	put(QH + 4, TDS);
	fake_machine_advance(m, 2 * MS);
	CHECK_EQ(get(TDS + 4) & ACTIVE, ACTIVE);
	fake_machine_advance(m, 2 * MS);
	CHECK_EQ(get(TDS + 4) >> 16 & 0xff, 0x44);
	CHECK(wire->level && in(2) & 2);
	out(2, 3);
	td(0, IN, 1, DATA, 8, 1u << 25); /* isochronous, not in a queue */
	put(TDS, END);
	put(QH, TDS);
	put(QH + 4, END);
	fake_machine_advance(m, 2 * MS);
	CHECK_EQ(get(TDS + 4) & ACTIVE, 0);
	put(QH, END);
	address = 7;
	td(0, OUT, 0, 0xfffff000, 8, 0); /* from where no memory is */
	put(QH + 4, TDS);
	fake_machine_advance(m, 2 * MS);
	CHECK_EQ(get(TDS + 4) >> 16 & 0xff, 0x60);
	td(0, SETUP, 0, DATA, 7, 0);
	put(QH + 4, TDS);
	fake_machine_advance(m, 2 * MS);
	CHECK_EQ(get(TDS + 4) >> 16 & 0xff, 0x40);
	td(0, 0x55, 0, DATA, 7, 0); /* no such packet */
	put(QH + 4, TDS);
	fake_machine_advance(m, 2 * MS);
	CHECK_EQ(in(2) & 0x3c, 0x30);
	out(2, 0x1f);
	CHECK(!wire->level);
	put(QH + 4, 0xfffffff0);
	out(0, 1);
	fake_machine_advance(m, 2 * MS);
	CHECK_EQ(in(2), 0x28);
	stop();
}

static void test_loops(void)
{
	start(true);
	configure();
	put(QH, QH | 2); /* to itself */
	put(QH + 4, END);
	fake_machine_advance(m, 5 * MS);
	put(QH + 4, QH | 2);
	fake_machine_advance(m, 5 * MS);
	put(QH + 4, TDS); /* a descriptor that follows itself */
	td(0, OUT, 0, DATA, 8, 0);
	put(TDS, TDS | 4);
	fake_machine_advance(m, 5 * MS);
	CHECK_EQ(in(2) & 0x38, 0);
	stop();
}

static void test_quiet(void)
{
	unsigned n = 0;

	start(true);
	configure();
	poll_start();
	fake_machine_advance(m, 100 * MS);
	CHECK_EQ(m->timers.waiting->at_ns > m->now_ns + 2 * MS, 1);
	for (unsigned i = 0; i < 100; i++) {
		uint64_t at = m->timers.waiting->at_ns;

		fake_machine_advance(m, MS);
		n += m->timers.waiting->at_ns != at;
	}
	CHECK(n <= 13);
	point(9, 9);
	CHECK(m->timers.waiting->at_ns <= m->now_ns + MS);
	fake_machine_advance(m, MS);
	CHECK_EQ(get(TDS + 4) & ACTIVE, 0);
	fake_machine_advance(m, 1);
	m->now_ns += 1000ull * MS; /* we were not asked for long */
	in(6);
	stop();
}

static void test_suspend(void)
{
	start(true);
	configure();
	CHECK_EQ(control(0x00, 3, 1, 0, 0), 0);
	out(16, 0x1004);
	point(3, 3);
	CHECK(wire->level);
	CHECK_EQ(in(2), 4);
	CHECK_EQ(in(16), 0x10d5);
	pci_bus_write(&m->pci, DEVFN, 0xc0, 2, 0);
	CHECK(!wire->level);
	pci_bus_write(&m->pci, DEVFN, 0xc0, 2, 0x2000);
	CHECK(wire->level);
	out(2, 4);
	out(16, 0x0004);
	CHECK_EQ(in(16), 0x95);
	pci_bus_write(&m->pci, DEVFN, PCI_COMMAND, 2, 1); /* no bus master: nothing is read */
	poll_start();
	fake_machine_advance(m, 10 * MS);
	CHECK_EQ(get(TDS + 4) & ACTIVE, ACTIVE);
	stop();
}

static void test_saved(void)
{
	uint8_t record[1024];
	long n;

	start(true);
	configure();
	point(0x1111, 0x2222);
	n = device_save(&d, record, sizeof(record));
	CHECK(n > 0);
	device_destroy(&d);
	create(true);
	CHECK_EQ(device_restore(&d, 1, record, (size_t)n), 0);
	CHECK(!memcmp(report(), "\x00\x11\x11\x22\x22\x00", 6));
	record[n - 7] = 17;
	CHECK_EQ(device_restore(&d, 1, record, (size_t)n), -EINVAL);
	record[n - 7] = 0;
	record[256 + 13] |= 0x80; /* a command bit that is none: the second byte */
	CHECK_EQ(device_restore(&d, 1, record, (size_t)n), -EINVAL);
	CHECK_EQ(device_create(&(struct device){ 0 }, &uhci_class, "usb", &m->ports,
	                       &(struct uhci_config){ NULL }),
	         -EEXIST);
	stop();
}

UNIT_MAIN(UNIT(test_registers), UNIT(test_frames), UNIT(test_descriptors), UNIT(test_reports),
          UNIT(test_errors), UNIT(test_loops), UNIT(test_quiet), UNIT(test_suspend),
          UNIT(test_saved))
