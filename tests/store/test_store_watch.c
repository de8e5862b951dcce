/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Watches: what they are told of, in which words, and what happens when nobody listens. */
#include <string.h>

#include "unit.h"
#include "world.h"

static struct world w;
#define DOM0(type, tx, data)  peer_ask(&w.dom0, type, tx, data)
#define GUEST(type, tx, data) peer_ask(&w.guest, type, tx, data)

static void told(void)
{
	world_begin(&w, false);
	CHECK_STR(DOM0(XS_WATCH, 0, "/w|tok|"), "OK|");
	CHECK_STR(peer_events(&w.dom0), "/w|tok|");
	DOM0(XS_WRITE, 0, "/w/a/b|1");
	CHECK_STR(peer_events(&w.dom0), "/w/a/b|tok|");
	DOM0(XS_WRITE, 0, "/w/a/b|1");
	CHECK_STR(peer_events(&w.dom0), "/w/a/b|tok|");
	DOM0(XS_SET_PERMS, 0, "/w/a|r0|");
	CHECK_STR(peer_events(&w.dom0), "/w/a|tok|");
	DOM0(XS_MKDIR, 0, "/w/c|");
	CHECK_STR(peer_events(&w.dom0), "/w/c|tok|");
	DOM0(XS_MKDIR, 0, "/w/c|");
	DOM0(XS_WRITE, 0, "/wx|1");
	DOM0(XS_READ, 0, "/w/c|");
	CHECK_STR(peer_events(&w.dom0), "");
	DOM0(XS_RM, 0, "/w/a|");
	CHECK_STR(peer_events(&w.dom0), "/w/a|tok|");
	DOM0(XS_RM, 0, "/w/none|");
	CHECK_STR(peer_events(&w.dom0), "");
	CHECK(world_end(&w));
}

static void set_and_taken_back(void)
{
	world_begin(&w, false);
	CHECK_STR(DOM0(XS_WATCH, 0, "/w|t|"), "OK|");
	CHECK_STR(DOM0(XS_WATCH, 0, "/w|t|"), "!EEXIST");
	CHECK_STR(DOM0(XS_WATCH, 0, "/w|u|"), "OK|");
	CHECK_STR(DOM0(XS_WATCH, 0, "/w|"), "!EINVAL");
	CHECK_STR(DOM0(XS_WATCH, 0, "/w//|t|"), "!EINVAL");
	CHECK_STR(peer_events(&w.dom0), "/w|t|/w|u|");
	DOM0(XS_WRITE, 0, "/w|1");
	CHECK_STR(peer_events(&w.dom0), "/w|t|/w|u|");
	CHECK_STR(DOM0(XS_UNWATCH, 0, "/w|t|"), "OK|");
	CHECK_STR(DOM0(XS_UNWATCH, 0, "/w|t|"), "!ENOENT");
	DOM0(XS_WRITE, 0, "/w|1");
	CHECK_STR(peer_events(&w.dom0), "/w|u|");
	CHECK_STR(DOM0(XS_RESET_WATCHES, 0, "|"), "OK|");
	DOM0(XS_WRITE, 0, "/w|1");
	CHECK_STR(peer_events(&w.dom0), "");
	CHECK(world_end(&w));
}

static void relative(void)
{
	world_begin(&w, false);
	CHECK_STR(GUEST(XS_WATCH, 0, "data|mine|"), "OK|");
	CHECK_STR(GUEST(XS_WATCH, 0, "/local/domain/1/data|whole|"), "OK|");
	CHECK_STR(peer_events(&w.guest), "data|mine|/local/domain/1/data|whole|");
	DOM0(XS_WRITE, 0, "/local/domain/1/data/x|1");
	CHECK_STR(peer_events(&w.guest), "data/x|mine|/local/domain/1/data/x|whole|");
	GUEST(XS_WRITE, 0, "data2|1");
	CHECK_STR(peer_events(&w.guest), "");
	CHECK_STR(DOM0(XS_GET_PERMS, 0, "/local/domain/1/data/x|"), "n1|");
	CHECK(world_end(&w));
}

/* Watches below what is removed hear of their own path. */
static void removed_from_above(void)
{
	world_begin(&w, false);
	DOM0(XS_WRITE, 0, "/r/a/b|1");
	DOM0(XS_WRITE, 0, "/r/a/c|1");
	DOM0(XS_WATCH, 0, "/r|top|");
	DOM0(XS_WATCH, 0, "/r/a/b|low|");
	DOM0(XS_WATCH, 0, "/r/a/none|no|");
	peer_events(&w.dom0);
	DOM0(XS_RM, 0, "/r/a|");
	CHECK_STR(peer_events(&w.dom0), "/r/a|top|/r/a/b|low|");
	CHECK(world_end(&w));
}

