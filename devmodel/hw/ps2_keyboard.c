/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keyboard: keys become scan codes, commands are answered. */
#include "ps2_keyboard.h"

#include "errno.h"
#include "ps2_keys.h"
#include "string.h"

enum {
	COMMAND_LAMPS = 0xed,
	COMMAND_ECHO = 0xee,
	COMMAND_SET = 0xf0,
	COMMAND_IDENTIFY = 0xf2,
	COMMAND_TYPEMATIC = 0xf3,
	COMMAND_ENABLE = 0xf4,
	COMMAND_DISABLE = 0xf5,
	COMMAND_DEFAULT = 0xf6,
	COMMAND_ALL_FIRST = 0xf7, /* all keys: repeat, tell their release, neither, both */
	COMMAND_ALL_LAST = 0xfa,
	COMMAND_KEY_FIRST = 0xfb, /* the same for one key: repeat, release, neither */
	COMMAND_KEY_LAST = 0xfd,
	COMMAND_RESEND = 0xfe,
	COMMAND_RESET = 0xff,
};

#define TYPEMATIC_DEFAULT 0x2b /* after 500 ms, 10.9 a second */

/* What a key does; at most an artificial shift, a prefix and a code, twice. */
#define SEQUENCE_MAX 12
struct sequence {
	uint8_t bytes[SEQUENCE_MAX];
	uint8_t n;
};

static bool is_down(const struct ps2_keyboard *k, unsigned key)
{
	return k->down[key / 8] & 1u << key % 8;
}

/* ---- scan codes ---- */

static void add(struct sequence *q, unsigned byte)
{
	q->bytes[q->n++] = (uint8_t)byte;
}

/* A code of set 1 or 2, perhaps extended. */
static void add_code(const struct ps2_keyboard *k, struct sequence *q, unsigned code, bool down)
{
	if (code & PS2_EXTENDED)
		add(q, 0xe0);
	if (!down && k->set == 2)
		add(q, 0xf0);
	add(q, (code & 0xff) | (!down && k->set == 1 ? 0x80 : 0));
}

/* A shift key that nobody touched, for programs that do not know that a key has an E0. */
static void add_shift(const struct ps2_keyboard *k, struct sequence *q, unsigned shift, bool down)
{
	unsigned code = k->set == 1 ? ps2_key_set1(shift) : ps2_key_set2(shift);

	add_code(k, q, code | PS2_EXTENDED, down);
}

static void pause_sequence(const struct ps2_keyboard *k, struct sequence *q)
{
	static const uint8_t pause1[] = { 0xe1, 0x1d, 0x45, 0xe1, 0x9d, 0xc5 };
	static const uint8_t pause2[] = { 0xe1, 0x14, 0x77, 0xe1, 0xf0, 0x14, 0xf0, 0x77 };

	if (is_down(k, KEY_LEFTCTRL) || is_down(k, KEY_RIGHTCTRL)) {
		unsigned code = k->set == 1 ? 0xe046 : 0xe07e;

		add_code(k, q, code, true);
		add_code(k, q, code, false);
	} else {
		q->n = k->set == 1 ? sizeof(pause1) : sizeof(pause2);
		memcpy(q->bytes, k->set == 1 ? pause1 : pause2, q->n);
	}
}

/*
 * The artificial shift around a key: which one, and how it goes before the key goes down. False: none. Grey keys must look as if neither a shift key nor num lock were in
 * effect; the slash as if there were no shift; print screen is a shifted * by birth.
 */
static bool artificial_shift(const struct ps2_keyboard *k, unsigned key, unsigned *shift,
                             bool *down)
{
	bool left = is_down(k, KEY_LEFTSHIFT), right = is_down(k, KEY_RIGHTSHIFT);
	bool ctrl = is_down(k, KEY_LEFTCTRL) || is_down(k, KEY_RIGHTCTRL);
	bool num = k->lamps & INPUT_LED_NUM;

	*shift = left || !right ? KEY_LEFTSHIFT : KEY_RIGHTSHIFT;
	*down = !left && !right;
	if (key == KEY_SYSRQ)
		return *down && !ctrl;
	if (key == KEY_KPSLASH)
		return !*down;
	return key >= KEY_HOME && key <= KEY_DELETE && num == *down;
}

