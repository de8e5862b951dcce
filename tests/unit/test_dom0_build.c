/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xen/boot/dom0_build.c, dom0_memory.c: what loaders put before a command line, the sizes chosen for domain 0, and its memory, which is the machine's own.
 */
#include <string.h>
#include "unit.h"
#include "dom0_build.h"
#include "dom0_memory.h"
#include "domain.h"
#include "errno.h"
#include "fake_domain.h"
#include "fake_kernel.h"
#include "machine_fake.h"
#include "options.h"
#include "packer.h"
#include "pvh_parts.h"
#include <xen/arch-x86/hvm/start_info.h>

static struct cpuid_policy host, cpuid;

static void names(void)
{
	CHECK(!strcmp(boot_command_line_skip_name("xen a=b  c", "qemu"), "a=b  c"));
	CHECK(!strcmp(boot_command_line_skip_name("  /boot/xen", "qemu"), ""));
	CHECK(!strcmp(boot_command_line_skip_name("", "qemu"), ""));
	CHECK(!strcmp(boot_command_line_skip_name(" a=b c", "GRUB 2.06-13"), "a=b c"));
	CHECK(!strcmp(boot_command_line_skip_name("/xen a=b", "GNU GRUB 0.97"), "a=b"));
}

static void memory(void)
{
	CHECK_EQ(options_parse(""), 0);
	/* a sixteenth stays, at most 128 MiB, and large pages stay whole */
	CHECK_EQ(dom0_memory_choose(MIB(160)), MIB(150));
	CHECK_EQ(dom0_memory_choose(GIB(8)), GIB(8) - MIB(128));
	CHECK_EQ(dom0_memory_choose(MIB(161)), MIB(150));
	CHECK_EQ(options_parse("dom0_mem=100M"), 0);
	CHECK_EQ(dom0_memory_choose(MIB(160)), MIB(100));
	CHECK_EQ(dom0_memory_choose(MIB(64)), MIB(60));
	CHECK_EQ(options_parse("dom0_mem=max:100M"), 0);
	CHECK_EQ(dom0_memory_choose(GIB(1)), MIB(100));
	CHECK_EQ(options_parse("dom0_mem=min:120M,100M"), 0);
	CHECK_EQ(dom0_memory_choose(GIB(1)), MIB(120));
	CHECK_EQ(options_parse("dom0_mem=5001K"), 0);
	CHECK_EQ(dom0_memory_choose(GIB(1)), 5001 * 1024);
}

static void vcpus(void)
{
	CHECK_EQ(options_parse(""), 0);
	CHECK_EQ(dom0_vcpus_choose(4), 4);
	CHECK_EQ(dom0_vcpus_choose(1000), DOMAIN_MAX_VCPUS);
	CHECK_EQ(options_parse("dom0_max_vcpus=8"), 0);
	CHECK_EQ(dom0_vcpus_choose(2), 8);
	CHECK_EQ(options_parse("dom0_max_vcpus=2-8"), 0);
	CHECK_EQ(dom0_vcpus_choose(1), 2);
	CHECK_EQ(dom0_vcpus_choose(4), 4);
	CHECK_EQ(dom0_vcpus_choose(16), 8);
	CHECK_EQ(options_parse("dom0_max_vcpus=3-"), 0);
	CHECK_EQ(dom0_vcpus_choose(1), 3);
	CHECK_EQ(dom0_vcpus_choose(5), 5);
	CHECK_EQ(options_parse("dom0_max_vcpus=999"), 0);
	CHECK_EQ(dom0_vcpus_choose(1), DOMAIN_MAX_VCPUS);
}

static void no_module(void)
{
	static struct boot_info info;
	const struct dom0_machine machine = { .boot = &info };
	struct domain *d;

	fake_core_init(0, 1);
	CHECK_EQ(options_parse(""), 0);
	CHECK_EQ(dom0_build(&machine, &pvh_guest_layout, &cpuid, &d), -ENOENT);
	CHECK(strstr(fake_console_text(), "no boot module"));
}

/* ---- memory at the machine's own addresses ---- */

/*
 * A machine of 64 MiB: RAM to 640 KiB and from 1 MiB to 60 MiB, then ACPI's. Modules: the kernel's file where the kernel wants to be, one that
 * may stay where it is, one that is in the kernel's way.
 */
#define KERNEL_AT MIB(16)

