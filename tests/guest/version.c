/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen_version: every sub-operation, good and bad. */
#include "guest.h"
#include <xen/features.h>

static void version_number(void)
{
	CHECK_EQ(version_op(XENVER_version, NULL), 4 << 16 | 17);
}

/* Text of at most n bytes, terminated, not written beyond. */
static void check_text(unsigned op, unsigned n)
{
	static char text[2048];

	memset(text, 0x7e, sizeof(text));
	CHECK_EQ(version_op(op, text), 0);
	CHECK(strlen(text) < n);
	CHECK_EQ(text[n], 0x7e);
	CHECK_EQ(version_op(op, bad_pointer()), -EFAULT);
}

static void extraversion(void)
{
	check_text(XENVER_extraversion, sizeof(xen_extraversion_t));
}

static void compile_info(void)
{
	struct {
		struct xen_compile_info info;
		uint8_t guard;
	} c;

	memset(&c, 0x7e, sizeof(c));
	CHECK_EQ(version_op(XENVER_compile_info, &c.info), 0);
	CHECK(strlen(c.info.compiler) < sizeof(c.info.compiler));
	CHECK(strlen(c.info.compile_date) < sizeof(c.info.compile_date));
	CHECK_EQ(c.guard, 0x7e);
	CHECK_EQ(version_op(XENVER_compile_info, bad_pointer()), -EFAULT);
}

static void capabilities(void)
{
	static char text[1025];

	check_text(XENVER_capabilities, 1024);
	version_op(XENVER_capabilities, text);
	CHECK(strstr(text, "hvm-3.0-x86_64"));
	CHECK(strstr(text, "hvm-3.0-x86_32"));
}

static void changeset(void)
{
	check_text(XENVER_changeset, sizeof(xen_changeset_info_t));
}

static void command_line_of_xen(void)
{
	static char text[1025];

	check_text(XENVER_commandline, 1024);
	version_op(XENVER_commandline, text);
	CHECK(strstr(text, "dom0=pvh"));
}

static void platform_parameters(void)
{
	xen_ulong_t p[2] = { 0x7e7e, 0x7e7e };

	CHECK_EQ(version_op(XENVER_platform_parameters, p), 0);
	CHECK_EQ(p[1], 0x7e7e);
	/* Where a 64-bit PV guest would meet the hypervisor */
	CHECK_EQ(p[0], sizeof(p[0]) == 8 ? (xen_ulong_t)HYPERVISOR_VIRT_START : 0);
	CHECK_EQ(version_op(XENVER_platform_parameters, bad_pointer()), -EFAULT);
}

static void features(void)
{
	struct xen_feature_info f = { .submap_idx = 0 };

	CHECK_EQ(version_op(XENVER_get_features, &f), 0);
	CHECK(f.submap >> XENFEAT_writable_page_tables & 1);
	CHECK(f.submap >> XENFEAT_auto_translated_physmap & 1);
	CHECK(f.submap >> XENFEAT_hvm_callback_vector & 1);
	CHECK(f.submap >> XENFEAT_hvm_safe_pvclock & 1);
	CHECK(f.submap >> XENFEAT_memory_op_vnode_supported & 1);
	CHECK(f.submap >> XENFEAT_dom0 & 1);
	CHECK_EQ(f.submap >> XENFEAT_hvm_pirqs & 1, 0);
	CHECK_EQ(f.submap >> XENFEAT_supervisor_mode_kernel & 1, 0);
	CHECK_EQ(f.submap >> XENFEAT_mmu_pt_update_preserve_ad & 1, 0);
	f.submap_idx = 1;
	CHECK_EQ(version_op(XENVER_get_features, &f), -EINVAL);
	CHECK_EQ(version_op(XENVER_get_features, bad_pointer()), -EFAULT);
}

static void pagesize(void)
{
	CHECK_EQ(version_op(XENVER_pagesize, NULL), 4096);
}

static void guest_handle(void)
{
	uint8_t uuid[17];

	memset(uuid, 0x7e, sizeof(uuid));
	CHECK_EQ(version_op(XENVER_guest_handle, uuid), 0);
	CHECK_EQ(uuid[16], 0x7e);
	CHECK_EQ(version_op(XENVER_guest_handle, bad_pointer()), -EFAULT);
}

/* With a NULL buffer the length; then the bytes; too short a buffer is ENOBUFS. -ENODATA: built without. */
static void build_id(void)
{
	struct {
		uint32_t len;
		uint8_t bytes[64];
	} b = { 0 };
	long n = version_op(XENVER_build_id, NULL);

	if (n == -ENODATA) {
		test_note("no build id");
		return;
	}
	CHECK(n > 0 && n <= 64);
	b.len = 64;
	CHECK_EQ(version_op(XENVER_build_id, &b), n);
	b.len = 1;
	CHECK_EQ(version_op(XENVER_build_id, &b), -ENOBUFS);
	b.len = 0;
	CHECK_EQ(version_op(XENVER_build_id, &b), -EINVAL);
}

static void unknown(void)
{
	CHECK_EQ(version_op(11, NULL), -ENOSYS);
	CHECK_EQ(version_op(~0u, NULL), -ENOSYS);
}

GUEST_TESTS(TEST(version_number), TEST(extraversion), TEST(compile_info), TEST(capabilities),
            TEST(changeset), TEST(command_line_of_xen), TEST(platform_parameters), TEST(features),
            TEST(pagesize), TEST(guest_handle), TEST(build_id), TEST(unknown));