static void key_sequence(const struct ps2_keyboard *k, struct sequence *q, unsigned key, bool down,
                         bool repeat)
{
	unsigned code = k->set == 1 ? ps2_key_set1(key) : ps2_key_set2(key), shift;
	bool shift_down, artificial;

	if (key == KEY_PAUSE) {
		if (down)
			pause_sequence(k, q);
		return;
	}
	if (!code)
		return;
	if (key == KEY_SYSRQ && (is_down(k, KEY_LEFTALT) || is_down(k, KEY_RIGHTALT))) {
		add_code(k, q, k->set == 1 ? 0x54 : 0x84, down);
		return;
	}
	artificial = !repeat && artificial_shift(k, key, &shift, &shift_down);
	if (artificial && down)
		add_shift(k, q, shift, shift_down);
	add_code(k, q, code, down);
	if (artificial && !down)
		add_shift(k, q, shift, !shift_down);
}

static void key_sequence_set3(const struct ps2_keyboard *k, struct sequence *q, unsigned key,
                              bool down)
{
	unsigned code = ps2_key_set3(key);

	if (!code || (!down && !(k->type[key] & PS2_KEY_BREAKS)))
		return;
	if (!down)
		add(q, 0xf0);
	add(q, code);
}

/* Tells of a key, or, when there is no room, once that something is missing. */
static void tell(struct ps2_keyboard *k, unsigned key, bool down, bool repeat)
{
	uint8_t overrun = k->set == 1 ? 0xff : 0x00;
	struct sequence q = { .n = 0 };

	if (k->set == 3)
		key_sequence_set3(k, &q, key, down);
	else
		key_sequence(k, &q, key, down, repeat);
	if (!ps2_output_data(&k->out, q.bytes, q.n, 1) &&
	    k->out.data[k->out.datas - 1] != overrun && !ps2_output_data(&k->out, &overrun, 1, 0))
		return;
	if (q.n)
		k->changed(k);
}

/* ---- repeat ---- */

static uint64_t typematic_delay(const struct ps2_keyboard *k)
{
	return ((k->typematic >> 5 & 3) + 1ull) * 250000000;
}

static uint64_t typematic_period(const struct ps2_keyboard *k)
{
	return (8ull + (k->typematic & 7)) * (1u << (k->typematic >> 3 & 3)) * 4166667;
}

static void repeat_start(struct ps2_keyboard *k, unsigned key)
{
	bool may = key != KEY_PAUSE && (k->set != 3 || (k->type[key] & PS2_KEY_REPEATS));

	k->repeats = may ? (uint8_t)key : 0;
	k->repeat_at = k->clock->now_ns(k->clock) + typematic_delay(k);
}

/* The viewer says that the key is still held. */
static void repeat(struct ps2_keyboard *k, unsigned key)
{
	uint64_t now = k->clock->now_ns(k->clock);

	/* When nobody listens: a full queue of one letter helps nobody. */
	if (k->repeats != key || now < k->repeat_at || k->out.datas)
		return;
	k->repeat_at = now + typematic_period(k);
	tell(k, key, true, true);
}

void ps2_keyboard_key(struct ps2_keyboard *k, unsigned key, bool down)
{
	if (!key || key >= INPUT_KEYS)
		return;
	if (is_down(k, key) == down) {
		if (down && k->scanning)
			repeat(k, key);
		return;
	}
	if (!down && k->repeats == key)
		k->repeats = 0;
	/* The key's own bit does not matter for its code. */
	k->down[key / 8] ^= (uint8_t)(1u << key % 8);
	if (!k->scanning)
		return;
	tell(k, key, down, false);
	if (down)
		repeat_start(k, key);
}

bool ps2_keyboard_is_full(const struct ps2_keyboard *k)
{
	return k->scanning && k->out.datas + SEQUENCE_MAX >= PS2_DATA_MAX;
}

/* ---- commands ---- */

static void set_lamps(struct ps2_keyboard *k, uint8_t lamps)
{
	k->lamps = lamps & 7;
	if (k->input && k->input->leds)
		k->input->leds(k->input, k->lamps);
}

static void defaults(struct ps2_keyboard *k)
{
	k->repeats = 0;
	ps2_output_clear(&k->out);
	k->set = 2;
	k->typematic = TYPEMATIC_DEFAULT;
	k->command = 0;
	k->scanning = true;
	for (unsigned key = 0; key < INPUT_KEYS; key++)
		k->type[key] = ps2_key_set3_type(key);
	set_lamps(k, 0);
}

void ps2_keyboard_reset(struct ps2_keyboard *k)
{
	defaults(k);
	k->out.last = 0;
	memset(k->down, 0, sizeof(k->down));
}

