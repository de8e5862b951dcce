/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exit codes of the hardware into neutral reasons, with and without what newer CPUs add. APM volume 2, appendix C, 15.8 to 15.14. */
#include "svm.h"
#include "virt_event.h"
#include "unit.h"

#include <string.h>

struct svm_host svm_host;

static struct vmcb vmcb;
static struct svm_vcpu state;
static struct vcpu vcpu;

static void setup(uint32_t features)
{
	memset(&vmcb, 0, sizeof(vmcb));
	memset(&state, 0, sizeof(state));
	memset(&vcpu, 0, sizeof(vcpu));
	state.vmcb = &vmcb;
	vcpu.virt = &state;
	svm_host.features = features;
	vmcb.rip = vcpu.regs.rip = 0x1000;
	vmcb.next_rip = 0x1002;
}

static void decode(uint64_t code, uint64_t info1, uint64_t info2)
{
	vmcb.exit_code = code;
	vmcb.exit_info_1 = info1;
	vmcb.exit_info_2 = info2;
	svm_exit_decode(&vcpu);
}

static void test_plain_kinds(void)
{
	static const struct {
		uint64_t code;
		enum exit_kind kind;
	} rows[] = {
		{ SVM_EXIT_INTR, EXIT_HOST_EVENT },
		{ SVM_EXIT_NMI, EXIT_HOST_EVENT },
		{ SVM_EXIT_INIT, EXIT_HOST_EVENT },
		{ SVM_EXIT_VINTR, EXIT_WINDOW_OPEN },
		{ SVM_EXIT_RDTSC, EXIT_RDTSC },
		{ SVM_EXIT_RDTSCP, EXIT_RDTSC },
		{ SVM_EXIT_RDPMC, EXIT_RDPMC },
		{ SVM_EXIT_CPUID, EXIT_CPUID },
		{ SVM_EXIT_HLT, EXIT_HALT },
		{ SVM_EXIT_INVD, EXIT_INVD },
		{ SVM_EXIT_WBINVD, EXIT_INVD },
		{ SVM_EXIT_PAUSE, EXIT_PAUSE },
		{ SVM_EXIT_SHUTDOWN, EXIT_TRIPLE_FAULT },
		{ SVM_EXIT_VMMCALL, EXIT_HYPERCALL },
		{ SVM_EXIT_VMRUN, EXIT_VIRT_INSN },
		{ SVM_EXIT_VMLOAD, EXIT_VIRT_INSN },
		{ SVM_EXIT_VMSAVE, EXIT_VIRT_INSN },
		{ SVM_EXIT_STGI, EXIT_VIRT_INSN },
		{ SVM_EXIT_CLGI, EXIT_VIRT_INSN },
		{ SVM_EXIT_SKINIT, EXIT_VIRT_INSN },
		{ SVM_EXIT_INVLPGA, EXIT_VIRT_INSN },
		{ SVM_EXIT_RSM, EXIT_VIRT_INSN },
		{ SVM_EXIT_MONITOR, EXIT_MWAIT },
		{ SVM_EXIT_MWAIT, EXIT_MWAIT },
		{ SVM_EXIT_XSETBV, EXIT_XSETBV },
	};

	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		setup(0);
		decode(rows[i].code, 0, 0);
		CHECK_EQ(vcpu.exit.kind, rows[i].kind);
		CHECK_EQ(vcpu.exit.insn_len, 0);
	}
}

static void test_length_by_nrip(void)
{
	setup(1u << SVM_NRIP_SAVE);
	decode(SVM_EXIT_CPUID, 0, 0);
	CHECK_EQ(vcpu.exit.insn_len, 2);
	/* not an instruction: the field means nothing */
	decode(SVM_EXIT_VINTR, 0, 0);
	CHECK_EQ(vcpu.exit.insn_len, 0);
	decode(SVM_EXIT_NPF, 0, 0);
	CHECK_EQ(vcpu.exit.insn_len, 0);
}

static void test_port(void)
{
	setup(0);
	/* out 0x80, al: port, one byte */
	decode(SVM_EXIT_IOIO, 0x80ull << 16 | 1u << 4, 0x1002);
	CHECK_EQ(vcpu.exit.kind, EXIT_PIO);
	CHECK_EQ(vcpu.exit.pio.port, 0x80);
	CHECK_EQ(vcpu.exit.pio.size, 1);
	CHECK(vcpu.exit.pio.is_write);
	CHECK_EQ(vcpu.exit.insn_len, 2);
	/* in eax, dx */
	decode(SVM_EXIT_IOIO, 0xcfcull << 16 | 4u << 4 | IOIO_IN, 0x1001);
	CHECK_EQ(vcpu.exit.pio.port, 0xcfc);
	CHECK_EQ(vcpu.exit.pio.size, 4);
	CHECK(!vcpu.exit.pio.is_write);
	CHECK_EQ(vcpu.exit.insn_len, 1);
}

static void test_string_port(void)
{
	uint64_t outs = 0x1f0ull << 16 | SEG_FS << 10 | 2u << 7 | 2u << 4 | IOIO_REP | IOIO_STRING;

	setup(0);
	decode(SVM_EXIT_IOIO, outs, 0x1003);
	CHECK_EQ(vcpu.exit.kind, EXIT_PIO_STRING);
	CHECK_EQ(vcpu.exit.pio.addr_size, 4);
	CHECK_EQ(vcpu.exit.pio.size, 2);
	CHECK(vcpu.exit.pio.rep);
	CHECK_EQ(vcpu.exit.pio.segment, 0xff);
	setup(1u << SVM_DECODE_ASSISTS);
	decode(SVM_EXIT_IOIO, outs, 0x1003);
	CHECK_EQ(vcpu.exit.pio.segment, SEG_FS);
	/* INS has no choice */
	decode(SVM_EXIT_IOIO, outs | IOIO_IN, 0x1003);
	CHECK_EQ(vcpu.exit.pio.segment, SEG_ES);
}

