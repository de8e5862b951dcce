/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The serial port: registers, FIFOs and trigger levels, each interrupt's cause and end, loopback, modem lines, a slow other end, the saved record. */
#include <string.h>

#include "device_fake.h"
#include "errno.h"
#include "uart16550.h"
#include "unit.h"

#define BASE 0x3f8

static struct fake_machine *m;
static struct device d;
static struct char_backend line;
static char sent[64];
static size_t sent_n, room_n, takes;
static bool is_break, dtr, rts, again;
static const char *input; /* what the other end still has to say */

static size_t put(struct char_backend *b, const uint8_t *bytes, size_t n)
{
	if (again)
		b->writable(b); /* a hasty other end */
	n = n < takes ? n : takes;
	memcpy(sent + sent_n, bytes, n);
	sent_n += n;
	takes -= n;
	return n;
}

static void room(struct char_backend *b)
{
	room_n++;
	if (input)
		input += b->receive(b, (const uint8_t *)input, strlen(input));
}

static void set_break(struct char_backend *b, bool on)
{
	is_break = on;
}

static void set_lines(struct char_backend *b, bool d, bool r)
{
	dtr = d;
	rts = r;
}

static unsigned in(unsigned reg)
{
	return fake_in(m, (uint16_t)(BASE + reg), 1);
}

static void out(unsigned reg, unsigned value)
{
	fake_out(m, (uint16_t)(BASE + reg), 1, value);
}

static size_t say(const char *text)
{
	return line.receive(&line, (const uint8_t *)text, strlen(text));
}

static void start(bool connected)
{
	struct uart16550_config c = { BASE, 4, connected ? &line : NULL };

	m = fake_machine_new();
	line = (struct char_backend){
		.put = put, .room = room, .set_break = set_break, .set_lines = set_lines
	};
	sent_n = room_n = 0;
	takes = sizeof(sent);
	is_break = dtr = rts = again = false;
	input = NULL;
	memset(sent, 0, sizeof(sent));
	CHECK_EQ(device_create(&d, &uart16550_class, "com1", &m->ports, &c), 0);
}

static void stop(void)
{
	device_destroy(&d);
	CHECK(!m->isa[4].level);
	CHECK(!m->timers.waiting);
	CHECK_EQ(in(0), 0xff);
}

static void test_registers(void)
{
	static const uint8_t at_reset[] = { 0, 0, 0x01, 0, 0, 0x60, 0xb0, 0 };

	start(true);
	for (unsigned i = 0; i < 8; i++)
		CHECK_EQ(in(i), at_reset[i]);
	out(7, 0x5a);
	CHECK_EQ(in(7), 0x5a);
	out(1, 0xff);
	CHECK_EQ(in(1), 0x0f);
	out(4, 0xef);
	CHECK_EQ(in(4), 0x0f);
	out(3, 0x83);
	CHECK_EQ(in(0), 12);
	out(0, 0x34);
	out(1, 0x12);
	CHECK_EQ(in(0), 0x34);
	CHECK_EQ(in(1), 0x12);
	out(3, 0x03);
	CHECK_EQ(in(1), 0x0f);
	out(5, 0xff); /* nothing happens */
	out(6, 0xff);
	CHECK_EQ(in(5), 0x60);
	CHECK_EQ(in(6), 0xb0);
	stop();
	start(false);
	CHECK_EQ(in(6), 0);
	out(0, 'x');
	CHECK_EQ(in(5), 0x60);
	stop();
}

static void test_transmit(void)
{
	struct fake_wire *w;

	start(true);
	w = &m->isa[4];
	out(1, 2);
	CHECK(!w->level); /* OUT2 */
	CHECK_EQ(in(2), 0x02);
	CHECK_EQ(in(2), 0x01); /* having been told is enough */
	out(4, 8);
	out(1, 0);
	out(1, 2); /* once more: it is still empty */
	CHECK(w->level);
	CHECK_EQ(in(2), 0x02);
	CHECK(!w->level);
	out(0, 'a');
	CHECK(w->level);
	CHECK_EQ(w->rises, 2);
	out(0, 'b'); /* with no look at IIR: a new edge */
	CHECK_EQ(w->rises, 3);
	CHECK(!strcmp(sent, "ab"));
	stop();
}

