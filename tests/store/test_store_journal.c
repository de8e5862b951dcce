/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The journal: everything is there after a restart, a torn end is cut off, a grown file is written anew. */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "connection.h"
#include "unit.h"
#include "world.h"

static struct world w;
#define DOM0(type, tx, data)  peer_ask(&w.dom0, type, tx, data)
#define GUEST(type, tx, data) peer_ask(&w.guest, type, tx, data)

static void nodes_are_kept(void)
{
	char gen[64];

	world_begin(&w, true);
	DOM0(XS_WRITE, 0, "/a/b|hello");
	DOM0(XS_WRITE, 0, "/a/c|x|y|");
	DOM0(XS_WRITE, 0, "/gone/deep|1");
	DOM0(XS_RM, 0, "/gone|");
	DOM0(XS_SET_PERMS, 0, "/a/b|r0|b1|");
	DOM0(XS_SET_PERMS, 0, "@releaseDomain|n0|r1|");
	snprintf(gen, sizeof(gen), "%s", DOM0(XS_DIRECTORY_PART, 0, "/a|0|"));
	world_restart(&w);
	CHECK_STR(DOM0(XS_READ, 0, "/a/b|"), "hello");
	CHECK_STR(DOM0(XS_READ, 0, "/a/c|"), "x|y|");
	CHECK_STR(DOM0(XS_READ, 0, "/gone|"), "!ENOENT");
	CHECK_STR(DOM0(XS_GET_PERMS, 0, "/a/b|"), "r0|b1|");
	CHECK_STR(DOM0(XS_GET_PERMS, 0, "@releaseDomain|"), "n0|r1|");
	CHECK_STR(DOM0(XS_DIRECTORY_PART, 0, "/a|0|"), gen);
	CHECK(world_end(&w));
}

static void rings_go_on(void)
{
	uint32_t t, u;

	world_begin(&w, true);
	CHECK_STR(GUEST(XS_WATCH, 0, "w|t|"), "OK|");
	CHECK_STR(peer_events(&w.guest), "w|t|");
	GUEST(XS_WRITE, 0, "old|1");
	GUEST(XS_WRITE, 0, "gone|1");
	t = peer_begin(&w.guest);
	u = peer_begin(&w.guest);
	CHECK_STR(GUEST(XS_READ, t, "old|"), "1");
	CHECK_STR(GUEST(XS_WRITE, t, "new|2"), "OK|");
	CHECK_STR(GUEST(XS_RM, t, "gone|"), "OK|");
	CHECK_STR(GUEST(XS_READ, u, "old|"), "1");
	for (int i = 0; i < 3; i++)
		world_restart(&w);
	CHECK_STR(DOM0(XS_IS_DOMAIN_INTRODUCED, 0, "1|"), "T|");
	CHECK_STR(GUEST(XS_WATCH, 0, "w|t|"), "!EEXIST");
	GUEST(XS_WRITE, 0, "w/x|1");
	CHECK_STR(peer_events(&w.guest), "w/x|t|");
	CHECK_STR(GUEST(XS_READ, t, "new|"), "2");
	CHECK_STR(GUEST(XS_READ, t, "gone|"), "!ENOENT");
	CHECK_STR(GUEST(XS_READ, 0, "new|"), "!ENOENT");
	CHECK_STR(GUEST(XS_TRANSACTION_END, t, "T|"), "OK|");
	CHECK_STR(GUEST(XS_READ, 0, "new|"), "2");
	CHECK_STR(GUEST(XS_WRITE, 0, "old|2"), "OK|");
	CHECK_STR(GUEST(XS_TRANSACTION_END, u, "T|"), "!EAGAIN");
	CHECK_STR(GUEST(XS_UNWATCH, 0, "w|t|"), "OK|");
	world_restart(&w);
	CHECK_STR(GUEST(XS_READ, u, "x|"), "!ENOENT");
	CHECK_STR(GUEST(XS_UNWATCH, 0, "w|t|"), "!ENOENT");
	CHECK(world_end(&w));
}

