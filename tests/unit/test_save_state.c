/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A domain with something in each corner, saved and restored into another; records that no hypervisor wrote. */
#include <string.h>

#include "hypercall.h"
#include "machine_fake.h"
#include "unit.h"
#include "virt_script.h"

#include "event_ops.h"
#include "fake_domain.h"
#include "fake_platform.h"
#include "grant_ops.h"
#include "save_records.h"
#include "vlapic_registers.h"

#include <xen/arch-x86/xen.h>
#include <xen/errno.h>
#include <xen/sched.h>

enum { INFO_GFN = 16, CONTROL_GFN = 17, WORDS_GFN = 18 };
enum { PORT_OF_VIRQ = 1, PORT_OF_IPI, PORT_OF_PIRQ, PORT_WAITING, PORT_FAR = 200 };

#define NR_VCPUS 2
#define FPU_XSTATE_BV \
	512 /* where XSAVE says what it wrote; the policy here has no more than x87 and SSE */

static uint8_t stream[256 << 10];

static struct domain *machine(void)
{
	fake_core_init(0, 2);
	fake_set_now(1000000000);
	return NULL;
}

static struct domain *make(void)
{
	struct vioapic_config ioapic = { 0xfec00000, 3, 0, 24 };
	struct domain *d = fixture_domain(false, NR_VCPUS);
	struct cpuid_policy host;

	d->time_offset_ns = 300;
	CHECK_EQ(vioapic_create(d, &ioapic), 0);
	d->emulation_flags = XEN_X86_EMU_PIC | XEN_X86_EMU_PIT | XEN_X86_EMU_RTC |
	                     XEN_X86_EMU_HPET | XEN_X86_EMU_PM;
	CHECK_EQ(hvm_platform_create(d), 0);

	cpuid_read_host(fake_cpuid, &host);
	cpuid_guest_default(&host, &d->cpuid);
	return d;
}

/* ---- something in each corner ---- */

static void fill_domain(struct domain *d)
{
	void *frame;

	d->vm_assist = 1u << VMASST_TYPE_runstate_update_flag;
	d->hypercall_page = 0x5000;
	d->wallclock_offset_s = 77;
	d->e820[0] = (struct domain_e820){ 0, 0xa0000, 1 };
	d->e820[1] = (struct domain_e820){ 0x100000, 0x7000, 2 };
	d->nr_e820 = 2;
	CHECK_EQ(hvm_param_set(NULL, d, HVM_PARAM_CALLBACK_IRQ, 2ull << 56 | 0x93), 0);
	CHECK_EQ(hvm_param_set(NULL, d, HVM_PARAM_STORE_PFN, 0x1234), 0);
	memset((uint8_t *)d->shared_info + 0x800, 0x5a, 64);
	CHECK_EQ(grant_table_frame(d, 1, &frame), 0);
	memset(frame, 0x6b, PAGE_SIZE);
	CHECK_EQ(domain_watchdog(d, 0, 30), 1);
}

static void fill_board(struct domain *d)
{
	board_out(d, 0x20, 0x11);
	board_out(d, 0x21, 0x28);
	irq_routing_link_set(d, 1, 11);
	irq_routing_pci_set(d, 5 << 3, 0, true);
	board_out(d, 0x43, 0x34);
	board_out(d, 0x40, 0xa9);
	board_out(d, 0x40, 0x04);
	vrtc_set_cmos(d, 0x45, 0x67);
	board_write(d, HPET_BASE + HPET_REG_TIMER(1), 8, 0x4c | 21 << 9);
	board_write(d, HPET_BASE + HPET_REG_TIMER(1) + 8, 8, 50000);
	board_write(d, HPET_BASE + HPET_REG_CONFIG, 8, 1);
	CHECK_EQ(vpmtimer_move(d, 0x508), 0);
}

