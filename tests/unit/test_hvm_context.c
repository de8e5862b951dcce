/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen/core/hvm_context*.c and domctl_context.c: Xen's records of hardware state, as the domain builder uses them, there and back, and damaged. */
#include <string.h>

#include "errno.h"
#include "fake_control.h"
#include "fake_domain.h"
#include "fake_platform.h"
#include "machine_fake.h"
#include "unit.h"
#include "virt_script.h"
#include "vlapic_registers.h"

#include <xen/arch-x86/xen.h>
#include <xen/hvm/save.h>

static struct domain *d;
static uint8_t row[FAKE_BUFFER_SIZE];

static long context_op(uint32_t cmd, uint64_t handle, uint32_t *size)
{
	struct xen_domctl op = { .cmd = cmd, .domain = d->id };
	long r;

	op.u.hvmcontext.size = *size;
	op.u.hvmcontext.buffer.p = (void *)(uintptr_t)handle;
	r = fake_domctl(&op);
	*size = op.u.hvmcontext.size;
	return r;
}

static uint32_t get(void)
{
	uint32_t size = sizeof(row);

	CHECK_EQ(context_op(XEN_DOMCTL_gethvmcontext, FAKE_BUFFER, &size), 0);
	fake_buffer_read(0, row, size);
	return size;
}

static long set(const void *bytes, uint32_t size)
{
	fake_buffer_write(0, bytes, size);
	return context_op(XEN_DOMCTL_sethvmcontext, FAKE_BUFFER, &size);
}

/* A record of the row; NULL: none. */
static void *find(uint32_t size, uint16_t type, uint16_t instance)
{
	for (uint32_t at = 0; at < size;) {
		struct hvm_save_descriptor *s = (void *)(row + at);

		if (s->typecode == type && s->instance == instance)
			return s + 1;
		at += (uint32_t)sizeof(*s) + s->length;
	}
	return NULL;
}

/* As libxenguest makes it: a header that was read, a CPU, an end. */
struct start_row {
	struct hvm_save_descriptor header_d;
	struct hvm_save_header header;
	struct hvm_save_descriptor cpu_d;
	struct hvm_hw_cpu cpu;
	struct hvm_save_descriptor end_d;
};

static struct start_row start_row(void)
{
	struct start_row s = {
		.header_d = { HVM_SAVE_CODE(HEADER), 0, sizeof(s.header) },
		.cpu_d = { HVM_SAVE_CODE(CPU), 0, sizeof(s.cpu) },
		.end_d = { HVM_SAVE_CODE(END), 0, 0 },
		.cpu = {
			.cr0 = CR0_PE | CR0_ET,
			.rip = 0x1000150,
			.rbx = 0x7000,
			.dr6 = 0xffff0ff0,
			.dr7 = 0x400,
			.cs_limit = ~0u, .ds_limit = ~0u, .es_limit = ~0u, .ss_limit = ~0u,
			.tr_limit = 0x67,
			.cs_arbytes = 0xc9b, .ds_arbytes = 0xc93, .es_arbytes = 0xc93,
			.ss_arbytes = 0xc93, .tr_arbytes = 0x8b,
		},
	};

	memcpy(&s.header, row + sizeof(s.header_d), sizeof(s.header));
	return s;
}

static void start(unsigned nr_vcpus)
{
	fake_control_machine(1);
	d = fake_tool_domain(nr_vcpus, 16);
}

static void end(void)
{
	CHECK_EQ(fake_domctl_plain(XEN_DOMCTL_destroydomain, d->id), 0);
}

