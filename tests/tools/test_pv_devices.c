// SPDX-License-Identifier: GPL-2.0-or-later
/* Paravirtual devices as the keeper has them in the store: a store in memory, and a backend that says what the test wants. */
#include "kept_guest.h"
#include "unit.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* ---- the store ---- */

static struct {
	char path[128], value[600];
	uint32_t owner, reader;
} nodes[400];
static unsigned nr_nodes;
static bool is_away; /* xenstored */
static struct kept_guest guest;

static int find(const char *path)
{
	for (unsigned i = 0; i < nr_nodes; i++)
		if (!strcmp(nodes[i].path, path))
			return (int)i;
	return -1;
}

static void set(const char *path, const char *value)
{
	int i = find(path);

	if (i < 0) {
		i = (int)nr_nodes++;
		snprintf(nodes[i].path, sizeof(nodes[i].path), "%s", path);
	}
	snprintf(nodes[i].value, sizeof(nodes[i].value), "%s", value);
}

static const char *get(const char *path)
{
	int i = find(path);

	return i < 0 ? "" : nodes[i].value;
}

#define PATH(format)                                 \
	char path[128];                              \
	va_list list;                                \
	va_start(list, format);                      \
	vsnprintf(path, sizeof(path), format, list); \
	va_end(list)

char *store_read(struct store *s, const char *format, ...)
{
	PATH(format);
	errno = is_away ? EPIPE : ENOENT;
	return is_away || find(path) < 0 ? NULL : strdup(get(path));
}

bool store_write(struct store *s, const char *value, const char *format, ...)
{
	PATH(format);
	set(path, value);
	return true;
}

bool store_write_number(struct store *s, uint64_t value, const char *format, ...)
{
	char text[24];

	PATH(format);
	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	if (!is_away)
		set(path, text);
	return !is_away;
}

bool store_mkdir(struct store *s, const char *format, ...)
{
	PATH(format);
	set(path, "");
	return true;
}

bool store_give(struct store *s, uint32_t owner, uint32_t reader, const char *format, ...)
{
	PATH(format);
	nodes[find(path)].owner = owner;
	nodes[find(path)].reader = reader;
	return true;
}

bool store_remove(struct store *s, const char *format, ...)
{
	PATH(format);
	for (unsigned i = 0; i < nr_nodes; i++)
		if (!strncmp(nodes[i].path, path, strlen(path)))
			nodes[i].path[0] = 0;
	return true;
}

static unsigned nr_watches;

bool store_watch(struct store *s, const char *path, const char *token)
{
	nr_watches++;
	return true;
}

/* ---- the backend ---- */

static char asked[600];
static unsigned nr_asked;
static enum { SAYS_DONE, SAYS_FAILED, IS_GONE } backend;

bool backend_ask(struct kept_guest *k, const struct control_text *t, int descriptor,
                 struct control_line *answer, struct failure *f)
{
	nr_asked++;
	snprintf(asked, sizeof(asked), "%.599s", t->text);
	answer->word = backend == SAYS_FAILED ? "failed" : "";
	return backend == SAYS_DONE || fail(f, "no");
}

void backend_put_disk(struct control_text *t, const struct config_disk *d)
{
	control_put(t, "path", d->target);
}

void backend_put_nic(struct control_text *t, unsigned n, const struct config_nic *c)
{
	control_put_number(t, "n", n);
}

void kept_note(struct kept_guest *k, const char *format, ...)
{
}

/* ---- a guest ---- */

#define FRONT "/local/domain/7/device/vbd/51712/"
#define BACK  "/local/domain/0/backend/vbd/7/51712/"
#define NET   "/local/domain/7/device/vif/0/"
#define NETB  "/local/domain/0/backend/vif/7/0/"

static void start(enum guest_type type)
{
	struct guest_config *g = &guest.config;

	memset(&guest, 0, sizeof(guest));
	memset(nodes, 0, sizeof(nodes));
	nr_nodes = nr_asked = nr_watches = 0;
	is_away = false;
	backend = SAYS_DONE;
	guest.backend = 1;
	guest.built.domid = 7;
	g->type = type;
	g->xen_platform_pci = true;
	g->nr_disks = 3;
	for (unsigned i = 0; i < 3; i++) {
		snprintf(g->disks[i].target, sizeof(g->disks[i].target), "/images/%u", i);
		g->disks[i].number = 51712 + i * 16;
		g->disks[i].ide = type == GUEST_HVM ? (int)i : -1;
	}
	g->disks[2].is_cdrom = true;
	g->nr_nics = 1;
	memcpy(g->nics[0].mac, "\0\x16\x3e\1\2\3", 6);
	pv_devices_plan(&guest);
}

