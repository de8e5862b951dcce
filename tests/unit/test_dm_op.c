/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dm_op: what a device model in the control domain asks of its guest: rights, buffers of both widths, interrupts, memory, events. */
#include <string.h>

#include "dm_op.h"
#include "errno.h"
#include "fake_domain.h"
#include "fake_platform.h"
#include "machine_fake.h"
#include "unit.h"
#include "vioapic_registers.h"

#include <xen/arch-x86/xen.h>
#include <xen/hvm/dm_op.h>
#include <xen/hvm/hvm_op.h>
#include <xen/sched.h>

enum { BUFS = 8, OP = 9, OTHER = 10 }; /* pages of the caller */

static struct domain *tools, *d;
static struct xen_dm_op op;

static void start(void)
{
	fake_core_init(0, 1);
	tools = guest_create(0, 1, 32, true);
	d = guest_create(3, 2, 32, false);
	d->emulation_flags = BOARD_ALL;
	CHECK_EQ(hvm_platform_create(d), 0);
	memset(&op, 0, sizeof(op));
	percpu()->current = tools->vcpus[0];
}

static void end(void)
{
	board_destroy(d);
}

static uint8_t *page(unsigned n)
{
	return fake_guest_page(tools, n);
}

static long call_as(struct domain *who, uint16_t domid, uint64_t size, uint64_t other_size)
{
	uint64_t bufs[4] = { OP << 12, size, OTHER << 12, other_size };
	uint64_t args[5] = { domid, other_size ? 2 : 1, BUFS << 12 };
	long r;

	memcpy(fake_guest_page(who, BUFS), bufs, sizeof(bufs));
	memcpy(fake_guest_page(who, OP), &op, sizeof(op));
	do {
		percpu()->pending = 0;
		percpu()->hypercall_start_ns = 0;
		r = dm_op(who->vcpus[0], args);
	} while (r == HYPERCALL_RESTART);
	memcpy(&op, fake_guest_page(who, OP), sizeof(op));
	return r;
}

static long call(uint32_t number)
{
	op.op = number;
	return call_as(tools, 3, sizeof(op), 0);
}

static long call_list(uint32_t number, uint64_t size)
{
	op.op = number;
	return call_as(tools, 3, sizeof(op), size);
}

static bool pin(unsigned gsi)
{
	return container_of(vioapic_line(d, gsi), struct vioapic_pin, wire)->asserted;
}

static void rights_and_buffers(void)
{
	uint64_t args[5] = { 3, 1, BUFS << 12 };
	uint32_t compat[2] = { OP << 12, sizeof(op) };

	start();
	op.op = XEN_DMOP_nr_vcpus;
	CHECK_EQ(call(XEN_DMOP_nr_vcpus), 0);
	CHECK_EQ(op.u.nr_vcpus.vcpus, 2);
	CHECK_EQ(call_as(d, 0, sizeof(op), 0), -EPERM);
	CHECK_EQ(call_as(tools, 0, sizeof(op), 0), -EPERM);
	CHECK_EQ(call_as(tools, 77, sizeof(op), 0), -ESRCH);
	CHECK_EQ(call_as(tools, 3, 4, 0), -EINVAL);
	CHECK_EQ(call_as(tools, 3, 11, 0), -EINVAL);
	CHECK_EQ(call_as(tools, 3, 12, 0), 0); /* as much as this one needs */
	args[1] = 3;
	CHECK_EQ(dm_op(tools->vcpus[0], args), -E2BIG);
	args[1] = 0;
	CHECK_EQ(dm_op(tools->vcpus[0], args), -EINVAL);
	args[1] = 1;
	args[2] = 0x7ffff000;
	CHECK_EQ(dm_op(tools->vcpus[0], args), -EFAULT);
	op.pad = 1;
	CHECK_EQ(call(XEN_DMOP_nr_vcpus), -EINVAL);
	op.pad = 0;
	CHECK_EQ(call(0), -EOPNOTSUPP);
	CHECK_EQ(call(XEN_DMOP_set_irq_level), -EOPNOTSUPP);
	CHECK_EQ(call(XEN_DMOP_create_ioreq_server), -EOPNOTSUPP);
	CHECK_EQ(call(1000), -EOPNOTSUPP);
	/* a 32-bit caller's list */
	guest_set_compat(tools);
	memset(&op, 0, sizeof(op));
	op.op = XEN_DMOP_nr_vcpus;
	memcpy(page(BUFS), compat, sizeof(compat));
	memcpy(page(OP), &op, sizeof(op));
	args[2] = BUFS << 12;
	CHECK_EQ(dm_op(tools->vcpus[0], args), 0);
	CHECK_EQ(((struct xen_dm_op *)page(OP))->u.nr_vcpus.vcpus, 2);
	end();
}