static void builder_starts_vcpu_0(void)
{
	struct start_row s;
	struct vcpu *v;
	uint32_t size;

	start(2);
	size = get();
	/* A vcpu that is down has no CPU record, but all have MTRRs. */
	CHECK(!find(size, HVM_SAVE_CODE(CPU), 0));
	CHECK(find(size, HVM_SAVE_CODE(MTRR), 0) && find(size, HVM_SAVE_CODE(MTRR), 1));
	s = start_row();
	CHECK_EQ(s.header.magic, HVM_FILE_MAGIC);
	CHECK_EQ(s.header.cpuid, d->cpuid.basic[1].a);
	fake_advance(1000000);
	CHECK_EQ(set(&s, sizeof(s)), 0);
	v = d->vcpus[0];
	CHECK(v->is_up && v->is_initialised && !d->vcpus[1]->is_up);
	CHECK_EQ(v->regs.rip, 0x1000150);
	CHECK_EQ(v->regs.r[GPR_RBX], 0x7000);
	CHECK_EQ(v->regs.rflags, RFLAGS_MBS);
	CHECK_EQ(virt->get_reg(v, REG_CR0), CR0_PE | CR0_ET);
	/* Its counter begins now, and the others' with it. */
	CHECK_EQ(v->tsc_offset, 0 - machine_tsc());
	CHECK_EQ(d->vcpus[1]->tsc_offset, v->tsc_offset);
	/* Not before it is let go. */
	CHECK_EQ(d->state, DOMAIN_BUILDING);
	CHECK_EQ(fake_domctl_plain(XEN_DOMCTL_unpausedomain, d->id), 0);
	CHECK_EQ(d->state, DOMAIN_RUNNING);
	end();
}

static void builder_sets_mtrrs(void)
{
	struct {
		struct hvm_save_descriptor header_d;
		struct hvm_save_header header;
		struct hvm_save_descriptor mtrr_d;
		struct hvm_hw_mtrr mtrr;
		struct hvm_save_descriptor end_d;
	} s = {
		.header_d = { HVM_SAVE_CODE(HEADER), 0, sizeof(s.header) },
		.mtrr_d = { HVM_SAVE_CODE(MTRR), 1, sizeof(s.mtrr) },
	};
	uint32_t size;

	start(2);
	size = get();
	memcpy(&s.header, row + sizeof(s.header_d), sizeof(s.header));
	memcpy(&s.mtrr, find(size, HVM_SAVE_CODE(MTRR), 1), sizeof(s.mtrr));
	s.mtrr.msr_mtrr_def_type = 6 | 1 << 11;
	CHECK_EQ(set(&s, sizeof(s)), 0);
	CHECK_EQ(d->vcpus[1]->msrs.mtrr_def_type, 6 | 1 << 11);
	s.mtrr.msr_mtrr_def_type = 2;
	CHECK_EQ(set(&s, sizeof(s)), -EINVAL);
	CHECK_EQ(d->vcpus[1]->msrs.mtrr_def_type, 6 | 1 << 11);
	end();
}

