/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The heap: sizes, alignment, zeroes, refused pointers, random use against a model. */
#include <string.h>

#include "heap.h"
#include "machine_fake.h"
#include "page_alloc.h"
#include "unit.h"

static void test_alignment_and_zeroes(void)
{
	fake_memory_init(0, 1);
	for (size_t size = 1; size < 20000; size += size / 3 + 1) {
		uint8_t *p[3];

		for (unsigned i = 0; i < 3; i++) {
			p[i] = heap_alloc(size);
			CHECK(p[i]);
			CHECK_EQ((p[i] - direct_map) % 16, 0);
			for (size_t j = 0; j < size; j++)
				CHECK_EQ(p[i][j], 0);
			memset(p[i], 0xff, size);
		}
		for (unsigned i = 0; i < 3; i++)
			heap_free(p[i]);
	}
	for (size_t size = 64; size <= PAGE_SIZE; size *= 2)
		for (unsigned i = 0; i < 100; i++)
			CHECK_EQ(((uint8_t *)heap_alloc(size) - direct_map) % (long)size, 0);
	heap_free(NULL);
}

static void test_limits(void)
{
	fake_memory_init(MIB(8), 1);
	CHECK(!heap_alloc(SIZE_MAX));
	CHECK(!heap_alloc(GIB(8)));
	CHECK(!heap_alloc(MIB(16)));
	CHECK(!heap_alloc_array(SIZE_MAX / 2, 3));
	CHECK(heap_alloc_array(3, 100));
	CHECK(heap_alloc(0));
}

static void test_large_give_back_the_tail(void)
{
	uint64_t free, bytes, pages;
	void *p;

	fake_memory_init(0, 1);
	free = page_nr_free();
	p = heap_alloc(5 * PAGE_SIZE - 100);
	CHECK(p);
	CHECK_EQ(page_nr_free(), free - 5);
	heap_usage(&bytes, &pages);
	CHECK_EQ(pages, 5);
	heap_free(p);
	CHECK_EQ(page_nr_free(), free);
	heap_usage(&bytes, &pages);
	CHECK_EQ(bytes + pages, 0);
}

static void test_bad_frees(void)
{
	uint8_t *p, *large;

	fake_memory_init(0, 1);
	p = heap_alloc(64);
	large = heap_alloc(3 * PAGE_SIZE);
	CHECK_EQ(FAKE_END_OF(heap_free(direct_map)), FAKE_END_BUG);
	CHECK_EQ(FAKE_END_OF(heap_free(direct_map + GIB(1))), FAKE_END_BUG);
	CHECK_EQ(FAKE_END_OF(heap_free(&p)), FAKE_END_BUG);
	CHECK_EQ(FAKE_END_OF(heap_free(page_alloc_virt(0))), FAKE_END_BUG);
	CHECK_EQ(FAKE_END_OF(heap_free(large + 16)), FAKE_END_BUG);
	CHECK_EQ(FAKE_END_OF(heap_free(large + PAGE_SIZE)), FAKE_END_BUG);
	CHECK_EQ(FAKE_END_OF(heap_free(p + 16)), FAKE_END_BUG);
	fake_memory_init(0, 1); /* the bug above held the class's lock */
	p = heap_alloc(64);
	heap_free(p);
	CHECK_EQ(FAKE_END_OF(heap_free(p)), FAKE_END_BUG);
}

static void test_all_comes_back(void)
{
	static void *p[5000];
	uint64_t free, bytes, pages;

	fake_memory_init(0, 1);
	free = page_nr_free();
	for (unsigned i = 0; i < 5000; i++)
		p[i] = heap_alloc(1 + i % 3000);
	for (unsigned i = 0; i < 5000; i++)
		heap_free(p[i]);
	heap_usage(&bytes, &pages);
	CHECK_EQ(bytes, 0);
	/* At most one empty slab a class is kept. */
	CHECK(pages <= 5 + 2 + 4 + 8);
	CHECK_EQ(page_nr_free(), free - pages);
}

static void test_random_model(void)
{
	static struct {
		uint8_t *p;
		size_t size;
		uint8_t fill;
	} h[300];

	fake_memory_init(0, 1);
	memset(h, 0, sizeof(h));
	for (unsigned step = 0; step < 50000; step++) {
		unsigned i = machine_random() % 300;

		if (h[i].p) {
			for (size_t j = 0; j < h[i].size; j++)
				CHECK_EQ(h[i].p[j], h[i].fill);
			heap_free(h[i].p);
			h[i].p = NULL;
			continue;
		}
		h[i].size = machine_random() % (machine_random() % 8 ? 600 : 9000);
		h[i].fill = (uint8_t)machine_random();
		h[i].p = heap_alloc(h[i].size);
		CHECK(h[i].p);
		for (size_t j = 0; j < h[i].size; j++)
			CHECK_EQ(h[i].p[j], 0);
		memset(h[i].p, h[i].fill, h[i].size);
	}
}

UNIT_MAIN(UNIT(test_alignment_and_zeroes), UNIT(test_limits), UNIT(test_large_give_back_the_tail),
          UNIT(test_bad_frees), UNIT(test_all_comes_back), UNIT(test_random_model))
