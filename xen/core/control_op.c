/* SPDX-License-Identifier: GPL-2.0-or-later */
/* domctl, sysctl and platform_op: from the caller's struct to the row of a table, and back. */
#include "control_op.h"

#include "bitmap.h"
#include "domain.h"
#include "guest_memory.h"
#include "log.h"
#include "string.h"

#include <xen/domctl.h>
#include <xen/sysctl.h>
#include <xen/platform.h>

/*
 * All three begin alike; domctl goes on with the domain. Its padding, which means nothing in the ABI, keeps a mark while a call is made again: only the tools can write there, and a
 * wrong one makes nothing possible that was not.
 */
struct control_head {
	uint32_t cmd, version;
	uint16_t domid, pad[3];
};
_Static_assert(offsetof(struct xen_domctl, u) == sizeof(struct control_head), "ABI layout");
_Static_assert(offsetof(struct xen_domctl, domain) == offsetof(struct control_head, domid),
               "ABI layout");
_Static_assert(offsetof(struct xen_sysctl, u) == 8, "ABI layout");
_Static_assert(offsetof(struct xen_platform_op, u) == 8, "ABI layout");
_Static_assert(sizeof(((struct xen_domctl *)0)->u) <= CONTROL_MEMBER_MAX &&
                       sizeof(((struct xen_sysctl *)0)->u) <= CONTROL_MEMBER_MAX &&
                       sizeof(((struct xen_platform_op *)0)->u) <= CONTROL_MEMBER_MAX,
               "room for each member");

static int element_address(struct control_call *c, uint64_t handle, uint64_t i, size_t size,
                           uint64_t *out)
{
	uint64_t offset, end;

	if (__builtin_mul_overflow(i, size, &offset) ||
	    __builtin_add_overflow(handle, offset, out) ||
	    __builtin_add_overflow(*out, size - 1, &end))
		return -EFAULT;
	return hypercall_is_compat(c->caller) && end > UINT32_MAX ? -EFAULT : 0;
}

static const uint16_t resumed_mark[3] = { 0x7a61, 0x7a65, 0x6e21 };

static const struct control_row no_row;

static const struct control_row *row_of(const struct control_table *t, uint32_t cmd)
{
	if (cmd - t->own_first < t->nr_own_rows)
		return &t->own_rows[cmd - t->own_first];
	return cmd < t->nr_rows && t->rows[cmd].fn ? &t->rows[cmd] : &no_row;
}

/* Which domain a domctl is about. A command that does not exist asks for one all the same. */
static int target_find(const struct control_table *t, const struct control_row *row,
                       struct control_call *c)
{
	if (!t->has_domain || (row->flags & CONTROL_NO_DOMAIN))
		return 0;
	c->d = row->flags & CONTROL_ZOMBIE ? domain_get_any(c->domid) : domain_get(c->domid);
	if (!c->d && c->is_resumed && (row->flags & CONTROL_ZOMBIE))
		return 0;
	return c->d ? 0 : -ESRCH;
}

static int rights_check(const struct control_row *row, const struct control_call *c)
{
	if (!(row->flags & CONTROL_ANY_CALLER) && !c->caller->domain->is_privileged)
		return -EPERM;
	if (!row->fn)
		return -ENOSYS;
	if ((row->flags & CONTROL_NOT_SELF) && c->d == c->caller->domain)
		return -EINVAL;
	return 0;
}

static bool goes_back(const struct control_row *row, const struct control_call *c, long result)
{
	if (c->copy_back || (row->flags & CONTROL_OUT_ALWAYS))
		return true;
	return (row->flags & CONTROL_OUT) && result >= 0;
}

/* The head goes back when something in it is to change: the domain, or the mark of a call that goes on. */
static int head_put(const struct control_table *t, const struct control_call *c,
                    struct control_head *head, uint64_t arg, long result, bool with_member)
{
	bool goes_on = t->has_domain && result == HYPERCALL_RESTART;
	uint16_t domid = result >= 0 && with_member ? c->domid : head->domid;

