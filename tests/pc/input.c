/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keyboard, mouse and serial port, by the BIOS and by drivers of their own.
 */
#include "real.h"

#define DATA   0x60
#define STATUS 0x64
#define COM    0x3f8

/* ---- the controller ---- */

static bool can_write(void)
{
	return (in8(STATUS) & 2) == 0;
}
static bool can_read(void)
{
	return (in8(STATUS) & 1) != 0;
}

static void command(uint8_t byte)
{
	until(can_write);
	out8(STATUS, byte);
}
static void data(uint8_t byte)
{
	until(can_write);
	out8(DATA, byte);
}
/* The next byte, 0x100 with what came from the mouse; 0xffff: none. */
static uint32_t answer(void)
{
	if (!until(can_read))
		return 0xffff;
	uint32_t from_mouse = (in8(STATUS) & 0x20) ? 0x100 : 0;
	return from_mouse | in8(DATA);
}

static void send_keyboard(uint8_t byte)
{
	data(byte);
}
static void send_mouse(uint8_t byte)
{
	command(0xd4);
	data(byte);
}

/* Bytes to a device, and what it must answer to all of them. */
static void talk(const char *name, void (*send)(uint8_t), const uint8_t *bytes, unsigned n,
                 const uint16_t *wanted, unsigned answers)
{
	uint32_t got = 0;
	unsigned right = 0;

	for (unsigned i = 0; i < n; i++) {
		send(bytes[i]);
		while (right < answers && (got = answer()) == wanted[right]) {
			right++;
			if (right >= i + 1 && i + 1 < n)
				break;
		}
	}
	equal(name, right == answers ? 0 : got, right == answers ? 0 : wanted[right]);
}
#define TALK(name, send, bytes, ...)                                                    \
	do {                                                                            \
		static const uint8_t to_say[] = bytes;                                  \
		static const uint16_t to_hear[] = { __VA_ARGS__ };                      \
		talk(name, send, to_say, sizeof(to_say), to_hear, ARRAY_SIZE(to_hear)); \
	} while (0)
#define SAY(...)            \
	{                   \
		__VA_ARGS__ \
	}

static void keyboard(void)
{
	command(0xaa);
	equal("controller-test", answer(), 0x55);
	command(0xab);
	equal("keyboard-line", answer(), 0);
	command(0xa9);
	equal("mouse-line", answer(), 0);
	command(0x60);
	data(0x00); /* both on, no interrupts, no translation */
	TALK("keyboard-reset", send_keyboard, SAY(0xff), 0xfa, 0xaa);
	TALK("keyboard-identity", send_keyboard, SAY(0xf2), 0xfa, 0xab, 0x83);
	TALK("keyboard-echo", send_keyboard, SAY(0xee), 0xee);
	TALK("keyboard-lights", send_keyboard, SAY(0xed, 0x07), 0xfa, 0xfa);
	TALK("keyboard-rate", send_keyboard, SAY(0xf3, 0x20), 0xfa, 0xfa);
	TALK("keyboard-set-1", send_keyboard, SAY(0xf0, 0x01), 0xfa, 0xfa);
	TALK("keyboard-which-set", send_keyboard, SAY(0xf0, 0x00), 0xfa, 0xfa, 0x01);
	TALK("keyboard-set-2", send_keyboard, SAY(0xf0, 0x02), 0xfa, 0xfa);
	TALK("keyboard-off", send_keyboard, SAY(0xf5), 0xfa);
	TALK("keyboard-on", send_keyboard, SAY(0xf4), 0xfa);
	TALK("keyboard-unknown", send_keyboard, SAY(0xe1), 0xfe);
	TALK("keyboard-echo-2", send_keyboard, SAY(0xee), 0xee);
	TALK("keyboard-again", send_keyboard, SAY(0xfe), 0xee);
	command(0x60);
	data(0x40);
	TALK("keyboard-identity-translated", send_keyboard, SAY(0xf2), 0xfa, 0xab, 0x41);
}

static void mouse(void)
{
	TALK("mouse-reset", send_mouse, SAY(0xff), 0x1fa, 0x1aa, 0x100);
	TALK("mouse-identity", send_mouse, SAY(0xf2), 0x1fa, 0x100);
	TALK("mouse-status", send_mouse, SAY(0xe9), 0x1fa, 0x100, 0x102, 0x164);
	TALK("mouse-wheel", send_mouse, SAY(0xf3, 200, 0xf3, 100, 0xf3, 80), 0x1fa, 0x1fa, 0x1fa,
	     0x1fa, 0x1fa, 0x1fa);
	TALK("mouse-wheel-identity", send_mouse, SAY(0xf2), 0x1fa, 0x103);
	TALK("mouse-resolution", send_mouse, SAY(0xe8, 0x03), 0x1fa, 0x1fa);
	TALK("mouse-remote", send_mouse, SAY(0xf0), 0x1fa);
	TALK("mouse-read", send_mouse, SAY(0xeb), 0x1fa, 0x108, 0x100, 0x100, 0x100);
	TALK("mouse-wrap", send_mouse, SAY(0xee), 0x1fa);
	TALK("mouse-wrapped", send_mouse, SAY(0x5a), 0x15a);
	TALK("mouse-wrap-over", send_mouse, SAY(0xec), 0x1fa);
	TALK("mouse-stream", send_mouse, SAY(0xea), 0x1fa);
	TALK("mouse-reset-again", send_mouse, SAY(0xff), 0x1fa, 0x1aa, 0x100);
}