static void fill_ports(struct domain *d)
{
	static const struct event_channel ports[] = {
		[PORT_OF_VIRQ] = { .state = PORT_VIRQ, .vcpu_id = 1, .remote_port = VIRQ_TIMER },
		[PORT_OF_IPI] = { .state = PORT_IPI, .vcpu_id = 1, .priority = 3 },
		[PORT_OF_PIRQ] = { .state = PORT_PIRQ, .remote_port = 9 },
		[PORT_WAITING] = { .state = PORT_UNBOUND, .remote_domid = 0, .pending_hint = true },
	};
	struct evtchn_init_control control = { .control_gfn = CONTROL_GFN, .offset = 128 };
	struct event_channel *chn;

	CHECK_EQ(event_fifo_init_control(d, &control), 0);
	CHECK_EQ(event_fifo_expand_array(d, WORDS_GFN), 0);
	for (uint32_t port = 1; port < ARRAY_LEN(ports); port++) {
		CHECK_EQ(event_port_make(d, port, &chn), 0);
		*chn = ports[port];
	}
	bitmap_set(d->events.pirqs, 9);
	d->vcpus[1]->virq_port[VIRQ_TIMER] = PORT_OF_VIRQ;
	/* Free, but the last one of a queue. */
	CHECK_EQ(event_port_make(d, PORT_FAR, &chn), 0);
	chn->fifo_last_vcpu = 1;
	chn->fifo_last_priority = 5;
	d->vcpus[0]->fifo->tail[7] = PORT_OF_IPI;
}

static void fill_registers(struct vcpu *v)
{
	uint8_t *fpu = v->fpu_area;
	struct segment gs = { .selector = 0x18, .attr = 0xc93, .limit = ~0u, .base = 0x123000 };

	for (unsigned i = 0; i < NR_GPRS; i++)
		v->regs.r[i] = 0x1111111111111111ull * i + v->id;
	v->regs.rip = 0x401000;
	v->regs.rflags = RFLAGS_MBS | RFLAGS_IF | RFLAGS_ZF;
	v->dr[2] = 0x7777;
	v->tsc_offset = 5000;
	v->msrs.tsc_aux = 0x99;
	v->msrs.pat = 0x0606060606060606ull;
	v->msrs.mtrr_fixed[3] = 0x0606060606060606ull;
	virt->set_reg(v, REG_LSTAR, 0xffffffff81000000ull);
	virt->set_reg(v, REG_CR2, 0xdead000);
	virt->set_reg(v, REG_DR6, 0xffff0ff0);
	virt->set_reg(v, REG_DR7, 0x400);
	virt->set_segment(v, SEG_GS, &gs);
	virt->set_interrupt_shadow(v, SHADOW_STI_MOV_SS);
	for (unsigned i = 32; i < 500; i++)
		fpu[i] = (uint8_t)(i * 3);
	fpu[FPU_XSTATE_BV] = 3;
	v->event = event_page_fault(6, 0xbad000);
	v->upcall_vector = 0x42;
	v->sipi_vector = 0x12;
	v->init_pending = true;
	v->halted = true;
	v->nmi_masked_by_soft = true;
	v->requests |= VCPU_REQ_NMI;
}

static void fill_devices(struct vcpu *v)
{
	uint64_t now = machine_now_ns();

	v->time = (struct vcpu_time){ 0x1000, 0x2008, true, true, true };
	timer_set(&v->singleshot, now + 400);
	v->periodic_ns = 5000000;
	timer_set(&v->periodic, now + 3000000);
	vlapic_write(v, APIC_SVR, 0x1ff);
	vlapic_write(v, APIC_TPR, 0x20);
	vlapic_write(v, APIC_LVT_TIMER, 0x20000 | 0x55);
	vlapic_write(v, APIC_TIMER_DIV, 3);
	vlapic_write(v, APIC_TIMER_INIT, 100000);
	vlapic_set_irq(&v->lapic, 0x61, false);
	vlapic_accept(v, 0x61);
	vlapic_set_irq(&v->lapic, 0x71, true);
}

static void ioapic_write(struct domain *d, uint32_t index, uint32_t value)
{
	struct io_access a = { .addr = 0xfec00000, .size = 4, .is_write = true, .value = index };

	CHECK_EQ(iobus_access(&d->mmio, &a), IO_DONE);
	a = (struct io_access){ .addr = 0xfec00010, .size = 4, .is_write = true, .value = value };
	CHECK_EQ(iobus_access(&d->mmio, &a), IO_DONE);
}

