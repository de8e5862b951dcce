/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen/boot/pvh_*.c: a domain is built, and its memory read as its kernel would. */
#include <string.h>
#include "unit.h"
#include "errno.h"
#include "fake_domain.h"
#include "fake_kernel.h"
#include "machine_fake.h"
#include "pvh_build.h"
#include "virt_ops.h"

#include <xen/arch-x86/hvm/start_info.h>
#include <xen/xen.h>

static uint8_t kernel[FAKE_KERNEL_SIZE];
static struct cpuid_policy cpuid;
static uint8_t module_bytes[2][5000];
static const struct pvh_module modules[2] = {
	{ module_bytes[0], 5000, "first module" },
	{ module_bytes[1], 1, NULL },
};

static void kernel_make(uint32_t paddr, uint32_t size)
{
	fake_kernel_make(kernel, paddr, size);
}

static struct pvh_config config_make(void)
{
	struct cpuid_policy host;

	for (unsigned i = 0; i < 2; i++)
		memset(module_bytes[i], 0x31 + (int)i, sizeof(module_bytes[i]));
	fake_core_init(MIB(64), 2);
	cpuid_read_host(fake_cpuid, &host);
	cpuid_guest_default(&host, &cpuid);
	return (struct pvh_config){
		.name = "test kernel",
		.kernel = { kernel, sizeof(kernel), "console=hvc0 x" },
		.modules = modules,
		.nr_modules = 2,
		.memory = MIB(16) + 0x3000,
		.max_vcpus = 3,
		.is_privileged = true,
		.cpuid = &cpuid,
		.layout = &pvh_guest_layout,
	};
}

/* Gives everything back, as the end of a domain does. */
static void finish(struct domain *d)
{
	domain_destroy(d);
	domain_put(d);
	for (int i = 0; i < 1000; i++)
		work_run();
}

static void read_gpa(struct domain *d, uint64_t at, void *to, size_t n)
{
	CHECK_EQ(guest_read_gpa(d, to, gpa(at), n), 0);
}

static uint64_t sum(struct domain *d, uint64_t at, uint32_t n)
{
	uint8_t byte, total = 0;

	while (n--) {
		read_gpa(d, at++, &byte, 1);
		total = (uint8_t)(total + byte);
	}
	return total;
}

static void check_text(struct domain *d, uint64_t at, const char *expected)
{
	char text[64];

	read_gpa(d, at, text, strlen(expected) + 1);
	CHECK(!strcmp(text, expected));
}