/* Everything that the records have comes back as it was, in another domain. */
static void there_and_back(void)
{
	static uint8_t before[FAKE_BUFFER_SIZE];
	struct domain *from;
	struct start_row s;
	struct vcpu *v;
	uint32_t size;

	start(2);
	from = d;
	get();
	s = start_row();
	s.cpu.msr_efer = EFER_SCE | EFER_LME;
	s.cpu.cr4 = CR4_PAE;
	s.cpu.cr0 |= CR0_PG;
	s.cpu.cr3 = 0x3000;
	s.cpu.cs_arbytes = 0xa9b;
	s.cpu.r15 = 15;
	s.cpu.gs_sel = 0x33;
	s.cpu.gs_base = 0xffff888000000000ull;
	s.cpu.idtr_limit = 0xfff;
	s.cpu.idtr_base = 0x5000;
	s.cpu.dr3 = 0x77;
	s.cpu.msr_lstar = 0xffffffff81000000ull;
	s.cpu.pending_valid = 1;
	s.cpu.pending_type = 3;
	s.cpu.pending_vector = 14;
	s.cpu.pending_error_valid = 1;
	s.cpu.error_code = 2;
	CHECK_EQ(set(&s, sizeof(s)), 0);
	v = d->vcpus[0];
	CHECK_EQ(virt->get_reg(v, REG_EFER), EFER_SCE | EFER_LME | EFER_LMA);
	CHECK_EQ(v->event.type, EVENT_EXCEPTION);
	v->msrs.tsc_adjust = 5;
	v->msrs.mcg_status = 4;
	vlapic_write(v, APIC_SVR, 0x1ff);
	vlapic_write(v, APIC_LVT_TIMER, 0x200ef);
	vlapic_write(v, APIC_TIMER_DIV, 0xb);
	vlapic_write(v, APIC_TIMER_INIT, 1000);
	fake_advance(3000);
	vlapic_set_irq(&v->lapic, 0x51, false);
	size = get();
	memcpy(before, row, size);
	d = fake_tool_domain(2, 16);
	CHECK_EQ(set(before, size), 0);
	CHECK_EQ(get(), size);
	CHECK(!memcmp(row, before, size));
	CHECK_EQ(vlapic_timer_current(&d->vcpus[0]->lapic), 700);
	CHECK(d->vcpus[0]->lapic.timer_armed);
	CHECK_EQ(d->vcpus[0]->event.error_code, 2);
	CHECK_EQ(d->vcpus[0]->regs.r[GPR_R8 + 7], 15);
	end();
	d = from;
	end();
}

/* Counters that were in step are in step afterwards, however long it took to load them. */
static void counters_in_step(void)
{
	struct domain *from;
	uint32_t size;

	start(2);
	from = d;
	for (unsigned i = 0; i < 2; i++) {
		d->vcpus[i]->is_initialised = d->vcpus[i]->is_up = true;
		d->vcpus[i]->tsc_offset = 12345;
	}
	fake_tick_ns = 1000;
	size = get();
	d = fake_tool_domain(2, 16);
	fake_buffer_write(0, row, size);
	CHECK_EQ(context_op(XEN_DOMCTL_sethvmcontext, FAKE_BUFFER, &size), 0);
	fake_tick_ns = 0;
	CHECK(d->vcpus[1]->is_up);
	CHECK(d->vcpus[0]->tsc_offset != 12345);
	CHECK_EQ(d->vcpus[0]->tsc_offset, d->vcpus[1]->tsc_offset);
	end();
	d = from;
	end();
}

static void refused(void)
{
	struct start_row good, s;

	start(1);
	get();
	good = start_row();
#define REFUSED(change, error)                       \
	do {                                         \
		s = good;                            \
		change;                              \
		CHECK_EQ(set(&s, sizeof(s)), error); \
		CHECK(!d->vcpus[0]->is_up);          \
	} while (0)
	REFUSED(s.header.magic++, -EINVAL);
	REFUSED(s.header.version++, -EINVAL);
	REFUSED(s.header_d.typecode = HVM_SAVE_CODE(CPU), -EINVAL);
	REFUSED(s.header_d.length--, -EINVAL);
	REFUSED(s.cpu_d.typecode = HVM_SAVE_CODE_MAX + 1, -EINVAL);
	REFUSED(s.cpu_d.typecode = HVM_SAVE_CODE(PIC), -ENODEV);
	REFUSED(s.cpu_d.instance = 1, -EINVAL);
	REFUSED(s.cpu_d.length--, -EINVAL);
	REFUSED(s.cpu_d.length = ~0u, -EINVAL);
	REFUSED(s.cpu_d.length += 64, -EINVAL);
	REFUSED(s.cpu.cr0 |= CR0_PG; s.cpu.cr0 &= ~CR0_PE, -EINVAL);
	REFUSED(s.cpu.cr4 = 1ull << 40, -EINVAL);
	REFUSED(s.cpu.msr_efer = 1ull << 12, -EINVAL);
	REFUSED(s.cpu.rip = 1ull << 50, -EINVAL);
	REFUSED(s.cpu.rflags = 1ull << 40, -EINVAL);
	REFUSED(s.cpu.cs_arbytes = 0x1c9b, -EINVAL);
	REFUSED(s.cpu.cs_sel = 0x10000, -EINVAL);
	REFUSED(s.cpu.dr7 = 1ull << 32, -EINVAL);
	REFUSED(s.cpu.flags = 2, -EINVAL);
	REFUSED(s.cpu.flags = 1; s.cpu.fpu_regs[27] = 0xff, -EINVAL);
	REFUSED(s.cpu.pending_valid = 1; s.cpu.pending_type = 1, -EINVAL);
	REFUSED(s.cpu.pending_valid = 1; s.cpu.pending_type = 3;
	        s.cpu.pending_vector = 40, -EINVAL);
	REFUSED(s.cpu.msr_tsc_aux = 1ull << 33, -EINVAL);
	CHECK_EQ(set(&good, sizeof(good) - sizeof(good.end_d)), -EINVAL);
	CHECK_EQ(set(&good, 3), -EINVAL);
	end();
}

