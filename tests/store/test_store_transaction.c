/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Transactions: what they see, what they conflict with, what they cost. */
#include <string.h>

#include "unit.h"
#include "world.h"

static struct world w;
#define DOM0(type, tx, data)  peer_ask(&w.dom0, type, tx, data)
#define GUEST(type, tx, data) peer_ask(&w.guest, type, tx, data)

static void seen_from_inside_and_outside(void)
{
	uint32_t t;

	world_begin(&w, false);
	DOM0(XS_WRITE, 0, "/a/old|1");
	DOM0(XS_WRITE, 0, "/a/gone|1");
	t = peer_begin(&w.dom0);
	CHECK(t);
	CHECK_STR(DOM0(XS_WRITE, t, "/a/new/deep|2"), "OK|");
	CHECK_STR(DOM0(XS_WRITE, t, "/a/old|3"), "OK|");
	CHECK_STR(DOM0(XS_RM, t, "/a/gone|"), "OK|");
	CHECK_STR(DOM0(XS_DIRECTORY, t, "/a|"), "old|new|");
	CHECK_STR(DOM0(XS_READ, t, "/a/new/deep|"), "2");
	CHECK_STR(DOM0(XS_READ, t, "/a/gone|"), "!ENOENT");
	CHECK_STR(DOM0(XS_SET_PERMS, t, "/a/old|n0|r1|"), "OK|");
	CHECK_STR(DOM0(XS_DIRECTORY, 0, "/a|"), "gone|old|");
	CHECK_STR(DOM0(XS_READ, 0, "/a/old|"), "1");
	CHECK_STR(DOM0(XS_TRANSACTION_END, t, "T|"), "OK|");
	CHECK_STR(DOM0(XS_DIRECTORY, 0, "/a|"), "new|old|");
	CHECK_STR(DOM0(XS_READ, 0, "/a/old|"), "3");
	CHECK_STR(DOM0(XS_GET_PERMS, 0, "/a/old|"), "n0|r1|");
	CHECK_STR(DOM0(XS_READ, t, "/a/old|"), "!ENOENT");
	CHECK(world_end(&w));
}

static void given_up(void)
{
	uint32_t t;

	world_begin(&w, false);
	t = peer_begin(&w.dom0);
	DOM0(XS_WRITE, t, "/x|1");
	CHECK_STR(DOM0(XS_TRANSACTION_END, t, "F|"), "OK|");
	CHECK_STR(DOM0(XS_READ, 0, "/x|"), "!ENOENT");
	t = peer_begin(&w.dom0);
	CHECK_STR(DOM0(XS_TRANSACTION_START, t, "|"), "!EBUSY");
	CHECK_STR(DOM0(XS_TRANSACTION_END, t, "maybe|"), "!EINVAL");
	CHECK_STR(DOM0(XS_TRANSACTION_END, 0, "T|"), "!ENOENT");
	CHECK_STR(GUEST(XS_READ, t, "x|"), "!ENOENT"); /* another's */
	CHECK_STR(DOM0(XS_TRANSACTION_END, t, "T|"), "OK|");
	CHECK(world_end(&w));
}

