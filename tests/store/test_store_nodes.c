/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests on nodes, as domain 0's kernel and a guest make them on their rings: values, children, permissions, quotas. */
#include <string.h>

#include "fake.h"
#include "unit.h"

static struct fake fake;
static struct server *server;
static struct peer dom0, guest;

/* Domain 0 and domain 1, which has a home of its own. */
static void begin(void)
{
	fake_init(&fake);
	fake_start(&fake, 1);
	server = fake_server(&fake, NULL);
	CHECK(server);
	peer_init(&dom0, &fake, 0, server);
	peer_init(&guest, &fake, 1, server);
	CHECK_STR(peer_ask(&dom0, XS_INTRODUCE, 0, "1|77|5|"), "OK|");
	CHECK_STR(peer_ask(&dom0, XS_MKDIR, 0, "/local/domain/1|"), "OK|");
	CHECK_STR(peer_ask(&dom0, XS_SET_PERMS, 0, "/local/domain/1|n1|"), "OK|");
}

static void end(void)
{
	CHECK_STR(peer_ask(&dom0, XS_CONTROL, 0, "check|"), "OK|");
	peer_free(&dom0);
	peer_free(&guest);
	fake_server_free(server);
	fake_free(&fake);
}

static void values(void)
{
	begin();
	CHECK_STR(peer_ask(&dom0, XS_WRITE, 0, "/a/b|hello"), "OK|");
	CHECK_STR(peer_ask(&dom0, XS_READ, 0, "/a/b|"), "hello");
	CHECK_STR(peer_ask(&dom0, XS_READ, 0, "/a|"), "");
	CHECK_STR(peer_ask(&dom0, XS_WRITE, 0, "/a/b|x|y|"), "OK|");
	CHECK_STR(peer_ask(&dom0, XS_READ, 0, "/a/b|"), "x|y|");
	CHECK_STR(peer_ask(&dom0, XS_READ, 0, "/a/c|"), "!ENOENT");
	CHECK_STR(peer_ask(&dom0, XS_MKDIR, 0, "/a/b|"), "OK|");
	CHECK_STR(peer_ask(&dom0, XS_READ, 0, "/a/b|"), "x|y|");
	CHECK_STR(peer_ask(&dom0, XS_DIRECTORY, 0, "/a|"), "b|");
	CHECK_STR(peer_ask(&dom0, XS_DIRECTORY, 0, "/|"), "a|local|tool|");
	CHECK_STR(peer_ask(&dom0, XS_RM, 0, "/a|"), "OK|");
	CHECK_STR(peer_ask(&dom0, XS_READ, 0, "/a/b|"), "!ENOENT");
	CHECK_STR(peer_ask(&dom0, XS_RM, 0, "/a|"), "OK|");
	CHECK_STR(peer_ask(&dom0, XS_RM, 0, "/a/b|"), "!ENOENT");
	/* Relative to one's own home. */
	CHECK_STR(peer_ask(&guest, XS_WRITE, 0, "data/x|1"), "OK|");
	CHECK_STR(peer_ask(&dom0, XS_READ, 0, "/local/domain/1/data/x|"), "1");
	CHECK_STR(peer_ask(&dom0, XS_WRITE, 0, "domid|0"), "OK|");
	CHECK_STR(peer_ask(&dom0, XS_READ, 0, "/local/domain/0/domid|"), "0");
	end();
}

static void wrong_requests(void)
{
	static const char *const paths[] = { "|",   "/a//b|", "/a/|",    "/a b|",   "//|",
		                             "@x|", "/a",     "/a|rest", "/a|two|", "/\xc3\xa4|" };

	begin();
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		CHECK_STR(peer_ask(&dom0, XS_READ, 0, paths[i]), "!EINVAL");
		CHECK_STR(peer_ask(&dom0, XS_RM, 0, paths[i]), "!EINVAL");
	}
	CHECK_STR(peer_ask(&dom0, XS_READ, 0, ""), "!EINVAL");
	CHECK_STR(peer_ask(&dom0, XS_WRITE, 0, "/nonul"), "!EINVAL");
	CHECK_STR(peer_ask(&dom0, XS_RM, 0, "/|"), "!EINVAL");
	CHECK_STR(peer_ask(&dom0, 20, 0, "|"), "!ENOSYS");
	CHECK_STR(peer_ask(&dom0, XS_WATCH_EVENT, 0, "|"), "!ENOSYS");
	CHECK_STR(peer_ask(&dom0, 99, 0, "|"), "!ENOSYS");
	CHECK_STR(peer_ask(&dom0, XS_READ, 12, "/a|"), "!ENOENT");
	CHECK_STR(peer_ask(&dom0, XS_SET_PERMS, 0, "/tool|"), "!EINVAL");
	CHECK_STR(peer_ask(&dom0, XS_SET_PERMS, 0, "/tool|x1|"), "!EINVAL");
	CHECK_STR(peer_ask(&dom0, XS_SET_PERMS, 0, "/tool|n99999|"), "!EINVAL");
	end();
}