static void interrupts(void)
{
	start();
	op.u.set_pci_intx_level = (struct xen_dm_op_set_pci_intx_level){ 0, 0, 4, 1, 1 };
	CHECK_EQ(call(XEN_DMOP_set_pci_intx_level), 0);
	CHECK(pin(33));
	op.u.set_pci_intx_level.level = 2;
	CHECK_EQ(call(XEN_DMOP_set_pci_intx_level), -EINVAL);
	op.u.set_pci_intx_level = (struct xen_dm_op_set_pci_intx_level){ 0, 1, 4, 1, 1 };
	CHECK_EQ(call(XEN_DMOP_set_pci_intx_level), -EINVAL);
	op.u.set_pci_intx_level = (struct xen_dm_op_set_pci_intx_level){ 0, 0, 32, 1, 1 };
	CHECK_EQ(call(XEN_DMOP_set_pci_intx_level), -EINVAL);
	op.u.set_pci_link_route = (struct xen_dm_op_set_pci_link_route){ 1, 10 };
	CHECK_EQ(call(XEN_DMOP_set_pci_link_route), 0);
	CHECK(pin(10)); /* device 4, pin B: link 1 */
	op.u.set_pci_link_route = (struct xen_dm_op_set_pci_link_route){ 4, 10 };
	CHECK_EQ(call(XEN_DMOP_set_pci_link_route), -EINVAL);
	op.u.set_isa_irq_level = (struct xen_dm_op_set_isa_irq_level){ 7, 1 };
	CHECK_EQ(call(XEN_DMOP_set_isa_irq_level), 0);
	CHECK(pin(7));
	op.u.set_isa_irq_level = (struct xen_dm_op_set_isa_irq_level){ 16, 1 };
	CHECK_EQ(call(XEN_DMOP_set_isa_irq_level), -EINVAL);
	vlapic_write(d->vcpus[0], 0xf0, 0x1ff);
	op.u.inject_msi = (struct xen_dm_op_inject_msi){ .data = 0x51, .addr = 0xfee00000 };
	CHECK_EQ(call(XEN_DMOP_inject_msi), 0);
	CHECK_EQ(board_take(d), 0x51);
	end();
	/* a guest without a board */
	CHECK_EQ(call(XEN_DMOP_inject_msi), -ENODEV);
	op.u.set_isa_irq_level = (struct xen_dm_op_set_isa_irq_level){ 7, 1 };
	CHECK_EQ(call(XEN_DMOP_set_isa_irq_level), -ENODEV);
}