static void whole(void)
{
	struct pvh_config config = config_make();
	struct hvm_start_info info;
	struct hvm_modlist_entry list[2];
	struct hvm_memmap_table_entry map[8];
	struct segment cs, tr;
	struct domain *d;
	struct vcpu *v;
	uint8_t bytes[0x1000];
	uint64_t total = 0;

	kernel_make(0x200000, 0x1800);
	CHECK_EQ(pvh_build(&config, &d), 0);
	CHECK_EQ(d->id, 0);
	CHECK(d->is_privileged);
	CHECK_EQ(d->nr_pages, (MIB(16) + 0x3000) >> 12);
	/* the kernel and its zeroes */
	read_gpa(d, 0x200000, bytes, sizeof(bytes));
	CHECK_EQ(bytes[0x7ff], 0xaa);
	CHECK_EQ(bytes[0x800], 0);
	/* its first vcpu */
	v = domain_vcpu(d, 0);
	CHECK(v && domain_vcpu(d, 2) && v->is_initialised && !domain_vcpu(d, 1)->is_initialised);
	CHECK_EQ(v->regs.rip, 0x200010);
	CHECK_EQ(v->regs.rflags, 2);
	CHECK_EQ(v->regs.r[GPR_RAX], 0);
	CHECK_EQ(virt->get_reg(v, REG_CR0) & ~CR0_ET, CR0_PE);
	CHECK_EQ(virt->get_reg(v, REG_CR4), 0);
	CHECK_EQ(virt->get_reg(v, REG_EFER), 0);
	virt->get_segment(v, SEG_CS, &cs);
	virt->get_segment(v, SEG_TR, &tr);
	CHECK_EQ(cs.attr, 0xc9b);
	CHECK_EQ(cs.limit, 0xffffffff);
	CHECK_EQ(cs.base, 0);
	CHECK_EQ(tr.limit, 0x67);
	/* start info */
	read_gpa(d, v->regs.r[GPR_RBX], &info, sizeof(info));
	CHECK_EQ(v->regs.r[GPR_RBX], 0x202000);
	CHECK_EQ(info.magic, XEN_HVM_START_MAGIC_VALUE);
	CHECK_EQ(info.version, 1);
	CHECK_EQ(info.flags, SIF_PRIVILEGED | SIF_INITDOMAIN);
	CHECK_EQ(info.nr_modules, 2);
	CHECK_EQ(info.reserved, 0);
	check_text(d, info.cmdline_paddr, "console=hvc0 x");
	read_gpa(d, info.modlist_paddr, list, sizeof(list));
	CHECK_EQ(list[0].paddr % PAGE_SIZE, 0);
	CHECK_EQ(list[1].paddr, list[0].paddr + 0x2000);
	CHECK_EQ(list[0].size, 5000);
	CHECK_EQ(list[1].size, 1);
	check_text(d, list[0].cmdline_paddr, "first module");
	check_text(d, list[1].cmdline_paddr, "");
	read_gpa(d, list[0].paddr + 4000, bytes, 1000);
	CHECK_EQ(bytes[999], 0x31);
	read_gpa(d, list[1].paddr, bytes, 1);
	CHECK_EQ(bytes[0], 0x32);
	/* memory map: sorted, and all of the domain's pages but the reserved part of the first MiB */
	CHECK_EQ(info.memmap_entries, 3);
	read_gpa(d, info.memmap_paddr, map, 3 * sizeof(map[0]));
	for (unsigned i = 0; i < 3; i++) {
		CHECK_EQ(map[i].reserved, 0);
		CHECK(!i || map[i].addr == map[i - 1].addr + map[i - 1].size);
		total += map[i].size;
	}
	CHECK_EQ(map[0].type, XEN_HVM_MEMMAP_TYPE_RAM);
	CHECK_EQ(map[1].type, XEN_HVM_MEMMAP_TYPE_RESERVED);
	CHECK_EQ(map[1].addr, 0xa0000);
	CHECK_EQ(total, d->nr_pages << PAGE_SHIFT);
	CHECK_EQ(info.rsdp_paddr, 0xe0000);
	finish(d);
}

struct header {
	char signature[4];
	uint32_t length;
	uint8_t revision, checksum;
	char rest[26];
};

static uint32_t table_check(struct domain *d, uint64_t at, const char *signature)
{
	struct header h;

	read_gpa(d, at, &h, sizeof(h));
	CHECK(!memcmp(h.signature, signature, 4));
	CHECK(h.length >= sizeof(h) && h.length < 0x4000);
	CHECK_EQ(sum(d, at, h.length), 0);
	return h.length;
}

