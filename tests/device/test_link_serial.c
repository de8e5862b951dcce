// SPDX-License-Identifier: GPL-2.0-or-later
/* Serial lines and texts on the link: the real serial port and debug port, a scripted backend. */
#include <string.h>

#include "debugcon.h"
#include "link_fake.h"
#include "uart16550.h"
#include "unit.h"

#define COM1 0x3f8
#define LSR  (COM1 + 5)
#define MCR  (COM1 + 4)
#define MSR  (COM1 + 6)
#define L    (&fake_link.memory)

static struct fake_machine *m;
static struct device uart, debug;

static void start(void)
{
	static const struct devmodel_board board = { .has_link = 1, .nr_serials = 1 };
	struct uart16550_config c = { COM1, 4, NULL };
	struct debugcon_config dc;

	device_destroy(&uart);
	device_destroy(&debug);
	m = fake_machine_new();
	fake_link_start(&board, &m->ports);
	c.line = link_serial(0);
	dc.output = link_text(LINK_TEXT_DEBUG);
	CHECK_EQ(device_create(&uart, &uart16550_class, "COM1", &m->ports, &c), 0);
	CHECK_EQ(device_create(&debug, &debugcon_class, "debug", &m->ports, &dc), 0);
	fake_out(m, COM1 + 2, 1, 7); /* FIFOs */
}

static void end(void)
{
	device_destroy(&uart);
	device_destroy(&debug);
}

static bool can_send(void)
{
	return fake_in(m, LSR, 1) & 0x20;
}

/* As a driver that waits does; false: the port does not take it. */
static bool put(uint8_t byte)
{
	if (!can_send())
		return false;
	fake_out(m, COM1, 1, byte);
	return true;
}

static void out(void)
{
	uint8_t bytes[LINK_BYTES_OUT + 100];
	unsigned sent = 0, n;

	start();
	server_attach(1);
	fake_link.notified = 0;
	CHECK(put('a') && put('b'));
	link_turn_over();
	CHECK_EQ(fake_link.notified, 1);
	CHECK_EQ(server_serial_get(bytes, 10), 2);
	CHECK(bytes[0] == 'a' && bytes[1] == 'b');
	/* the backend does not take: the port fills up, and goes on when it does */
	while (sent < LINK_BYTES_OUT + 100 && put((uint8_t)sent))
		sent++;
	link_turn_over();
	CHECK(sent > LINK_BYTES_OUT - 1 && sent < LINK_BYTES_OUT + 100);
	CHECK_EQ(L->serials[0].out.queue.waits, 1);
	n = server_serial_get(bytes, 300);
	CHECK_EQ(n, 300);
	CHECK_EQ(L->serials[0].out.queue.waits, 0);
	CHECK(can_send());
	n += server_serial_get(bytes + n, sizeof(bytes) - n);
	CHECK_EQ(n, sent);
	for (unsigned i = 0; i < n; i++)
		CHECK_EQ(bytes[i], (uint8_t)i);
	end();
}

/* Nobody takes anything, and then nobody is there: the guest goes on. */
static void nobody_listens(void)
{
	unsigned sent = 0;

	start();
	while (sent < 3 * LINK_BYTES_OUT && put('x'))
		sent++;
	CHECK_EQ(sent, 3 * LINK_BYTES_OUT);
	/* what was said before the first backend is there for it */
	server_attach(1);
	CHECK(server_serial_get((uint8_t[1]){ 0 }, 1));
	for (sent = 0; put('y') && sent < 3 * LINK_BYTES_OUT;)
		sent++;
	CHECK(sent < LINK_BYTES_OUT + 100);
	fake_link.is_bound = false; /* it dies */
	fake_link_look();           /* by the hypervisor, or anything else */
	link_turn_over();
	fake_machine_advance(m, 1000000);
	CHECK(can_send());
	for (sent = 0; put('z') && sent < 3 * LINK_BYTES_OUT;)
		sent++;
	CHECK_EQ(sent, 3 * LINK_BYTES_OUT);
	end();
}

static void in(void)
{
	uint8_t text[100];

	start();
	server_attach(1);
	for (unsigned i = 0; i < sizeof(text); i++)
		text[i] = (uint8_t)(200 - i);
	server_serial_put(text, sizeof(text));
	for (unsigned i = 0; i < sizeof(text); i++) {
		CHECK(fake_in(m, LSR, 1) & 1);
		CHECK_EQ(fake_in(m, COM1, 1), text[i]);
	}
	CHECK(!(fake_in(m, LSR, 1) & 1));
	CHECK_EQ(L->serials[0].in.queue.consumed, sizeof(text));
	end();
}

static void lines(void)
{
	start();
	server_attach(1);
	L->serials[0].lines = CHAR_LINE_CTS | CHAR_LINE_DCD;
	fake_link_look();
	CHECK_EQ(fake_in(m, MSR, 1) & 0xf0, CHAR_LINE_CTS | CHAR_LINE_DCD);
	fake_out(m, MCR, 1, 3);
	CHECK(L->serials[0].dtr && L->serials[0].rts);
	fake_out(m, COM1 + 3, 1, 0x43);
	CHECK(L->serials[0].break_on);
	L->serials[0].breaks++;
	fake_link_look();
	CHECK(fake_in(m, LSR, 1) & 0x10);
	/* a new backend finds them as they are */
	L->serials[0].dtr = 0;
	server_attach(2);
	CHECK(L->serials[0].dtr);
	end();
}

static void texts(void)
{
	char text[LINK_BYTES_OUT];

	start();
	fake_out(m, DEBUGCON_PORT, 1, 'h');
	fake_out(m, DEBUGCON_PORT, 1, 'i');
	link_log("made");
	server_attach(1);
	CHECK_EQ(server_text_get(LINK_TEXT_DEBUG, text, sizeof(text)), 2);
	CHECK(!memcmp(text, "hi", 2));
	CHECK_EQ(server_text_get(LINK_TEXT_LOG, text, sizeof(text)), 5);
	CHECK(!memcmp(text, "made\n", 5));
	for (unsigned i = 0; i < LINK_BYTES_OUT + 7; i++)
		fake_out(m, DEBUGCON_PORT, 1, '.');
	CHECK_EQ(L->texts[LINK_TEXT_DEBUG].lost, 7);
	end();
}

static void impossible_indices(void)
{
	uint8_t bytes[4];

	start();
	server_attach(1);
	L->serials[0].out.queue.consumed = 12345;
	L->serials[0].in.queue.produced = 1u << 20;
	fake_link_look();
	CHECK(!(fake_in(m, LSR, 1) & 1));
	(void)put('a');
	fake_link_look();
	CHECK_EQ(L->serials[0].out.queue.produced, 0);
	/* with the next backend all is well */
	server_attach(2);
	CHECK(put('b') || can_send());
	CHECK(server_serial_get(bytes, 4) > 0);
	server_serial_put((const uint8_t *)"k", 1);
	CHECK_EQ(fake_in(m, COM1, 1), 'k');
	end();
}

UNIT_MAIN(UNIT(out), UNIT(nobody_listens), UNIT(in), UNIT(lines), UNIT(texts),
          UNIT(impossible_indices))