static void report(void)
{
	struct control_line l;

	strcpy(l.text,
	       "pv-drive number=51712 sectors=4096 read-only=0 discard=1 segments=64 ring-order=2");
	CHECK(control_parse(&l));
	pv_devices_take(&guest, &l);
	CHECK(pv_devices_write(&guest));
}

static void which(void)
{
	start(GUEST_PVH);
	CHECK_EQ(guest.pv.nr, 4);
	/* an HVM guest's kernel would have the emulated ones taken away: somebody must have asked for it */
	start(GUEST_HVM);
	CHECK_EQ(guest.pv.nr, 0);
}

static void first_nodes(void)
{
	int front, back;

	start(GUEST_PVH);
	report();
	pv_devices_watch(&guest);
	CHECK_EQ(nr_watches, 4);
	CHECK(!strcmp(get(FRONT "backend"), "/local/domain/0/backend/vbd/7/51712"));
	CHECK(!strcmp(get(FRONT "backend-id"), "0"));
	CHECK(!strcmp(get(FRONT "virtual-device"), "51712"));
	CHECK(!strcmp(get(FRONT "state"), "1"));
	CHECK(!strcmp(get(BACK "frontend"), "/local/domain/7/device/vbd/51712"));
	CHECK(!strcmp(get(BACK "frontend-id"), "7"));
	CHECK(!strcmp(get(BACK "state"), "2"));
	CHECK(!strcmp(get(BACK "sectors"), "4096"));
	CHECK(!strcmp(get(BACK "feature-max-indirect-segments"), "64"));
	CHECK(!strcmp(get(BACK "feature-discard"), "1"));
	CHECK(!strcmp(get(NET "mac"), "00:16:3e:01:02:03"));
	CHECK(!strcmp(get(NETB "feature-rx-copy"), "1"));
	front = find("/local/domain/7/device/vbd/51712");
	back = find("/local/domain/0/backend/vbd/7/51712");
	CHECK(front >= 0 && back >= 0);
	CHECK_EQ(nodes[front].owner, 7);
	CHECK_EQ(nodes[back].owner, 0);
	CHECK_EQ(nodes[back].reader, 7);
}

static void front(const char *state)
{
	set(FRONT "state", state);
	pv_devices_look(&guest);
}

static void connect_front(void)
{
	set(FRONT "ring-ref", "8");
	set(FRONT "event-channel", "15");
	set(FRONT "protocol", "x86_64-abi");
	front("3");
}

static void drive_closed(void)
{
	struct control_line l;

	strcpy(l.text, "pv-closed drive=51712");
	CHECK(control_parse(&l));
	pv_devices_closed(&guest, &l);
}

static void life_of_a_drive(void)
{
	start(GUEST_PVH);
	report();
	pv_devices_look(&guest);
	CHECK_EQ(nr_asked, 0);
	connect_front();
	CHECK(!strcmp(asked,
	              "pv-connect drive=51712 ring-ref=8 event-channel=15 protocol=x86_64-abi"));
	CHECK(!strcmp(get(BACK "state"), "4"));
	front("4");
	CHECK_EQ(nr_asked, 1);
	/* another backend takes over: it hears the same */
	asked[0] = 0;
	pv_devices_renew(&guest);
	CHECK(!strcmp(asked,
	              "pv-connect drive=51712 ring-ref=8 event-channel=15 protocol=x86_64-abi"));
	CHECK(!strcmp(get(BACK "state"), "4"));
	/* it goes, and comes again */
	front("5");
	CHECK(!strcmp(asked, "pv-disconnect drive=51712"));
	CHECK(!strcmp(get(BACK "state"), "5"));
	front("6");
	CHECK(!strcmp(get(BACK "state"), "5"));
	drive_closed();
	CHECK(!strcmp(get(BACK "state"), "6"));
	front("1");
	CHECK(!strcmp(get(BACK "state"), "2"));
	set(FRONT "ring-page-order", "1");
	set(FRONT "ring-ref0", "20");
	set(FRONT "ring-ref1", "21");
	connect_front();
	CHECK(!strcmp(
		asked,
		"pv-connect drive=51712 ring-ref=20,21 event-channel=15 protocol=x86_64-abi"));
	CHECK(!strcmp(get(BACK "state"), "4"));
}

static void interface(void)
{
	start(GUEST_PVH);
	report();
	set(NET "tx-ring-ref", "9");
	set(NET "rx-ring-ref", "10");
	set(NET "event-channel-tx", "3");
	set(NET "event-channel-rx", "4");
	set(NET "request-rx-copy", "1");
	set(NET "feature-sg", "1");
	set(NET "state", "4");
	pv_devices_look(&guest);
	CHECK(!strcmp(
		asked,
		"pv-connect nic=0 tx-ring-ref=9 rx-ring-ref=10 event-channel-tx=3 event-channel-rx=4 rx-copy=1 sg=1"));
	CHECK(!strcmp(get(NETB "state"), "4"));
}

