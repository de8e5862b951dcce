/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The road of a hypercall: who may call, which arguments, what comes back; multicall, xen_version, console_io, vm_assist, hvm_op. */
#include <string.h>

#include "exit_handlers.h"
#include "fake_domain.h"
#include "hypercall.h"
#include "machine_fake.h"
#include "unit.h"
#include "virt_script.h"

#include <xen/features.h>
#include <xen/hvm/hvm_op.h>
#include <xen/version.h>
#include <xen/sched.h>
#include <xen/xen.h>

static struct domain *d;
static struct vcpu *v;

static void start(void)
{
	d = fake_domain_machine(1, 2, 64);
	v = d->vcpus[0];
	v->regs.rip = 0x1000;
}

/* A 32-bit caller's hypercall by instruction. */
static int32_t call(uint32_t number, uint32_t a, uint32_t b, uint32_t c)
{
	v->regs.r[GPR_RAX] = number;
	v->regs.r[GPR_RBX] = a;
	v->regs.r[GPR_RCX] = b;
	v->regs.r[GPR_RDX] = c;
	v->exit = (struct vcpu_exit){ .kind = EXIT_HYPERCALL, .insn_len = 3 };
	exit_dispatch(v);
	return (int32_t)v->regs.r[GPR_RAX];
}

static void *at(uint32_t gpa_value)
{
	return (uint8_t *)fake_guest_page(d, gpa_value >> 12) + (gpa_value & 0xfff);
}

static void test_unknown_numbers(void)
{
	start();
	CHECK_EQ(call(63, 0, 0, 0), -ENOSYS);
	CHECK_EQ(call(64, 0, 0, 0), -ENOSYS);
	CHECK_EQ(call(0xffffffff, 0, 0, 0), -ENOSYS);
	CHECK_EQ(call(__HYPERVISOR_mmu_update, 0, 0, 0), -ENOSYS);
	CHECK_EQ(v->regs.rip, 0x1000 + 4 * 3);
	CHECK_EQ(v->event.type, EVENT_NONE);
}

static void test_callers_outside_ring_0(void)
{
	start();
	script_set_cpl(v, 3);
	CHECK_EQ(call(__HYPERVISOR_xen_version, XENVER_version, 0, 0), -EPERM);
	script_set_cpl(v, 0);
	CHECK_EQ(call(__HYPERVISOR_xen_version, XENVER_version, 0, 0), 4 << 16 | 17);
	virt->set_reg(v, REG_CR0, CR0_ET); /* real mode */
	CHECK_EQ(call(__HYPERVISOR_xen_version, XENVER_version, 0, 0), -EPERM);
}

static void test_upper_halves_of_a_32bit_caller_do_not_count(void)
{
	start();
	v->regs.r[GPR_RBX] = 0;
	call(__HYPERVISOR_xen_version, XENVER_version, 0, 0);
	v->regs.r[GPR_RAX] = 0xffffffff00000000 | __HYPERVISOR_xen_version;
	v->regs.r[GPR_RBX] = 0xffffffff00000000 | XENVER_version;
	v->exit = (struct vcpu_exit){ .kind = EXIT_HYPERCALL, .insn_len = 3 };
	exit_dispatch(v);
	CHECK_EQ(v->regs.r[GPR_RAX], 4 << 16 | 17);
}

static void test_xen_version(void)
{
	struct xen_feature_info *info;

	start();
	info = at(0x2000);
	CHECK_EQ(call(__HYPERVISOR_xen_version, XENVER_get_features, 0x2000, 0), 0);
	CHECK(info->submap & 1u << XENFEAT_hvm_callback_vector);
	CHECK(info->submap & 1u << XENFEAT_dom0);
	info->submap_idx = 1;
	CHECK_EQ(call(__HYPERVISOR_xen_version, XENVER_get_features, 0x2000, 0), -EINVAL);
	CHECK_EQ(call(__HYPERVISOR_xen_version, XENVER_get_features, 0xd0000000, 0), -EFAULT);
	CHECK_EQ(call(__HYPERVISOR_xen_version, XENVER_pagesize, 0, 0), 4096);
	CHECK_EQ(call(__HYPERVISOR_xen_version, XENVER_pagesize, 0x2000, 0), -EINVAL);
	CHECK_EQ(call(__HYPERVISOR_xen_version, XENVER_extraversion, 0x2ffc, 0), 0); /* straddles */
	CHECK_EQ(memcmp(at(0x2ffc), ".0-z", 4), 0);
	CHECK_EQ(memcmp(at(0x3000), "azen", 5), 0);
	CHECK_EQ(call(__HYPERVISOR_xen_version, XENVER_capabilities, 0x2000, 0), 0);
	CHECK(strstr(at(0x2000), "hvm-3.0-x86_64"));
	CHECK_EQ(call(__HYPERVISOR_xen_version, 11, 0x2000, 0), -ENOSYS);
	CHECK_EQ(call(__HYPERVISOR_xen_version, 0xffffffff, 0x2000, 0), -ENOSYS);
	memset(at(0x2000), 0xee, 16);
	CHECK_EQ(call(__HYPERVISOR_xen_version, XENVER_platform_parameters, 0x2000, 0), 0);
	CHECK_EQ(*(uint32_t *)at(0x2000), 0);
	CHECK_EQ(*(uint32_t *)at(0x2004), 0xeeeeeeee); /* a 32-bit long */
}

