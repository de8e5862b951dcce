/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers that mark a guest's translations in the TLB: ASIDs (APM 15.16), VPIDs (SDM 28.3). 0 is the host's. Only xen/virt includes it. */
#ifndef VIRT_VIRT_TAGS_H
#define VIRT_VIRT_TAGS_H

#include "atomic.h"
#include "virt_insn.h"

/* A CPU's. Own CPU only. */
struct tag_pool {
	uint64_t generation; /* from 1; grows when the numbers are used up */
	uint32_t next;
	uint64_t last_vcpu_id; /* who ran here last: another one needs a predictor barrier */
};

/* A vcpu's. Whoever has it. */
struct tag_user {
	uint64_t
		generation; /* of the tag that it has; another one than its CPU's: the tag may be somebody else's */
	uint64_t id;           /* of the vcpu, never used twice */
	struct tag_pool *last; /* where its translations are */
};

static inline void tag_pool_init(struct tag_pool *p)
{
	*p = (struct tag_pool){ .generation = 1, .next = 1 };
}

static inline void tag_user_init(struct tag_user *u)
{
	static uint64_t last_id;

	u->id = atomic_fetch_add(&last_id, 1) + 1;
}

/* A fresh one of nr. True: they were used up and start again from 1, so everything must be flushed here; each other vcpu asks for a new one, too. */
static inline bool tag_take(struct tag_pool *p, struct tag_user *u, uint32_t nr, uint32_t *tag)
{
	bool is_over = p->next >= nr;

	if (is_over) {
		p->generation++;
		p->next = 1;
	}
	*tag = p->next++;
	u->generation = p->generation;
	return is_over;
}

/* Its vcpu comes to this CPU. True: it was elsewhere since, what this CPU keeps of it is old. */
static inline bool tag_user_load(struct tag_pool *p, struct tag_user *u, bool has_ibpb)
{
	bool moved = u->last != p;

	if (moved) {
		u->last = p;
		u->generation = 0;
	}
	if (p->last_vcpu_id != u->id) {
		if (has_ibpb && p->last_vcpu_id)
			insn_wrmsr(MSR_PRED_CMD, 1);
		p->last_vcpu_id = u->id;
	}
	return moved;
}

#endif
