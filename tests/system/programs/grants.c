// SPDX-License-Identifier: GPL-2.0-or-later
// grants: pages that one process shares, and another handle maps and copies, within this domain and between two.
//   grants                          this domain is both
//   grants hold                     shares and maps pages and waits to be killed
//   grants give DOMID               says GIVING REF REF REF REF, and ends when that domain says that it has done
//   grants take DOMID REF... [hold] the other end of that; hold: maps them and waits to be killed
#include <sys/mman.h>
#include <xengnttab.h>
#include "program.h"

#define PAGES 4
// Where in the first page the taker says that it has done, and what.
#define DONE_AT 9
#define DONE    0xdd

struct shared {
	xengntshr_handle *share;
	xengnttab_handle *table;
	uint32_t refs[PAGES];
	uint8_t *ours;   // the pages, as who gave them sees them
	uint8_t *theirs; // as who maps them does
};

static void give_pages(struct shared *s, uint32_t domid)
{
	s->share = xengntshr_open(NULL, 0);
	need(s->share != NULL, "grants-share-open");
	s->ours = xengntshr_share_pages(s->share, domid, PAGES, s->refs, 1);
	need(s->ours != NULL, "grants-share");
}

static void take_pages(struct shared *s, uint32_t domid)
{
	s->table = xengnttab_open(NULL, 0);
	need(s->table != NULL, "grants-open");
	s->theirs = xengnttab_map_domain_grant_refs(s->table, PAGES, domid, s->refs,
	                                            PROT_READ | PROT_WRITE);
	need(s->theirs != NULL, "grants-map");
}

static void fill(struct shared *s)
{
	int i;

	for (i = 0; i < PAGES; i++)
		memset(s->ours + i * PAGE, 0x11 * (i + 1), PAGE);
}

static void see_and_write(struct shared *s)
{
	int i;

	for (i = 0; i < PAGES * PAGE && s->theirs[i] == 0x11 * (i / PAGE + 1); i++)
		;
	check(i == PAGES * PAGE, "grants-seen", "byte %d is %x", i, s->theirs[i % (PAGES * PAGE)]);
	s->theirs[PAGE + 5] = 0x77;
}

static void see_written(const struct shared *s)
{
	check(s->ours[PAGE + 5] == 0x77, "grants-written", "it is %x", s->ours[PAGE + 5]);
}

static void copy(struct shared *s, uint32_t domid)
{
	static uint8_t here[PAGE] __attribute__((aligned(PAGE)));
	xengnttab_grant_copy_segment_t segments[2] = {
		{ .source.foreign = { s->refs[2], 100, domid },
		  .dest.virt = here,
		  .len = 500,
		  .flags = GNTCOPY_source_gref },
		{ .source.virt = here,
		  .dest.foreign = { s->refs[3], 8, domid },
		  .len = 64,
		  .flags = GNTCOPY_dest_gref },
	};
	int i;

	check(!xengnttab_grant_copy(s->table, 1, segments) && !segments[0].status,
	      "grants-copy-from", "status %d", segments[0].status);
	for (i = 0; i < 500 && here[i] == 0x33; i++)
		;
	check(i == 500 && !here[500], "grants-copied-from", "byte %d is %x", i, here[i]);
	check(!xengnttab_grant_copy(s->table, 1, segments + 1) && !segments[1].status,
	      "grants-copy-to", "status %d", segments[1].status);
	// A grant that nobody gave.
	segments[0].source.foreign.ref = 100000;
	segments[0].status = 0;
	check(xengnttab_grant_copy(s->table, 1, segments) || segments[0].status < 0,
	      "grants-copy-bad", "status %d", segments[0].status);
}

static void see_copied(const struct shared *s)
{
	check(s->ours[3 * PAGE + 7] == 0x44 && s->ours[3 * PAGE + 8] == 0x33 &&
	              s->ours[3 * PAGE + 71] == 0x33 && s->ours[3 * PAGE + 72] == 0x44,
	      "grants-copied-to", "at 7: %x %x", s->ours[3 * PAGE + 7], s->ours[3 * PAGE + 8]);
}

static void within_domain(int is_held)
{
	struct shared s;
	uint32_t ref;

	give_pages(&s, 0);
	take_pages(&s, 0);
	if (is_held)
		hold();
	fill(&s);
	see_and_write(&s);
	see_written(&s);
	copy(&s, 0);
	see_copied(&s);
	ref = s.refs[0];
	check(!xengnttab_unmap(s.table, s.theirs, PAGES), "grants-unmap", "unmap");
	check(!xengntshr_unshare(s.share, s.ours, PAGES), "grants-unshare", "unshare");
	check(!xengnttab_map_grant_ref(s.table, 0, ref, PROT_READ), "grants-map-gone",
	      "grant %u is still there", ref);
	check(!xengnttab_map_grant_ref(s.table, 0x7ff0, 8, PROT_READ), "grants-map-nobody",
	      "no domain's grant");
	xengnttab_close(s.table);
	xengntshr_close(s.share);
}

static void give(uint32_t domid)
{
	struct shared s;
	volatile uint8_t *done;
	int i;

	give_pages(&s, domid);
	fill(&s);
	printf("GIVING");
	for (i = 0; i < PAGES; i++)
		printf(" %u", s.refs[i]);
	puts("");
	fflush(stdout);
	for (done = s.ours + DONE_AT; *done != DONE;)
		look_again_later();
	see_written(&s);
	see_copied(&s);
	check(!xengntshr_unshare(s.share, s.ours, PAGES), "grants-unshare", "unshare");
	xengntshr_close(s.share);
}

// By a copy: no page of the giver is mapped when it takes them back.
static void say_done(struct shared *s, uint32_t domid)
{
	static uint8_t done = DONE;
	xengnttab_grant_copy_segment_t segment = {
		.source.virt = &done,
		.dest.foreign = { s->refs[0], DONE_AT, domid },
		.len = 1,
		.flags = GNTCOPY_dest_gref,
	};

	check(!xengnttab_grant_copy(s->table, 1, &segment) && !segment.status, "grants-done",
	      "status %d", segment.status);
}

static void take(uint32_t domid, char **refs, int is_held)
{
	struct shared s;
	int i;

	for (i = 0; i < PAGES; i++)
		s.refs[i] = atoi(refs[i]);
	take_pages(&s, domid);
	if (is_held)
		hold();
	see_and_write(&s);
	copy(&s, domid);
	check(!xengnttab_unmap(s.table, s.theirs, PAGES), "grants-unmap", "unmap");
	say_done(&s, domid);
	xengnttab_close(s.table);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (!*what || !strcmp(what, "hold"))
		within_domain(*what);
	else if (!strcmp(what, "give") && argc == 3)
		give(atoi(argv[2]));
	else if (!strcmp(what, "take") && argc >= 3 + PAGES)
		take(atoi(argv[2]), argv + 3, argc > 3 + PAGES);
	else
		return 2;
	return 0;
}