/* ---- through the BIOS ---- */

static bool key_waits(void)
{
	struct bios r = { .eax = 0x0100 };

	bios(0x16, &r);
	return (r.flags & ZERO) == 0;
}

static bool taken(void)
{
	return !can_read();
}

/* Bytes that the controller gives as if a device had sent them. */
static void pretend(uint8_t how, uint8_t byte)
{
	until(taken);
	command(how);
	data(byte);
}

static void typed(void)
{
	pretend(0xd2, 0x1e);
	pretend(0xd2, 0x9e);
	check("key-comes", until(key_waits));
	equal("key", bios_ax(0x16, 0, 0, 0, 0), 0x1e61);
	pretend(0xd2, 0x2a);
	pretend(0xd2, 0x30);
	check("key-shifted-comes", until(key_waits));
	equal("key-shifted", bios_ax(0x16, 0, 0, 0, 0), 0x3042);
	equal("key-shift-state", bios_ax(0x16, 0x0200, 0, 0, 0) & 3, 2);
	pretend(0xd2, 0xb0);
	pretend(0xd2, 0xaa);
	until(taken);
}

/* What the BIOS's mouse driver calls for each packet, by a far call with four words. */
extern const uint8_t mouse_call[];
volatile uint16_t mouse_words[4];
volatile uint16_t mouse_calls;

static bool mouse_called(void)
{
	return mouse_calls != 0;
}

static void mouse_services(void)
{
	struct bios r = { .eax = 0xc205, .ebx = 0x0300 };

	bios(0x15, &r);
	check("pointer-there", !(r.flags & CARRY));
	r = (struct bios){ .eax = 0xc207, .ebx = (uint32_t)mouse_call };
	bios(0x15, &r);
	check("pointer-handler", !(r.flags & CARRY));
	r = (struct bios){ .eax = 0xc200, .ebx = 0x0100 };
	bios(0x15, &r);
	check("pointer-on", !(r.flags & CARRY));
	pretend(0xd3, 0x09);
	pretend(0xd3, 0x11);
	pretend(0xd3, 0x22);
	check("pointer-called", until(mouse_called));
	equal("pointer-buttons", mouse_words[3], 0x09);
	equal("pointer-x", mouse_words[2], 0x11);
	equal("pointer-y", mouse_words[1], 0x22);
	bios_ax(0x15, 0xc200, 0x0000, 0, 0);
}

/* ---- a serial port ---- */

static uint8_t serial_cause;
static void serial_interrupt(struct stopped *at)
{
	(void)at;
	serial_cause = in8(COM + 2);
	out8(COM + 1, 0);
	end_interrupt(4);
}
static bool serial_came(void)
{
	return times(0x0c) != 0;
}
static bool byte_came(void)
{
	return (in8(COM + 5) & 1) != 0;
}

static void serial(void)
{
	out8(COM + 7, 0xa6);
	equal("serial-scratch", in8(COM + 7), 0xa6);
	out8(COM + 2, 0x07);
	equal("serial-fifo", in8(COM + 2) & 0xc0, 0xc0);
	out8(COM + 3, 0x83);
	out8(COM, 0x0c);
	out8(COM + 1, 0x00);
	equal("serial-divisor", in8(COM), 0x0c);
	out8(COM + 3, 0x03);
	/* A plug that leads everything back. */
	out8(COM + 4, 0x1a);
	equal("serial-loop-lines", in8(COM + 6) & 0xf0, 0x90);
	out8(COM + 4, 0x15);
	equal("serial-loop-lines-2", in8(COM + 6) & 0xf0, 0x60);
	out8(COM, 0x5c);
	check("serial-loop", until(byte_came));
	equal("serial-loop-byte", in8(COM), 0x5c);
	/* Its interrupt, while there is nothing to send. */
	out8(COM + 4, 0x0b);
	hook(0x0c, serial_interrupt);
	bool masked = set_masked(4, false);
	out8(COM + 1, 0x02);
	check("serial-interrupt", until(serial_came));
	equal("serial-cause", serial_cause & 0x0f, 0x02);
	set_masked(4, masked);
	unhook(0x0c);
	out8(COM + 2, 0);
}

void input_tests(void)
{
	bool keys = set_masked(1, true), moves = set_masked(12, true);

	keyboard();
	mouse();
	command(0x60);
	data(0x47); /* both with their interrupts, translated: as the BIOS had it */
	set_masked(1, keys);
	set_masked(12, moves);
	typed();
	mouse_services();
	serial();
}
