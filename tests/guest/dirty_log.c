/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The dirty log, as a migration reads it: a guest of this domain's writes to pages that it is told, and the log must have these and no others. Whether the CPU marks pages, tells of
 * its marks, or faults: the answer is the same.
 */
#include "guest.h"

#include <xen/domctl.h>

#define GUEST_MIB   8u
#define GUEST_PAGES (GUEST_MIB * 256)
#define RESET_FRAME 0xfffffu /* the page of the reset vector */
#define BITMAP_SIZE (GUEST_PAGES / 8)

/* At the guest's address 0: what it is to do, until count is 0 again. */
struct work {
	volatile uint32_t count, address, value;
};

static domid_t guest_id;
static struct work *work;
static uint64_t bits[GUEST_PAGES / 64];

/*
 * What it runs: from the reset vector, at the end of its page, to the beginning of it; to flat 32-bit code; then the work.
 */
extern char guest_code[], guest_code_end[];
__asm__(".text\n"
        ".balign 16\n"
        "guest_code:\n"
        ".code16\n\t"
        "cs lgdtl 0xf000 + guest_gdt_pointer - guest_code\n\t" /* CS begins at 0xffff0000 */
        "mov %cr0, %eax\n\t"
        "or $1, %al\n\t"
        "mov %eax, %cr0\n\t"
        "ljmpl $8, $0xfffff000 + guest_flat - guest_code\n"
        ".code32\n"
        "guest_flat:\n\t"
        "mov $16, %eax\n\t"
        "mov %eax, %ds\n\t"
        "sti\n\t" /* none comes to it; for bochs, too */
        "xor %ebx, %ebx\n"
        "1:\n\t"
        "pause\n\t"
        "mov (%ebx), %ecx\n\t"
        "test %ecx, %ecx\n\t"
        "jz 1b\n\t"
        "mov 4(%ebx), %edi\n\t"
        "mov 8(%ebx), %eax\n"
        "2:\n\t"
        "mov %eax, (%edi)\n\t"
        "add $4096, %edi\n\t"
        "dec %ecx\n\t"
        "jnz 2b\n\t"
        "mov %ecx, (%ebx)\n\t"
        "jmp 1b\n"
        ".balign 8\n"
        "guest_gdt:\n\t"
        ".quad 0, 0x00cf9b000000ffff, 0x00cf93000000ffff\n"
        "guest_gdt_pointer:\n\t"
        ".word 23\n\t"
        ".long 0xfffff000 + guest_gdt - guest_code\n"
        "guest_code_end:\n"
        ".code64\n");

static long domctl(uint32_t cmd, struct xen_domctl *op)
{
	op->cmd = cmd;
	op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
	op->domain = guest_id;
	return hypercall(__HYPERVISOR_domctl, HC_PTR(op), 0, 0, 0, 0);
}

static long domctl_plain(uint32_t cmd)
{
	struct xen_domctl op = { 0 };

	return domctl(cmd, &op);
}

static bool guest_make(void)
{
	struct xen_domctl op = { 0 };
	struct xen_domctl_createdomain *c = &op.u.createdomain;

	c->flags = XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap;
	c->max_vcpus = 1;
	c->max_evtchn_port = 1023;
	c->max_grant_frames = 4;
	c->max_maptrack_frames = 4;
	c->grant_opts = XEN_DOMCTL_GRANT_version(1);
	c->arch.emulation_flags = XEN_X86_EMU_LAPIC;
	guest_id = 0;
	if (!CHECK_EQ(domctl(XEN_DOMCTL_createdomain, &op), 0))
		return false;
	guest_id = op.domain;
	op = (struct xen_domctl){ .u.max_mem.max_memkb = (GUEST_MIB + 1) * 1024 };
	CHECK_EQ(domctl(XEN_DOMCTL_max_mem, &op), 0);
	op = (struct xen_domctl){ .u.max_vcpus.max = 1 };
	return CHECK_EQ(domctl(XEN_DOMCTL_max_vcpus, &op), 0);
}

static bool populate(xen_pfn_t frame, unsigned order)
{
	struct xen_memory_reservation r = { .nr_extents = 1,
		                            .extent_order = order,
		                            .domid = guest_id };

	set_xen_guest_handle(r.extent_start, &frame);
	return CHECK_EQ(memory_op(XENMEM_populate_physmap, &r), 1);
}