static void long_names_and_values(void)
{
	char text[XENSTORE_PAYLOAD_MAX + 1];

	begin();
	memset(text, 'a', sizeof(text));
	text[0] = '/';
	text[XENSTORE_ABS_PATH_MAX] = '|';
	text[XENSTORE_ABS_PATH_MAX + 1] = 0;
	CHECK_STR(peer_ask(&dom0, XS_WRITE, 0, text), "OK|");
	CHECK_STR(peer_ask(&dom0, XS_READ, 0, text), "");
	text[XENSTORE_ABS_PATH_MAX] = 'a';
	text[XENSTORE_ABS_PATH_MAX + 1] = '|';
	text[XENSTORE_ABS_PATH_MAX + 2] = 0;
	CHECK_STR(peer_ask(&dom0, XS_WRITE, 0, text), "!EINVAL");
	/* All of a payload. */
	memset(text, 'v', sizeof(text));
	memcpy(text, "/v|", 3);
	text[XENSTORE_PAYLOAD_MAX] = 0;
	CHECK_STR(peer_ask(&dom0, XS_WRITE, 0, text), "OK|");
	CHECK_EQ(strlen(peer_ask(&dom0, XS_READ, 0, "/v|")), XENSTORE_PAYLOAD_MAX - 3);
	end();
}

static void permissions(void)
{
	begin();
	CHECK_STR(peer_ask(&dom0, XS_WRITE, 0, "/p|secret"), "OK|");
	CHECK_STR(peer_ask(&dom0, XS_GET_PERMS, 0, "/p|"), "n0|");
	CHECK_STR(peer_ask(&guest, XS_READ, 0, "/p|"), "!EACCES");
	CHECK_STR(peer_ask(&guest, XS_READ, 0, "/q|"), "!EACCES");
	CHECK_STR(peer_ask(&guest, XS_DIRECTORY, 0, "/|"), "!EACCES");
	CHECK_STR(peer_ask(&dom0, XS_SET_PERMS, 0, "/p|n0|r1|"), "OK|");
	CHECK_STR(peer_ask(&guest, XS_READ, 0, "/p|"), "secret");
	CHECK_STR(peer_ask(&guest, XS_GET_PERMS, 0, "/p|"), "n0|r1|");
	CHECK_STR(peer_ask(&guest, XS_WRITE, 0, "/p|x"), "!EACCES");
	CHECK_STR(peer_ask(&guest, XS_WRITE, 0, "/p/q|x"), "!EACCES");
	CHECK_STR(peer_ask(&guest, XS_READ, 0, "/p/q|"), "!ENOENT");
	CHECK_STR(peer_ask(&guest, XS_RM, 0, "/p|"), "!EACCES");
	CHECK_STR(peer_ask(&guest, XS_SET_PERMS, 0, "/p|b1|"), "!EACCES");
	CHECK_STR(peer_ask(&dom0, XS_SET_PERMS, 0, "/p|n0|w1|"), "OK|");
	CHECK_STR(peer_ask(&guest, XS_READ, 0, "/p|"), "!EACCES");
	CHECK_STR(peer_ask(&guest, XS_WRITE, 0, "/p|theirs"), "OK|");
	CHECK_STR(peer_ask(&guest, XS_WRITE, 0, "/p/q|x"), "OK|");
	/* What a guest makes is its own; it may share it, and not give it away. */
	CHECK_STR(peer_ask(&dom0, XS_GET_PERMS, 0, "/p/q|"), "n1|w1|");
	CHECK_STR(peer_ask(&guest, XS_SET_PERMS, 0, "/p/q|r1|b2|"), "OK|");
	CHECK_STR(peer_ask(&guest, XS_SET_PERMS, 0, "/p/q|r2|"), "!EPERM");
	CHECK_STR(peer_ask(&dom0, XS_SET_PERMS, 0, "/p|b0|"), "OK|");
	CHECK_STR(peer_ask(&guest, XS_READ, 0, "/p|"), "theirs");
	end();
}

static void special_names(void)
{
	begin();
	CHECK_STR(peer_ask(&dom0, XS_GET_PERMS, 0, "@releaseDomain|"), "n0|");
	CHECK_STR(peer_ask(&dom0, XS_SET_PERMS, 0, "@releaseDomain|n0|r1|"), "OK|");
	CHECK_STR(peer_ask(&dom0, XS_GET_PERMS, 0, "@releaseDomain|"), "n0|r1|");
	CHECK_STR(peer_ask(&guest, XS_SET_PERMS, 0, "@releaseDomain|b1|"), "!EACCES");
	CHECK_STR(peer_ask(&dom0, XS_READ, 0, "@releaseDomain|"), "!EINVAL");
	CHECK_STR(peer_ask(&dom0, XS_WRITE, 0, "@releaseDomain|x"), "!EINVAL");
	CHECK_STR(peer_ask(&dom0, XS_GET_PERMS, 0, "@other|"), "!ENOENT");
	end();
}