static void events(void)
{
	struct vcpu *v;

	start();
	v = d->vcpus[1];
	op.u.inject_event = (struct xen_dm_op_inject_event){ .vcpuid = 1,
		                                             .vector = X86_PF,
		                                             .type = XEN_DMOP_EVENT_hw_exc,
		                                             .error_code = 2,
		                                             .cr2 = 0x1234 };
	CHECK_EQ(call(XEN_DMOP_inject_event), 0);
	CHECK_EQ(v->event.type, EVENT_EXCEPTION);
	CHECK_EQ(v->event.vector, X86_PF);
	CHECK_EQ(v->event.error_code, 2);
	CHECK_EQ(v->event.cr2, 0x1234);
	CHECK_EQ(call(XEN_DMOP_inject_event), -EBUSY);
	v->event.type = EVENT_NONE;
	op.u.inject_event.vcpuid = 2;
	CHECK_EQ(call(XEN_DMOP_inject_event), -EINVAL);
	op.u.inject_event.vcpuid = 1;
	op.u.inject_event.type = 1;
	CHECK_EQ(call(XEN_DMOP_inject_event), -EINVAL);
	op.u.inject_event.type = 200;
	CHECK_EQ(call(XEN_DMOP_inject_event), -EINVAL);
	op.u.inject_event.type = XEN_DMOP_EVENT_hw_exc;
	op.u.inject_event.vector = 77; /* no exception */
	CHECK_EQ(call(XEN_DMOP_inject_event), -EINVAL);
	/* INT n has a length: its return address is behind it */
	op.u.inject_event.type = XEN_DMOP_EVENT_sw_int;
	CHECK_EQ(call(XEN_DMOP_inject_event), -EINVAL);
	CHECK_EQ(v->event.type, EVENT_NONE);
	op.u.inject_event.insn_len = 2;
	CHECK_EQ(call(XEN_DMOP_inject_event), 0);
	CHECK_EQ(v->event.insn_len, 2);
	end();
}

static unsigned bits(unsigned n)
{
	unsigned count = 0;

	for (unsigned i = 0; i < n; i++)
		count += page(OTHER)[i / 8] >> i % 8 & 1;
	return count;
}

static void video_memory(void)
{
	start();
	memset(page(OTHER), 0x55, 64);
	op.u.track_dirty_vram = (struct xen_dm_op_track_dirty_vram){ .nr = 20, .first_pfn = 5 };
	CHECK_EQ(call_list(XEN_DMOP_track_dirty_vram, 3), 0);
	CHECK_EQ(bits(24), 20);
	CHECK_EQ(page(OTHER)[3], 0x55);
	CHECK_EQ(call_list(XEN_DMOP_track_dirty_vram, 3), 0);
	CHECK_EQ(bits(24), 0);
	CHECK(p2m_mark_dirty(&d->p2m, gfn(6)));
	CHECK(p2m_mark_dirty(&d->p2m, gfn(24)));
	CHECK_EQ(call_list(XEN_DMOP_track_dirty_vram, 3), 0);
	CHECK_EQ(page(OTHER)[0], 2);
	CHECK_EQ(page(OTHER)[2], 8);
	CHECK_EQ(bits(24), 2);
	/* whole blocks, with holes */
	op.u.track_dirty_vram = (struct xen_dm_op_track_dirty_vram){ .nr = 1030, .first_pfn = 3 };
	CHECK_EQ(call_list(XEN_DMOP_track_dirty_vram, 129), 0);
	CHECK_EQ(bits(1030), 32 - 3 - 20);
	CHECK_EQ(page(OTHER)[0] & 7, 3);
	/* by somebody who reads them for another reason, too, they are only looked at */
	CHECK(p2m_mark_dirty(&d->p2m, gfn(6)));
	d->settings.logs_dirty = true;
	CHECK_EQ(call_list(XEN_DMOP_track_dirty_vram, 129), 0);
	CHECK_EQ(call_list(XEN_DMOP_track_dirty_vram, 129), 0);
	CHECK_EQ(bits(1030), 1);
	CHECK_EQ(call_list(XEN_DMOP_track_dirty_vram, 128), -EINVAL);
	op.u.track_dirty_vram.nr = 0x10001;
	CHECK_EQ(call_list(XEN_DMOP_track_dirty_vram, 0x4000), -EINVAL);
	op.u.track_dirty_vram = (struct xen_dm_op_track_dirty_vram){ .nr = 16, .first_pfn = ~0ull };
	CHECK_EQ(call_list(XEN_DMOP_track_dirty_vram, 16), -EINVAL);
	end();
}

