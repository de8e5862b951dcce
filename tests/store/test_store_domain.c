/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Domains: introduced, released, shut down, gone; and what of them remains. */
#include <string.h>

#include "unit.h"
#include "world.h"

static struct world w;
#define DOM0(type, tx, data)  peer_ask(&w.dom0, type, tx, data)
#define GUEST(type, tx, data) peer_ask(&w.guest, type, tx, data)

static void exception(void)
{
	fake_tell_exception(&w.fake);
	for (int i = 0; i < 3; i++)
		server_step(w.server, 0);
}

static void introduced(void)
{
	world_begin(&w, false);
	CHECK_STR(DOM0(XS_WATCH, 0, "@introduceDomain|i|"), "OK|");
	CHECK_STR(peer_events(&w.dom0), "@introduceDomain|i|");
	CHECK_STR(DOM0(XS_IS_DOMAIN_INTRODUCED, 0, "1|"), "T|");
	CHECK_STR(DOM0(XS_IS_DOMAIN_INTRODUCED, 0, "0|"), "T|");
	CHECK_STR(DOM0(XS_IS_DOMAIN_INTRODUCED, 0, "3|"), "F|");
	CHECK_STR(GUEST(XS_INTRODUCE, 0, "3|1|1|"), "!EACCES");
	CHECK_STR(DOM0(XS_INTRODUCE, 0, "3|1|1|"), "!ENOENT");
	CHECK_STR(DOM0(XS_INTRODUCE, 0, "0|1|1|"), "!EINVAL");
	CHECK_STR(DOM0(XS_INTRODUCE, 0, "40000|1|1|"), "!EINVAL");
	CHECK_STR(DOM0(XS_INTRODUCE, 0, "3|1|"), "!EINVAL");
	CHECK_STR(DOM0(XS_INTRODUCE, 0, "3|x|1|"), "!EINVAL");
	fake_start(&w.fake, 3);
	CHECK_STR(DOM0(XS_INTRODUCE, 0, "3|1|0|"), "!EINVAL"); /* no such port */
	CHECK(!w.fake.domain[3].mapped);
	CHECK_STR(DOM0(XS_IS_DOMAIN_INTRODUCED, 0, "3|"), "F|");
	CHECK_STR(peer_events(&w.dom0), "");
	CHECK_STR(DOM0(XS_INTRODUCE, 0, "3|1|9|"), "OK|");
	CHECK(w.fake.domain[3].mapped && w.fake.domain[3].bound);
	CHECK_STR(peer_events(&w.dom0), "@introduceDomain|i|");
	CHECK_STR(DOM0(XS_GET_DOMAIN_PATH, 0, "3|"), "/local/domain/3|");
	CHECK_STR(GUEST(XS_GET_DOMAIN_PATH, 0, "007|"), "/local/domain/7|");
	CHECK_STR(DOM0(XS_GET_DOMAIN_PATH, 0, "x|"), "!EINVAL");
	CHECK(world_end(&w));
}

/* With the same page it keeps what it has; with another it begins anew. */
static void introduced_again(void)
{
	world_begin(&w, false);
	GUEST(XS_WATCH, 0, "w|t|");
	peer_events(&w.guest);
	CHECK_STR(DOM0(XS_INTRODUCE, 0, "1|77|6|"), "OK|");
	GUEST(XS_WRITE, 0, "w|1");
	CHECK_STR(peer_events(&w.guest), "w|t|");
	memset(w.fake.domain[1].page, 0, 4096);
	CHECK_STR(DOM0(XS_INTRODUCE, 0, "1|99|7|"), "OK|");
	GUEST(XS_WRITE, 0, "w|1");
	CHECK_STR(peer_events(&w.guest), "");
	CHECK(world_end(&w));
}

static void released(void)
{
	world_begin(&w, false);
	DOM0(XS_WATCH, 0, "@releaseDomain|r|");
	peer_events(&w.dom0);
	CHECK_STR(DOM0(XS_RELEASE, 0, "3|"), "!ENOENT");
	CHECK_STR(DOM0(XS_RELEASE, 0, "0|"), "!EINVAL");
	CHECK_STR(GUEST(XS_RELEASE, 0, "1|"), "!EACCES");
	CHECK_STR(DOM0(XS_RELEASE, 0, "1|"), "OK|");
	CHECK(!w.fake.domain[1].mapped && !w.fake.domain[1].bound);
	CHECK_STR(peer_events(&w.dom0), "@releaseDomain|r|");
	CHECK_STR(GUEST(XS_READ, 0, "x|"), "");
	CHECK(world_end(&w));
}