/* What one does in a transaction, another does meanwhile, and what comes of it. */
static const struct {
	uint32_t type;
	const char *inside;
	uint32_t other_type;
	const char *outside, *end;
} meetings[] = {
	{ XS_READ, "/n/a|", XS_WRITE, "/n/a|x", "!EAGAIN" },
	{ XS_READ, "/n/a|", XS_WRITE, "/n/b|x", "OK|" },
	{ XS_READ, "/n/a|", XS_RM, "/n/a|", "!EAGAIN" },
	{ XS_READ, "/n/a|", XS_RM, "/n|", "!EAGAIN" },
	{ XS_READ, "/n/a|", XS_SET_PERMS, "/n/a|r0|", "!EAGAIN" },
	{ XS_READ, "/n/none|", XS_WRITE, "/n/none|x", "!EAGAIN" },
	{ XS_READ, "/n/none|", XS_WRITE, "/n/none/deep|x", "!EAGAIN" },
	{ XS_WRITE, "/n/a|y", XS_WRITE, "/n/a|x", "!EAGAIN" },
	{ XS_WRITE, "/n/a|y", XS_READ, "/n/a|", "OK|" },
	{ XS_WRITE, "/n/new|y", XS_WRITE, "/n/new2|x", "OK|" },
	{ XS_WRITE, "/n/new|y", XS_WRITE, "/n/new|x", "!EAGAIN" },
	{ XS_WRITE, "/n/new|y", XS_RM, "/n|", "!EAGAIN" },
	{ XS_DIRECTORY, "/n|", XS_WRITE, "/n/new|x", "!EAGAIN" },
	{ XS_DIRECTORY, "/n|", XS_RM, "/n/b|", "!EAGAIN" },
	{ XS_DIRECTORY, "/n|", XS_WRITE, "/n/a|x", "OK|" },
	{ XS_DIRECTORY, "/n|", XS_WRITE, "/n/a/below|x", "OK|" },
	{ XS_RM, "/n|", XS_WRITE, "/n/a|x", "!EAGAIN" },
	{ XS_RM, "/n|", XS_WRITE, "/n/a/below|x", "!EAGAIN" },
	{ XS_RM, "/n/b|", XS_WRITE, "/n/a|x", "OK|" },
	{ XS_SET_PERMS, "/n/a|r0|", XS_WRITE, "/n/a|x", "!EAGAIN" },
	{ XS_GET_PERMS, "/n/a|", XS_WRITE, "/n|x", "OK|" },
};

static void conflicts(void)
{
	world_begin(&w, false);
	for (size_t i = 0; i < sizeof(meetings) / sizeof(meetings[0]); i++) {
		uint32_t t;

		DOM0(XS_RM, 0, "/n|");
		DOM0(XS_WRITE, 0, "/n/a|1");
		DOM0(XS_WRITE, 0, "/n/b|1");
		t = peer_begin(&w.dom0);
		DOM0(meetings[i].type, t, meetings[i].inside);
		DOM0(meetings[i].other_type, 0, meetings[i].outside);
		printf("# %zu: %s and %s\n", i, meetings[i].inside, meetings[i].outside);
		CHECK_STR(DOM0(XS_TRANSACTION_END, t, "T|"), meetings[i].end);
	}
	CHECK(world_end(&w));
}

/* Of two that read and change one node, only the first ends well. */
static void two_writers(void)
{
	uint32_t t, u;

	world_begin(&w, false);
	DOM0(XS_WRITE, 0, "/count|1");
	t = peer_begin(&w.dom0);
	u = peer_begin(&w.dom0);
	CHECK_STR(DOM0(XS_READ, t, "/count|"), "1");
	CHECK_STR(DOM0(XS_READ, u, "/count|"), "1");
	DOM0(XS_WRITE, t, "/count|2");
	DOM0(XS_WRITE, u, "/count|2");
	CHECK_STR(DOM0(XS_TRANSACTION_END, u, "T|"), "OK|");
	CHECK_STR(DOM0(XS_TRANSACTION_END, t, "T|"), "!EAGAIN");
	CHECK(world_end(&w));
}

static void removed_and_made_again(void)
{
	uint32_t t;

	world_begin(&w, false);
	DOM0(XS_WRITE, 0, "/d/a/x|1");
	DOM0(XS_WRITE, 0, "/d/b|1");
	t = peer_begin(&w.dom0);
	CHECK_STR(DOM0(XS_RM, t, "/d|"), "OK|");
	CHECK_STR(DOM0(XS_WRITE, t, "/d/c|2"), "OK|");
	CHECK_STR(DOM0(XS_WRITE, t, "/d/b|3"), "OK|");
	CHECK_STR(DOM0(XS_DIRECTORY, t, "/d|"), "b|c|");
	CHECK_STR(DOM0(XS_RM, t, "/d/c|"), "OK|");
	CHECK_STR(DOM0(XS_TRANSACTION_END, t, "T|"), "OK|");
	CHECK_STR(DOM0(XS_DIRECTORY, 0, "/d|"), "b|");
	CHECK_STR(DOM0(XS_READ, 0, "/d/b|"), "3");
	CHECK(world_end(&w));
}