static void by_transactions(void)
{
	uint32_t t;

	world_begin(&w, false);
	DOM0(XS_WRITE, 0, "/t/old/x|1");
	DOM0(XS_WATCH, 0, "/t|t|");
	DOM0(XS_WATCH, 0, "/t/old/x|x|");
	peer_events(&w.dom0);
	t = peer_begin(&w.dom0);
	DOM0(XS_WRITE, t, "/t/z|1");
	DOM0(XS_WRITE, t, "/t/a|1");
	DOM0(XS_RM, t, "/t/old|");
	DOM0(XS_WRITE, t, "/t/gone|1");
	DOM0(XS_RM, t, "/t/gone|");
	CHECK_STR(peer_events(&w.dom0), "");
	CHECK_STR(DOM0(XS_TRANSACTION_END, t, "T|"), "OK|");
	CHECK_STR(peer_events(&w.dom0), "/t/old|t|/t/old/x|x|/t/z|t|/t/a|t|");
	t = peer_begin(&w.dom0);
	DOM0(XS_WRITE, t, "/t/z|1");
	DOM0(XS_TRANSACTION_END, t, "F|");
	CHECK_STR(peer_events(&w.dom0), "");
	CHECK(world_end(&w));
}

static void only_for_those_who_may_read(void)
{
	world_begin(&w, false);
	DOM0(XS_MKDIR, 0, "/s|");
	CHECK_STR(GUEST(XS_WATCH, 0, "/s|t|"), "OK|");
	CHECK_STR(peer_events(&w.guest), "/s|t|");
	DOM0(XS_WRITE, 0, "/s/secret|1");
	CHECK_STR(peer_events(&w.guest), "");
	DOM0(XS_SET_PERMS, 0, "/s/secret|n0|r1|");
	CHECK_STR(peer_events(&w.guest), "/s/secret|t|");
	DOM0(XS_RM, 0, "/s/secret|");
	CHECK_STR(peer_events(&w.guest), "/s/secret|t|");
	/* Special ones are domain 0's, until it says otherwise. */
	CHECK_STR(GUEST(XS_WATCH, 0, "@releaseDomain|r|"), "OK|");
	CHECK_STR(DOM0(XS_WATCH, 0, "@releaseDomain|r|"), "OK|");
	peer_events(&w.guest);
	peer_events(&w.dom0);
	CHECK_STR(DOM0(XS_RELEASE, 0, "2|"), "OK|");
	CHECK_STR(peer_events(&w.guest), "");
	CHECK_STR(peer_events(&w.dom0), "@releaseDomain|r|");
	DOM0(XS_SET_PERMS, 0, "@releaseDomain|n0|r1|");
	CHECK_STR(DOM0(XS_INTRODUCE, 0, "2|78|6|"), "OK|");
	CHECK_STR(DOM0(XS_RELEASE, 0, "2|"), "OK|");
	CHECK_STR(peer_events(&w.guest), "@releaseDomain|r|");
	CHECK(world_end(&w));
}

static void too_many(void)
{
	char text[64];
	int i;

	world_begin(&w, false);
	for (i = 0; i < 1000; i++) {
		snprintf(text, sizeof(text), "w|%d|", i);
		if (strcmp(GUEST(XS_WATCH, 0, text), "OK|"))
			break;
	}
	CHECK_EQ(i, 128);
	CHECK_STR(GUEST(XS_WATCH, 0, text), "!E2BIG");
	CHECK_EQ(domain_find(w.server, 1)->account.used[QUOTA_WATCHES], 128);
	peer_events(&w.guest);
	CHECK_STR(GUEST(XS_RESET_WATCHES, 0, "|"), "OK|");
	CHECK_EQ(domain_find(w.server, 1)->account.used[QUOTA_WATCHES], 0);
	CHECK(world_end(&w));
}

/* A guest that takes nothing: what waits for it does not grow, and when it listens again it learns that something changed. */
static void nobody_listens(void)
{
	struct connection *c;
	char text[64];

	world_begin(&w, false);
	CHECK_STR(GUEST(XS_WATCH, 0, "data|t|"), "OK|");
	GUEST(XS_WRITE, 0, "data|1");
	peer_events(&w.guest);
	c = domain_find(w.server, 1)->connection;
	for (int i = 0; i < 5000; i++) {
		snprintf(text, sizeof(text), "/local/domain/1/data/%d|x", i);
		CHECK_STR(DOM0(XS_WRITE, 0, text), "OK|");
		CHECK(c->out_bytes <= quota_defaults.limit[QUOTA_OUTSTANDING] + 4200);
	}
	CHECK(c->out_bytes > 0);
	/* The last of them all is that of the watch itself, which stands for what was missed. */
	CHECK(strstr(peer_events(&w.guest), "|data|t|"));
	DOM0(XS_WRITE, 0, "/local/domain/1/data/last|x");
	CHECK_STR(peer_events(&w.guest), "data/last|t|");
	CHECK(world_end(&w));
}

/* The same event, not yet taken, is not told twice. */
static void told_once(void)
{
	struct connection *c;
	uint64_t bytes;

	world_begin(&w, false);
	GUEST(XS_WATCH, 0, "data|t|");
	GUEST(XS_WRITE, 0, "data|1");
	peer_events(&w.guest);
	c = domain_find(w.server, 1)->connection;
	for (int i = 0; i < 100; i++)
		DOM0(XS_WRITE, 0, "/local/domain/1/data|x");
	bytes = c->out_bytes;
	for (int i = 0; i < 100; i++)
		DOM0(XS_WRITE, 0, "/local/domain/1/data|x");
	CHECK_EQ(c->out_bytes, bytes);
	CHECK(world_end(&w));
}

UNIT_MAIN(UNIT(told), UNIT(set_and_taken_back), UNIT(relative), UNIT(removed_from_above),
          UNIT(by_transactions), UNIT(only_for_those_who_may_read), UNIT(too_many),
          UNIT(nobody_listens), UNIT(told_once))
