// SPDX-License-Identifier: GPL-2.0-or-later
// grants: pages that one process shares with its own domain, and another handle maps and copies.
//   grants [hold]    hold: shares and maps pages and waits to be killed
#include <sys/mman.h>
#include <xengnttab.h>
#include "program.h"

#define PAGES 4

struct shared {
	xengntshr_handle *share;
	xengnttab_handle *table;
	uint32_t refs[PAGES];
	uint8_t *ours;   // the pages, as who gave them sees them
	uint8_t *theirs; // as who maps them does
};

static void open_both(struct shared *s)
{
	s->share = xengntshr_open(NULL, 0);
	s->table = xengnttab_open(NULL, 0);
	need(s->share && s->table, "grants-open");
	s->ours = xengntshr_share_pages(s->share, 0, PAGES, s->refs, 1);
	need(s->ours != NULL, "grants-share");
	s->theirs = xengnttab_map_domain_grant_refs(s->table, PAGES, 0, s->refs,
	                                            PROT_READ | PROT_WRITE);
	need(s->theirs != NULL, "grants-map");
}

static void share_and_map(struct shared *s)
{
	int i;

	for (i = 0; i < PAGES; i++)
		memset(s->ours + i * PAGE, 0x11 * (i + 1), PAGE);
	for (i = 0; i < PAGES * PAGE && s->theirs[i] == 0x11 * (i / PAGE + 1); i++)
		;
	check(i == PAGES * PAGE, "grants-seen", "byte %d is %x", i, s->theirs[i % (PAGES * PAGE)]);
	s->theirs[PAGE + 5] = 0x77;
	check(s->ours[PAGE + 5] == 0x77, "grants-written", "it is %x", s->ours[PAGE + 5]);
}

static void copy(struct shared *s)
{
	static uint8_t here[PAGE] __attribute__((aligned(PAGE)));
	xengnttab_grant_copy_segment_t segments[2] = {
		{ .source.foreign = { s->refs[2], 100, 0 },
		  .dest.virt = here,
		  .len = 500,
		  .flags = GNTCOPY_source_gref },
		{ .source.virt = here,
		  .dest.foreign = { s->refs[3], 8, 0 },
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
	check(s->ours[3 * PAGE + 7] == 0x44 && s->ours[3 * PAGE + 8] == 0x33 &&
	              s->ours[3 * PAGE + 71] == 0x33 && s->ours[3 * PAGE + 72] == 0x44,
	      "grants-copied-to", "at 7: %x %x", s->ours[3 * PAGE + 7], s->ours[3 * PAGE + 8]);
	// A grant that nobody gave.
	segments[0].source.foreign.ref = 100000;
	segments[0].status = 0;
	check(xengnttab_grant_copy(s->table, 1, segments) || segments[0].status < 0,
	      "grants-copy-bad", "status %d", segments[0].status);
}

int main(int argc, char **argv)
{
	struct shared s;
	uint32_t ref;

	open_both(&s);
	if (argc > 1)
		hold();
	share_and_map(&s);
	copy(&s);
	ref = s.refs[0];
	check(!xengnttab_unmap(s.table, s.theirs, PAGES), "grants-unmap", "unmap");
	check(!xengntshr_unshare(s.share, s.ours, PAGES), "grants-unshare", "unshare");
	check(!xengnttab_map_grant_ref(s.table, 0, ref, PROT_READ), "grants-map-gone",
	      "grant %u is still there", ref);
	check(!xengnttab_map_grant_ref(s.table, 0x7ff0, 8, PROT_READ), "grants-map-nobody",
	      "no domain's grant");
	xengnttab_close(s.table);
	xengntshr_close(s.share);
	return 0;
}