static void costs(void)
{
	char text[64];
	uint32_t t;
	int i;

	world_begin(&w, false);
	for (i = 0; i < 10; i++)
		CHECK(peer_begin(&w.guest));
	CHECK_STR(GUEST(XS_TRANSACTION_START, 0, "|"), "!ENOSPC");
	CHECK_STR(GUEST(XS_RESET_WATCHES, 0, "|"), "OK|");
	/* Nodes: as many as outside. */
	DOM0(XS_CONTROL, 0, "quota|set|nodes|10|");
	t = peer_begin(&w.guest);
	for (i = 0; i < 20; i++) {
		snprintf(text, sizeof(text), "n%d|x", i);
		if (strcmp(GUEST(XS_WRITE, t, text), "OK|"))
			break;
	}
	CHECK(i >= 9 && i < 20);
	GUEST(XS_TRANSACTION_END, t, "T|");
	CHECK_STR(DOM0(XS_CONTROL, 0, "check|"), "OK|");
	CHECK(domain_find(w.server, 1)->account.used[QUOTA_NODES] <= 10);
	CHECK_EQ(domain_find(w.server, 1)->account.used[QUOTA_TRANSACTIONS], 0);
	/* Looking costs as well. */
	DOM0(XS_CONTROL, 0, "quota|set|memory|100000|");
	t = peer_begin(&w.guest);
	for (i = 0; i < 10000; i++) {
		snprintf(text, sizeof(text), "none%d|", i);
		if (!strcmp(GUEST(XS_READ, t, text), "!ENOMEM"))
			break;
	}
	CHECK(i > 100 && i < 1000);
	CHECK_STR(GUEST(XS_TRANSACTION_END, t, "T|"), "OK|");
	CHECK(domain_find(w.server, 1)->account.used[QUOTA_MEMORY] < 10000);
	CHECK(world_end(&w));
}

/* Two that are within the quota each, and not together. */
static void quota_at_the_end(void)
{
	uint32_t t, u;

	world_begin(&w, false);
	DOM0(XS_CONTROL, 0, "quota|set|nodes|4|");
	t = peer_begin(&w.guest);
	u = peer_begin(&w.guest);
	CHECK_STR(GUEST(XS_WRITE, t, "a|x"), "OK|");
	CHECK_STR(GUEST(XS_WRITE, t, "b|x"), "OK|");
	CHECK_STR(GUEST(XS_WRITE, u, "c|x"), "OK|");
	CHECK_STR(GUEST(XS_WRITE, u, "d|x"), "OK|");
	CHECK_STR(GUEST(XS_TRANSACTION_END, t, "T|"), "OK|");
	CHECK_STR(GUEST(XS_TRANSACTION_END, u, "T|"), "!ENOSPC");
	CHECK_STR(DOM0(XS_DIRECTORY, 0, "/local/domain/1|"), "a|b|");
	CHECK(world_end(&w));
}

static void permissions_inside(void)
{
	uint32_t t;

	world_begin(&w, false);
	DOM0(XS_WRITE, 0, "/secret|1");
	t = peer_begin(&w.guest);
	CHECK_STR(GUEST(XS_READ, t, "/secret|"), "!EACCES");
	CHECK_STR(GUEST(XS_WRITE, t, "/secret|2"), "!EACCES");
	CHECK_STR(GUEST(XS_WRITE, t, "/local/domain/2/x|2"), "!EACCES");
	CHECK_STR(GUEST(XS_WRITE, t, "mine|1"), "OK|");
	CHECK_STR(GUEST(XS_GET_PERMS, t, "mine|"), "n1|");
	CHECK_STR(GUEST(XS_TRANSACTION_END, t, "T|"), "OK|");
	CHECK(world_end(&w));
}

UNIT_MAIN(UNIT(seen_from_inside_and_outside), UNIT(given_up), UNIT(conflicts), UNIT(two_writers),
          UNIT(removed_and_made_again), UNIT(costs), UNIT(quota_at_the_end),
          UNIT(permissions_inside))
