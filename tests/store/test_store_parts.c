/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The small parts of the store: buffers and their reader, paths, permissions, quotas, the tree. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "fake.h"
#include "path.h"
#include "perms.h"
#include "quota.h"
#include "store.h"
#include "unit.h"

static void buffers(void)
{
	struct buffer b = { 0 };
	struct reader r;
	uint32_t len;

	buffer_put_u8(&b, 7);
	buffer_put_u32(&b, 0x12345678);
	buffer_put_u64(&b, 0x123456789abcdef0ull);
	buffer_put_bytes(&b, "xyz", 3);
	buffer_put_string(&b, "text");
	r = (struct reader){ b.data, b.data + b.len, false };
	CHECK_EQ(reader_u8(&r), 7);
	CHECK_EQ(reader_u32(&r), 0x12345678);
	CHECK(reader_u64(&r) == 0x123456789abcdef0ull);
	CHECK(!memcmp(reader_bytes(&r, &len), "xyz", 3) && len == 3);
	CHECK_STR(reader_string(&r), "text");
	CHECK(!r.bad && r.at == r.end);
	CHECK_EQ(reader_u32(&r), 0);
	CHECK(r.bad);
	/* A length that goes past the end. */
	buffer_free(&b);
	buffer_put_u32(&b, 0xffffffff);
	buffer_append(&b, "ab", 2);
	r = (struct reader){ b.data, b.data + b.len, false };
	reader_bytes(&r, &len);
	CHECK(r.bad && len == 0);
	/* A string without its nul. */
	buffer_free(&b);
	buffer_put_bytes(&b, "ab", 2);
	r = (struct reader){ b.data, b.data + b.len, false };
	CHECK_STR(reader_string(&r), "");
	CHECK(r.bad);
	buffer_free(&b);
}

static const struct {
	const char *given;
	bool special;
	const char *wanted; /* NULL: none */
} names[] = {
	{ "/", false, "/" },
	{ "/a/b-c_d@e/F9", false, "/a/b-c_d@e/F9" },
	{ "a/b", false, "/local/domain/5/a/b" },
	{ "", false, NULL },
	{ "//", false, NULL },
	{ "/a/", false, NULL },
	{ "a/", false, NULL },
	{ "/a//b", false, NULL },
	{ "/a b", false, NULL },
	{ "/a.b", false, NULL },
	{ "/a\n", false, NULL },
	{ "@releaseDomain", true, "@releaseDomain" },
	{ "@releaseDomain", false, NULL },
	{ "@a/b", true, NULL },
};

static void paths(void)
{
	char path[PATH_SIZE], given[XENSTORE_REL_PATH_MAX + 3];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		int error = path_resolve(path, names[i].given, 5, names[i].special);

		CHECK_EQ(error, names[i].wanted ? 0 : -EINVAL);
		if (!error)
			CHECK_STR(path, names[i].wanted);
	}
	memset(given, 'r', sizeof(given));
	given[XENSTORE_REL_PATH_MAX] = 0;
	CHECK_EQ(path_resolve(path, given, 65535, false), 0);
	given[XENSTORE_REL_PATH_MAX] = 'r';
	given[XENSTORE_REL_PATH_MAX + 1] = 0;
	CHECK_EQ(path_resolve(path, given, 65535, false), -EINVAL);
	strcpy(path, "/a/b");
	CHECK(path_to_parent(path));
	CHECK_STR(path, "/a");
	CHECK(path_to_parent(path));
	CHECK_STR(path, "/");
	CHECK(!path_to_parent(path));
	strcpy(path, "@x");
	CHECK(!path_to_parent(path));
	CHECK_STR(path_leaf("/a/b"), "b");
	CHECK_STR(path_leaf("@x"), "@x");
	CHECK(path_is_below("/a/b", "/a") && path_is_below("/a", "/"));
	CHECK(!path_is_below("/ab", "/a") && !path_is_below("/a", "/a") &&
	      !path_is_below("/", "/"));
}

static uint8_t may(const char *text, uint32_t len, uint32_t domid, uint32_t target)
{
	struct subject who = { domid, target, domid == 0 };
	struct perms p;
	uint8_t found;

	CHECK_EQ(perms_parse(&p, text, len), 0);
	found = perms_of(&p, &who);
	perms_free(&p);
	return found;
}

#define ALL  (PERM_READ | PERM_WRITE | PERM_OWNER)
#define NONE PERMS_NO_TARGET