static void many_children(void)
{
	char name[64], offset[64], generation[32] = "";
	unsigned int at = 0, found = 0;

	begin();
	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "/many/child-%04d|x", i);
		CHECK_STR(peer_ask(&dom0, XS_WRITE, 0, name), "OK|");
	}
	CHECK_STR(peer_ask(&dom0, XS_DIRECTORY, 0, "/many|"), "!E2BIG");
	for (;;) {
		const char *part, *names;

		snprintf(offset, sizeof(offset), "/many|%u|", at);
		part = peer_ask(&dom0, XS_DIRECTORY_PART, 0, offset);
		names = strchr(part, '|') + 1;
		if (!generation[0])
			snprintf(generation, sizeof(generation), "%.*s", (int)(names - part), part);
		CHECK(!strncmp(part, generation, strlen(generation)));
		while (*names && *names != '|') {
			CHECK(!strncmp(names, "child-", 6));
			CHECK_EQ(atoi(names + 6), found);
			found++;
			at += 11;
			names += 11;
		}
		if (*names == '|')
			break;
		CHECK(found < 1000);
	}
	CHECK_EQ(found, 1000);
	CHECK_STR(peer_ask(&dom0, XS_DIRECTORY_PART, 0, "/many|11001|"), "!EINVAL");
	CHECK_STR(peer_ask(&dom0, XS_DIRECTORY_PART, 0, "/many|"), "!EINVAL");
	CHECK_STR(peer_ask(&dom0, XS_DIRECTORY_PART, 0, "/many|x|"), "!EINVAL");
	end();
}

static void quotas(void)
{
	char text[XENSTORE_PAYLOAD_MAX + 1];
	int made = 0;

	begin();
	CHECK_STR(peer_ask(&dom0, XS_CONTROL, 0, "quota|set|nodes|20|"), "OK|");
	CHECK_STR(peer_ask(&guest, XS_CONTROL, 0, "quota|set|nodes|2000|"), "!EACCES");
	for (; made < 100; made++) {
		snprintf(text, sizeof(text), "n/%d|x", made);
		if (strcmp(peer_ask(&guest, XS_WRITE, 0, text), "OK|"))
			break;
	}
	CHECK_EQ(made, 18); /* the home and n are nodes as well */
	CHECK_STR(peer_ask(&guest, XS_WRITE, 0, text), "!ENOSPC");
	/* All or none of a path. */
	CHECK_STR(peer_ask(&guest, XS_RM, 0, "n/0|"), "OK|");
	CHECK_STR(peer_ask(&guest, XS_WRITE, 0, "deep/er|x"), "!ENOSPC");
	CHECK_STR(peer_ask(&guest, XS_READ, 0, "deep|"), "!ENOENT");
	CHECK_STR(peer_ask(&guest, XS_WRITE, 0, "flat|x"), "OK|");
	/* Domain 0 is not held to it, on the guest's account either. */
	CHECK_STR(peer_ask(&dom0, XS_WRITE, 0, "/local/domain/1/more|x"), "OK|");
	CHECK_STR(peer_ask(&guest, XS_WRITE, 0, "flat|other"), "OK|");
	memset(text, 'v', sizeof(text));
	memcpy(text, "flat|", 5);
	text[2100] = 0;
	CHECK_STR(peer_ask(&guest, XS_WRITE, 0, text), "!ENOSPC");
	CHECK_STR(peer_ask(&guest, XS_SET_PERMS, 0, "flat|n1|r2|r3|r4|r5|r6|"), "!ENOSPC");
	CHECK_STR(peer_ask(&dom0, XS_CONTROL, 0, "quota|set|memory|100|"), "OK|");
	CHECK_STR(peer_ask(&guest, XS_WRITE, 0, "flat|other and longer"), "!ENOMEM");
	CHECK_STR(peer_ask(&guest, XS_WRITE, 0, "flat|x"), "OK|");
	end();
}

static void control(void)
{
	begin();
	CHECK(strstr(peer_ask(&dom0, XS_CONTROL, 0, "help|"), "memreport"));
	CHECK(strstr(peer_ask(&dom0, XS_CONTROL, 0, "memreport|"), "domain 1: 1 nodes"));
	CHECK(strstr(peer_ask(&dom0, XS_CONTROL, 0, "quota|"), "watches"));
	CHECK(strstr(peer_ask(&dom0, XS_CONTROL, 0, "quota|1|"), "nodes              1\n"));
	CHECK_STR(peer_ask(&dom0, XS_CONTROL, 0, "quota|9|"), "!ENOENT");
	CHECK_STR(peer_ask(&dom0, XS_CONTROL, 0, "quota|set|beer|1|"), "!EINVAL");
	CHECK_STR(peer_ask(&dom0, XS_CONTROL, 0, "nonsense|"), "!EINVAL");
	CHECK_STR(peer_ask(&dom0, XS_CONTROL, 0, ""), "!EINVAL");
	CHECK_STR(peer_ask(&guest, XS_CONTROL, 0, "check|"), "!EACCES");
	end();
}

UNIT_MAIN(UNIT(values), UNIT(wrong_requests), UNIT(long_names_and_values), UNIT(permissions),
          UNIT(special_names), UNIT(many_children), UNIT(quotas), UNIT(control))
