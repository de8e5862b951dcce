/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen/core/devmodel_control.c and devmodel_link.c: a toolstack makes a guest's device model, and its backend finds it. Ring 3 is the test. */
#include "devmodel_control.h"

#include <string.h>

#include "devmodel.h"
#include "devmodel_link.h"
#include "errno.h"
#include "event_ops.h"
#include "fake_control.h"
#include "fake_domain.h"
#include "hvm_platform.h"
#include "machine_fake.h"
#include "memory_op.h"
#include "ring3_program.h"
#include "unit.h"
#include "usermode_fake.h"

#include <xen/arch-x86/xen.h>
#include <xen/sched.h>

#define VRAM_PAGES ((MIB(1) + DEVMODEL_VRAM_HIDDEN) >> PAGE_SHIFT)
#define LINK_PAGES (DEVMODEL_LINK_SIZE >> PAGE_SHIFT)
#define IMAGE_AT   0u
#define BOARD_AT   0x4000u
#define LIST_AT    0x8000u
#define MAPPED_GFN 0x10000u /* of the control domain's: nothing is there */

static struct domain *d;
static struct devmodel *m;
static struct xen_domctl op;
static struct devmodel_board board;

/* ---- ring 3 ---- */

static uint64_t seen[USERMODE_ARGS];
static uint64_t answer;
static void (*inside)(struct usermode *u);

static int64_t ask(struct usermode *u, uint64_t number)
{
	uint64_t args[USERMODE_ARGS] = { 0 };

	CHECK(u->call(u, number, args));
	return (int64_t)args[0];
}

static enum usermode_end ring3(struct usermode *u, const uint64_t args[USERMODE_ARGS])
{
	uint64_t result[USERMODE_ARGS] = { answer };

	memcpy(seen, args, sizeof(seen));
	u->report.ran_ticks = 2000; /* of half a ns */
	if (inside)
		inside(u);
	CHECK(!u->call(u, DEVMODEL_CALL_RETURN, result));
	return USERMODE_DONE;
}

/* ---- the toolstack ---- */

static struct domain *hvm_domain(void)
{
	struct xen_domctl c = {
		.cmd = XEN_DOMCTL_createdomain,
		.u.createdomain = {
			.flags = XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap,
			.max_vcpus = 1,
			.max_evtchn_port = 1023,
			.max_grant_frames = 64,
			.max_maptrack_frames = 1024,
			.grant_opts = XEN_DOMCTL_GRANT_version(2),
			.arch.emulation_flags = XEN_X86_EMU_ALL &
		                                ~(XEN_X86_EMU_VPCI | XEN_X86_EMU_USE_PIRQ),
		},
	};
	struct domain *made;

	CHECK_EQ(fake_domctl(&c), 0);
	made = domain_get(c.domain);
	CHECK(made);
	domain_put(made);
	c.cmd = XEN_DOMCTL_max_vcpus;
	c.u.max_vcpus.max = 1;
	CHECK_EQ(fake_domctl(&c), 0);
	c.cmd = XEN_DOMCTL_max_mem;
	c.u.max_mem.max_memkb = (VRAM_PAGES + 64) * 4;
	CHECK_EQ(fake_domctl(&c), 0);
	return made;
}

static void start(void)
{
	fake_control_machine(2);
	d = hvm_domain();
	m = NULL;
	answer = 0;
	inside = NULL;
	fake_usermode = ring3;
	ring3_program_make();
	board = (struct devmodel_board){ .version = DEVMODEL_ABI_VERSION,
		                         .vram_size = VRAM_PAGES << PAGE_SHIFT,
		                         .guest_end = MIB(64),
		                         .has_link = 1 };
}

static struct devmodel_domctl_create *asked(void)
{
	return (struct devmodel_domctl_create *)&op.u;
}

static void prepare(void)
{
	fake_buffer_write(IMAGE_AT, &ring3_program, sizeof(ring3_program));
	fake_buffer_write(BOARD_AT, &board, sizeof(board));
	op = (struct xen_domctl){ .cmd = DEVMODEL_DOMCTL_CREATE, .domain = d->id };
	*asked() = (struct devmodel_domctl_create){ .image = FAKE_BUFFER + IMAGE_AT,
		                                    .image_size = sizeof(ring3_program),
		                                    .board = FAKE_BUFFER + BOARD_AT,
		                                    .board_size = sizeof(board),
		                                    .cmos_boot = 0x3123 };
}

static long create(void)
{
	long rc;

	prepare();
	rc = fake_domctl(&op);
	m = d->devmodel;
	return rc;
}