static void permissions(void)
{
	struct perms p, q;

	CHECK_EQ(may("n5\0r6\0w7\0b8", 12, 5, NONE), ALL);
	CHECK_EQ(may("n5\0r6\0w7\0b8", 12, 0, NONE), ALL);
	CHECK_EQ(may("n5\0r6\0w7\0b8", 12, 6, NONE), PERM_READ);
	CHECK_EQ(may("n5\0r6\0w7\0b8", 12, 7, NONE), PERM_WRITE);
	CHECK_EQ(may("n5\0r6\0w7\0b8", 12, 8, NONE), PERM_READ | PERM_WRITE);
	CHECK_EQ(may("n5\0r6\0w7\0b8", 12, 9, NONE), 0);
	CHECK_EQ(may("n5\0r6\0w7\0b8", 12, 9, 5), ALL);
	CHECK_EQ(may("n5\0r6\0w7\0b8", 12, 9, 7), PERM_WRITE);
	CHECK_EQ(may("b5", 3, 9, NONE), PERM_READ | PERM_WRITE);
	CHECK_EQ(may("r5\0n6", 6, 6, NONE), 0);
	CHECK_EQ(perms_parse(&p, "", 0), -EINVAL);
	CHECK_EQ(perms_parse(&p, "n", 2), -EINVAL);
	CHECK_EQ(perms_parse(&p, "n-1", 4), -EINVAL);
	CHECK_EQ(perms_parse(&p, "n1", 2), -EINVAL);
	CHECK_EQ(perms_parse(&p, "n65536", 7), -EINVAL);
	CHECK_EQ(perms_parse(&p, "q1", 3), -EINVAL);
	CHECK_EQ(perms_parse(&p, "n1\0", 4), -EINVAL);
	CHECK_EQ(perms_parse(&p, "n1\0r2\0r3", 9), 0);
	CHECK(perms_mention(&p, 2) && perms_mention(&p, 1) && !perms_mention(&p, 4));
	perms_copy(&q, &p);
	CHECK(perms_equal(&p, &q));
	CHECK(perms_forget(&q, 2) && q.nr == 2 && !perms_forget(&q, 2));
	CHECK(!perms_forget(&q, 1)); /* the owner stays */
	CHECK(!perms_equal(&p, &q));
	perms_free(&p);
	perms_free(&q);
}

static void quotas(void)
{
	struct account a = { { 0 } };

	CHECK(quota_allows(&quota_defaults, &a, QUOTA_WATCHES, 128));
	CHECK(!quota_allows(&quota_defaults, &a, QUOTA_WATCHES, 129));
	quota_charge(&a, QUOTA_WATCHES, 128);
	CHECK(quota_allows(&quota_defaults, &a, QUOTA_WATCHES, 0));
	CHECK(!quota_allows(&quota_defaults, &a, QUOTA_WATCHES, 1));
	CHECK(!quota_allows(&quota_defaults, &a, QUOTA_MEMORY, UINT64_MAX));
	quota_charge(&a, QUOTA_WATCHES, -128);
	CHECK_EQ(a.used[QUOTA_WATCHES], 0);
	for (int i = 0; i < QUOTA_COUNT; i++)
		CHECK_EQ(quota_by_name(quota_name((enum quota)i)), i);
	CHECK_EQ(quota_by_name("beer"), QUOTA_COUNT);
}

static int64_t nodes, bytes;

static void no_put(void *arg, const char *path, const struct node *node)
{
}

static void no_remove(void *arg, const char *path)
{
}

static void charged(void *arg, uint32_t owner, int64_t n, int64_t b)
{
	nodes += n;
	bytes += b;
}

/* Many nodes put and removed at random: the tree is in order all the time, and the account is even at the end. */
static void tree(void)
{
	static const struct store_listener listener = { no_put, no_remove, charged, NULL };
	struct perms perms;
	struct store s;
	char path[PATH_SIZE], back[PATH_SIZE];
	int there = 0, model[40] = { 0 };

	nodes = bytes = 0;
	store_init(&s, &listener);
	perms_single(&perms, 3, 0);
	CHECK(!store_put(&s, "/none/x", "", 0, &perms));
	CHECK(store_put(&s, "/d", "", 0, &perms));
	srand(1);
	for (int i = 0; i < 5000; i++) {
		int n = rand() % 40;
		struct node *node;

		snprintf(path, sizeof(path), "/d/n%d", n);
		if (rand() % 3) {
			there += !model[n];
			model[n] = i + 1;
			CHECK(store_put(&s, path, &i, sizeof(i), &perms));
		} else {
			there -= !!model[n];
			model[n] = 0;
			store_remove(&s, path);
		}
		node = store_find(&s, path);
		CHECK_EQ(node != NULL, model[n] != 0);
		if (node) {
			CHECK(!memcmp(node->value, &i, sizeof(i)));
			store_path(&s, node, back);
			CHECK_STR(back, path);
		}
		node = store_find(&s, "/d");
		CHECK_EQ(node->nr_children, there);
		for (uint32_t k = 1; k < node->nr_children; k++)
			CHECK(strcmp(node->child[k - 1]->name, node->child[k]->name) < 0);
	}
	store_remove(&s, "@releaseDomain");
	CHECK(store_find(&s, "@releaseDomain"));
	store_remove(&s, "/");
	CHECK(store_find(&s, "/d"));
	store_free(&s);
	perms_free(&perms);
	CHECK_EQ(nodes, 0);
	CHECK_EQ(bytes, 0);
}

UNIT_MAIN(UNIT(buffers), UNIT(paths), UNIT(permissions), UNIT(quotas), UNIT(tree))
