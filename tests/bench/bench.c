/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Instructions an operation, read from the TSC of a machine that counts them (tests/bench/README.md). Each
 * prints "bench NAME COUNT": the mean over many, less the loop around them.
 */
#include "guest.h"

#define PORT 0x20 /* a PIC's, which no domain has: answered in the hypervisor */

struct bench {
	const char *name;
	void (*setup)(void);
	void (*once)(void);
	unsigned count;    /* operations in a run */
	unsigned per_once; /* operations in one call, 0 for 1 */
};

static evtchn_port_t ipi_port;
static volatile unsigned handled;
static ulong_t hole, empty;
static uint8_t *data_page;

static void nothing(void)
{
}

static void port_exit(void)
{
	in8(PORT);
}

static void do_cpuid(void)
{
	cpuid(1, 0);
}

static void do_rdmsr(void)
{
	rdmsr(MSR_APIC_BASE);
}

static uint64_t apic_base;

static void setup_wrmsr(void)
{
	apic_base = rdmsr(MSR_APIC_BASE);
}

static void do_wrmsr(void)
{
	wrmsr(MSR_APIC_BASE, apic_base);
}

static void cr4(void)
{
	cr4_write(cr4_read() ^ CR4_PGE);
}

static void hypercall_null(void)
{
	hypercall(__HYPERVISOR_xen_version, XENVER_version, 0, 0, 0, 0);
}

static void hypercall_struct(void)
{
	struct xen_hvm_param p = { .domid = DOMID_SELF, .index = HVM_PARAM_CALLBACK_IRQ };

	hvm_op(HVMOP_get_param, &p);
}

/* ---- events and interrupts ----------------------------------------------------------------------- */

static void upcall(struct trap_frame *f)
{
	shared->vcpu_info[0].evtchn_upcall_pending = 0;
	shared->vcpu_info[0].evtchn_pending_sel = 0;
	bit_clear(shared->evtchn_pending, ipi_port);
	handled++;
}

static void setup_event(void)
{
	event_init();
	trap_handle(VECTOR_CALLBACK, upcall);
	ipi_port = (evtchn_port_t)event_bind_ipi(0);
	event_unmask(ipi_port);
	irq_on();
}

static void event_self(void)
{
	unsigned want = handled + 1;

	event_send(ipi_port);
	while (handled < want)
		barrier();
}

static void ipi_handler(struct trap_frame *f)
{
	handled++;
	lapic_eoi();
}

static void setup_ipi(void)
{
	trap_handle(0x90, ipi_handler);
	irq_on();
}

static void ipi_self(void)
{
	unsigned want = handled + 1;

	lapic_write(APIC_ICR, APIC_TO_SELF | 0x90);
	while (handled < want)
		barrier();
}

static void do_lapic_read(void)
{
	lapic_read(APIC_TPR);
}

static void do_lapic_write(void)
{
	lapic_write(APIC_TPR, 0);
}

/* ---- sleeping and switching ------------------------------------------------------------------------ */

/* The event is pending before HLT: the wake-up is counted, no idle time. */
static void setup_hlt(void)
{
	setup_event();
	irq_off();
}

static void hlt_wake(void)
{
	event_send(ipi_port);
	irq_wait();
	irq_off();
}

static void yield(void)
{
	sched_op(SCHEDOP_yield, NULL);
}

static volatile unsigned turns;

static void other_vcpu(void *arg)
{
	for (;;) {
		turns++;
		sched_op(SCHEDOP_yield, NULL);
	}
}

static void setup_switch(void)
{
	if (cpu_start(1, START_SIPI))
		cpu_run(1, other_vcpu, NULL);
	wait_for(&turns, 10, 2000);
}

/* Until the other vcpu has had its turn: two switches, there and back. */
static void vcpu_switch(void)
{
	unsigned before = turns;

	while (turns == before)
		sched_op(SCHEDOP_yield, NULL);
}

/* ---- memory ------------------------------------------------------------------------------------------ */

#define GRANT_PAGES 256

/* The pages are populated anew, so that the nested table may not have them yet. */
/* A frame where nothing is: the nested fault, the decoding, and nobody on the bus. What is populated never faults, here as on Xen. */
static void setup_npt(void)
{
	empty = 0xfee10000; /* the window of local APICs: no domain has it directly */
}

static void npt_fault(void)
{
	(void)*(volatile uint32_t *)empty;
}