static struct boot_info boot;
static const struct boot_module modules[3] = {
	{ KERNEL_AT + 0x1000, FAKE_KERNEL_SIZE, "kernel console=hvc0" },
	{ MIB(20), 5000, "initrd stays" },
	{ KERNEL_AT + 0x3000, 100, "initrd moves" },
};

/* Held back while the hypervisor allocates, as at start. */
#define HELD_PAGES (MIB(8) >> PAGE_SHIFT)

static void machine_make(void)
{
	fake_core_init(MIB(64), 2);
	cpuid_read_host(fake_cpuid, &host);
	cpuid_guest_default(&host, &cpuid);
	memset(&boot, 0, sizeof(boot));
	boot.nr_ranges = 4;
	boot.ranges[0] = (struct boot_range){ 0, 0xa0000, RANGE_RAM };
	boot.ranges[1] = (struct boot_range){ 0xf0000, 0x10000, RANGE_RESERVED };
	boot.ranges[2] = (struct boot_range){ MIB(1), MIB(59), RANGE_RAM };
	boot.ranges[3] = (struct boot_range){ MIB(60), MIB(4), RANGE_ACPI };
	boot.nr_modules = 3;
	CHECK(mfn_valid(page_alloc_at(NULL, mfn(KERNEL_AT >> 12), 11, 0)));
	for (unsigned i = 0; i < 3; i++) {
		boot.modules[i] = modules[i];
		memset(hpa_to_virt(hpa(modules[i].base)), 0x40 + (int)i, modules[i].size);
	}
	fake_kernel_make(hpa_to_virt(hpa(modules[0].base)), KERNEL_AT, 0x3800);
}

static void held_release(void)
{
	for (uint64_t p = 0; p < HELD_PAGES; p++)
		page_put(mfn((KERNEL_AT >> PAGE_SHIFT) + p));
}

static int no_firmware(struct domain *d, const struct pvh_config *config, struct pvh_space *space,
                       uint64_t *rsdp)
{
	*rsdp = pvh_space_take(space, d, 0x4000, MIB(1), GIB(4));
	return pvh_map_carve(d, *rsdp, 0x4000, XEN_HVM_MEMMAP_TYPE_ACPI);
}

static int no_devices(struct domain *d, const struct pvh_config *config)
{
	return 0;
}

static const struct pvh_layout layout = {
	.populate = dom0_memory_populate,
	.firmware = no_firmware,
	.devices = no_devices,
	.is_direct_mapped = true,
};

static void map_check(struct domain *d)
{
	uint64_t ram = 0, end = 0;

	for (uint32_t i = 0; i < d->nr_e820; i++) {
		const struct domain_e820 *e = &d->e820[i];

		CHECK(e->size && e->addr >= end);
		end = e->addr + e->size;
		for (uint64_t f = e->addr >> 12; f < end >> 12; f++) {
			struct p2m_entry entry = p2m_lookup(&d->p2m, gfn(f));
			bool is_ram = e->type == XEN_HVM_MEMMAP_TYPE_RAM ||
			              (e->type == XEN_HVM_MEMMAP_TYPE_ACPI && f < MIB(60) >> 12);

			CHECK_EQ(entry.type, is_ram ? P2M_RAM_RW : P2M_HOLE);
			CHECK(!is_ram || entry.mfn.v == f);
			ram += is_ram;
		}
	}
	CHECK_EQ(end, MIB(64));
	CHECK_EQ(ram, d->nr_pages);
}

static void direct_mapped(void)
{
	const struct dom0_machine machine = { .boot = &boot,
		                              .held = MIB(8),
		                              .release = held_release };
	struct hvm_modlist_entry list[2];
	struct hvm_start_info info;
	struct domain *d;
	uint8_t bytes[5000];

	machine_make();
	CHECK_EQ(options_parse("dom0_mem=40M"), 0);
	CHECK_EQ(dom0_build(&machine, &layout, &cpuid, &d), 0);
	CHECK(d->is_direct_mapped);
	CHECK_EQ(d->nr_pages, MIB(40) >> 12);
	map_check(d);
	/* the kernel where it wants to be, though its own file and a module lay there */
	CHECK_EQ(guest_read_gpa(d, bytes, gpa(KERNEL_AT + 0x400), 0x1000), 0);
	CHECK(bytes[0] == 0xaa && bytes[0x3ff] == 0xaa && !bytes[0x400] && !bytes[0xfff]);
	CHECK_EQ(guest_read_gpa(d, &info, gpa(d->vcpus[0]->regs.r[GPR_RBX]), sizeof(info)), 0);
	CHECK_EQ(info.nr_modules, 2);
	CHECK_EQ(guest_read_gpa(d, list, gpa(info.modlist_paddr), sizeof(list)), 0);
	CHECK_EQ(list[0].paddr, MIB(20));
	CHECK(list[1].paddr < KERNEL_AT || list[1].paddr >= KERNEL_AT + 0x3800);
	CHECK_EQ(guest_read_gpa(d, bytes, gpa(list[0].paddr), 5000), 0);
	CHECK(bytes[0] == 0x41 && bytes[4999] == 0x41);
	CHECK_EQ(guest_read_gpa(d, bytes, gpa(list[1].paddr), 100), 0);
	CHECK(bytes[0] == 0x42 && bytes[99] == 0x42);
	fixture_end(d);
}