static void fill_ioapic(struct domain *d)
{
	ioapic_write(d, 0x10 + 2 * 9 + 1, 2u << 24);
	ioapic_write(d, 0x10 + 2 * 9, 0x8063);
	irq_line_set(vioapic_line(d, 9), true);
	ioapic_write(d, 0x10 + 2 * 4, 0x44);
}

static struct domain *make_full(void)
{
	struct domain *d = make();

	fill_domain(d);
	fill_ports(d);
	CHECK_EQ(vcpu_info_register(d->vcpus[1], INFO_GFN, 64), 0);
	for (unsigned i = 0; i < NR_VCPUS; i++) {
		fill_registers(d->vcpus[i]);
		fill_devices(d->vcpus[i]);
	}
	fill_ioapic(d);
	fill_board(d);
	vcpu_up(d->vcpus[0]);
	d->vcpus[1]->wait_for_sipi = true;
	return d;
}

static size_t save(struct domain *d, void *buf, size_t room)
{
	long size = domain_save(d, buf, room);

	CHECK(size > 0);
	CHECK((size_t)size <= room);
	return (size_t)size;
}

/* ---- the row, taken apart ---- */

static struct save_header header(const uint8_t *at)
{
	struct save_header h;

	memcpy(&h, at, sizeof(h));
	return h;
}

static uint8_t *find(uint8_t *buf, unsigned type, uint32_t number)
{
	uint8_t *at = buf;
	struct save_header h;

	for (h = header(at); h.type; at += sizeof(h) + h.length, h = header(at))
		if (h.type == type && h.number == number)
			return at;
	CHECK(!"the record is there");
	return NULL;
}

static uint8_t *field(uint8_t *buf, unsigned type, uint32_t number, const struct save_row *row,
                      const char *name, size_t *size)
{
	uint8_t *at = find(buf, type, number) + sizeof(struct save_header);

	for (const struct save_field *f = row->fields; f->type != SAVE_END; f++) {
		const struct save_field one[] = { *f, SAVE_LAST };

		*size = save_size(one, row->version);
		if (!strcmp(f->name, name))
			return at;
		at += *size;
	}
	CHECK(!"the field is there");
	return NULL;
}

/* ---- there and back ---- */

static void equal_but(const struct save_row *row, unsigned type, uint32_t number, const char *name,
                      uint8_t *a, uint8_t *b)
{
	size_t size;

	a = field(a, type, number, row, name, &size);
	b = field(b, type, number, row, name, &size);
	memcpy(b, a, size);
}

static void there_and_back(void)
{
	static uint8_t again[sizeof(stream)];
	struct save_refusal refusal;
	struct domain *a, *b;
	size_t size, wall = offsetof(struct shared_info, wc_version);
	uint64_t tsc;

	machine();
	a = make_full();
	size = save(a, stream, sizeof(stream));
	CHECK_EQ(domain_save(a, NULL, 0), size);
	tsc = machine_tsc() + a->vcpus[1]->tsc_offset;
	fake_set_now(5000000777);
	b = make();
	if (domain_restore(b, stream, size, &refusal)) {
		printf("%s %u: %s\n", refusal.record, refusal.number, refusal.why);
		CHECK(!"restored");
	}
	CHECK_EQ(save(b, again, sizeof(again)), size);

	/* What counts from another zero here, and the wall clock, which is looked up, the RTC's too. */
	CHECK_EQ(machine_tsc() + b->vcpus[1]->tsc_offset, tsc);
	CHECK_EQ(script_of(b->vcpus[1])->tsc_offset, b->vcpus[1]->tsc_offset);
	CHECK_EQ(domain_now_ns(b), 1000000000 - 300);
	equal_but(&save_clock, RECORD_CLOCK, 0, "tsc", stream, again);
	equal_but(&save_rtc, RECORD_RTC, 0, "cmos", stream, again);
	for (unsigned i = 0; i < NR_VCPUS; i++)
		equal_but(&save_vcpu, RECORD_VCPU, i, "tsc_offset", stream, again);
	memcpy(find(again, RECORD_SHARED_INFO, 0) + sizeof(struct save_header) + wall,
	       find(stream, RECORD_SHARED_INFO, 0) + sizeof(struct save_header) + wall, 16);
	for (size_t i = 0; i < size; i++)
		CHECK_EQ(again[i], stream[i]);
}