static void test_slow_line(void)
{
	start(true);
	out(4, 8);
	out(1, 2);
	in(2);
	takes = 0;
	out(0, 'a');
	CHECK_EQ(in(5), 0x00);
	CHECK(!m->isa[4].level);
	out(0, 'b'); /* overwrites */
	takes = 9;
	line.writable(&line);
	CHECK(!strcmp(sent, "b"));
	CHECK_EQ(in(5), 0x60);
	CHECK(m->isa[4].level);
	line.writable(&line); /* there is nothing */
	out(2, 1);
	takes = 0;
	for (unsigned i = 0; i < 18; i++)
		out(0, 'c' + i);
	takes = 4;
	again = true;
	line.writable(&line);
	again = false;
	CHECK_EQ(in(5), 0);
	takes = 40;
	line.writable(&line);
	CHECK(!strcmp(sent, "bcdefghijklmnopqt"));
	takes = 0;
	out(0, 'x');
	in(2);
	CHECK_EQ(in(2), 0xc1);
	out(2, 5); /* the transmitter is cleared */
	CHECK_EQ(in(2), 0xc2);
	takes = 40;
	line.writable(&line);
	CHECK_EQ(sent_n, 17);
	stop();
}

static void test_receive_byte(void)
{
	start(true);
	out(4, 8);
	out(1, 1);
	CHECK_EQ(say("xy"), 1);
	CHECK_EQ(in(5), 0x61);
	CHECK_EQ(in(2), 0x04);
	CHECK(m->isa[4].level);
	input = "yz";
	CHECK_EQ(in(0), 'x');
	CHECK(m->isa[4].level);
	CHECK_EQ(m->isa[4].rises, 2); /* one edge a byte */
	CHECK_EQ(in(0), 'y');
	CHECK_EQ(in(0), 'z');
	CHECK_EQ(in(0), 'z');
	CHECK_EQ(in(5), 0x60);
	CHECK_EQ(room_n, 4); /* once for MCR */
	CHECK(!m->timers.waiting);
	stop();
}

static void test_fifo_trigger(void)
{
	start(true);
	out(4, 8);
	out(1, 1);
	out(2, 0x81);
	CHECK_EQ(in(2), 0xc1);
	CHECK_EQ(say("1234567"), 7);
	CHECK(!m->isa[4].level);
	CHECK_EQ(say("8"), 1);
	CHECK_EQ(in(2), 0xc4);
	CHECK_EQ(in(0), '1');
	CHECK(!m->isa[4].level);
	CHECK_EQ(say("abcdefghijklmnop"), 9);
	CHECK_EQ(in(0), '2');
	out(2, 0xc1); /* level 14 */
	CHECK_EQ(in(2), 0xc4);
	out(2, 0x03); /* clear */
	CHECK_EQ(in(5), 0x60);
	say("q");
	CHECK_EQ(in(2), 0xc4);
	out(2, 0x00); /* leaving the mode clears, too */
	CHECK_EQ(in(5), 0x60);
	out(2, 0xc0); /* counts only with the first bit */
	CHECK_EQ(in(2), 0x01);
	stop();
}

/* 9600 baud, 8N1: a character is 1041.667 us. */
static void test_timeout(void)
{
	start(true);
	out(3, 3);
	out(4, 8);
	out(1, 1);
	out(2, 0xc1);
	say("ab");
	fake_machine_advance(m, 4166000);
	CHECK(!m->isa[4].level);
	say("c"); /* it begins anew */
	fake_machine_advance(m, 4166000);
	CHECK(!m->isa[4].level);
	fake_machine_advance(m, 1000);
	CHECK(m->isa[4].level);
	CHECK_EQ(in(2), 0xcc);
	CHECK_EQ(in(0), 'a');
	CHECK(!m->isa[4].level);
	fake_machine_advance(m, 4167000);
	CHECK_EQ(in(2), 0xcc);
	in(0);
	in(0);
	fake_machine_advance(m, 10000000);
	CHECK(!m->isa[4].level);
	say("d");
	in(0);
	fake_machine_advance(m, 10000000); /* the timer was armed, but nothing waits */
	CHECK(!m->isa[4].level);
	out(3, 0x80);
	out(0, 0);
	out(3,
	    0x0c | 0x04); /* the slowest: divisor 65536; 5 bits, parity, one stop bit and a half */
	say("e");
	fake_machine_advance(m, 4ull * 65536 * 17 * 1000000000 / (2 * 115200) - 1000);
	CHECK(!m->isa[4].level);
	fake_machine_advance(m, 2000);
	CHECK(m->isa[4].level);
	out(3, 0x87);
	out(0, 1);
	out(1, 0);
	out(3, 0x07);
	stop();
}

static void test_errors(void)
{
	start(true);
	out(4, 8);
	out(1, 5);
	out(2, 1);
	say("a");
	line.receive_break(&line);
	CHECK_EQ(in(2), 0xc4);
	CHECK_EQ(in(5), 0xe1); /* somewhere in the FIFO */
	CHECK_EQ(in(0), 'a');
	CHECK_EQ(in(2), 0xc6);
	CHECK_EQ(in(5), 0xf1);
	CHECK_EQ(in(2), 0xc4);
	CHECK_EQ(in(5), 0x61);
	CHECK_EQ(in(0), 0);
	out(3, 0x40);
	CHECK(is_break);
	out(4, 0x18);
	CHECK(!is_break);
	line.receive_break(&line);
	CHECK_EQ(in(5), 0x60);
	out(4, 0x08);
	CHECK(is_break);
	out(3, 0);
	CHECK(!is_break);
	stop();
}

