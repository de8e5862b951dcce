// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * qtest-board DRIVE... - our chips behind QEMU's qtest text protocol, on standard input and output. A line is a command, its answer a line "OK [VALUE]" or "FAIL TEXT";
 * after irq_intercept_in, lines "IRQ raise N" and "IRQ lower N" come before it. A drive is disk:FILE, cdrom:FILE or "" (what is written stays in memory).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board.h"

static struct fake_machine *m;
static bool intercepted, levels[16];

struct words {
	char *verb, *data;
	uint64_t a, b;
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

static void port_in(const struct words *w)
{
	printf("OK 0x%04x\n", fake_in(m, (uint16_t)w->a, size_of(w->verb)));
}

static void port_out(const struct words *w)
{
	fake_out(m, (uint16_t)w->a, size_of(w->verb), (uint32_t)w->b);
	puts("OK");
}

/* RAM first, then what the devices claim. */
static uint8_t byte_load(uint64_t gpa)
{
	return gpa < FAKE_RAM_SIZE ? m->ram[gpa] : (uint8_t)fake_load(m, gpa, 1);
}

static void byte_store(uint64_t gpa, uint8_t value)
{
	if (gpa < FAKE_RAM_SIZE)
		m->ram[gpa] = value;
	else
		fake_store(m, gpa, 1, value);
}

static void load(const struct words *w)
{
	unsigned size = size_of(w->verb);
	uint64_t value = 0;

	if (w->a < FAKE_RAM_SIZE - 8)
		memcpy(&value, m->ram + w->a, size);
	else
		value = fake_load(m, w->a, size);
	printf("OK 0x%016llx\n", (unsigned long long)value);
}

static void store(const struct words *w)
{
	unsigned size = size_of(w->verb);

	if (w->a < FAKE_RAM_SIZE - 8)
		memcpy(m->ram + w->a, &w->b, size);
	else
		fake_store(m, w->a, size, w->b);
	puts("OK");
}

static void read_bytes(const struct words *w)
{
	printf("OK 0x");
	for (uint64_t i = 0; i < w->b; i++)
		printf("%02x", byte_load(w->a + i));
	putchar('\n');
}

static void write_bytes(const struct words *w)
{
	const char *p = w->data + 2;

	for (uint64_t i = 0; i < w->b && p[0] && p[1]; i++, p += 2) {
		char digits[3] = { p[0], p[1], 0 };

		byte_store(w->a + i, (uint8_t)strtoul(digits, NULL, 16));
	}
	puts("OK");
}

static void fill(const struct words *w)
{
	for (uint64_t i = 0; i < w->b; i++)
		byte_store(w->a + i, (uint8_t)strtoul(w->data, NULL, 0));
	puts("OK");
}

/* By so many ns, or to the next timer. */
static void clock_step(const struct words *w)
{
	uint64_t ns = w->n > 1 ? w->a : m->timers ? m->timers->at_ns - m->now_ns : 0;

	fake_machine_advance(m, ns);
	printf("OK %llu\n", (unsigned long long)m->now_ns);
}

static void clock_set(const struct words *w)
{
	if (w->a > m->now_ns)
		fake_machine_advance(m, w->a - m->now_ns);
	printf("OK %llu\n", (unsigned long long)m->now_ns);
}

static void intercept(const struct words *w)
{
	intercepted = true;
	puts("OK");
}

static void endianness(const struct words *w)
{
	puts("OK little");
}

static void system_reset(const struct words *w)
{
	board_reset();
	puts("OK");
}

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
	{ "clock_step", 1, clock_step },
	{ "clock_set", 2, clock_set },
	{ "irq_intercept_in", 2, intercept },
	{ "irq_intercept_out", 2, intercept },
	{ "endianness", 1, endianness },
	{ "system_reset", 1, system_reset },
};

/* Wires change while a command runs; what they were in between is not told. */
static void tell_wires(void)
{
	for (unsigned i = 0; i < 16; i++)
		if (intercepted && levels[i] != m->isa[i].level) {
			levels[i] = m->isa[i].level;
			printf("IRQ %s %u\n", levels[i] ? "raise" : "lower", i);
		}
}

static void line_run(char *line)
{
	char *place, *words[4] = { NULL };
	struct words w = { .n = 0 };
	char *text = NULL;
	size_t size = 0;
	FILE *out = stdout;

	for (char *p = strtok_r(line, " \r\n", &place); p && w.n < 4;
	     p = strtok_r(NULL, " \r\n", &place))
		words[w.n++] = p;
	if (!w.n)
		return;
	w.verb = words[0];
	w.a = words[1] ? strtoull(words[1], NULL, 0) : 0;
	w.b = words[2] ? strtoull(words[2], NULL, 0) : 0;
	w.data = words[3];
	stdout = open_memstream(&text, &size); /* the answer comes after the wires */
	for (unsigned i = 0; i <= ARRAY_LEN(verbs); i++) {
		if (i == ARRAY_LEN(verbs)) {
			printf("FAIL Unknown command '%s'\n", w.verb);
		} else if (!strcmp(verbs[i].verb, w.verb)) {
			if (w.n < verbs[i].words)
				printf("FAIL '%s' wants more words\n", w.verb);
			else
				verbs[i].run(&w);
			break;
		}
	}
	fclose(stdout);
	stdout = out;
	tell_wires();
	fputs(text, stdout);
	fflush(stdout);
	free(text);
}

int main(int argc, char **argv)
{
	char *line = NULL;
	size_t size = 0;

	m = board_new(argv + 1, (unsigned)argc - 1);
	while (getline(&line, &size, stdin) > 0)
		line_run(line);
	free(line);
	return 0;
}
