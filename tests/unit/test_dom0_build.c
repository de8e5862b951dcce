/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen/boot/dom0_build.c: what loaders put before a command line, and the sizes chosen for domain 0. */
#include <string.h>
#include "unit.h"
#include "dom0_build.h"
#include "domain.h"
#include "errno.h"
#include "machine_fake.h"
#include "options.h"

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
	static struct cpuid_policy cpuid;
	struct domain *d;

	fake_core_init(0, 1);
	CHECK_EQ(options_parse(""), 0);
	CHECK_EQ(dom0_build(&info, &cpuid, &d), -ENOENT);
	CHECK(strstr(fake_console_text(), "no boot module"));
}

UNIT_MAIN(UNIT(names), UNIT(memory), UNIT(vcpus), UNIT(no_module))
