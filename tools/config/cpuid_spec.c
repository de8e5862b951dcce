/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cpuid= taken apart. */
#include "cpuid_spec.h"

#include "cpuid_names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BITS 32

static bool no(char *why, size_t size, const char *format, const char *what, int length)
{
	snprintf(why, size, format, length, what);
	return false;
}

/* The row of a leaf, made when it is new; NULL: there are too many. */
static struct cpuid_change *row_of(struct cpuid_changes *c, uint32_t leaf, uint32_t subleaf)
{
	struct cpuid_change *r;

	for (size_t i = 0; i < c->nr; i++)
		if (c->rows[i].leaf == leaf && c->rows[i].subleaf == subleaf)
			return &c->rows[i];
	if (c->nr == CPUID_LEAVES)
		return NULL;
	r = &c->rows[c->nr++];
	*r = (struct cpuid_change){ .leaf = leaf, .subleaf = subleaf };
	return r;
}

/* What is said later counts. x, k and s: as the machine has it, which is what a guest gets anyway. */
static bool bit_change(struct cpuid_change *r, unsigned reg, unsigned bit, char value)
{
	uint32_t mask = 1u << bit;

	r->set[reg] &= ~mask;
	r->clear[reg] &= ~mask;
	if (value == '1')
		r->set[reg] |= mask;
	else if (value == '0')
		r->clear[reg] |= mask;
	return strchr("01xks", value) != NULL && value;
}

/* NAME=VALUE, of n bytes. */
static bool word(struct cpuid_changes *c, const char *text, size_t n, char *why, size_t size)
{
	const char *equals = memchr(text, '=', n);
	const struct cpuid_feature *f;
	struct cpuid_change *r;
	char name[32];
	size_t length = equals ? (size_t)(equals - text) : 0;

	if (!length || length >= sizeof(name))
		return no(why, size, "\"%.*s\" is not of the form FEATURE=0 or FEATURE=1", text,
		          (int)n);
	memcpy(name, text, length);
	name[length] = 0;
	if (cpuid_is_number(name))
		return no(why, size, "%.*s cannot be set here: it stays the machine's; take it out",
		          name, (int)length);
	f = cpuid_feature_find(name);
	if (!f)
		return no(why, size, "there is no CPU feature %.*s", name, (int)length);
	r = row_of(c, f->leaf, f->subleaf);
	if (!r)
		return no(why, size, "there are too many leaves, at \"%.*s\"", text, (int)n);
	return (n == length + 2 && bit_change(r, f->reg, f->bit, equals[1])) ||
	       no(why, size, "\"%.*s\": the value is 0, 1, x, k or s", text, (int)n);
}

bool cpuid_parse_names(struct cpuid_changes *c, const char *text, char *why, size_t size)
{
	size_t n = strcspn(text, ",");

	if (n != 4 || strncmp(text, "host", n) != 0)
		return no(
			why, size,
			"it begins with \"%.*s\" where \"host\" is expected, as in \"host,avx=0\"",
			text, (int)n);
	while (text[n] == ',') {
		text += n + 1;
		n = strcspn(text, ",");
		if (!word(c, text, n, why, size))
			return false;
	}
	return true;
}

/* REG=BITS, of n bytes. */
static bool reg(struct cpuid_change *r, const char *text, size_t n, char *why, size_t size)
{
	static const char names[4][4] = { "eax", "ebx", "ecx", "edx" };

	for (unsigned i = 0; i < 4; i++) {
		if (n != 4 + BITS || strncmp(text, names[i], 3) != 0 || text[3] != '=')
			continue;
		for (unsigned bit = 0; bit < BITS; bit++)
			if (!bit_change(r, i, BITS - 1 - bit, text[4 + bit]))
				return no(why, size, "\"%.*s\": bits are 0, 1, x, k or s", text,
				          (int)n);
		return true;
	}
	return no(why, size,
	          "\"%.*s\" is not of the form REGISTER=BITS, with 32 bits of 0, 1, x, k, s", text,
	          (int)n);
}

/* Leaves that have subleaves; what is not said is the first one. */
static uint32_t subleaf_usual(uint32_t leaf)
{
	return leaf == 4 || leaf == 7 || leaf == 0xb || leaf == 0xd ? 0 : CPUID_NO_SUBLEAF;
}

bool cpuid_parse_leaf(struct cpuid_changes *c, const char *text, char *why, size_t size)
{
	char *end;
	uint32_t leaf = (uint32_t)strtoul(text, &end, 0), subleaf = subleaf_usual(leaf);
	const char *whole = text;
	struct cpuid_change *r;
	size_t n;

	if (end != text && *end == ',') {
		text = end + 1;
		subleaf = (uint32_t)strtoul(text, &end, 0);
	}
	if (end == text || *end != ':')
		return no(why, size, "\"%.*s\" does not begin with LEAF: or LEAF,SUBLEAF:", whole,
		          (int)strlen(whole));
	r = row_of(c, leaf, subleaf);
	if (!r)
		return no(why, size, "there are too many leaves, at \"%.*s\"", whole,
		          (int)strlen(whole));
	do {
		text = end + 1;
		n = strcspn(text, ",");
		if (!reg(r, text, n, why, size))
			return false;
		end = (char *)(uintptr_t)text + n;
	} while (*end == ',');
	return true;
}

void cpuid_print(char to[CPUID_TEXT], const struct cpuid_change *c)
{
	static const char names[4][4] = { "eax", "ebx", "ecx", "edx" };
	int n = snprintf(to, CPUID_TEXT, "0x%x", c->leaf);
	char before = ':';

	if (c->subleaf != CPUID_NO_SUBLEAF)
		n += snprintf(to + n, CPUID_TEXT - (size_t)n, ",%u", c->subleaf);
	for (unsigned i = 0; i < 4; i++) {
		if (!(c->set[i] | c->clear[i]) && !(i == 3 && before == ':'))
			continue;
		n += snprintf(to + n, CPUID_TEXT - (size_t)n, "%c%s=", before, names[i]);
		for (unsigned bit = BITS; bit > 0; bit--)
			to[n++] = c->set[i] >> (bit - 1) & 1     ? '1'
			          : c->clear[i] >> (bit - 1) & 1 ? '0'
			                                         : 'x';
		to[n] = 0;
		before = ',';
	}
}