static void shut_down_and_gone(void)
{
	world_begin(&w, false);
	DOM0(XS_WATCH, 0, "@releaseDomain|r|");
	peer_events(&w.dom0);
	w.fake.domain[1].shutdown = true;
	exception();
	CHECK_STR(peer_events(&w.dom0), "@releaseDomain|r|");
	exception();
	CHECK_STR(peer_events(&w.dom0), "");
	/* Told once more after RESUME. */
	CHECK_STR(DOM0(XS_RESUME, 0, "1|"), "OK|");
	CHECK_STR(DOM0(XS_RESUME, 0, "4|"), "!ENOENT");
	exception();
	CHECK_STR(peer_events(&w.dom0), "@releaseDomain|r|");
	/* It still speaks while it is there: a crashed kernel may. */
	CHECK_STR(GUEST(XS_WRITE, 0, "last|words"), "OK|");
	w.fake.domain[1].dying = true;
	exception();
	CHECK(!w.fake.domain[1].mapped && !w.fake.domain[1].bound);
	CHECK_STR(peer_events(&w.dom0), "@releaseDomain|r|");
	CHECK_STR(DOM0(XS_IS_DOMAIN_INTRODUCED, 0, "1|"), "F|");
	w.fake.domain[1].there = false;
	exception();
	CHECK_STR(peer_events(&w.dom0), "");
	CHECK(!domain_find(w.server, 1));
	CHECK(world_end(&w));
}

/* Its nodes go, whoever watches is told, and its name in others' permissions goes. */
static void nothing_is_inherited(void)
{
	world_begin(&w, false);
	DOM0(XS_WRITE, 0, "/shared|1");
	DOM0(XS_SET_PERMS, 0, "/shared|n0|r1|r2|");
	DOM0(XS_WRITE, 0, "/backend/x|1");
	DOM0(XS_SET_PERMS, 0, "/backend/x|n1|r0|");
	GUEST(XS_WRITE, 0, "mine/deep|1");
	DOM0(XS_WATCH, 0, "/local|l|");
	peer_events(&w.dom0);
	w.fake.domain[1].there = false;
	exception();
	CHECK_STR(DOM0(XS_DIRECTORY, 0, "/local/domain|"), "2|");
	CHECK_STR(DOM0(XS_DIRECTORY, 0, "/backend|"), "");
	CHECK_STR(DOM0(XS_GET_PERMS, 0, "/shared|"), "n0|r2|");
	CHECK_STR(peer_events(&w.dom0), "/local/domain/1|l|");
	/* One that was never introduced leaves nothing either. */
	fake_start(&w.fake, 4);
	DOM0(XS_WRITE, 0, "/four|1");
	DOM0(XS_SET_PERMS, 0, "/four|n4|");
	DOM0(XS_SET_PERMS, 0, "/shared|n0|r4|");
	exception();
	CHECK_STR(DOM0(XS_READ, 0, "/four|"), "1");
	w.fake.domain[4].there = false;
	exception();
	CHECK_STR(DOM0(XS_READ, 0, "/four|"), "!ENOENT");
	CHECK_STR(DOM0(XS_GET_PERMS, 0, "/shared|"), "n0|");
	CHECK(world_end(&w));
}

/* One is gone and another of its number there before anybody looked. */
static void another_of_that_number(void)
{
	world_begin(&w, false);
	GUEST(XS_WRITE, 0, "mine|1");
	fake_start(&w.fake, 1);
	w.fake.domain[1].mapped = w.fake.domain[1].bound =
		true; /* of the old one: the daemon lets go */
	CHECK_STR(DOM0(XS_INTRODUCE, 0, "1|77|5|"), "OK|");
	CHECK_STR(DOM0(XS_READ, 0, "/local/domain/1/mine|"), "!ENOENT");
	CHECK(world_end(&w));
}

static void targets(void)
{
	world_begin(&w, false);
	CHECK_STR(GUEST(XS_WRITE, 0, "mine|1"), "OK|");
	CHECK_STR(peer_ask(&w.other, XS_READ, 0, "/local/domain/1/mine|"), "!EACCES");
	CHECK_STR(GUEST(XS_SET_TARGET, 0, "2|1|"), "!EACCES");
	CHECK_STR(DOM0(XS_SET_TARGET, 0, "2|1|"), "OK|");
	CHECK_STR(DOM0(XS_SET_TARGET, 0, "5|1|"), "!ENOENT");
	CHECK_STR(peer_ask(&w.other, XS_READ, 0, "/local/domain/1/mine|"), "1");
	CHECK_STR(peer_ask(&w.other, XS_WRITE, 0, "/local/domain/1/mine|2"), "OK|");
	/* The target's end ends that. */
	w.fake.domain[1].there = false;
	exception();
	fake_start(&w.fake, 1);
	DOM0(XS_WRITE, 0, "/local/domain/1/new|1");
	DOM0(XS_SET_PERMS, 0, "/local/domain/1/new|n1|");
	CHECK_STR(peer_ask(&w.other, XS_READ, 0, "/local/domain/1/new|"), "!EACCES");
	CHECK(world_end(&w));
}

UNIT_MAIN(UNIT(introduced), UNIT(introduced_again), UNIT(released), UNIT(shut_down_and_gone),
          UNIT(nothing_is_inherited), UNIT(another_of_that_number), UNIT(targets))
