/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A domain's grant table: its shared frames, what is kept beside them, and its end. */
#include "grant_ops.h"

#include "errno.h"
#include "heap.h"
#include "log.h"
#include "string.h"

#define FRAMES_DEFAULT          64
#define FRAMES_MAX              4096
#define MAPTRACK_FRAMES_DEFAULT 1024
#define MAPTRACK_FRAMES_MAX     65536
#define FRAMES_AT_FIRST         1
#define DROPS_A_CALL            256
#define DUMP_MAX                256

_Static_assert(GRANTS_PER_FRAME % ACTIVE_PER_BLOCK == 0, "blocks fit into frames");

const struct save_field grant_table_saved[] = {
	SAVE_ONE(SAVE_U32, 1, struct grant_table, nr_frames),
	SAVE_LAST,
};

int grant_table_grow(struct grant_table *t, uint32_t nr_frames)
{
	while (t->nr_frames < nr_frames) {
		void *frame = page_alloc_virt(0);

		if (!frame)
			return -ENOMEM;
		t->frames[t->nr_frames++] = frame;
	}
	return 0;
}

int grant_table_init(struct domain *d, uint32_t max_frames, uint32_t max_maptrack_frames)
{
	struct grant_table *t = &d->grants;
	uint32_t maptrack = max_maptrack_frames ? max_maptrack_frames : MAPTRACK_FRAMES_DEFAULT;

	memset(t, 0, sizeof(*t));
	spin_init(&t->lock);
	t->free_handle = GRANT_NO_HANDLE;
	t->max_frames = MIN(max_frames ? max_frames : FRAMES_DEFAULT, (uint32_t)FRAMES_MAX);
	t->max_handles = MIN(maptrack, (uint32_t)MAPTRACK_FRAMES_MAX) * HANDLES_A_FRAME;
	t->nr_active_blocks = t->max_frames * (GRANTS_PER_FRAME / ACTIVE_PER_BLOCK);
	t->frames = heap_alloc_array(t->max_frames, sizeof(*t->frames));
	t->active = heap_alloc_array(t->nr_active_blocks, sizeof(*t->active));
	if (!t->frames || !t->active || grant_table_grow(t, FRAMES_AT_FIRST)) {
		grant_table_free(d);
		return -ENOMEM;
	}
	return 0;
}

int grant_table_destroy(struct domain *d)
{
	struct grant_table *t = &d->grants;

	for (unsigned n = 0; n < DROPS_A_CALL; n++) {
		if (!grant_mapping_drop(d, t->teardown_handle))
			return 0;
		t->teardown_handle++;
	}
	return -EINTR;
}

void grant_table_free(struct domain *d)
{
	struct grant_table *t = &d->grants;

	for (uint32_t i = 0; i < t->nr_frames; i++)
		page_free_virt(t->frames[i], 0);
	for (uint32_t i = 0; t->active && i < t->nr_active_blocks; i++)
		heap_free(t->active[i]);
	for (uint32_t i = 0; i < t->nr_handles / MAPPINGS_PER_BLOCK; i++)
		heap_free(t->mappings[i]);
	heap_free(t->frames);
	heap_free(t->active);
	heap_free(t->mappings);
	memset(t, 0, sizeof(*t));
}

int grant_table_frame(struct domain *d, uint32_t index, void **host)
{
	struct grant_table *t = &d->grants;
	int r = -EINVAL;

	spin_lock(&t->lock);
	if (index < t->max_frames)
		r = grant_table_grow(t, index + 1);
	if (!r)
		*host = t->frames[index];
	spin_unlock(&t->lock);
	return r;
}

int grant_table_set(struct domain *d, uint32_t ref, uint16_t domid, uint64_t gfn)
{
	struct grant_table *t = &d->grants;
	int r = -EINVAL;

	spin_lock(&t->lock);
	if (ref < t->nr_frames * GRANTS_PER_FRAME && gfn <= UINT32_MAX) {
		t->frames[ref / GRANTS_PER_FRAME][ref % GRANTS_PER_FRAME] = (struct grant_entry_v1){
			.flags = GTF_permit_access,
			.domid = domid,
			.frame = (uint32_t)gfn,
		};
		r = 0;
	}
	spin_unlock(&t->lock);
	return r;
}

static uint32_t block_dump(const struct active_grant *block, uint32_t first_ref)
{
	uint32_t shown = 0;

	for (uint32_t i = 0; block && i < ACTIVE_PER_BLOCK; i++) {
		const struct active_grant *a = &block[i];

		if (!a->readers && !a->writers)
			continue;
		log_info("  ref %u: gfn %#x mfn %#llx lent to d%u, %u readers, %u writers",
		         first_ref + i, a->gfn, (unsigned long long)a->mfn.v, a->domid, a->readers,
		         a->writers);
		shown++;
	}
	return shown;
}

void grant_table_dump(struct domain *d)
{
	struct grant_table *t = &d->grants;
	uint32_t shown = 0;

	spin_lock(&t->lock);
	log_info("%s: grant table of %u frames (at most %u), room for %u handles (at most %u)",
	         d->name, t->nr_frames, t->max_frames, t->nr_handles, t->max_handles);
	for (uint32_t i = 0; i < t->nr_active_blocks && shown < DUMP_MAX; i++)
		shown += block_dump(t->active[i], i * ACTIVE_PER_BLOCK);
	spin_unlock(&t->lock);
}