/* The kind of key that the commands F7 to FA and FB to FD give. */
static const uint8_t command_type[] = { PS2_KEY_REPEATS, PS2_KEY_BREAKS, 0,
	                                PS2_KEY_REPEATS | PS2_KEY_BREAKS };

static void choose_set(struct ps2_keyboard *k, uint8_t set)
{
	if (set > 3) {
		ps2_output_reply(&k->out, PS2_RESEND);
		return;
	}
	if (set) {
		k->repeats = 0;
		ps2_output_clear(&k->out);
		k->set = set;
	}
	ps2_output_reply(&k->out, PS2_ACK);
	if (!set)
		ps2_output_reply(&k->out, k->set);
}

/* A parameter; they are all below any command. */
static void parameter(struct ps2_keyboard *k, uint8_t byte)
{
	uint8_t command = k->command;
	unsigned key;

	if (command >= COMMAND_KEY_FIRST) { /* more keys may follow */
		key = ps2_key_of_set3(byte);
		if (key)
			k->type[key] = command_type[command - COMMAND_KEY_FIRST];
		ps2_output_reply(&k->out, key ? PS2_ACK : PS2_RESEND);
		return;
	}
	k->command = 0;
	if (command == COMMAND_SET) {
		choose_set(k, byte);
		return;
	}
	if (command == COMMAND_LAMPS)
		set_lamps(k, byte);
	else
		k->typematic = byte & 0x7f;
	ps2_output_reply(&k->out, PS2_ACK);
}

static void command(struct ps2_keyboard *k, uint8_t byte)
{
	switch (byte) {
	case COMMAND_ECHO: ps2_output_reply(&k->out, COMMAND_ECHO); return;
	case COMMAND_RESEND: ps2_output_reply(&k->out, k->out.last); return;
	case COMMAND_ENABLE:
		ps2_output_clear(&k->out);
		k->scanning = true;
		break;
	case COMMAND_DISABLE:
		defaults(k);
		k->scanning = false;
		break;
	case COMMAND_RESET:
	case COMMAND_DEFAULT: defaults(k); break;
	case COMMAND_ALL_FIRST ... COMMAND_ALL_LAST:
		memset(k->type, command_type[byte - COMMAND_ALL_FIRST], sizeof(k->type));
		break;
	case COMMAND_KEY_FIRST ... COMMAND_KEY_LAST: /* it scans again after an enable */
		k->repeats = 0;
		k->scanning = false;
		k->command = byte;
		break;
	case COMMAND_LAMPS:
	case COMMAND_SET:
	case COMMAND_TYPEMATIC: k->command = byte; break;
	case COMMAND_IDENTIFY: break;
	default: ps2_output_reply(&k->out, PS2_RESEND); return;
	}
	ps2_output_reply(&k->out, PS2_ACK);
	if (byte == COMMAND_RESET) {
		ps2_output_reply(&k->out, PS2_SELF_TEST_GOOD);
	} else if (byte == COMMAND_IDENTIFY) {
		ps2_output_reply(&k->out, 0xab);
		ps2_output_reply(&k->out, 0x83);
	}
}

void ps2_keyboard_write(struct ps2_keyboard *k, uint8_t byte)
{
	k->out.replies = 0; /* of a command whose answer nobody took */
	if (k->command && byte < COMMAND_LAMPS) {
		parameter(k, byte);
		return;
	}
	k->command = 0;
	command(k, byte);
}

/* ---- saving ---- */

void ps2_keyboard_saving(struct ps2_keyboard *k)
{
	uint64_t now = k->clock->now_ns(k->clock);

	k->repeat_left = k->repeats && k->repeat_at > now ? k->repeat_at - now : 0;
}

int ps2_keyboard_restored(struct ps2_keyboard *k)
{
	if (!ps2_output_valid(&k->out) || k->set < 1 || k->set > 3 ||
	    (k->command && k->command != COMMAND_LAMPS && k->command != COMMAND_SET &&
	     k->command != COMMAND_TYPEMATIC &&
	     (k->command < COMMAND_KEY_FIRST || k->command > COMMAND_KEY_LAST)) ||
	    k->typematic > 0x7f || k->repeat_left > 1000000000)
		return -EINVAL;
	set_lamps(k, k->lamps);
	k->repeat_at = k->clock->now_ns(k->clock) + k->repeat_left;
	return 0;
}