static void lapic_refused(void)
{
	struct {
		struct hvm_save_descriptor header_d;
		struct hvm_save_header header;
		struct hvm_save_descriptor regs_d;
		struct hvm_hw_lapic_regs regs;
		struct hvm_save_descriptor end_d;
	} s = {
		.header_d = { HVM_SAVE_CODE(HEADER), 0, sizeof(s.header) },
		.regs_d = { HVM_SAVE_CODE(LAPIC_REGS), 0, sizeof(s.regs) },
	};
	uint32_t size;

	start(1);
	size = get();
	memcpy(&s.header, row + sizeof(s.header_d), sizeof(s.header));
	memcpy(&s.regs, find(size, HVM_SAVE_CODE(LAPIC_REGS), 0), sizeof(s.regs));
	CHECK_EQ(set(&s, sizeof(s)), 0);
	*(uint32_t *)(void *)(s.regs.data + APIC_SVR) = ~0u;
	CHECK_EQ(set(&s, sizeof(s)), -EINVAL);
	*(uint32_t *)(void *)(s.regs.data + APIC_SVR) = 0xff;
	*(uint32_t *)(void *)(s.regs.data + APIC_ID) = 0x55000000;
	CHECK_EQ(set(&s, sizeof(s)), -EINVAL);
	end();
}

static void sizes(void)
{
	uint32_t size = 0, whole, n;

	start(2);
	CHECK_EQ(context_op(XEN_DOMCTL_gethvmcontext, 0, &size), 0);
	whole = get();
	CHECK(whole <= size);
	n = whole - 1;
	CHECK_EQ(context_op(XEN_DOMCTL_gethvmcontext, FAKE_BUFFER, &n), -ENOSPC);
	n = whole;
	CHECK_EQ(context_op(XEN_DOMCTL_gethvmcontext, FAKE_BUFFER, &n), 0);
	CHECK_EQ(context_op(XEN_DOMCTL_gethvmcontext, 1ull << 40, &n), -EFAULT);
	CHECK_EQ(context_op(XEN_DOMCTL_sethvmcontext, 1ull << 40, &n), -EFAULT);
	end();
}

