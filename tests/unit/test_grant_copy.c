/* SPDX-License-Identifier: GPL-2.0-or-later */
/* GNTTABOP_copy: all four kinds, its bounds and its status codes. */
#include <string.h>

#include "errno.h"
#include "grant_ops.h"
#include "fake_domain.h"
#include "machine_fake.h"
#include "unit.h"

static struct domain *d1, *d2;
enum { OWN, GRANT };

static void start(void)
{
	fake_core_init(0, 1);
	d1 = guest_create(1, 1, 32, false);
	d2 = guest_create(2, 1, 32, false);
}
static struct grant_entry_v1 *entry(struct domain *d, uint32_t ref)
{
	return &d->grants.frames[0][ref];
}
static void grant(struct domain *d, uint32_t ref, uint16_t to, uint32_t gfn, uint16_t flags)
{
	*entry(d, ref) = (struct grant_entry_v1){ GTF_permit_access | flags, to, gfn };
}
static struct gnttab_copy_ptr own(uint64_t gfn, uint16_t offset)
{
	return (struct gnttab_copy_ptr){ .u.gmfn = gfn, .domid = DOMID_SELF, .offset = offset };
}
static struct gnttab_copy_ptr by_ref(uint16_t dom, uint32_t ref, uint16_t offset)
{
	return (struct gnttab_copy_ptr){ .u.ref = ref, .domid = dom, .offset = offset };
}
static int copy(struct domain *d, struct gnttab_copy_ptr source, struct gnttab_copy_ptr dest,
                uint16_t len, uint16_t flags)
{
	struct gnttab_copy c = { source, dest, len, flags, 99 };

	CHECK_EQ(guest_call(d->vcpus[0], grant_table_op, GNTTABOP_copy, &c, sizeof(c), 1), 0);
	return c.status;
}
static uint8_t *bytes(struct domain *d, uint64_t gfn)
{
	return fake_guest_page(d, gfn);
}

static void four_kinds(void)
{
	start();
	grant(d1, 9, 2, 20, GTF_readonly);
	grant(d1, 10, 2, 21, 0);
	strcpy((char *)bytes(d1, 20) + 100, "lent");
	strcpy((char *)bytes(d2, 17) + 4091, "mine");
	CHECK_EQ(copy(d2, by_ref(1, 9, 100), own(18, 7), 5, GNTCOPY_source_gref), GNTST_okay);
	CHECK(!strcmp((char *)bytes(d2, 18) + 7, "lent"));
	CHECK_EQ(copy(d2, own(17, 4091), by_ref(1, 10, 0), 5, GNTCOPY_dest_gref), GNTST_okay);
	CHECK(!strcmp((char *)bytes(d1, 21), "mine"));
	CHECK_EQ(copy(d2, by_ref(1, 9, 100), by_ref(1, 10, 50), 5,
	              GNTCOPY_source_gref | GNTCOPY_dest_gref),
	         GNTST_okay);
	CHECK(!strcmp((char *)bytes(d1, 21) + 50, "lent"));
	CHECK_EQ(copy(d2, own(18, 7), own(18, 9), 5, 0), GNTST_okay);
	CHECK(!strcmp((char *)bytes(d2, 18) + 7, "lelent"));
	CHECK_EQ(copy(d2, own(17, 0), own(18, 0), 4096, 0), GNTST_okay);
	CHECK(!memcmp(bytes(d2, 17), bytes(d2, 18), 4096));
	CHECK_EQ(entry(d1, 9)->flags, GTF_permit_access | GTF_readonly);
	CHECK_EQ(entry(d1, 10)->flags, GTF_permit_access);
	CHECK_EQ(page_of(virt_to_mfn(bytes(d1, 20)))->refs, 1);
	CHECK_EQ(page_of(virt_to_mfn(bytes(d1, 21)))->refs, 1);
	CHECK_EQ(page_of(virt_to_mfn(bytes(d2, 18)))->refs, 1);
}