/* What follows from records, and is no record. */
static void put_to_work(void)
{
	struct save_refusal refusal;
	struct domain *a, *b;
	struct vcpu *v;
	void *host;

	machine();
	a = make_full();
	fake_set_now(9000000000);
	b = make();
	CHECK_EQ(domain_restore(b, stream, save(a, stream, sizeof(stream)), &refusal), 0);
	v = b->vcpus[1];
	CHECK_EQ(b->hvm_params.callback, CALLBACK_VECTOR);
	CHECK_EQ(b->hvm_params.callback_vector, 0x93);
	CHECK(b->events.ops == &event_ops_fifo);
	CHECK(bitmap_test(b->events.pirqs, 9));
	CHECK(v->info == fixture_at(b, INFO_GFN << PAGE_SHIFT) + 64);
	CHECK(b->vcpus[0]->fifo_control == fixture_at(b, CONTROL_GFN << PAGE_SHIFT) + 128);
	CHECK_EQ(b->vcpus[0]->fifo->tail[7], PORT_OF_IPI);
	CHECK_EQ(grant_table_frame(b, 1, &host), 0);
	CHECK_EQ(*(uint8_t *)host, 0x6b);
	CHECK(b->vcpus[0]->is_up && !v->is_up && v->wait_for_sipi);
	CHECK(v->init_pending);
	CHECK(v->requests & VCPU_REQ_NMI);
	CHECK(v->requests & VCPU_REQ_HALTED);
	CHECK_EQ(virt->get_reg(v, REG_PAT), 0x0606060606060606);
	CHECK_EQ(virt->get_reg(v, REG_TSC_AUX), 0x99);
	CHECK_EQ(virt->get_reg(v, REG_CR8), 2);
	CHECK_EQ(v->lapic.highest_isr, 0x61);
	CHECK_EQ(vlapic_pending_vector(v), 0x71);
	/* Clocks stood still in between: each timer has as long to go as before. */
	CHECK(timer_is_set(&v->lapic.timer) && timer_is_set(&b->watchdog[0]));
	CHECK_EQ(v->singleshot.at_ns - machine_now_ns(),
	         a->vcpus[1]->singleshot.at_ns - 9000000000);
	CHECK_EQ(v->periodic.at_ns - domain_now_ns(b) - b->time_offset_ns,
	         a->vcpus[1]->periodic.at_ns - domain_now_ns(a) - a->time_offset_ns);
	fixture_end(b);
	fixture_end(a);
}

/* An interdomain port's other end stays behind: it waits for the same domain. */
static void partners(void)
{
	struct domain *a, *other, *b;
	struct save_refusal refusal;
	struct event_channel *x, *y;

	machine();
	a = make();
	other = make();
	CHECK_EQ(event_port_make(a, 1, &x), 0);
	CHECK_EQ(event_port_make(other, 3, &y), 0);
	*x = (struct event_channel){ .state = PORT_INTERDOMAIN, .remote_port = 3, .remote = other };
	*y = (struct event_channel){ .state = PORT_INTERDOMAIN, .remote_port = 1, .remote = a };
	b = make();
	CHECK_EQ(domain_restore(b, stream, save(a, stream, sizeof(stream)), &refusal), 0);
	x = event_channel_at(&b->events, 1);
	CHECK_EQ(x->state, PORT_UNBOUND);
	CHECK_EQ(x->remote_domid, other->id);
	CHECK(!x->remote);
	fixture_end(b);
	fixture_end(a);
	fixture_end(other);
}

/* ---- what no hypervisor wrote ---- */