static void one_record(void)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_gethvmcontext_partial };
	struct xen_domctl_hvmcontext_partial *p = &op.u.hvmcontext_partial;
	struct hvm_hw_mtrr mtrr;

	start(1);
	op.domain = d->id;
	p->type = HVM_SAVE_CODE(MTRR);
	CHECK_EQ(fake_domctl(&op), 0);
	CHECK_EQ(p->bufsz, sizeof(mtrr));
	p->buffer.p = (void *)(uintptr_t)FAKE_BUFFER;
	CHECK_EQ(fake_domctl(&op), 0);
	fake_buffer_read(0, &mtrr, sizeof(mtrr));
	CHECK_EQ(mtrr.msr_pat_cr, d->vcpus[0]->msrs.pat);
	p->bufsz--;
	CHECK_EQ(fake_domctl(&op), -ENOSPC);
	p->instance = 1;
	CHECK_EQ(fake_domctl(&op), -ENOENT);
	p->instance = 0;
	p->type = HVM_SAVE_CODE(CPU);
	CHECK_EQ(fake_domctl(&op), -ENOENT);
	p->type = HVM_SAVE_CODE(HPET); /* this one has no board */
	CHECK_EQ(fake_domctl(&op), -ENOENT);
	p->type = HVM_SAVE_CODE(VIRIDIAN_DOMAIN);
	CHECK_EQ(fake_domctl(&op), -EINVAL);
	p->type = 0x10000 + HVM_SAVE_CODE(MTRR);
	CHECK_EQ(fake_domctl(&op), -EINVAL);
	end();
}

/* ---- the board of an HVM guest ---- */

static void board_start(void)
{
	start(1);
	d->emulation_flags = BOARD_ALL;
	CHECK_EQ(hvm_platform_create(d), 0);
}

/* Something in each device. */
static void board_fill(void)
{
	board_out(d, 0x20, 0x11);
	board_out(d, 0x21, 0x20);
	board_out(d, 0x21, 4);
	board_out(d, 0x21, 1);
	board_out(d, 0x21, 0xb8);
	board_out(d, 0x4d1, 0x0c);
	board_out(d, 0xa0, 0x11); /* in the middle of its beginning */
	board_pin(d, 40, 0x123 | PIN_LEVEL | PIN_MASKED);
	irq_routing_link_set(d, 1, 11);
	irq_routing_pci_set(d, 5 << 3 | 2, 0, true); /* link 1 */
	irq_routing_isa_set(d, 4, true);
	board_out(d, 0x43, 0x36);
	board_out(d, 0x40, 0);
	board_out(d, 0x40, 0);
	board_out(d, 0x43, 0xb4);
	board_out(d, 0x42, 0x34);
	board_out(d, 0x42, 0x12);
	board_out(d, 0x61, 3);
	board_out(d, 0x70, RTC_HOURS);
	board_out(d, 0x71, 0x03);
	board_out(d, 0x70, RTC_A);
	board_out(d, 0x71, 0x2a);
	board_write(d, HPET_BASE + HPET_REG_TIMER(0), 8, 0x4c | 20 << 9);
	board_write(d, HPET_BASE + HPET_REG_TIMER(0) + 8, 8, 1000000);
	board_write(d, HPET_BASE + HPET_REG_COUNTER, 8, 12345);
	board_write(d, HPET_BASE + HPET_REG_CONFIG, 8, 1);
	fake_advance(1000000);
}

#define CHECK_SAME(type, kind, n)                                                                 \
	do {                                                                                      \
		type *now_ = find(size, HVM_SAVE_CODE(kind), n);                                  \
		CHECK(now_);                                                                      \
		CHECK(memcmp(now_, find_in(first, size, HVM_SAVE_CODE(kind), n), sizeof(type)) == \
		      0);                                                                         \
	} while (0)

static void *find_in(uint8_t *bytes, uint32_t size, uint16_t type, uint16_t instance)
{
	static uint8_t kept[FAKE_BUFFER_SIZE];
	void *found;

	memcpy(kept, row, sizeof(kept));
	memcpy(row, bytes, size);
	found = find(size, type, instance);
	found = found ? bytes + ((uint8_t *)found - row) : NULL;
	memcpy(row, kept, sizeof(row));
	return found;
}

