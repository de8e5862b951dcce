/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * QEMU's qtest text protocol on standard input and output: a line is a command, its answer a line "OK [VALUE]" or "FAIL TEXT"; after irq_intercept_in, lines "IRQ raise N" and
 * "IRQ lower N" come before it. What a machine is made of is the program's.
 *
 * Beside QEMU's commands: system_reset; clock_set NS (a time since the start, not before now); wire N LEVEL drives an interrupt line; input KIND CODE DOWN X Y as in struct
 * input_event; serial 0xBYTES comes over the line, and serial_sent takes what went out; frame 0xBYTES comes over the network, and frame_sent takes one that went out.
 */
#ifndef QTEST_PROTOCOL_H
#define QTEST_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "input.h"

#define QTEST_WIRES 24

struct qtest_machine {
	uint32_t (*in)(uint16_t port, unsigned size);
	void (*out)(uint16_t port, unsigned size, uint32_t value);
	uint64_t (*load)(uint64_t gpa, unsigned size);
	void (*store)(uint64_t gpa, unsigned size, uint64_t value);
	bool (*wire)(unsigned n);
	void (*reset)(void);
	void (*clock_set)(uint64_t ns);
	/* NULL: it has none. */
	void (*drive)(unsigned n, bool level);
	void (*input)(const struct input_event *e);
	size_t (*serial)(const uint8_t *bytes, size_t n);
	size_t (*serial_sent)(uint8_t *bytes, size_t room);
	bool (*frame)(const uint8_t *bytes, size_t n);
	size_t (*frame_sent)(uint8_t *bytes, size_t room);
};

/* Until the input ends. */
void qtest_serve(const struct qtest_machine *m);

#endif