/* Into a new domain, which can be ended whatever became of it. */
static void refused(const void *buf, size_t size, const char *record)
{
	struct save_refusal refusal = { NULL, NULL, 0 };
	struct domain *d = make();

	if (domain_restore(d, buf, size, &refusal) != -XEN_EINVAL)
		printf("not refused: %s\n", record ? record : "any");
	else if (!refusal.why || (record && strcmp(refusal.record, record)))
		printf("%s: %s %u: %s\n", record, refusal.record, refusal.number, refusal.why);
	else
		record = NULL;
	fixture_end(d);
	CHECK(!record);
}

static size_t full_stream(void)
{
	machine();
	return save(make_full(), stream, sizeof(stream));
}

static void cut_short(void)
{
	size_t size = full_stream(), n = 0;

	for (uint8_t *at = stream; n < size; at = stream + n) {
		struct save_header h = header(at);

		refused(stream, n, NULL);
		refused(stream, n + sizeof(h) / 2, NULL);
		if (h.length)
			refused(stream, n + sizeof(h) + h.length / 2, NULL);
		n += sizeof(h) + h.length;
		if (!h.type)
			break;
	}
	CHECK_EQ(n, size);
	stream[size] = 0;
	refused(stream, size + 1, "end");
}

static void put_header(uint8_t *at, struct save_header h)
{
	memcpy(at, &h, sizeof(h));
}

static void headers(void)
{
	size_t size = full_stream(), length;
	uint8_t *at = find(stream, RECORD_PORT, PORT_OF_IPI);
	struct save_header h = header(at), bad = h;

	bad.type = NR_RECORDS;
	put_header(at, bad);
	refused(stream, size, "end");
	bad = h;
	bad.version = 0;
	put_header(at, bad);
	refused(stream, size, "port");
	bad.version = h.version + 1;
	put_header(at, bad);
	refused(stream, size, "port");
	bad = h;
	bad.length = UINT32_MAX;
	put_header(at, bad);
	refused(stream, size, "port");
	bad = h;
	bad.number = PORT_OF_VIRQ; /* twice */
	put_header(at, bad);
	refused(stream, size, "port");
	bad = h;
	bad.type = RECORD_CLOCK; /* out of order */
	put_header(at, bad);
	refused(stream, size, "clock");
	put_header(at, h);

	/* A vcpu's record is missing: the next type finds out. */
	at = find(stream, RECORD_FPU, 1);
	length = sizeof(h) + header(at).length;
	memmove(at, at + length, size - length - (size_t)(at - stream));
	refused(stream, size - length, "FPU of vcpu");
}

#define GARBLE(type_, number_, row_, name_, value_)                     \
	{                                                               \
		RECORD_##type_, number_, &row_, name_, value_, __LINE__ \
	}