static void test_console_io(void)
{
	start();
	memcpy(at(0x2ffd), "hel", 3);
	memcpy(at(0x3000), "lo\n", 3);
	fake_console_clear();
	CHECK_EQ(call(__HYPERVISOR_console_io, CONSOLEIO_write, 6, 0x2ffd), 0);
	CHECK(strstr(fake_console_text(), "hello"));
	CHECK_EQ(call(__HYPERVISOR_console_io, CONSOLEIO_write, 6, 0xd0000000), -EFAULT);
	CHECK_EQ(call(__HYPERVISOR_console_io, CONSOLEIO_write, 0x80000000, 0x2000), -EINVAL);
	CHECK_EQ(call(__HYPERVISOR_console_io, 2, 0, 0), -ENOSYS);
	CHECK_EQ(call(__HYPERVISOR_console_io, CONSOLEIO_read, 10, 0x2000), 0);
}

static void test_vm_assist(void)
{
	start();
	CHECK_EQ(call(__HYPERVISOR_vm_assist, VMASST_CMD_enable, VMASST_TYPE_runstate_update_flag,
	              0),
	         0);
	CHECK_EQ(d->vm_assist, 1u << VMASST_TYPE_runstate_update_flag);
	CHECK_EQ(call(__HYPERVISOR_vm_assist, VMASST_CMD_disable, VMASST_TYPE_runstate_update_flag,
	              0),
	         0);
	CHECK_EQ(d->vm_assist, 0);
	CHECK_EQ(
		call(__HYPERVISOR_vm_assist, VMASST_CMD_enable, VMASST_TYPE_writable_pagetables, 0),
		-EINVAL);
	CHECK_EQ(call(__HYPERVISOR_vm_assist, VMASST_CMD_enable, 64, 0), -EINVAL);
	CHECK_EQ(call(__HYPERVISOR_vm_assist, 9, VMASST_TYPE_runstate_update_flag, 0), -ENOSYS);
}

struct entry32 {
	uint32_t op, result, args[6];
};

static void test_multicall(void)
{
	struct entry32 *list;

	start();
	list = at(0x2000);
	list[0] = (struct entry32){ __HYPERVISOR_xen_version, 9, { XENVER_version } };
	list[1] = (struct entry32){ 999, 9, { 0 } };
	list[2] = (struct entry32){ __HYPERVISOR_multicall, 9, { 0x2000, 1 } };
	list[3] = (struct entry32){ __HYPERVISOR_xen_version, 9, { XENVER_pagesize } };
	CHECK_EQ(call(__HYPERVISOR_multicall, 0x2000, 4, 0), 0);
	CHECK_EQ((int32_t)list[0].result, 4 << 16 | 17);
	CHECK_EQ((int32_t)list[1].result, -ENOSYS);
	CHECK_EQ((int32_t)list[2].result, -EINVAL);
	CHECK_EQ((int32_t)list[3].result, 4096);
	CHECK_EQ(call(__HYPERVISOR_multicall, 0xd0000000, 1, 0), -EFAULT);
	CHECK_EQ(call(__HYPERVISOR_multicall, 0xd0000000, 0, 0), 0);
}

static void test_multicall_restarts(void)
{
	struct entry32 *list;
	unsigned rounds = 0;

	start();
	list = at(0x2000);
	for (int i = 0; i < 100; i++)
		list[i] = (struct entry32){ __HYPERVISOR_xen_version, 9, { XENVER_pagesize } };
	v->regs.r[GPR_RBX] = 0x2000;
	v->regs.r[GPR_RCX] = 100;
	do {
		v->regs.r[GPR_RAX] = __HYPERVISOR_multicall;
		percpu()->pending =
			PENDING_SCHED; /* something always wants the CPU: one entry at a time */
		v->regs.rip = 0x1000;
		v->exit = (struct vcpu_exit){ .kind = EXIT_HYPERCALL, .insn_len = 3 };
		exit_dispatch(v);
		rounds++;
	} while (v->regs.rip == 0x1000 && rounds < 200);
	CHECK_EQ(rounds, 100);
	CHECK_EQ(v->regs.r[GPR_RAX], 0);
	for (int i = 0; i < 100; i++)
		CHECK_EQ(list[i].result, 4096);
}

static int32_t param(uint32_t op, uint16_t domid, uint32_t index, uint64_t value)
{
	struct xen_hvm_param *p = at(0x2000);

	*p = (struct xen_hvm_param){ .domid = domid, .index = index, .value = value };
	return call(__HYPERVISOR_hvm_op, op, 0x2000, 0);
}

