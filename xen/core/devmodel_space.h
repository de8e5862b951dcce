/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The address space of a device model's instance: page tables of its own, filled when it touches what it may. All of it belongs to whoever holds the instance
 * (devmodel.lock, or nobody else knows it yet).
 */
#ifndef CORE_DEVMODEL_SPACE_H
#define CORE_DEVMODEL_SPACE_H

#include "devmodel_abi.h"
#include "machine.h"

struct domain;

#define DEVMODEL_PAGES_MAX \
	736u /* of its own, tables included: with what is shared and the struct not above 3 MiB */
#define DEVMODEL_REGIONS 16

enum devmodel_backing {
	DEVMODEL_OWN,    /* pages of its own, made at the first touch: from the image, then zero */
	DEVMODEL_FIXED,  /* memory that is there anyway: a memory disk */
	DEVMODEL_LISTED, /* pages that others may have mapped, too: VRAM, the link */
	DEVMODEL_RAM,    /* the guest's physical memory */
};

struct devmodel_region {
	uint64_t base, size; /* whole pages */
	enum devmodel_backing backing;
	bool is_writable, is_code;
	const uint8_t *from; /* OWN: may be NULL; FIXED: page aligned, in the direct map */
	uint64_t from_size;  /* OWN: bytes to copy */
	const struct devmodel_pages *pages; /* LISTED */
};

/* A reference to each page: they live on while somebody else maps them. */
struct devmodel_pages {
	mfn_t *mfns;
	uint32_t nr;
};

/* Pages chained by page.user_tag. */
struct page_chain {
	uint32_t first; /* frame number; 0: end */
	uint32_t nr;
};

struct devmodel_space {
	struct domain *domain;
	uint64_t *root;
	struct devmodel_region regions[DEVMODEL_REGIONS];
	uint32_t nr_regions;
	struct page_chain own;      /* pages and tables, the root too */
	struct page_chain window;   /* tables of the guest's RAM: dropped when its map changes */
	uint64_t window_generation; /* of the p2m */
	void *sink;                 /* where writes to what is no RAM go */
	struct devmodel_pages vram; /* the guest's */
	struct devmodel_pages link; /* the hypervisor's; none without a backend */
};

/* -ENOMEM. The space is to be destroyed in any case. */
int must_check devmodel_space_init(struct devmodel_space *s, struct domain *d);
void devmodel_space_destroy(struct devmodel_space *s);
/* -ENOSPC: too many; -EINVAL: not whole pages, not in the lower half. */
int must_check devmodel_space_add(struct devmodel_space *s, const struct devmodel_region *r);
/* The guest's VRAM: bytes, whole pages, charged to it. -ENOMEM. */
int must_check devmodel_space_add_vram(struct devmodel_space *s, uint64_t size);
/* The pages at DEVMODEL_LINK, all zeroes. -ENOMEM. */
int must_check devmodel_space_add_link(struct devmodel_space *s);
/*
 * A static ELF-64 program between DEVMODEL_IMAGE and DEVMODEL_IMAGE_END. image stays where it is. 0 and *entry; -ENOEXEC with the reason in *why.
 */
int must_check devmodel_space_load(struct devmodel_space *s, const void *image, uint64_t size,
                                   uint64_t *entry, const char **why);
/* It touched linear: true: it may, and it is mapped now. */
bool must_check devmodel_space_fault(struct devmodel_space *s, uint64_t linear, bool write,
                                     bool fetch);
/*
 * Which of the DEVMODEL_SPACE_BLOCK pages from linear on, which is a multiple of as many, its program has written to since this was asked last; false: none. Only of pages that are listed. The CPU may go on
 * with what it remembers until it is made to forget.
 */
#define DEVMODEL_SPACE_BLOCK 512u
bool devmodel_space_written(struct devmodel_space *s, uint64_t linear,
                            uint64_t bits[DEVMODEL_SPACE_BLOCK / 64]);
/* To be asked whenever the p2m may have changed, before the space is used: drops what is known of the guest's RAM. True: this CPU's TLB may hold some of it. */
bool devmodel_space_renew(struct devmodel_space *s);

#endif
