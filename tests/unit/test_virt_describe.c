/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hardware and guests in words. */
#include <string.h>

#include "virt_describe.h"
#include "domain.h"
#include "unit.h"

static const struct {
	const char *name;
	bool is_on;
} rows[] = { { "a", true }, { "b", false }, { "", true }, { "c", true }, { "d", false } };

static const char *row_name(const void *nr_rows, unsigned i, bool *is_on)
{
	if (i >= *(const unsigned *)nr_rows)
		return NULL;
	*is_on = rows[i].is_on;
	return rows[i].name;
}

static void test_features(void)
{
	unsigned n = ARRAY_LEN(rows);
	char text[80];

	CHECK_EQ(virt_describe_features(text, sizeof(text), row_name, &n), strlen(text));
	CHECK(!strcmp(text, "; with a, c; without b, d"));
	n = 1;
	virt_describe_features(text, sizeof(text), row_name, &n);
	CHECK(!strcmp(text, "; with a"));
	n = ARRAY_LEN(rows);
	virt_describe_features(text, 10, row_name, &n);
	CHECK(strlen(text) < 10);
}

static unsigned asked_regs, asked_segments;

static uint64_t count_reg(struct vcpu *v, enum vcpu_reg r)
{
	asked_regs++;
	return ~0ull;
}

static void count_segment(struct vcpu *v, enum segment_name s, struct segment *out)
{
	asked_segments++;
	memset(out, 0xff, sizeof(*out));
}

/* The longest values fit the lines; AddressSanitizer would tell. */
static void test_dump(void)
{
	static struct virt_ops ops = { .get_reg = count_reg, .get_segment = count_segment };
	static struct domain domain;
	static struct vcpu vcpu = { .domain = &domain };

	virt = &ops;
	virt_dump_registers(&vcpu);
	CHECK_EQ(asked_regs % 4, 0);
	CHECK(asked_regs >= 16);
	CHECK_EQ(asked_segments, NR_SEGS);
}

UNIT_MAIN(UNIT(test_features), UNIT(test_dump))