static void test_msr(void)
{
	setup(0);
	vcpu.regs.r[GPR_RCX] = 0xffffffffc0000080ull;
	decode(SVM_EXIT_MSR, 0, 0);
	CHECK_EQ(vcpu.exit.kind, EXIT_MSR_READ);
	CHECK_EQ(vcpu.exit.msr.index, 0xc0000080);
	decode(SVM_EXIT_MSR, 1, 0);
	CHECK_EQ(vcpu.exit.kind, EXIT_MSR_WRITE);
}

static void test_control_registers(void)
{
	setup(0);
	decode(SVM_EXIT_CR_WRITE + 4, 0, 0);
	CHECK_EQ(vcpu.exit.kind, EXIT_CR_ACCESS);
	CHECK_EQ(vcpu.exit.cr.cr, 4);
	CHECK(vcpu.exit.cr.is_write);
	CHECK_EQ(vcpu.exit.cr.gpr, 0xff);
	decode(SVM_EXIT_CR_READ + 0, 0, 0);
	CHECK_EQ(vcpu.exit.cr.cr, 0);
	CHECK(!vcpu.exit.cr.is_write);

	setup(1u << SVM_DECODE_ASSISTS);
	decode(SVM_EXIT_CR_WRITE + 4, CR_IS_MOV | GPR_R15, 0);
	CHECK_EQ(vcpu.exit.cr.gpr, GPR_R15);
	decode(SVM_EXIT_CR_WRITE + 0, 0, 0); /* LMSW */
	CHECK_EQ(vcpu.exit.cr.gpr, 0xff);
}

static void test_nested_fault(void)
{
	setup(0);
	decode(SVM_EXIT_NPF, BIT(32) | PFEC_WRITE | PFEC_USER, 0xfee00300);
	CHECK_EQ(vcpu.exit.kind, EXIT_MMIO);
	CHECK_EQ(vcpu.exit.mmio.gpa.v, 0xfee00300);
	CHECK(vcpu.exit.mmio.is_write);
	CHECK(!vcpu.exit.mmio.is_present);
	CHECK(!vcpu.exit.mmio.is_fetch);
	CHECK(!vcpu.exit.mmio.in_walk);
	decode(SVM_EXIT_NPF, NPF_IN_WALK | PFEC_PRESENT | PFEC_FETCH, 0x1000);
	CHECK(vcpu.exit.mmio.is_present);
	CHECK(vcpu.exit.mmio.is_fetch);
	CHECK(vcpu.exit.mmio.in_walk);
}

static void test_insn_bytes(void)
{
	uint8_t bytes[15];

	setup(0);
	vmcb.nr_insn_bytes = 3;
	memcpy(vmcb.insn_bytes, "\x89\x07\x90", 3);
	decode(SVM_EXIT_NPF, 0, 0);
	CHECK_EQ(svm_insn_bytes(&vcpu, bytes), 0);
	svm_host.features = 1u << SVM_DECODE_ASSISTS;
	CHECK_EQ(svm_insn_bytes(&vcpu, bytes), 3);
	CHECK(!memcmp(bytes, "\x89\x07\x90", 3));
	/* left from an earlier exit */
	decode(SVM_EXIT_CPUID, 0, 0);
	CHECK_EQ(svm_insn_bytes(&vcpu, bytes), 0);
}

static void test_exceptions(void)
{
	setup(0);
	vmcb.dr6 = 0xffff4ff0;
	decode(SVM_EXIT_EXCEPTION + X86_DB, 0, 0);
	CHECK_EQ(vcpu.exit.kind, EXIT_EXCEPTION);
	CHECK_EQ(vcpu.exit.exception.vector, X86_DB);
	CHECK(!vcpu.exit.exception.has_error);
	CHECK_EQ(vcpu.exit.exception.cr2_or_dr6, 0xffff4ff0);
	decode(SVM_EXIT_EXCEPTION + X86_AC, 0, 0);
	CHECK_EQ(vcpu.exit.exception.vector, X86_AC);
	CHECK(vcpu.exit.exception.has_error);
	decode(SVM_EXIT_EXCEPTION + X86_UD, 0, 0);
	CHECK_EQ(vcpu.exit.exception.vector, X86_UD);
	CHECK(!vcpu.exit.exception.has_error);
}

static void test_unknown(void)
{
	static const uint64_t codes[] = { 0x43, 0x65, 0x66,  0x75,
		                          0x79, 0x8f, 0x401, 0xffffffffffffull };

	for (unsigned i = 0; i < ARRAY_LEN(codes); i++) {
		setup(1u << SVM_NRIP_SAVE);
		decode(codes[i], 1, 2);
		CHECK_EQ(vcpu.exit.kind, EXIT_UNKNOWN);
		CHECK_EQ(vcpu.exit.raw.code, codes[i]);
		CHECK_EQ(vcpu.exit.raw.info1, 1);
		CHECK_EQ(vcpu.exit.raw.info2, 2);
	}
}

UNIT_MAIN(UNIT(test_plain_kinds), UNIT(test_length_by_nrip), UNIT(test_port),
          UNIT(test_string_port), UNIT(test_msr), UNIT(test_control_registers),
          UNIT(test_nested_fault), UNIT(test_insn_bytes), UNIT(test_exceptions), UNIT(test_unknown))
