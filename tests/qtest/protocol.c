// SPDX-License-Identifier: GPL-2.0-or-later
/* The qtest protocol's server. */
#include "protocol.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BYTES_MAX 0x20000

static const struct qtest_machine *machine;
static bool intercepted, levels[QTEST_WIRES];

struct words {
	const char *word[6];
	uint64_t a, b; /* the second and third word as numbers */
	unsigned n;
};

static unsigned size_of(const char *verb)
{
	switch (verb[strlen(verb) - 1]) {
	case 'b': return 1;
	case 'w': return 2;
	case 'l': return 4;
	default: return 8;
	}
}

static void done(void)
{
	puts("OK");
}

static void hex_put(const uint8_t *bytes, size_t n)
{
	printf("OK 0x");
	for (size_t i = 0; i < n; i++)
		printf("%02x", bytes[i]);
	putchar('\n');
}

/* Bytes written as 0x...; good until the next call. */
static const uint8_t *hex_get(const char *text, size_t *n)
{
	static uint8_t bytes[BYTES_MAX];
	const char *p = strncmp(text, "0x", 2) ? text : text + 2;

	for (*n = 0; *n < BYTES_MAX && p[0] && p[1]; p += 2) {
		char digits[3] = { p[0], p[1], 0 };

		bytes[(*n)++] = (uint8_t)strtoul(digits, NULL, 16);
	}
	return bytes;
}

/* ---- ports and memory ---- */

static void port_in(const struct words *w)
{
	printf("OK 0x%04x\n", machine->in((uint16_t)w->a, size_of(w->word[0])));
}

static void port_out(const struct words *w)
{
	machine->out((uint16_t)w->a, size_of(w->word[0]), (uint32_t)w->b);
	done();
}

static void load(const struct words *w)
{
	printf("OK 0x%016llx\n", (unsigned long long)machine->load(w->a, size_of(w->word[0])));
}

static void store(const struct words *w)
{
	machine->store(w->a, size_of(w->word[0]), w->b);
	done();
}

static void read_bytes(const struct words *w)
{
	static uint8_t bytes[BYTES_MAX];
	size_t n = w->b < BYTES_MAX ? w->b : BYTES_MAX;

	for (size_t i = 0; i < n; i++)
		bytes[i] = (uint8_t)machine->load(w->a + i, 1);
	hex_put(bytes, n);
}

static void write_bytes(const struct words *w)
{
	size_t n;
	const uint8_t *bytes = hex_get(w->word[3], &n);

	for (size_t i = 0; i < n && i < w->b; i++)
		machine->store(w->a + i, 1, bytes[i]);
	done();
}

static void fill(const struct words *w)
{
	uint64_t value = strtoul(w->word[3], NULL, 0);

	for (uint64_t i = 0; i < w->b; i++)
		machine->store(w->a + i, 1, value);
	done();
}

/* ---- the machine ---- */

static void clock_set(const struct words *w)
{
	machine->clock_set(w->a);
	done();
}

static void intercept(const struct words *w)
{
	intercepted = true;
	done();
}

static void endianness(const struct words *w)
{
	puts("OK little");
}

static void system_reset(const struct words *w)
{
	machine->reset();
	done();
}

static void missing(void)
{
	puts("FAIL the machine has none");
}

static void drive(const struct words *w)
{
	if (!machine->drive) {
		missing();
		return;
	}
	machine->drive((unsigned)w->a, w->b);
	done();
}

static void input(const struct words *w)
{
	struct input_event e = { .kind = (uint8_t)w->a, .code = (uint16_t)w->b };

	if (!machine->input) {
		missing();
		return;
	}
	e.down = atoi(w->word[3]);
	e.x = atoi(w->word[4]);
	e.y = atoi(w->word[5]);
	machine->input(&e);
	done();
}

static void serial(const struct words *w)
{
	size_t n;
	const uint8_t *bytes = hex_get(w->word[1], &n);

	if (machine->serial)
		printf("OK %zu\n", machine->serial(bytes, n));
	else
		missing();
}

static void frame(const struct words *w)
{
	size_t n;
	const uint8_t *bytes = hex_get(w->word[1], &n);

	if (machine->frame)
		printf("OK %d\n", machine->frame(bytes, n));
	else
		missing();
}

static void sent(size_t (*take)(uint8_t *bytes, size_t room))
{
	static uint8_t bytes[BYTES_MAX];

	if (take)
		hex_put(bytes, take(bytes, sizeof(bytes)));
	else
		missing();
}

static void serial_sent(const struct words *w)
{
	sent(machine->serial_sent);
}

static void frame_sent(const struct words *w)
{
	sent(machine->frame_sent);
}

/* ---- lines ---- */

static const struct {
	const char *verb;
	unsigned words;
	void (*run)(const struct words *w);
} verbs[] = {
	{ "inb", 2, port_in },
	{ "inw", 2, port_in },
	{ "inl", 2, port_in },
	{ "outb", 3, port_out },
	{ "outw", 3, port_out },
	{ "outl", 3, port_out },
	{ "readb", 2, load },
	{ "readw", 2, load },
	{ "readl", 2, load },
	{ "readq", 2, load },
	{ "writeb", 3, store },
	{ "writew", 3, store },
	{ "writel", 3, store },
	{ "writeq", 3, store },
	{ "read", 3, read_bytes },
	{ "write", 4, write_bytes },
	{ "memset", 4, fill },
	{ "clock_set", 2, clock_set },
	{ "irq_intercept_in", 2, intercept },
	{ "endianness", 1, endianness },
	{ "system_reset", 1, system_reset },
	{ "wire", 3, drive },
	{ "input", 6, input },
	{ "serial", 2, serial },
	{ "serial_sent", 1, serial_sent },
	{ "frame", 2, frame },
	{ "frame_sent", 1, frame_sent },
};

/* Wires change while a command runs; what they were in between is not told. */
static void tell_wires(void)
{
	for (unsigned i = 0; intercepted && i < QTEST_WIRES; i++)
		if (levels[i] != machine->wire(i)) {
			levels[i] = !levels[i];
			printf("IRQ %s %u\n", levels[i] ? "raise" : "lower", i);
		}
}

static void words_run(const struct words *w)
{
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(verbs[i].verb, w->word[0]))
			continue;
		if (w->n < verbs[i].words)
			printf("FAIL '%s' wants more words\n", w->word[0]);
		else
			verbs[i].run(w);
		return;
	}
	printf("FAIL Unknown command '%s'\n", w->word[0]);
}

static void line_run(char *line)
{
	struct words w = { .n = 0 };
	char *place, *text = NULL;
	size_t size = 0;
	FILE *out = stdout;

	for (char *p = strtok_r(line, " \r\n", &place); p && w.n < 6;
	     p = strtok_r(NULL, " \r\n", &place))
		w.word[w.n++] = p;
	if (!w.n)
		return;
	w.a = w.n > 1 ? strtoull(w.word[1], NULL, 0) : 0;
	w.b = w.n > 2 ? strtoull(w.word[2], NULL, 0) : 0;
	stdout = open_memstream(&text, &size); /* the answer comes after the wires */
	words_run(&w);
	fclose(stdout);
	stdout = out;
	tell_wires();
	fputs(text, stdout);
	fflush(stdout);
	free(text);
}

void qtest_serve(const struct qtest_machine *m)
{
	char *line = NULL;
	size_t size = 0;

	machine = m;
	while (getline(&line, &size, stdin) > 0)
		line_run(line);
	free(line);
}