static void test_loopback(void)
{
	start(true);
	out(4, 0x1b);
	CHECK_EQ(in(6), 0xb0);
	CHECK(!dtr && !rts);
	out(4, 0x13);
	CHECK_EQ(in(6), 0x38); /* carrier went */
	out(4, 0x17);
	CHECK_EQ(in(6), 0x70);
	out(4, 0x13); /* ringing ends */
	CHECK_EQ(in(6), 0x34);
	CHECK_EQ(say("x"), 0);
	out(0, 'l');
	CHECK_EQ(sent_n, 0);
	CHECK_EQ(in(5), 0x61);
	out(1, 0x05);
	out(0, 'm'); /* overrun: the new one is what stays */
	CHECK_EQ(in(2), 0x06);
	CHECK_EQ(in(5), 0x63);
	CHECK_EQ(in(5), 0x61);
	CHECK_EQ(in(0), 'm');
	out(2, 1);
	for (unsigned i = 0; i < 17; i++)
		out(0, 'a' + i);
	CHECK_EQ(in(5), 0x63);
	CHECK_EQ(in(0), 'a');
	CHECK_EQ(room_n, 0);
	out(2, 3);
	out(4, 0x03);
	CHECK(dtr && rts);
	CHECK_EQ(room_n, 1);
	stop();
}

static void test_modem(void)
{
	start(true);
	in(6);
	out(4, 8);
	out(1, 8);
	CHECK(!m->isa[4].level);
	line.lines_changed(&line, CHAR_LINE_CTS | CHAR_LINE_RI | 3);
	CHECK(m->isa[4].level);
	CHECK_EQ(in(2), 0x00);
	CHECK_EQ(in(6), 0x5a);
	CHECK(!m->isa[4].level);
	line.lines_changed(&line, CHAR_LINE_CTS);
	CHECK_EQ(in(6), 0x14);
	line.lines_changed(&line, 0);
	line.lines_changed(&line, CHAR_LINE_CTS);
	CHECK_EQ(in(6), 0x11); /* that it changed is not lost */
	out(4, 9);
	CHECK(dtr && !rts);
	device_reset(&d);
	CHECK(!dtr);
	stop();
}

static void test_priority(void)
{
	start(true);
	out(2, 0x41);
	out(1, 0x0f);
	line.lines_changed(&line, 0);
	say("abc");
	line.receive_break(&line);
	CHECK_EQ(in(2), 0xc4);
	in(0);
	CHECK_EQ(in(2), 0xc2);
	CHECK_EQ(in(2), 0xc0);
	fake_machine_advance(m, 1000000000);
	CHECK_EQ(in(2), 0xcc);
	in(0);
	in(0);
	CHECK_EQ(in(2), 0xc6);
	stop();
}

static void test_saved(void)
{
	uint8_t record[128];
	long n;

	start(true);
	out(4, 0x0b);
	out(1, 1);
	out(2, 0xc1);
	say("abc");
	takes = 0;
	out(0, 'q');
	n = device_save(&d, record, sizeof(record));
	CHECK(n > 0);
	device_reset(&d);
	CHECK(!dtr);
	takes = 9;
	CHECK_EQ(device_restore(&d, 1, record, (size_t)n), 0);
	CHECK(dtr && rts);
	CHECK(!strcmp(sent, "q"));
	CHECK_EQ(in(5), 0x61);
	fake_machine_advance(m, 10000000);
	CHECK_EQ(in(2), 0xcc);
	CHECK(m->isa[4].level);
	CHECK_EQ(in(0), 'a');
	record[32] = 17; /* more than there can be */
	CHECK_EQ(device_restore(&d, 1, record, (size_t)n), -EINVAL);
	record[32] = 3;
	record[16] = 0x80;
	CHECK_EQ(device_restore(&d, 1, record, (size_t)n), -EINVAL);
	CHECK_EQ(in(5), 0x60);
	stop();
}

static void test_taken(void)
{
	struct uart16550_config c = { BASE + 7, 3, NULL };
	struct device second;

	start(true);
	CHECK_EQ(device_create(&second, &uart16550_class, "com2", &m->ports, &c), -EEXIST);
	stop();
}

UNIT_MAIN(UNIT(test_registers), UNIT(test_transmit), UNIT(test_slow_line), UNIT(test_receive_byte),
          UNIT(test_fifo_trigger), UNIT(test_timeout), UNIT(test_errors), UNIT(test_loopback),
          UNIT(test_modem), UNIT(test_priority), UNIT(test_saved), UNIT(test_taken))