static void board_there_and_back(void)
{
	static uint8_t first[FAKE_BUFFER_SIZE];
	struct hvm_hw_pit *pit;
	struct hvm_hw_vpic *pic;
	struct hvm_hw_hpet *hpet;
	uint32_t size;

	board_start();
	board_fill();
	size = get();
	memcpy(first, row, size);
	pic = find(size, HVM_SAVE_CODE(PIC), 0);
	CHECK_EQ(pic->irq_base, 0x20);
	CHECK_EQ(pic->imr, 0xb8);
	CHECK(pic->is_master);
	CHECK(pic->irr & 1 << 4); /* ISA interrupt 4 */
	pic = find(size, HVM_SAVE_CODE(PIC), 1);
	CHECK_EQ(pic->init_state, 1 | 4);
	CHECK_EQ(pic->elcr, 0x0c);
	CHECK_EQ(pic->irr, 0x08); /* PCI's, by its link */
	pit = find(size, HVM_SAVE_CODE(PIT), 0);
	CHECK_EQ(pit->channels[0].count, 65536);
	CHECK_EQ(pit->channels[0].mode, 3);
	CHECK_EQ(pit->channels[2].count, 0x1234);
	CHECK_EQ(pit->speaker_data_on, 1);
	CHECK_EQ(((struct hvm_hw_pci_irqs *)find(size, HVM_SAVE_CODE(PCI_IRQ), 0))->pad[0],
	         1 << 20);
	CHECK_EQ(((struct hvm_hw_pci_link *)find(size, HVM_SAVE_CODE(PCI_LINK), 0))->route[1], 11);
	CHECK_EQ(((struct hvm_hw_isa_irqs *)find(size, HVM_SAVE_CODE(ISA_IRQ), 0))->pad[0], 1 << 4);
	CHECK_EQ(((struct hvm_hw_rtc *)find(size, HVM_SAVE_CODE(RTC), 0))->cmos_data[RTC_HOURS], 3);
	hpet = find(size, HVM_SAVE_CODE(HPET), 0);
	CHECK_EQ(hpet->mc64, 12345 + 1000000 / 16);
	CHECK_EQ(hpet->period[0], 1000000);
	end();
	/* into another one */
	board_start();
	CHECK_EQ(set(first, size), 0);
	CHECK_EQ(get(), size);
	CHECK_SAME(struct hvm_hw_vpic, PIC, 0);
	CHECK_SAME(struct hvm_hw_vpic, PIC, 1);
	CHECK_SAME(struct hvm_hw_vioapic, IOAPIC, 0);
	CHECK_SAME(struct hvm_hw_pci_irqs, PCI_IRQ, 0);
	CHECK_SAME(struct hvm_hw_isa_irqs, ISA_IRQ, 0);
	CHECK_SAME(struct hvm_hw_pci_link, PCI_LINK, 0);
	CHECK_SAME(struct hvm_hw_rtc, RTC, 0);
	CHECK_SAME(struct hvm_hw_hpet, HPET, 0);
	CHECK_SAME(struct hvm_hw_pmtimer, PMTIMER, 0);
	/* the count begins anew, what was programmed is the same */
	CHECK_SAME(struct hvm_hw_pit, PIT, 0);
	end();
}

/* Each byte of each record of the board wrong in turn: refused or taken, never more. */
static void board_damaged(void)
{
	static uint8_t good[FAKE_BUFFER_SIZE], bad[FAKE_BUFFER_SIZE];
	uint32_t size, at;
	unsigned refused = 0, taken = 0;

	board_start();
	board_fill();
	size = get();
	memcpy(good, row, size);
	for (at = 0; at < size; at += 7) {
		memcpy(bad, good, size);
		bad[at] ^= (uint8_t)(1u << at % 8);
		if (set(bad, size))
			refused++;
		else
			taken++;
		fake_advance(100000);
		timers_run();
	}
	CHECK(refused && taken);
	end();
}

UNIT_MAIN(UNIT(builder_starts_vcpu_0), UNIT(builder_sets_mtrrs), UNIT(there_and_back),
          UNIT(counters_in_step), UNIT(refused), UNIT(lapic_refused), UNIT(sizes), UNIT(one_record),
          UNIT(board_there_and_back), UNIT(board_damaged))