/* A request half on the ring, replies half taken: nothing is lost and nothing comes twice. */
static void in_the_middle(void)
{
	struct xenstore_domain_interface *r;
	struct xsd_sockmsg header = { XS_WRITE, 77, 0, 3000 }, back;
	char body[3000] = "", text[64];

	world_begin(&w, true);
	r = &w.fake.domain[1].ring;
	memset(body, 'v', sizeof(body));
	strcpy(body, "big");
	DOM0(XS_CONTROL, 0, "quota|set|node-size|4000|");
	/* 1500 of its bytes, of which the daemon takes all that the ring holds. */
	peer_put(&w.guest, &header, sizeof(header));
	peer_put(&w.guest, body, 1500);
	server_step(w.server, 0);
	CHECK_EQ(r->req_cons, r->req_prod);
	world_restart(&w);
	DOM0(XS_CONTROL, 0, "quota|set|node-size|4000|");
	peer_put(&w.guest, body + 1500, 1500);
	CHECK(peer_take(&w.guest, &back, sizeof(back)));
	CHECK_EQ(back.type, XS_WRITE);
	CHECK_EQ(back.req_id, 77);
	CHECK(peer_take(&w.guest, text, 3));
	CHECK_EQ(strlen(GUEST(XS_READ, 0, "big|")), 2996);
	/* A long reply of which the guest has taken a part. */
	header = (struct xsd_sockmsg){ XS_READ, 78, 0, 4 };
	peer_put(&w.guest, &header, sizeof(header));
	peer_put(&w.guest, "big", 4);
	CHECK(peer_take(&w.guest, &back, sizeof(back)));
	CHECK_EQ(back.len, 2996);
	CHECK(peer_take(&w.guest, body, 700));
	world_restart(&w);
	CHECK(peer_take(&w.guest, body, 1500));
	world_restart(&w);
	CHECK(peer_take(&w.guest, body, 796));
	CHECK_STR(GUEST(XS_WRITE, 0, "big|small"), "OK|");
	CHECK(world_end(&w));
}

static void missed_events_are_made_up_for(void)
{
	char text[64];

	world_begin(&w, true);
	GUEST(XS_WATCH, 0, "data|t|");
	GUEST(XS_WRITE, 0, "data|1");
	peer_events(&w.guest);
	for (int i = 0; i < 3000; i++) {
		snprintf(text, sizeof(text), "/local/domain/1/data/%d|x", i);
		DOM0(XS_WRITE, 0, text);
	}
	world_restart(&w);
	CHECK(strstr(peer_events(&w.guest), "|data|t|"));
	CHECK(world_end(&w));
}

static void ended_meanwhile(void)
{
	world_begin(&w, true);
	GUEST(XS_WRITE, 0, "mine|1");
	DOM0(XS_WATCH, 0, "@releaseDomain|r|");
	peer_events(&w.dom0);
	w.fake.domain[1].there = false;
	world_restart(&w);
	CHECK_STR(peer_events(&w.dom0), "@releaseDomain|r|");
	CHECK_STR(DOM0(XS_DIRECTORY, 0, "/local/domain|"), "2|");
	CHECK(world_end(&w));
}

static void never_comes_back(void)
{
	world_begin(&w, true);
	w.fake.deaf = true;
	world_restart(&w);
	/* Not even domain 0's ring; nothing crashes, and what is known is kept. */
	server_step(w.server, 0);
	w.fake.deaf = false;
	world_restart(&w);
	CHECK_STR(GUEST(XS_WRITE, 0, "x|1"), "OK|");
	CHECK(world_end(&w));
}

static void a_hostile_position(void)
{
	world_begin(&w, true);
	GUEST(XS_WRITE, 0, "x|1");
	fake_server_kill(w.server);
	w.fake.domain[1].ring.rsp_prod += 5;
	w.fake.domain[2].ring.req_cons += 99;
	w.server = fake_server(&w.fake, w.folder);
	CHECK(w.server);
	w.dom0.arg = w.guest.arg = w.other.arg = w.server;
	CHECK_STR(DOM0(XS_READ, 0, "/local/domain/1/x|"), "1");
	CHECK_EQ(w.fake.domain[1].ring.error, XENSTORE_ERROR_RINGIDX);
	CHECK(world_end(&w));
}