static struct devmodel_domctl_info info_of(struct domain *of)
{
	op = (struct xen_domctl){ .cmd = DEVMODEL_DOMCTL_INFO, .domain = of->id };
	CHECK_EQ(fake_domctl(&op), 0);
	return *(struct devmodel_domctl_info *)&op.u;
}

static void end(void)
{
	CHECK_EQ(fake_domctl_plain(XEN_DOMCTL_destroydomain, d->id), 0);
}

/* ---- tests ---- */

static void made_and_told(void)
{
	struct devmodel_domctl_info i;

	start();
	CHECK_EQ(info_of(d).state, DEVMODEL_NONE);
	CHECK_EQ(create(), 0);
	CHECK_EQ(seen[0], DEVMODEL_START);
	CHECK(asked()->port > 0);
	CHECK_EQ(m->port, asked()->port);
	CHECK(!memcmp(&m->shared->board, &board, sizeof(board)));
	CHECK_EQ(d->platform->rtc->cmos[0x3d], 0x23);
	CHECK_EQ(d->platform->rtc->cmos[0x38], 0x31);
	i = info_of(d);
	CHECK_EQ(i.state, DEVMODEL_ALIVE);
	CHECK_EQ(i.port, m->port);
	CHECK_EQ(i.entries, 1);
	CHECK_EQ(i.run_ns, 1000);
	CHECK_EQ(i.vram_pages, VRAM_PAGES);
	CHECK(i.pages > LINK_PAGES);
	/* the image is its own: what becomes of the caller's is of no matter */
	memset(fake_buffer(IMAGE_AT), 0, sizeof(ring3_program));
	CHECK(m->user.page_fault(&m->user, RING3_CODE, false, true));
	CHECK_EQ(create(), -EEXIST);
	end();
}

/* Its thread goes where the first vcpu may, whether that was said before or is said later. */
static void thread_follows(void)
{
	struct cpu_mask second = { .bits = { 2 } };
	uint8_t first = 1;

	start();
	CHECK_EQ(sched_set_affinity(&d->vcpus[0]->sched, &second, NULL), 0);
	CHECK_EQ(create(), 0);
	CHECK_EQ(m->thread.allowed.bits[0], 2);
	CHECK_EQ(m->thread.cpu, 1);
	op = (struct xen_domctl){ .cmd = XEN_DOMCTL_setvcpuaffinity, .domain = d->id };
	op.u.vcpuaffinity.flags = XEN_VCPUAFFINITY_HARD;
	op.u.vcpuaffinity.cpumap_hard.bitmap.p = (void *)(uintptr_t)FAKE_BUFFER;
	op.u.vcpuaffinity.cpumap_hard.nr_bits = 8;
	fake_buffer_write(0, &first, 1);
	CHECK_EQ(fake_domctl(&op), 0);
	CHECK_EQ(m->thread.allowed.bits[0] & 3, 1);
	end();
}

/* Two guests with the same program have it once in memory; it goes with the last of them. */
static void images_are_shared(void)
{
	struct domain *one, *two;

	start();
	CHECK_EQ(create(), 0);
	one = d;
	d = hvm_domain();
	CHECK_EQ(create(), 0);
	two = d;
	CHECK(one->devmodel->image == two->devmodel->image);
	CHECK_EQ(two->devmodel->image->users, 2);
	d = hvm_domain();
	ring3_program.bytes[3] ^= 1;
	CHECK_EQ(create(), 0);
	CHECK(d->devmodel->image != two->devmodel->image);
	CHECK_EQ(fake_domctl_plain(XEN_DOMCTL_destroydomain, one->id), 0);
	CHECK_EQ(two->devmodel->image->users, 1);
	m = two->devmodel;
	CHECK(m->user.page_fault(&m->user, RING3_CODE, false, true));
	CHECK_EQ(fake_domctl_plain(XEN_DOMCTL_destroydomain, two->id), 0);
	end();
}

static long create_with(void (*spoil)(void))
{
	prepare();
	spoil();
	fake_buffer_write(BOARD_AT, &board, sizeof(board));
	return fake_domctl(&op);
}

static void spoil_version(void)
{
	board.version++;
}
static void spoil_link(void)
{
	board.version--;
	board.has_link = 0;
}
static void spoil_vram(void)
{
	board.has_link = 1;
	board.vram_size += PAGE_SIZE;
}
static void spoil_vram_none(void)
{
	board.vram_size = DEVMODEL_VRAM_HIDDEN;
}
static void spoil_end(void)
{
	board.vram_size = MIB(1) + DEVMODEL_VRAM_HIDDEN;
	board.guest_end = DEVMODEL_GUEST_MAX + 1;
}
static void spoil_board_size(void)
{
	board.guest_end = 0;
	asked()->board_size--;
}
static void spoil_cmos(void)
{
	asked()->cmos_boot = 0x10000;
}
static void spoil_image_size(void)
{
	asked()->image_size = DEVMODEL_IMAGE_MAX + 1;
}
static void spoil_image_none(void)
{
	asked()->image_size = 0;
}
static void spoil_image(void)
{
	asked()->image = 1ull << 40;
}
static void spoil_board(void)
{
	asked()->board = 1ull << 40;
}