	if (domid == head->domid && goes_on == c->is_resumed)
		return 0;
	head->domid = domid;
	memset(head->pad, 0, sizeof(head->pad));
	if (goes_on)
		memcpy(head->pad, resumed_mark, sizeof(head->pad));
	return copy_to_guest(c->caller, arg, head, t->head_size);
}

static long row_run(struct control_table *t, const struct control_row *row, struct control_call *c,
                    struct control_head *head, uint64_t arg)
{
	uint64_t member[CONTROL_MEMBER_MAX / 8], at;
	long result;
	bool back;

	if (element_address(c, arg, 0, t->head_size + (size_t)row->size, &at) ||
	    copy_from_guest(c->caller, member, arg + t->head_size, row->size))
		return -EFAULT;
	if (!spin_trylock(&t->lock)) {
		cpu_relax(); /* not faster than the holder can go */
		return HYPERCALL_RESTART;
	}
	result = row->fn(c, member);
	spin_unlock(&t->lock);
	back = goes_back(row, c, result);
	if (head_put(t, c, head, arg, result, back) ||
	    (back && copy_to_guest(c->caller, arg + t->head_size, member, row->size)))
		return -EFAULT;
	return result;
}

long control_op(struct control_table *t, struct vcpu *caller, uint64_t arg)
{
	struct control_call c = { .caller = caller };
	struct control_head head = { 0 };
	const struct control_row *row;
	long result;

	if (t->is_native_only && hypercall_is_compat(caller))
		return -ENOSYS;
	if (copy_from_guest(caller, &head, arg, t->head_size))
		return -EFAULT;
	if (head.version != t->version)
		return -EACCES;
	row = row_of(t, head.cmd);
	c.cmd = head.cmd;
	c.domid = head.domid;
	c.is_resumed = t->has_domain && !memcmp(head.pad, resumed_mark, sizeof(head.pad));
	result = target_find(t, row, &c);
	if (result)
		return result;
	result = rights_check(row, &c);
	if (result == -ENOSYS)
		log_guest(caller->domain, LOG_DEBUG, "%s: no command %u", t->name, head.cmd);
	if (!result)
		result = row_run(t, row, &c, &head, arg);
	if (c.d)
		domain_put(c.d);
	return result;
}

/* ---- what members point to ---- */

int control_get(struct control_call *c, void *to, uint64_t handle, uint64_t i, size_t size)
{
	uint64_t address;

	if (element_address(c, handle, i, size, &address))
		return -EFAULT;
	return copy_from_guest(c->caller, to, address, size);
}

int control_put(struct control_call *c, const void *from, uint64_t handle, uint64_t i, size_t size)
{
	uint64_t address;

	if (element_address(c, handle, i, size, &address))
		return -EFAULT;
	return copy_to_guest(c->caller, address, from, size);
}

int control_bitmap_get(struct control_call *c, uint64_t *bits, unsigned nr_bits,
                       const struct xenctl_bitmap *from)
{
	size_t bytes = MIN(((size_t)from->nr_bits + 7) / 8, ((size_t)nr_bits + 7) / 8);

	bitmap_zero(bits, nr_bits);
	if (bytes && control_get(c, bits, control_handle(from->bitmap), 0, bytes))
		return -EFAULT;
	for (size_t n = MIN(nr_bits, from->nr_bits); n < bytes * 8; n++)
		bitmap_clear(bits, n);
	return 0;
}

/* The last byte may hold bits beyond nr_bits: they are 0 in ours. */
int control_bitmap_put(struct control_call *c, const struct xenctl_bitmap *to, const uint64_t *bits,
                       unsigned nr_bits)
{
	size_t theirs = ((size_t)to->nr_bits + 7) / 8,
	       bytes = MIN(theirs, ((size_t)nr_bits + 7) / 8);
	uint64_t handle = control_handle(to->bitmap), end;

	if (bytes && control_put(c, bits, handle, 0, bytes))
		return -EFAULT;
	if (theirs == bytes)
		return 0;
	if (element_address(c, handle, 0, theirs, &end))
		return -EFAULT;
	return clear_guest(c->caller, handle + bytes, theirs - bytes);
}