static void *map_foreign(xen_pfn_t frame, unsigned slot)
{
	xen_ulong_t index = frame;
	xen_pfn_t place = frame_unused(slot);
	int error = 0;
	struct xen_add_to_physmap_batch b = {
		.domid = DOMID_SELF,
		.space = XENMAPSPACE_gmfn_foreign,
		.size = 1,
		.u.foreign_domid = guest_id,
	};

	set_xen_guest_handle(b.idxs, &index);
	set_xen_guest_handle(b.gpfns, &place);
	set_xen_guest_handle(b.errs, &error);
	CHECK_EQ(memory_op(XENMEM_add_to_physmap_batch, &b), 0);
	CHECK_EQ(error, 0);
	return (void *)(ulong_t)(place << 12);
}

static void unmap_foreign(unsigned slot)
{
	struct xen_remove_from_physmap r = { .domid = DOMID_SELF, .gpfn = frame_unused(slot) };

	CHECK_EQ(memory_op(XENMEM_remove_from_physmap, &r), 0);
}

/* To a CPU of its own, where there are two. */
static void guest_pin(void)
{
	static uint8_t second_cpu = 2;
	struct xen_domctl op = { 0 };

	op.u.vcpuaffinity.flags = XEN_VCPUAFFINITY_HARD;
	op.u.vcpuaffinity.cpumap_hard.nr_bits = 8;
	set_xen_guest_handle(op.u.vcpuaffinity.cpumap_hard.bitmap, &second_cpu);
	(void)domctl(XEN_DOMCTL_setvcpuaffinity, &op);
}

static void guest_load(void)
{
	static struct vcpu_guest_context context;
	struct xen_domctl op = { 0 };
	uint8_t *page = map_foreign(RESET_FRAME, 1);

	memcpy(page, guest_code, (size_t)(guest_code_end - guest_code));
	page[0xff0] = 0xe9; /* JMP to the page's first byte, 16 bits */
	page[0xff1] = 0x0d;
	page[0xff2] = 0xf0;
	unmap_foreign(1);
	work = map_foreign(0, 0);
	context.flags = VGCF_online;
	context.user_regs.rip = 0xfff0;
	context.user_regs.rflags = 2;
	set_xen_guest_handle(op.u.vcpucontext.ctxt, &context);
	CHECK_EQ(domctl(XEN_DOMCTL_setvcpucontext, &op), 0);
	guest_pin();
	CHECK_EQ(domctl_plain(XEN_DOMCTL_unpausedomain), 0);
}

/* From page first on; waits for the end of it. */
static bool guest_writes(uint32_t first, uint32_t count, uint32_t value)
{
	uint64_t end = clock_ns() + 20 * 1000000000ull;

	work->address = first << 12;
	work->value = value;
	barrier();
	work->count = count;
	while (work->count && clock_ns() < end)
		sched_op(SCHEDOP_yield, NULL);
	return CHECK_EQ(work->count, 0);
}

static long log_read(uint32_t command)
{
	struct xen_domctl op = { 0 };
	long err;

	memset(bits, 0xaa, sizeof(bits));
	op.u.shadow_op.op = command;
	op.u.shadow_op.pages = GUEST_PAGES;
	set_xen_guest_handle(op.u.shadow_op.dirty_bitmap, (uint8_t *)bits);
	err = domctl(XEN_DOMCTL_shadow_op, &op);
	return err ? err : (long)op.u.shadow_op.stats.dirty_count;
}

/* All of [first, first + count) and, where asked, the page of the work: nothing else. */
static void check_bits(uint32_t first, uint32_t count, bool with_work)
{
	unsigned wrong = 0, at = 0;

	for (unsigned i = 0; i < GUEST_PAGES; i++) {
		bool want = i - first < count || (with_work && !i);

		if (bit_test(bits, i) != want && !wrong++)
			at = i;
	}
	if (wrong)
		test_fail("%u pages are wrong, the first is %u", wrong, at);
}