static void refused(void)
{
	static const struct {
		void (*spoil)(void);
		long error;
	} cases[] = {
		{ spoil_version, -EINVAL },     { spoil_link, -EINVAL },
		{ spoil_vram, -EINVAL },        { spoil_vram_none, -EINVAL },
		{ spoil_end, -EINVAL },         { spoil_board_size, -EINVAL },
		{ spoil_cmos, -EINVAL },        { spoil_image_size, -E2BIG },
		{ spoil_image_none, -ENOEXEC }, { spoil_image, -EFAULT },
		{ spoil_board, -EFAULT },
	};
	struct domain *pvh;

	start();
	for (unsigned i = 0; i < ARRAY_LEN(cases); i++)
		CHECK_EQ(create_with(cases[i].spoil), cases[i].error);
	CHECK(!d->devmodel);
	/* not one whose devices are another's, nor one that runs */
	pvh = fake_tool_domain(1, 4);
	prepare();
	op.domain = pvh->id;
	CHECK_EQ(fake_domctl(&op), -EINVAL);
	CHECK_EQ(fake_domctl_plain(XEN_DOMCTL_destroydomain, pvh->id), 0);
	end();
}

static void broken_ones(void)
{
	start();
	ring3_program.header[18] = 3;
	CHECK_EQ(create(), -ENOEXEC);
	CHECK(strstr(fake_console_text(), "is no device model"));
	CHECK_EQ(info_of(d).state, DEVMODEL_DEAD);
	CHECK_EQ(create(), -EEXIST);
	end();
	start();
	answer = (uint64_t)-EINVAL;
	CHECK_EQ(create(), -EINVAL);
	CHECK_EQ(info_of(d).state, DEVMODEL_DEAD);
	end();
	start();
	d->max_pages = VRAM_PAGES - 1;
	CHECK_EQ(create(), -ENOMEM);
	end();
}

/* ---- the backend ---- */

static long bind(uint32_t port, uint32_t *local)
{
	struct evtchn_bind_interdomain b = { .remote_dom = d->id, .remote_port = port };
	long rc = guest_call(fake_control->vcpus[0], event_channel_op, EVTCHNOP_bind_interdomain,
	                     &b, sizeof(b), 0);

	*local = b.local_port;
	return rc;
}

static void notify_inside(struct usermode *u)
{
	CHECK_EQ(ask(u, DEVMODEL_CALL_NOTIFY), 1);
}

static void looks(void)
{
	struct io_access a = { .addr = 0x60, .size = 1 };
	struct evtchn_send s;
	uint32_t local;

	start();
	CHECK_EQ(create(), 0);
	d->vcpus[0]->is_initialised = d->vcpus[0]->is_up = true;
	CHECK_EQ(fake_domctl_plain(XEN_DOMCTL_unpausedomain, d->id), 0);
	CHECK_EQ(bind(m->port, &local), 0);
	s.port = local;
	seen[0] = 99;
	CHECK_EQ(guest_call(fake_control->vcpus[0], event_channel_op, EVTCHNOP_send, &s, sizeof(s),
	                    0),
	         0);
	CHECK_EQ(seen[0], 99); /* not at once: the sender holds a lock */
	fixture_settle();
	CHECK_EQ(seen[0], DEVMODEL_EVENT);
	CHECK_EQ(seen[1], DEVMODEL_EVENT_LINK);
	((struct shared_info *)fake_control->shared_info)->evtchn_pending[0] = 0;
	inside = notify_inside;
	CHECK_EQ(devmodel_pio(m, &a), IO_DONE);
	CHECK_EQ(event_channel_is_pending(fake_control, local), 1);
	end();
}

static long acquire(uint16_t type, uint32_t id, uint64_t frame, uint32_t nr)
{
	struct xen_mem_acquire_resource a = {
		.domid = d->id, .type = type, .id = id, .nr_frames = nr, .frame = frame
	};
	uint64_t list[4];

	for (unsigned i = 0; i < 4; i++)
		list[i] = MAPPED_GFN + frame + i;
	fake_buffer_write(LIST_AT, list, sizeof(list));
	a.frame_list.p = (void *)(uintptr_t)(FAKE_BUFFER + LIST_AT);
	return guest_call(fake_control->vcpus[0], memory_op, XENMEM_acquire_resource, &a, sizeof(a),
	                  0);
}