static void errors(void)
{
	start();
	grant(d1, 9, 2, 20, GTF_readonly);
	grant(d1, 10, 2, 5000, 0);
	grant(d1, 11, 7, 21, 0);
	CHECK_EQ(copy(d2, own(17, 1), own(18, 0), 4096, 0), GNTST_bad_copy_arg);
	CHECK_EQ(copy(d2, own(17, 0), own(18, 65535), 1, 0), GNTST_bad_copy_arg);
	CHECK_EQ(copy(d2, own(17, 4096), own(18, 0), 0, 0), GNTST_okay);
	CHECK_EQ(copy(d2, own(17, 65535), own(18, 65535), 65535, 0), GNTST_bad_copy_arg);
	CHECK_EQ(copy(d2, own(5000, 0), own(18, 0), 4, 0), GNTST_bad_page);
	CHECK_EQ(copy(d2, own(17, 0), own(~0ull, 0), 4, 0), GNTST_bad_page);
	/* By frame number only one's own, and only as DOMID_SELF. */
	CHECK_EQ(copy(d2, by_ref(1, 20, 0), own(18, 0), 4, 0), GNTST_permission_denied);
	CHECK_EQ(copy(d2, by_ref(2, 20, 0), own(18, 0), 4, 0), GNTST_permission_denied);
	CHECK_EQ(copy(d2, own(18, 0), by_ref(1, 20, 0), 4, 0), GNTST_permission_denied);
	CHECK_EQ(copy(d2, by_ref(66, 9, 0), own(18, 0), 4, GNTCOPY_source_gref), GNTST_bad_domain);
	CHECK_EQ(copy(d2, by_ref(1, 512, 0), own(18, 0), 4, GNTCOPY_source_gref), GNTST_bad_gntref);
	CHECK_EQ(copy(d2, by_ref(1, 8, 0), own(18, 0), 4, GNTCOPY_source_gref),
	         GNTST_general_error);
	CHECK_EQ(copy(d2, by_ref(1, 11, 0), own(18, 0), 4, GNTCOPY_source_gref),
	         GNTST_general_error);
	CHECK_EQ(copy(d2, by_ref(1, 10, 0), own(18, 0), 4, GNTCOPY_source_gref), GNTST_bad_page);
	CHECK_EQ(copy(d2, own(18, 0), by_ref(1, 9, 0), 4, GNTCOPY_dest_gref), GNTST_general_error);
	CHECK_EQ(copy(d2, by_ref(1, 9, 4095), own(18, 0), 2, GNTCOPY_source_gref),
	         GNTST_bad_copy_arg);
	for (uint32_t ref = 9; ref < 12; ref++)
		CHECK(!(entry(d1, ref)->flags & (GTF_reading | GTF_writing)));
	/* ROM is not written to. */
	CHECK_EQ(p2m_change_type(&d2->p2m, gfn(19), P2M_RAM_RW, P2M_RAM_RO), 0);
	CHECK_EQ(copy(d2, own(18, 0), own(19, 0), 4, 0), GNTST_bad_page);
	CHECK_EQ(copy(d2, own(19, 0), own(18, 0), 4, 0), GNTST_okay);
	CHECK_EQ(page_of(virt_to_mfn(bytes(d2, 18)))->refs, 1);
}

static void own_grants_and_32_bit(void)
{
	struct {
		uint32_t source;
		uint16_t source_dom, source_offset;
		uint32_t dest;
		uint16_t dest_dom, dest_offset, len, flags;
		int16_t status, pad;
	} c[2] = { { 9, 1, 0, 18, DOMID_SELF, 10, 4, GNTCOPY_source_gref, 99, 0x5555 },
		   { 3, DOMID_SELF, 0, 18, DOMID_SELF, 20, 4, GNTCOPY_source_gref, 99, 0x5555 } };

	start();
	guest_set_compat(d2);
	grant(d1, 9, 2, 20, 0);
	grant(d2, 3, 2, 17, 0);
	memcpy(bytes(d1, 20), "abcd", 4);
	memcpy(bytes(d2, 17), "efgh", 4);
	CHECK_EQ(guest_call(d2->vcpus[0], grant_table_op, GNTTABOP_copy, c, sizeof(c), 2), 0);
	CHECK_EQ(c[0].status, GNTST_okay);
	CHECK_EQ(c[1].status, GNTST_okay);
	CHECK_EQ(c[1].pad, 0x5555);
	CHECK(!memcmp(bytes(d2, 18) + 10, "abcd", 4));
	CHECK(!memcmp(bytes(d2, 18) + 20, "efgh", 4));
}

UNIT_MAIN(UNIT(four_kinds), UNIT(errors), UNIT(own_grants_and_32_bit))