static void memory(void)
{
	struct xen_dm_op_modified_memory_extent e[2] = { { 3, 0, 4 }, { 2, 0, 20 } };
	mfn_t m;

	start();
	for (unsigned i = 0; i < 32; i++)
		CHECK_EQ(p2m_change_type(&d->p2m, gfn(i), P2M_RAM_RW, P2M_RAM_LOGDIRTY), 0);
	memcpy(page(OTHER), e, sizeof(e));
	op.u.modified_memory.nr_extents = 2;
	CHECK_EQ(call_list(XEN_DMOP_modified_memory, sizeof(e)), 0);
	for (unsigned i = 0; i < 32; i++)
		CHECK_EQ(p2m_lookup(&d->p2m, gfn(i)).type == P2M_RAM_RW,
		         (i >= 4 && i < 7) || i == 20 || i == 21);
	op.u.modified_memory = (struct xen_dm_op_modified_memory){ .nr_extents = 3 };
	CHECK_EQ(call_list(XEN_DMOP_modified_memory, sizeof(e)), -EINVAL);
	op.u.set_mem_type = (struct xen_dm_op_set_mem_type){ 2, HVMMEM_ram_ro, 0, 8 };
	CHECK_EQ(call(XEN_DMOP_set_mem_type), 0);
	CHECK_EQ(p2m_lookup(&d->p2m, gfn(9)).type, P2M_RAM_RO);
	CHECK_EQ(p2m_lookup(&d->p2m, gfn(10)).type, P2M_RAM_LOGDIRTY);
	op.u.set_mem_type = (struct xen_dm_op_set_mem_type){ 1, HVMMEM_ram_rw, 0, 8 };
	CHECK_EQ(call(XEN_DMOP_set_mem_type), 0);
	CHECK_EQ(p2m_lookup(&d->p2m, gfn(8)).type, P2M_RAM_RW);
	op.u.set_mem_type = (struct xen_dm_op_set_mem_type){ 1, HVMMEM_mmio_dm, 0, 8 };
	CHECK_EQ(call(XEN_DMOP_set_mem_type), -EINVAL);
	op.u.set_mem_type = (struct xen_dm_op_set_mem_type){ 1, HVMMEM_ram_ro, 0, 100 };
	CHECK_EQ(call(XEN_DMOP_set_mem_type), -EINVAL);
	m = p2m_lookup(&d->p2m, gfn(30)).mfn;
	op.u.relocate_memory = (struct xen_dm_op_relocate_memory){ 2, 0, 30, 200 };
	CHECK_EQ(call(XEN_DMOP_relocate_memory), 0);
	CHECK(mfn_equal(p2m_lookup(&d->p2m, gfn(200)).mfn, m));
	CHECK_EQ(p2m_lookup(&d->p2m, gfn(31)).type, P2M_HOLE);
	CHECK_EQ(op.u.relocate_memory.size, 0);
	op.u.relocate_memory = (struct xen_dm_op_relocate_memory){ 1, 0, 300, 301 };
	CHECK_EQ(call(XEN_DMOP_relocate_memory), -EINVAL);
	op.u.pin_memory_cacheattr = (struct xen_dm_op_pin_memory_cacheattr){ 1, 2, 1, 0 };
	CHECK_EQ(call(XEN_DMOP_pin_memory_cacheattr), 0);
	op.u.pin_memory_cacheattr.type = 2;
	CHECK_EQ(call(XEN_DMOP_pin_memory_cacheattr), -EINVAL);
	op.u.remote_shutdown.reason = SHUTDOWN_crash;
	CHECK_EQ(call(XEN_DMOP_remote_shutdown), 0);
	CHECK(d->is_shut_down);
	CHECK_EQ(d->shutdown_code, SHUTDOWN_crash);
	end();
}

/* Long ones give way, and come to their end. */
static void in_pieces(void)
{
	start();
	fake_tick_ns = 60000;
	op.u.set_mem_type = (struct xen_dm_op_set_mem_type){ 20, HVMMEM_ram_ro, 0, 4 };
	CHECK_EQ(call(XEN_DMOP_set_mem_type), 0);
	fake_tick_ns = 0;
	for (unsigned i = 4; i < 24; i++)
		CHECK_EQ(p2m_lookup(&d->p2m, gfn(i)).type, P2M_RAM_RO);
	end();
}

UNIT_MAIN(UNIT(rights_and_buffers), UNIT(interrupts), UNIT(events), UNIT(video_memory),
          UNIT(memory), UNIT(in_pieces))