static uint32_t frames(uint16_t type)
{
	struct xen_mem_acquire_resource a = { .domid = d->id, .type = type };

	if (guest_call(fake_control->vcpus[0], memory_op, XENMEM_acquire_resource, &a, sizeof(a),
	               0))
		return 0;
	return a.nr_frames;
}

static struct p2m_entry mapped(uint64_t frame)
{
	return p2m_lookup(&fake_control->p2m, gfn(MAPPED_GFN + frame));
}

static void unmap(uint64_t frame)
{
	struct xen_remove_from_physmap r = { .domid = DOMID_SELF, .gpfn = MAPPED_GFN + frame };

	CHECK_EQ(guest_call(fake_control->vcpus[0], memory_op, XENMEM_remove_from_physmap, &r,
	                    sizeof(r), 0),
	         0);
}

static void resources(void)
{
	struct devmodel_link *l;
	mfn_t page;

	start();
	CHECK_EQ(frames(DEVMODEL_RESOURCE_LINK), 0);
	CHECK_EQ(acquire(DEVMODEL_RESOURCE_LINK, 0, 0, 1), -EINVAL);
	CHECK_EQ(create(), 0);
	CHECK_EQ(frames(DEVMODEL_RESOURCE_LINK), LINK_PAGES);
	CHECK_EQ(frames(DEVMODEL_RESOURCE_VRAM), VRAM_PAGES);
	CHECK_EQ(frames(DEVMODEL_RESOURCE_VRAM + 1), 0);
	CHECK_EQ(acquire(DEVMODEL_RESOURCE_LINK, 1, 0, 1), -EINVAL);
	CHECK_EQ(acquire(DEVMODEL_RESOURCE_LINK, 0, LINK_PAGES, 1), -EINVAL);
	CHECK_EQ(acquire(DEVMODEL_RESOURCE_LINK, 0, LINK_PAGES - 1, 2), -EIO);
	CHECK_EQ(acquire(DEVMODEL_RESOURCE_LINK, 0, 0, 3), 0);
	/* the same memory from both sides */
	l = mfn_to_virt(mapped(0).mfn);
	CHECK_EQ(mapped(0).type, P2M_FOREIGN);
	CHECK(m->user.page_fault(&m->user, DEVMODEL_LINK, true, false));
	l->epoch = 7;
	CHECK_EQ(((struct devmodel_link *)mfn_to_virt(m->space.link.mfns[0]))->epoch, 7);
	unmap(0);
	unmap(1);
	unmap(2);
	unmap(LINK_PAGES - 1);
	/* a page that is mapped outlives the guest */
	CHECK_EQ(acquire(DEVMODEL_RESOURCE_VRAM, 0, 5, 1), 0);
	page = mapped(5).mfn;
	CHECK_EQ(page.v, m->space.vram.mfns[5].v);
	(void)fake_domctl_plain(XEN_DOMCTL_destroydomain, d->id);
	for (unsigned i = 0; i < 1000; i++)
		work_run();
	CHECK_EQ(mapped(5).mfn.v, page.v);
	CHECK_EQ(*(uint64_t *)mfn_to_virt(page), 0);
	CHECK_EQ(acquire(DEVMODEL_RESOURCE_VRAM, 0, 6, 1), -ESRCH);
	unmap(5);
	for (unsigned i = 0; i < 16; i++)
		work_run();
	CHECK(!domain_get_any(d->id));
}

static void buttons(void)
{
	start();
	op = (struct xen_domctl){ .cmd = XEN_DOMCTL_sendtrigger, .domain = d->id };
	op.u.sendtrigger.trigger = XEN_DOMCTL_SENDTRIGGER_POWER;
	CHECK_EQ(fake_domctl(&op), -EOPNOTSUPP);
	CHECK_EQ(create(), 0);
	op = (struct xen_domctl){ .cmd = XEN_DOMCTL_sendtrigger, .domain = d->id };
	op.u.sendtrigger.trigger = XEN_DOMCTL_SENDTRIGGER_POWER;
	CHECK_EQ(fake_domctl(&op), 0);
	CHECK_EQ(m->events, DEVMODEL_EVENT_POWER_BUTTON); /* it stands still: they wait */
	op.u.sendtrigger.trigger = XEN_DOMCTL_SENDTRIGGER_SLEEP;
	CHECK_EQ(fake_domctl(&op), 0);
	CHECK_EQ(m->events, DEVMODEL_EVENT_POWER_BUTTON | DEVMODEL_EVENT_SLEEP_BUTTON);
	end();
}

UNIT_MAIN(UNIT(made_and_told), UNIT(images_are_shared), UNIT(thread_follows), UNIT(refused),
          UNIT(broken_ones), UNIT(looks), UNIT(resources), UNIT(buttons))
