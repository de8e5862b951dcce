// SPDX-License-Identifier: GPL-2.0-or-later
/* xen_version: who we are. Public xen/version.h, xen/features.h. */
#include "domain.h"
#include "hypercall.h"
#include "hypervisor_leaves.h"
#include "options.h"
#include "string.h"

#include <xen/features.h>
#include <xen/version.h>
#include <xen/xen.h>

/* A text of the given fixed size to the caller, zero filled. */
static long put_text(struct vcpu *v, uint64_t handle, const char *text, size_t size)
{
	char buf[1024] = { 0 };

	string_copy(buf, text, MIN(size, sizeof(buf)));
	return copy_to_guest(v, handle, buf, size);
}

static long version_number(struct vcpu *v, uint64_t handle)
{
	return XEN_ABI_MAJOR << 16 | XEN_ABI_MINOR;
}

static long version_extra(struct vcpu *v, uint64_t handle)
{
	return put_text(v, handle, ".0-zazen", sizeof(xen_extraversion_t));
}

static long version_compile(struct vcpu *v, uint64_t handle)
{
	struct xen_compile_info info = { 0 };

	string_copy(info.compiler, "gcc " __VERSION__, sizeof(info.compiler));
	string_copy(info.compile_by, "zazen", sizeof(info.compile_by));
	string_copy(info.compile_domain, "zazen", sizeof(info.compile_domain));
	string_copy(info.compile_date, "Zazen " ZAZEN_VERSION, sizeof(info.compile_date));
	return copy_to_guest(v, handle, &info, sizeof(info));
}

static long version_capabilities(struct vcpu *v, uint64_t handle)
{
	return put_text(v, handle, "hvm-3.0-x86_32 hvm-3.0-x86_32p hvm-3.0-x86_64 ",
	                sizeof(xen_capabilities_info_t));
}

static long version_changeset(struct vcpu *v, uint64_t handle)
{
	return put_text(v, handle, "Zazen " ZAZEN_VERSION, sizeof(xen_changeset_info_t));
}

/* Where a 64-bit PV guest would meet us, told to everybody of that width. */
static long version_platform(struct vcpu *v, uint64_t handle)
{
	return abi_put_long(v, hypercall_is_compat(v) ? 0 : HYPERVISOR_VIRT_START, handle, 0);
}

static uint32_t features(struct domain *d)
{
	uint32_t f = 1u << XENFEAT_writable_page_tables | 1u << XENFEAT_auto_translated_physmap |
	             1u << XENFEAT_hvm_callback_vector | 1u << XENFEAT_hvm_safe_pvclock |
	             1u << XENFEAT_memory_op_vnode_supported;

	f |= d->is_direct_mapped ? 1u << XENFEAT_direct_mapped : 1u << XENFEAT_not_direct_mapped;
	return d->is_privileged ? f | 1u << XENFEAT_dom0 : f;
}

static long version_features(struct vcpu *v, uint64_t handle)
{
	struct xen_feature_info info;

	if (copy_from_guest(v, &info, handle, sizeof(info)))
		return -EFAULT;
	if (info.submap_idx != 0)
		return -EINVAL;
	info.submap = features(v->domain);
	return copy_to_guest(v, handle, &info, sizeof(info));
}

static long version_pagesize(struct vcpu *v, uint64_t handle)
{
	return handle ? -EINVAL : (long)PAGE_SIZE;
}

static long version_handle(struct vcpu *v, uint64_t handle)
{
	return copy_to_guest(v, handle, v->domain->uuid, sizeof(v->domain->uuid));
}

static long version_commandline(struct vcpu *v, uint64_t handle)
{
	return put_text(v, handle, v->domain->is_privileged ? options.command_line : "<denied>",
	                sizeof(xen_commandline_t));
}

/* Without a buffer: only its length. */
static long version_build_id(struct vcpu *v, uint64_t handle)
{
	struct xen_build_id out;
	const void *id;
	size_t n = machine_build_id(&id);

	if (!n)
		return -ENODATA;
	if (!handle)
		return (long)n;
	if (copy_from_guest(v, &out, handle, sizeof(out)))
		return -EFAULT;
	if (!out.len)
		return -EINVAL;
	if (out.len < n)
		return -ENOBUFS;
	return copy_to_guest(v, handle + sizeof(out), id, n) ? -EFAULT : (long)n;
}

static long (*const version_ops[])(struct vcpu *v, uint64_t handle) = {
	[XENVER_version] = version_number,        [XENVER_extraversion] = version_extra,
	[XENVER_compile_info] = version_compile,  [XENVER_capabilities] = version_capabilities,
	[XENVER_changeset] = version_changeset,   [XENVER_platform_parameters] = version_platform,
	[XENVER_get_features] = version_features, [XENVER_pagesize] = version_pagesize,
	[XENVER_guest_handle] = version_handle,   [XENVER_commandline] = version_commandline,
	[XENVER_build_id] = version_build_id,
};

long xen_version_op(struct vcpu *v, uint64_t *args)
{
	uint32_t cmd = (uint32_t)args[0];

	if (cmd >= ARRAY_LEN(version_ops) || !version_ops[cmd])
		return -ENOSYS;
	return version_ops[cmd](v, args[1]);
}