static char *journal_name(void)
{
	static char name[128];

	snprintf(name, sizeof(name), "%s/journal", w.folder);
	return name;
}

static off_t journal_size(void)
{
	struct stat s;

	return stat(journal_name(), &s) ? -1 : s.st_size;
}

/* Cut anywhere, or with a byte that is another: what is before it holds. */
static void torn(void)
{
	off_t good, all;
	int fd;

	world_begin(&w, true);
	DOM0(XS_WRITE, 0, "/kept|1");
	good = journal_size();
	DOM0(XS_WRITE, 0, "/torn|1");
	all = journal_size();
	CHECK(all > good);
	for (off_t cut = all - 1; cut >= good; cut--) {
		fake_server_kill(w.server);
		CHECK(!truncate(journal_name(), cut));
		w.server = fake_server(&w.fake, w.folder);
		CHECK(w.server);
		CHECK(store_find(&w.server->store, "/kept"));
		CHECK(!store_find(&w.server->store, "/torn"));
		/* What the ring's page says, and the journal does not, is noted. */
		CHECK(journal_size() >= good);
	}
	w.dom0.arg = w.guest.arg = w.other.arg = w.server;
	fake_server_kill(w.server);
	fd = open(journal_name(), O_RDWR);
	CHECK(fd >= 0);
	CHECK_EQ(pwrite(fd, "?", 1, good - 1), 1);
	close(fd);
	w.server = fake_server(&w.fake, w.folder);
	CHECK(w.server);
	w.dom0.arg = w.guest.arg = w.other.arg = w.server;
	CHECK(!store_find(&w.server->store, "/kept"));
	CHECK(store_find(&w.server->store, "/local/domain/2"));
	fake_server_free(w.server);
	fake_folder_remove(w.folder);
	fake_free(&w.fake);
}

static void of_another_boot(void)
{
	int fd;

	world_begin(&w, true);
	DOM0(XS_WRITE, 0, "/old|1");
	fake_server_kill(w.server);
	fd = open(journal_name(), O_RDWR);
	CHECK(fd >= 0);
	CHECK_EQ(pwrite(fd, "00000000", 8, 14), 8);
	close(fd);
	memset(w.fake.domain[0].page, 0, 4096);
	w.server = fake_server(&w.fake, w.folder);
	CHECK(w.server);
	w.dom0.arg = w.server;
	CHECK_STR(DOM0(XS_READ, 0, "/old|"), "!ENOENT");
	CHECK_STR(DOM0(XS_READ, 0, "/tool|"), "");
	CHECK(world_end(&w));
}

static void written_anew(void)
{
	char text[2100];
	off_t most = 0, last = 0;
	int anew = 0;

	world_begin(&w, true);
	GUEST(XS_WATCH, 0, "w|t|");
	peer_events(&w.guest);
	memset(text, 'v', sizeof(text));
	memcpy(text, "/v|", 3);
	text[2000] = 0;
	for (int i = 0; i < 2000; i++) {
		off_t size;

		DOM0(XS_WRITE, 0, text);
		size = journal_size();
		anew += size < last;
		last = size;
		most = size > most ? size : most;
	}
	CHECK(anew >= 2);
	CHECK(most < 2 * 1024 * 1024);
	world_restart(&w);
	GUEST(XS_WRITE, 0, "w|1");
	CHECK_STR(peer_events(&w.guest), "w|t|");
	CHECK_EQ(strlen(DOM0(XS_READ, 0, "/v|")), 1997);
	CHECK(world_end(&w));
}

static void locked(void)
{
	struct fake other;
	struct server *second;

	world_begin(&w, true);
	fake_init(&other);
	second = fake_server(&other, w.folder);
	CHECK(!second);
	fake_free(&other);
	CHECK_STR(DOM0(XS_WRITE, 0, "/x|1"), "OK|");
	CHECK(world_end(&w));
}

UNIT_MAIN(UNIT(nodes_are_kept), UNIT(rings_go_on), UNIT(in_the_middle),
          UNIT(missed_events_are_made_up_for), UNIT(ended_meanwhile), UNIT(never_comes_back),
          UNIT(a_hostile_position), UNIT(torn), UNIT(of_another_boot), UNIT(written_anew),
          UNIT(locked))
