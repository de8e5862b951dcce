/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen/lib/list.h */
#include "unit.h"
#include "list.h"

struct item {
	int value;
	struct list link;
};

static int digits(const struct list *l)
{
	const struct list *pos;
	int n = 0;

	list_for_each(pos, l)
		n = n * 10 + list_entry(pos, struct item, link)->value;
	return n;
}

static void order(void)
{
	struct list l = LIST_INIT(l);
	struct item a = { .value = 1 }, b = { .value = 2 }, c = { .value = 3 };

	CHECK(list_empty(&l));
	CHECK(list_first(&l) == NULL);
	list_add_tail(&l, &b.link);
	list_add_tail(&l, &c.link);
	list_add_head(&l, &a.link);
	CHECK_EQ(digits(&l), 123);
	CHECK(list_first(&l) == &a.link);
	CHECK(!list_empty(&l));
	list_remove(&b.link);
	CHECK_EQ(digits(&l), 13);
	CHECK(list_empty(&b.link));
	list_remove(&b.link);
	CHECK_EQ(digits(&l), 13);
	list_add_tail(&l, &b.link);
	CHECK_EQ(digits(&l), 132);
}

static void remove_while_walking(void)
{
	struct item items[6];
	struct list l, *pos, *tmp;

	list_init(&l);
	for (int i = 0; i < 6; i++) {
		items[i].value = i + 1;
		list_add_tail(&l, &items[i].link);
	}
	list_for_each_safe(pos, tmp, &l)
		if (list_entry(pos, struct item, link)->value % 2)
			list_remove(pos);
	CHECK_EQ(digits(&l), 246);
	list_for_each_safe(pos, tmp, &l)
		list_remove(pos);
	CHECK(list_empty(&l));
}

UNIT_MAIN(UNIT(order), UNIT(remove_while_walking))