static void hostile_nodes(void)
{
	static const char *const odd[] = { "",           "-1",   "x",  "99999999999999999999999",
		                           "4294967296", "0x10", "1 2" };
	char longest[600];

	start(GUEST_PVH);
	report();
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = 0;
	for (unsigned i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		front(odd[i]); /* no state at all */
		CHECK_EQ(nr_asked, 0);
	}
	backend = SAYS_FAILED;
	for (unsigned i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		set(FRONT "ring-ref", odd[i]);
		set(FRONT "event-channel", odd[i]);
		set(FRONT "protocol", longest);
		front("3");
		CHECK(strstr(asked, "ring-ref=4294967295 event-channel=0 protocol=xxx"));
		CHECK(!strcmp(get(BACK "state"), "6"));
		front("1");
		CHECK(!strcmp(get(BACK "state"), "2"));
	}
	/* a frontend whose folder is gone counts as closed */
	backend = SAYS_DONE;
	connect_front();
	CHECK(!strcmp(get(BACK "state"), "4"));
	nodes[find(FRONT "state")].path[0] = 0;
	pv_devices_look(&guest);
	CHECK(!strcmp(asked, "pv-disconnect drive=51712"));
}

static void backend_ends(void)
{
	start(GUEST_PVH);
	report();
	connect_front();
	/* it dies while it closes: nothing of the frontend's is held any more */
	backend = IS_GONE;
	front("6");
	CHECK(!strcmp(get(BACK "state"), "5"));
	backend = SAYS_DONE;
	pv_devices_renew(&guest);
	CHECK(!strcmp(get(BACK "state"), "6"));
	/* it dies just when it is asked to connect: its successor is asked */
	front("1");
	backend = IS_GONE;
	connect_front();
	backend = SAYS_DONE;
	nr_asked = 0;
	pv_devices_renew(&guest);
	CHECK_EQ(nr_asked, 1);
	CHECK(!strcmp(get(BACK "state"), "4"));
	/* the successor says no */
	backend = SAYS_FAILED;
	pv_devices_renew(&guest);
	CHECK(!strcmp(get(BACK "state"), "6"));
}

/* xenstored is killed: nothing follows from nodes that cannot be read, and what could not be written is written when it is there again. */
static void store_is_away(void)
{
	start(GUEST_PVH);
	report();
	connect_front();
	CHECK_EQ(nr_asked, 1);
	is_away = true;
	for (unsigned i = 0; i < 3; i++)
		pv_devices_look(&guest);
	CHECK_EQ(nr_asked, 1);
	is_away = false;
	pv_devices_look(&guest);
	CHECK_EQ(nr_asked, 1);
	CHECK(!strcmp(get(BACK "state"), "4"));
	/* the drive closes meanwhile */
	front("5");
	is_away = true;
	drive_closed();
	CHECK(!strcmp(get(BACK "state"), "5"));
	is_away = false;
	pv_devices_look(&guest);
	CHECK(!strcmp(get(BACK "state"), "6"));
}

/* Another keeper, who knows nothing of the last steps. */
static void another_keeper(void)
{
	static struct pv_devices before;

	start(GUEST_PVH);
	report();
	before = guest.pv;
	connect_front();
	asked[0] = 0;
	guest.pv = before;
	is_away = true;
	CHECK(!pv_devices_recall(&guest));
	is_away = false;
	CHECK(pv_devices_recall(&guest));
	pv_devices_renew(&guest);
	CHECK(!strcmp(asked,
	              "pv-connect drive=51712 ring-ref=8 event-channel=15 protocol=x86_64-abi"));
	CHECK(!strcmp(get(BACK "state"), "4"));
	nr_asked = 0;
	front("4");
	CHECK_EQ(nr_asked, 0);
	/* it closes, and the keeper dies before it is known that it has closed */
	before = guest.pv;
	front("5");
	guest.pv = before;
	CHECK(pv_devices_recall(&guest));
	nr_asked = 0;
	pv_devices_renew(&guest);
	CHECK_EQ(nr_asked, 0);
	CHECK(!strcmp(get(BACK "state"), "6"));
}

UNIT_MAIN(UNIT(which), UNIT(first_nodes), UNIT(life_of_a_drive), UNIT(interface),
          UNIT(hostile_nodes), UNIT(backend_ends), UNIT(store_is_away), UNIT(another_keeper))