static const struct {
	unsigned type;
	uint32_t number;
	const struct save_row *row;
	const char *name;
	uint64_t value;
	int line;
} garbles[] = {
	GARBLE(POLICY, 0, save_policy, "policy", 1),
	GARBLE(CLOCK, 0, save_clock, "tsc_khz", 1000000),
	GARBLE(DOMAIN, 0, save_domain, "is_compat", 2),
	GARBLE(DOMAIN, 0, save_domain, "vm_assist", ~0u),
	GARBLE(DOMAIN, 0, save_domain, "hypercall_page", 0x5001),
	GARBLE(PLACES, 1, save_places, "info_gfn", 0x7777777),
	GARBLE(PLACES, 1, save_places, "info_offset", PAGE_SIZE - 8),
	GARBLE(PLACES, 1, save_places, "info_offset", 1),
	GARBLE(PLACES, 0, save_places, "control_gfn", ~0ull),
	GARBLE(PLACES, 0, save_places, "control_offset", 0x7fffffff),
	GARBLE(FIFO_PAGE, 0, save_fifo_page, "gfn", 0x7777777),
	GARBLE(PORT, PORT_OF_IPI, save_port, "vcpu_id", NR_VCPUS),
	GARBLE(PORT, PORT_OF_IPI, save_port, "fifo_last_vcpu", NR_VCPUS),
	GARBLE(PORT, PORT_OF_IPI, save_port, "priority", 16),
	GARBLE(PORT, PORT_OF_IPI, save_port, "fifo_last_priority", 16),
	GARBLE(PORT, PORT_OF_IPI, save_port, "state", PORT_INTERDOMAIN),
	GARBLE(PORT, PORT_OF_IPI, save_port, "state", 200),
	GARBLE(PORT, PORT_OF_IPI, save_port, "remote_port", 1),
	GARBLE(PORT, PORT_OF_PIRQ, save_port, "remote_port", 4000),
	GARBLE(PORT, PORT_OF_VIRQ, save_port, "remote_port", VIRQ_CONSOLE),
	GARBLE(PORT, PORT_OF_VIRQ, save_port, "remote_port", 24),
	GARBLE(GRANTS, 0, save_grants, "nr_frames", 5000),
	GARBLE(GRANTS, 0, save_grants, "nr_frames", 0),
	GARBLE(WATCHDOGS, 0, save_watchdogs, "armed", 4),
	GARBLE(MSRS, 1, save_msrs, "pat", 2),
	GARBLE(MSRS, 1, save_msrs, "tsc_aux", 1ull << 32),
	GARBLE(MSRS, 1, save_msrs, "spec_ctrl", ~0ull),
	GARBLE(MSRS, 1, save_msrs, "debugctl", 4),
	GARBLE(MSRS, 1, save_msrs, "osvw_status", 1),
	GARBLE(HARDWARE, 1, save_hardware, "cr0", CR0_PG),
	GARBLE(HARDWARE, 1, save_hardware, "cr4", ~0ull),
	GARBLE(HARDWARE, 1, save_hardware, "cr4", 0),
	GARBLE(HARDWARE, 1, save_hardware, "efer", EFER_SVME),
	GARBLE(HARDWARE, 1, save_hardware, "efer", EFER_LME),
	GARBLE(HARDWARE, 1, save_hardware, "cr3", ~0ull),
	GARBLE(HARDWARE, 1, save_hardware, "dr7", ~0ull),
	GARBLE(HARDWARE, 1, save_hardware, "lstar", 1ull << 47),
	GARBLE(HARDWARE, 1, save_hardware, "sysenter_cs", 0x10000),
	GARBLE(HARDWARE, 1, save_hardware, "interrupt_shadow", 4),
	GARBLE(HARDWARE, 1, save_hardware, "segment", 0xf0930000),
	GARBLE(VCPU, 0, save_vcpu, "regs.rip", 1ull << 60),
	GARBLE(VCPU, 0, save_vcpu, "regs.rflags", 0),
	GARBLE(VCPU, 0, save_vcpu, "regs.rflags", ~0ull),
	GARBLE(VCPU, 0, save_vcpu, "requests", 1u << 31),
	GARBLE(VCPU, 0, save_vcpu, "event.type", 6),
	GARBLE(VCPU, 0, save_vcpu, "event.type", EVENT_NMI),
	GARBLE(VCPU, 0, save_vcpu, "event.vector", 32),
	GARBLE(VCPU, 0, save_vcpu, "event.vector", X86_NMI),
	GARBLE(VCPU, 0, save_vcpu, "event.insn_len", 16),
	GARBLE(VCPU, 0, save_vcpu, "is_up", 2),
	GARBLE(VCPU, 0, save_vcpu, "is_initialised", 0),
	GARBLE(VCPU, 0, save_vcpu, "wait_for_sipi", 1),
	GARBLE(VCPU, 0, save_vcpu, "sipi_vector", 256),
	GARBLE(VCPU, 0, save_vcpu, "upcall_vector", 15),
	GARBLE(VCPU, 0, save_vcpu, "xcr0", 7),
	GARBLE(VCPU, 0, save_vcpu, "periodic_ns", 10),
	GARBLE(VCPU, 0, save_vcpu, "virq_port", PORT_OF_IPI),
	GARBLE(VCPU, 0, save_vcpu, "virq_port", 100000),
	GARBLE(FPU, 0, save_fpu, "size", FAKE_FPU_SIZE + 64),
	GARBLE(AREAS, 0, save_areas, "runstate_registered", 3),
	GARBLE(APIC, 1, save_apic, "base_msr", 0xfee00400),
	GARBLE(APIC, 1, save_apic, "base_msr", ~0ull),
	GARBLE(APIC, 1, save_apic, "id", 7),
	GARBLE(APIC, 1, save_apic, "svr", ~0u),
	GARBLE(APIC, 1, save_apic, "tpr", 0x100),
	GARBLE(APIC, 1, save_apic, "lvt", ~0u),
	GARBLE(APIC, 1, save_apic, "irr", 1),
	GARBLE(APIC, 1, save_apic, "timer_divide", 4),
	GARBLE(APIC, 1, save_apic, "timer_initial", 0),
};