static struct gnttab_map_grant_ref mapping;
static unsigned next_grant;
static grant_entry_v1_t *grants;

static void setup_grant(void)
{
	struct xen_add_to_physmap a = { .domid = DOMID_SELF,
		                        .space = XENMAPSPACE_grant_table,
		                        .gpfn = frame_unused(100) };

	memory_op(XENMEM_add_to_physmap, &a);
	grants = (grant_entry_v1_t *)(ulong_t)(frame_unused(100) << 12);
	hole = frame_unused(200);
	data_page = page_alloc_many(GRANT_PAGES, 1);
	for (unsigned i = 0; i < GRANT_PAGES; i++)
		grants[8 + i] = (grant_entry_v1_t){ .flags = GTF_permit_access,
			                            .domid = 0,
			                            .frame = (uint32_t)page_frame(data_page) + i };
}

/* Each page once: real Xen takes a page that its owner maps away from its first frame. */
static void grant_map(void)
{
	struct gnttab_unmap_grant_ref u = { .host_addr = hole << 12 };

	mapping = (struct gnttab_map_grant_ref){ .host_addr = hole << 12,
		                                 .flags = GNTMAP_host_map,
		                                 .ref = 8 + next_grant++ % GRANT_PAGES };
	grant_op(GNTTABOP_map_grant_ref, &mapping, 1);
	if (mapping.status)
		test_fail("grant map: %d", mapping.status);
	u.handle = mapping.handle;
	grant_op(GNTTABOP_unmap_grant_ref, &u, 1);
}

static void grant_copy(void)
{
	struct gnttab_copy c = { .source = { .u.ref = 8, .domid = DOMID_SELF },
		                 .dest = { .u.ref = 9, .domid = DOMID_SELF },
		                 .len = 8,
		                 .flags = GNTCOPY_source_gref | GNTCOPY_dest_gref };

	grant_op(GNTTABOP_copy, &c, 1);
	if (c.status)
		test_fail("grant copy: %d", c.status);
}

/* vcpu-switch is last: its second vcpu never stops. */
static const struct bench benches[] = {
	{ "port-exit", NULL, port_exit, 2000, 0 },
	{ "cpuid", NULL, do_cpuid, 2000, 0 },
	{ "rdmsr", NULL, do_rdmsr, 2000, 0 },
	{ "wrmsr", setup_wrmsr, do_wrmsr, 2000, 0 },
	{ "cr4", NULL, cr4, 2000, 0 },
	{ "hypercall-null", NULL, hypercall_null, 2000, 0 },
	{ "hypercall-struct", NULL, hypercall_struct, 2000, 0 },
	{ "event-self", setup_event, event_self, 2000, 0 },
	{ "ipi", setup_ipi, ipi_self, 2000, 0 },
	{ "lapic-read", NULL, do_lapic_read, 2000, 0 },
	{ "lapic-write", NULL, do_lapic_write, 2000, 0 },
	{ "hlt-wake", setup_hlt, hlt_wake, 2000, 0 },
	{ "yield", NULL, yield, 2000, 0 },
	{ "npt-fault", setup_npt, npt_fault, 2000, 0 },
	{ "grant-copy", setup_grant, grant_copy, 2000, 0 },
	{ "grant-map", NULL, grant_map, GRANT_PAGES, 0 },
	{ "vcpu-switch", setup_switch, vcpu_switch, 2000, 2 },
};

static uint64_t run(void (*once)(void), unsigned count)
{
	uint64_t start;

	/* Once outside the count: what is made at first use is not the price of the operation. Not where each page serves once. */
	if (count != GRANT_PAGES)
		once();
	start = rdtsc();
	for (unsigned i = 0; i < count; i++)
		once();
	return rdtsc() - start;
}

static void all(void)
{
	char only[32] = "";

	option_text("bench", only, sizeof(only));
	hypercall_method = hypercall_vendor_stub();
	for (unsigned i = 0; i < ARRAY_LEN(benches); i++) {
		const struct bench *b = &benches[i];
		uint64_t loop, total;

		if (only[0] && strcmp(only, b->name))
			continue;
		irq_off();
		if (b->setup)
			b->setup();
		loop = run(nothing, b->count);
		total = run(b->once, b->count);
		irq_off();
		print("bench %s %llu\n", b->name,
		      (unsigned long long)((total - loop) / b->count /
		                           (b->per_once ? b->per_once : 1)));
	}
}

GUEST_TESTS(TEST(all));