/* The kernel as loaders give it: packed, and in a bzImage. keep: of the file, or all of it. Returns what dom0_build() does. */
static int packed_build(const char *packer, bool in_bzimage, size_t keep, struct domain **d)
{
	const struct dom0_machine machine = { .boot = &boot,
		                              .held = MIB(8),
		                              .release = held_release };
	struct packer_file file, packed;
	int rc;

	machine_make();
	file = (struct packer_file){ hpa_to_virt(hpa(modules[0].base)), FAKE_KERNEL_SIZE };
	packed = packer_run(packer, file);
	if (in_bzimage) {
		struct packer_file image = packer_bzimage(packed, true, FAKE_KERNEL_SIZE);

		packer_free(&packed);
		packed = image;
	}
	memcpy(file.data, packed.data, packed.size);
	boot.modules[0].size = MIN(keep, packed.size);
	packer_free(&packed);
	CHECK_EQ(options_parse("dom0_mem=40M"), 0);
	rc = dom0_build(&machine, &layout, &cpuid, d);
	return rc;
}

static void packed_kernels(void)
{
	static const char *const packers[] = { "gzip", "bzip2",
		                               "xz --x86 --lzma2=preset=6 --check=crc32",
		                               "zstd -qc" };
	struct domain *d;
	uint8_t bytes[0x800];

	for (size_t i = 0; i < 2 * ARRAY_LEN(packers); i++) {
		CHECK_EQ(packed_build(packers[i / 2], i & 1, ~(size_t)0, &d), 0);
		CHECK_EQ(guest_read_gpa(d, bytes, gpa(KERNEL_AT), sizeof(bytes)), 0);
		CHECK(bytes[0] == 0xaa && bytes[0x7ff] == 0xaa);
		fixture_end(d);
	}
}

static void damaged_kernel(void)
{
	struct domain *d;

	CHECK_EQ(packed_build("xz", false, 100, &d), -EBADMSG);
	CHECK(strstr(fake_console_text(), "xz: the data ends too early"));
	CHECK_EQ(packed_build("cat", true, 700, &d), -EBADMSG);
	CHECK(strstr(fake_console_text(), "a bzImage that is cut"));
	CHECK_EQ(packed_build("tr E e", false, ~(size_t)0, &d), -ENOEXEC);
	CHECK(strstr(fake_console_text(), "neither an ELF file"));
}

/* What it may touch beside its RAM: everything that is no RAM, less what is owned. */
static void frames(void)
{
	static const struct range owned[] = { { 0xfee00, 0xfeeff } };
	struct domain *d;

	machine_make();
	d = fixture_domain(true, 1);
	CHECK_EQ(dom0_memory_give_frames(d, &boot, 36, owned, 1), 0);
	CHECK(direct_frames_may(d, 0, 0));
	CHECK(!direct_frames_may(d, 1, 1));
	CHECK(!direct_frames_may(d, 0x9f, 0x9f));
	CHECK(direct_frames_may(d, 0xa0, 0xff));
	CHECK(!direct_frames_may(d, 0x100, 0x100));
	CHECK(!direct_frames_may(d, (MIB(60) >> 12) - 1, (MIB(60) >> 12) - 1));
	CHECK(direct_frames_may(d, MIB(60) >> 12, 0xfedff));
	CHECK(!direct_frames_may(d, 0xfee00, 0xfee00));
	CHECK(direct_frames_may(d, 0xfef00, (1ull << 24) - 1));
	CHECK(!direct_frames_may(d, 1ull << 24, 1ull << 24));
	fixture_end(d);
}

UNIT_MAIN(UNIT(names), UNIT(memory), UNIT(vcpus), UNIT(no_module), UNIT(direct_mapped),
          UNIT(packed_kernels), UNIT(damaged_kernel), UNIT(frames))