static void garbled(void)
{
	size_t size = full_stream(), n;
	uint8_t kept[8];

	for (size_t i = 0; i < ARRAY_LEN(garbles); i++) {
		uint8_t *at = field(stream, garbles[i].type, garbles[i].number, garbles[i].row,
		                    garbles[i].name, &n);

		n = MIN(n, sizeof(kept));
		/* Of an array, the first element. */
		for (const struct save_field *f = garbles[i].row->fields; f->type; f++)
			if (!strcmp(f->name, garbles[i].name) && f->type == SAVE_U32)
				n = 4;
		memcpy(kept, at, n);
		memcpy(at, &garbles[i].value, n);
		refused(stream, size, garbles[i].row->name);
		memcpy(at, kept, n);
	}
}

/* Inside arrays: what the CPU would stumble over in the FPU area, and parameters that do not exist or have rules. */
static void garbled_bytes(void)
{
	static const struct {
		unsigned type;
		const struct save_row *row;
		const char *name;
		uint32_t at;
		uint8_t value;
	} bytes[] = {
		{ RECORD_FPU, &save_fpu, "area", 26, 1 },
		{ RECORD_FPU, &save_fpu, "area", 512, 4 },
		{ RECORD_FPU, &save_fpu, "area", 519, 0x80 },
		{ RECORD_FPU, &save_fpu, "area", 527, 0x80 },
		{ RECORD_FPU, &save_fpu, "area", 528, 1 },
		{ RECORD_FPU, &save_fpu, "area", 575, 1 },
		{ RECORD_PARAMS, &save_params, "value", 3 * 8, 1 },
		{ RECORD_PARAMS, &save_params, "value", HVM_PARAM_TRIPLE_FAULT_REASON * 8, 99 },
		{ RECORD_POLICY, &save_policy, "policy", 100, 0xff },
	};
	size_t size = full_stream(), n;

	for (size_t i = 0; i < ARRAY_LEN(bytes); i++) {
		uint8_t *at = field(stream, bytes[i].type, 0, bytes[i].row, bytes[i].name, &n) +
		              bytes[i].at;
		uint8_t kept = *at;

		*at ^= bytes[i].value;
		refused(stream, size, bytes[i].row->name);
		*at = kept;
	}
}

static void wrong_domain(void)
{
	struct save_refusal refusal;
	struct domain *running;
	size_t size = full_stream();

	running = make();
	CHECK_EQ(domain_start(running), 0);
	CHECK_EQ(domain_restore(running, stream, size, &refusal), -XEN_EINVAL);
	CHECK(!strcmp(refusal.why, "it is not in building"));
	fixture_end(running);
}

/* Registers behind the backend: in the rows, or put there from elsewhere. */
static void forgotten_registers(void)
{
	unsigned seen[NR_VCPU_REGS] = { [REG_CR8] = 1,
		                        [REG_PAT] = 1,
		                        [REG_DEBUGCTL] = 1,
		                        [REG_TSC_AUX] = 1,
		                        [REG_SPEC_CTRL] = 1 };

	for (unsigned i = 0; i < NR_HARDWARE_ROWS; i++)
		seen[vcpu_hardware_rows[i].reg]++;
	for (unsigned r = 0; r < NR_VCPU_REGS; r++)
		CHECK_EQ(seen[r], 1);
}

UNIT_MAIN(UNIT(there_and_back), UNIT(put_to_work), UNIT(partners), UNIT(cut_short), UNIT(headers),
          UNIT(garbled), UNIT(garbled_bytes), UNIT(wrong_domain), UNIT(forgotten_registers))
