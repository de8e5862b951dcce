/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen/core/xen_version.c and the calls that have no more than an answer: physdev.c, privilege.c. */
#include <string.h>

#include "errno.h"
#include "fake_domain.h"
#include "hypercall.h"
#include "machine_fake.h"
#include "options.h"
#include "unit.h"

#include <xen/features.h>
#include <xen/version.h>

#define ARG 0x3000u

static struct domain *d;
static struct vcpu *v;

static void start(void)
{
	d = fake_domain_machine(1, 1, 16);
	v = d->vcpus[0];
	memset(fake_guest_page(d, 3), 0xee, PAGE_SIZE);
}

static long version(uint32_t cmd, uint64_t handle)
{
	uint64_t args[5] = { cmd, handle };

	guest_walk_cache_reset(&v->walk);
	return xen_version_op(v, args);
}

/* The text, and zeroes to the end of its size; nothing behind it. */
static const char *text(uint32_t cmd, size_t size)
{
	uint8_t *page = fake_guest_page(d, 3);

	CHECK_EQ(version(cmd, ARG), 0);
	for (size_t i = strlen((char *)page); i < size; i++)
		CHECK_EQ(page[i], 0);
	CHECK_EQ(page[size], 0xee);
	return (char *)page;
}

static void numbers(void)
{
	start();
	CHECK_EQ(version(XENVER_version, 0), 4 << 16 | 17);
	CHECK_EQ(version(XENVER_pagesize, 0), PAGE_SIZE);
	CHECK_EQ(version(XENVER_pagesize, 1), -EINVAL);
	CHECK_EQ(version(11, ARG), -ENOSYS);
	CHECK_EQ(version(~0u, ARG), -ENOSYS);
}

static void texts(void)
{
	start();
	CHECK_EQ(text(XENVER_extraversion, sizeof(xen_extraversion_t))[0], '.');
	CHECK(strstr(text(XENVER_changeset, sizeof(xen_changeset_info_t)), "Zazen"));
	CHECK(strstr(text(XENVER_capabilities, sizeof(xen_capabilities_info_t)), "hvm-3.0-x86_64"));
	CHECK_EQ(version(XENVER_compile_info, ARG), 0);
	CHECK(!strncmp(fake_guest_page(d, 3), "gcc", 3));
	CHECK_EQ(version(XENVER_extraversion, 0x3fff8), -EFAULT);
}

static void build_id(void)
{
	xen_build_id_t *id;

	start();
	id = fake_guest_page(d, 3);
	CHECK_EQ(version(XENVER_build_id, 0), 4);
	id->len = 0;
	CHECK_EQ(version(XENVER_build_id, ARG), -EINVAL);
	id->len = 3;
	CHECK_EQ(version(XENVER_build_id, ARG), -ENOBUFS);
	id->len = 20;
	CHECK_EQ(version(XENVER_build_id, ARG), 4);
	CHECK_EQ(id->buf[3], 0x44);
	CHECK_EQ(id->buf[4], 0xee);
	CHECK_EQ(version(XENVER_build_id, 0x3fffe), -EFAULT);
}

/* The first domain may know how we were started. */
static void command_line(void)
{
	start();
	snprintf(options.command_line, sizeof(options.command_line), "console=com1 secret");
	CHECK(!strcmp(text(XENVER_commandline, sizeof(xen_commandline_t)), "console=com1 secret"));
	d->is_privileged = false;
	CHECK(!strcmp(text(XENVER_commandline, sizeof(xen_commandline_t)), "<denied>"));
}

static void handle(void)
{
	start();
	memset(d->uuid, 0x5a, sizeof(d->uuid));
	CHECK_EQ(version(XENVER_guest_handle, ARG), 0);
	CHECK(!memcmp(fake_guest_page(d, 3), d->uuid, sizeof(d->uuid)));
	CHECK_EQ(((uint8_t *)fake_guest_page(d, 3))[16], 0xee);
}

static void features(void)
{
	struct xen_feature_info *info;

	start();
	info = fake_guest_page(d, 3);
	info->submap_idx = 0;
	CHECK_EQ(version(XENVER_get_features, ARG), 0);
	CHECK(info->submap & 1u << XENFEAT_dom0);
	CHECK(info->submap & 1u << XENFEAT_auto_translated_physmap);
	CHECK(info->submap & 1u << XENFEAT_hvm_callback_vector);
	d->is_privileged = false;
	CHECK_EQ(version(XENVER_get_features, ARG), 0);
	CHECK(!(info->submap & 1u << XENFEAT_dom0));
	info->submap_idx = 1;
	CHECK_EQ(version(XENVER_get_features, ARG), -EINVAL);
}

static void no_devices_and_no_rights(void)
{
	uint64_t args[5] = { 0 };
	struct domain *other;

	start();
	other = fake_domain_add(1, 4, false);
	for (args[0] = 0; args[0] < 40; args[0]++)
		CHECK_EQ(physdev_op(v, args), -ENOSYS);
	CHECK_EQ(privilege_control(v, other), 0);
	CHECK_EQ(privilege_control(other->vcpus[0], d), -EPERM);
	CHECK_EQ(privilege_control(other->vcpus[0], other), -EPERM);
}

UNIT_MAIN(UNIT(numbers), UNIT(texts), UNIT(build_id), UNIT(command_line), UNIT(handle),
          UNIT(features), UNIT(no_devices_and_no_rights))