static void what_is_written(void)
{
	static const struct {
		uint32_t first, count;
	} rows[] = { { 5, 1 },   { 5, 1 },      { 511, 2 },    { 1024, 512 },
		     { 1, 511 }, { 512, 1536 }, { 100, 1900 }, { 2047, 1 } };

	/* Pages that are clean are not told of again, nor is one that was written twice twice. */
	CHECK_EQ(domctl_plain(XEN_DOMCTL_pausedomain), 0);
	CHECK(log_read(XEN_DOMCTL_SHADOW_OP_CLEAN) >= 0);
	CHECK_EQ(log_read(XEN_DOMCTL_SHADOW_OP_CLEAN), 0);
	check_bits(0, 0, false);
	CHECK_EQ(domctl_plain(XEN_DOMCTL_unpausedomain), 0);
	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		if (!guest_writes(rows[i].first, rows[i].count, i))
			return;
		(void)guest_writes(rows[i].first, rows[i].count, i + 1);
		CHECK_EQ(domctl_plain(XEN_DOMCTL_pausedomain), 0);
		CHECK_EQ(log_read(XEN_DOMCTL_SHADOW_OP_PEEK), rows[i].count + 1);
		check_bits(rows[i].first, rows[i].count, true);
		CHECK_EQ(log_read(XEN_DOMCTL_SHADOW_OP_CLEAN), rows[i].count + 1);
		check_bits(rows[i].first, rows[i].count, true);
		CHECK_EQ(log_read(XEN_DOMCTL_SHADOW_OP_CLEAN), 0);
		CHECK_EQ(domctl_plain(XEN_DOMCTL_unpausedomain), 0);
	}
}

/* Read while it writes: what is not told of then is told of later. */
static void while_it_runs(void)
{
	static uint64_t all[GUEST_PAGES / 64];
	unsigned missing = 0;

	memset(all, 0, sizeof(all));
	work->address = 1 << 12;
	barrier();
	work->count = GUEST_PAGES - 1;
	for (unsigned round = 0; round < 50 || work->count; round++) {
		if (!CHECK(log_read(XEN_DOMCTL_SHADOW_OP_CLEAN) >= 0))
			return;
		for (unsigned i = 0; i < ARRAY_LEN(all); i++)
			all[i] |= bits[i];
		sched_op(SCHEDOP_yield, NULL);
	}
	CHECK_EQ(domctl_plain(XEN_DOMCTL_pausedomain), 0);
	CHECK(log_read(XEN_DOMCTL_SHADOW_OP_CLEAN) >= 0);
	for (unsigned i = 0; i < ARRAY_LEN(all); i++)
		for (unsigned b = 0; b < 64; b++)
			missing += !((all[i] | bits[i]) >> b & 1);
	CHECK_EQ(missing, 0);
	CHECK_EQ(domctl_plain(XEN_DOMCTL_unpausedomain), 0);
}

/* Our own writes to its memory count, too. */
static void others_writes(void)
{
	uint32_t *page;

	CHECK_EQ(domctl_plain(XEN_DOMCTL_pausedomain), 0);
	CHECK(log_read(XEN_DOMCTL_SHADOW_OP_CLEAN) >= 0);
	CHECK_EQ(log_read(XEN_DOMCTL_SHADOW_OP_CLEAN), 0);
	page = map_foreign(700, 2);
	*page = 7;
	unmap_foreign(2);
	CHECK_EQ(log_read(XEN_DOMCTL_SHADOW_OP_CLEAN), 1);
	check_bits(700, 1, false);
	CHECK_EQ(domctl_plain(XEN_DOMCTL_unpausedomain), 0);
}

static void log_dirty(void)
{
	struct xen_domctl op = { 0 };
	long err;

	if (!guest_make())
		return;
	irq_on(); /* it waits, and bochs ends no stay for the machine's interrupts without */
	for (unsigned i = 0; i < GUEST_MIB / 2; i++)
		(void)populate(i * 512, 9);
	if (!populate(RESET_FRAME, 0))
		return;
	guest_load();
	if (!guest_writes(1, 1, 0))
		return;
	op.u.shadow_op.op = XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY;
	CHECK_EQ(domctl(XEN_DOMCTL_shadow_op, &op), 0);
	what_is_written();
	while_it_runs();
	others_writes();
	op = (struct xen_domctl){ .u.shadow_op.op = XEN_DOMCTL_SHADOW_OP_OFF };
	CHECK_EQ(domctl(XEN_DOMCTL_shadow_op, &op), 0);
	CHECK(guest_writes(1, GUEST_PAGES - 1, 9));
	unmap_foreign(0);
	do
		err = domctl_plain(XEN_DOMCTL_destroydomain);
	while (err == -EAGAIN);
	CHECK_EQ(err, 0);
	irq_off();
}

GUEST_TESTS(TEST(log_dirty));