static void test_hvm_params(void)
{
	start();
	CHECK_EQ(param(HVMOP_get_param, DOMID_SELF, HVM_PARAM_STORE_PFN, 0), 0);
	CHECK_EQ(param(HVMOP_get_param, DOMID_SELF, HVM_NR_PARAMS, 0), -EINVAL);
	CHECK_EQ(param(HVMOP_get_param, 77, HVM_PARAM_STORE_PFN, 0), -ESRCH);
	CHECK_EQ(param(HVMOP_set_param, DOMID_SELF, HVM_PARAM_STORE_PFN, 5), -EPERM);
	CHECK_EQ(param(HVMOP_set_param, DOMID_SELF, HVM_PARAM_CALLBACK_IRQ, 2ull << 56 | 0x93), 0);
	CHECK_EQ(d->hvm_params.callback_vector, 0x93);
	CHECK_EQ(param(HVMOP_get_param, DOMID_SELF, HVM_PARAM_CALLBACK_IRQ, 0), 0);
	CHECK_EQ(((struct xen_hvm_param *)at(0x2000))->value, 2ull << 56 | 0x93);
	CHECK_EQ(param(HVMOP_set_param, DOMID_SELF, HVM_PARAM_CALLBACK_IRQ, 2ull << 56 | 5), 0);
	CHECK_EQ(d->hvm_params.callback, CALLBACK_NONE);
	CHECK_EQ(call(__HYPERVISOR_hvm_op, HVMOP_set_param, 0xd0000000, 0), -EFAULT);
	CHECK_EQ(call(__HYPERVISOR_hvm_op, 999, 0x2000, 0), -ENOSYS);
}

/* The control domain's: some are checked, some stay as they were first set. */
static void test_hvm_params_of_another(void)
{
	struct domain *other;

	start();
	other = fake_domain_add(1, 16, false);
	CHECK_EQ(param(HVMOP_set_param, other->id, HVM_PARAM_TRIPLE_FAULT_REASON, SHUTDOWN_crash),
	         0);
	CHECK_EQ(other->hvm_params.value[HVM_PARAM_TRIPLE_FAULT_REASON], SHUTDOWN_crash);
	CHECK_EQ(param(HVMOP_set_param, other->id, HVM_PARAM_TRIPLE_FAULT_REASON, SHUTDOWN_MAX + 1),
	         -EINVAL);
	CHECK_EQ(other->hvm_params.value[HVM_PARAM_TRIPLE_FAULT_REASON], SHUTDOWN_crash);
	CHECK_EQ(param(HVMOP_set_param, other->id, HVM_PARAM_VIRIDIAN, 3), 0);
	CHECK_EQ(param(HVMOP_set_param, other->id, HVM_PARAM_VIRIDIAN, 3), 0);
	CHECK_EQ(param(HVMOP_set_param, other->id, HVM_PARAM_VIRIDIAN, 5), -EEXIST);
	CHECK_EQ(other->hvm_params.value[HVM_PARAM_VIRIDIAN], 3);
}

static void test_upcall_vector(void)
{
	struct xen_hvm_evtchn_upcall_vector *op;

	start();
	op = at(0x2000);
	*op = (struct xen_hvm_evtchn_upcall_vector){ .vcpu = 1, .vector = 0xf3 };
	CHECK_EQ(call(__HYPERVISOR_hvm_op, HVMOP_set_evtchn_upcall_vector, 0x2000, 0), 0);
	CHECK_EQ(d->vcpus[1]->upcall_vector, 0xf3);
	op->vector = 15;
	CHECK_EQ(call(__HYPERVISOR_hvm_op, HVMOP_set_evtchn_upcall_vector, 0x2000, 0), -EINVAL);
	op->vector = 0xf3;
	op->vcpu = 2;
	CHECK_EQ(call(__HYPERVISOR_hvm_op, HVMOP_set_evtchn_upcall_vector, 0x2000, 0), -ENOENT);
}

static void test_mem_type(void)
{
	struct {
		uint16_t domid, type, pad[2];
		uint64_t pfn;
	} * op;

	start();
	op = at(0x2000);
	op->domid = DOMID_SELF;
	op->pfn = 3;
	CHECK_EQ(call(__HYPERVISOR_hvm_op, HVMOP_get_mem_type, 0x2000, 0), 0);
	CHECK_EQ(op->type, HVMMEM_ram_rw);
	op->pfn = 0xd0000;
	CHECK_EQ(call(__HYPERVISOR_hvm_op, HVMOP_get_mem_type, 0x2000, 0), 0);
	CHECK_EQ(op->type, HVMMEM_mmio_dm);
}

UNIT_MAIN(UNIT(test_unknown_numbers), UNIT(test_callers_outside_ring_0),
          UNIT(test_upper_halves_of_a_32bit_caller_do_not_count), UNIT(test_xen_version),
          UNIT(test_console_io), UNIT(test_vm_assist), UNIT(test_multicall),
          UNIT(test_multicall_restarts), UNIT(test_hvm_params), UNIT(test_hvm_params_of_another),
          UNIT(test_upcall_vector), UNIT(test_mem_type))