static void acpi(void)
{
	struct pvh_config config = config_make();
	struct domain *d;
	uint8_t rsdp[36], fadt[268], madt[0x2000];
	uint64_t xsdt, table[2], dsdt;
	uint32_t length, dsdt32;

	config.max_vcpus = DOMAIN_MAX_VCPUS;
	config.package_vcpus = 1;
	config.is_privileged = false;
	kernel_make(0x100000, 0x1800);
	CHECK_EQ(pvh_build(&config, &d), 0);
	CHECK_EQ(d->id, 1);
	CHECK_EQ(d->package_vcpus, 1);
	read_gpa(d, 0xe0000, rsdp, sizeof(rsdp));
	CHECK(!memcmp(rsdp, "RSD PTR ", 8));
	CHECK_EQ(rsdp[15], 2);
	CHECK_EQ(sum(d, 0xe0000, 20), 0);
	CHECK_EQ(sum(d, 0xe0000, 36), 0);
	memcpy(&xsdt, rsdp + 24, 8);
	CHECK_EQ(table_check(d, xsdt, "XSDT"), 36 + 16);
	read_gpa(d, xsdt + 36, table, sizeof(table));
	CHECK_EQ(table_check(d, table[0], "FACP"), 268);
	read_gpa(d, table[0], fadt, sizeof(fadt));
	CHECK_EQ(fadt[8], 5);
	CHECK_EQ(fadt[109] | fadt[110] << 8, 0x24); /* no VGA, no CMOS clock, no 8042 */
	CHECK_EQ(fadt[114] & 0x10, 0); /* hardware-reduced is bit 20 of the flags at 112 */
	memcpy(&dsdt32, fadt + 40, 4);
	memcpy(&dsdt, fadt + 140, 8);
	CHECK_EQ(dsdt, dsdt32);
	table_check(d, dsdt, "DSDT");
	/* each vcpu once, with its APIC id; those of 255 and above by the x2APIC form */
	length = table_check(d, table[1], "APIC");
	read_gpa(d, table[1], madt, length);
	for (uint32_t at = 44, id = 0; id < DOMAIN_MAX_VCPUS; id++) {
		if (id < 128) {
			CHECK(madt[at] == 0 && madt[at + 1] == 8);
			CHECK_EQ(madt[at + 2], id);
			CHECK_EQ(madt[at + 3], id * 2);
			CHECK_EQ(madt[at + 4], 1);
		}
		at += madt[at + 1];
		CHECK(at <= length);
		CHECK(id < DOMAIN_MAX_VCPUS - 1 || at == length);
	}
	finish(d);
}

static void low_kernel_and_large_pages(void)
{
	struct pvh_config config = config_make();
	struct domain *d;

	/* below 1 MiB there is RAM; the start info goes above 1 MiB all the same */
	kernel_make(0x8000, 0x1800);
	config.memory = MIB(8);
	CHECK_EQ(pvh_build(&config, &d), 0);
	CHECK_EQ(domain_vcpu(d, 0)->regs.r[GPR_RBX], MIB(1));
	CHECK_EQ(p2m_lookup(&d->p2m, gfn(0x300)).order, PAGE_ORDER_2M);
	finish(d);
	/* a kernel at the very end leaves room before itself only */
	config = config_make();
	config.memory = MIB(8);
	kernel_make(MIB(8) - 0x1800, 0x1800);
	CHECK_EQ(pvh_build(&config, &d), 0);
	CHECK_EQ(domain_vcpu(d, 0)->regs.r[GPR_RBX], MIB(1));
	finish(d);
}

static void refused(void)
{
	struct pvh_config config = config_make();
	uint64_t before = page_nr_free();
	struct domain *d;

	kernel_make(0x100000, 0x1800);
	config.kernel.size = 0x1100;
	CHECK_EQ(pvh_build(&config, &d), -ENOEXEC);
	config.kernel.size = sizeof(kernel);
	config.max_vcpus = DOMAIN_MAX_VCPUS + 1;
	CHECK_EQ(pvh_build(&config, &d), -EINVAL);
	config.max_vcpus = 0;
	CHECK_EQ(pvh_build(&config, &d), -EINVAL);
	config.max_vcpus = 1;
	config.memory = MIB(1);
	CHECK_EQ(pvh_build(&config, &d), -EINVAL);
	CHECK_EQ(page_nr_free(), before);
	config.is_privileged = false;
	/* over the hole in the first MiB, and beyond the end */
	config.memory = MIB(4);
	kernel_make(0x9f000, 0x1800);
	CHECK_EQ(pvh_build(&config, &d), -EINVAL);
	kernel_make(MIB(4), 0x1800);
	CHECK_EQ(pvh_build(&config, &d), -EINVAL);
	/* more memory than there is; modules that do not fit */
	kernel_make(0x100000, 0x1800);
	config.memory = MIB(100);
	CHECK_EQ(pvh_build(&config, &d), -ENOMEM);
	config = config_make();
	config.memory = MIB(4);
	kernel_make(0x100000, MIB(3) - 0x1000);
	CHECK_EQ(pvh_build(&config, &d), -ENOMEM);
}

UNIT_MAIN(UNIT(whole), UNIT(acpi), UNIT(low_kernel_and_large_pages), UNIT(refused))
