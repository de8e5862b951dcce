/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen/core/options.c: each option's forms, and what is not understood. */
#include <string.h>
#include "unit.h"
#include "options.h"

static void defaults(void)
{
	CHECK_EQ(options_parse(""), 0);
	CHECK(options.console_com1 && options.console_vga && options.dom0_pvh);
	CHECK(!options.noreboot && !options.sync_console);
	CHECK_EQ(options.dom0_mem, 0);
	CHECK_EQ(options.maxcpus, 0);
}

static void path_is_skipped(void)
{
	CHECK_EQ(options_parse("/boot/xen.gz noreboot"), 0);
	CHECK(options.noreboot);
	CHECK(!strcmp(options.command_line, "noreboot"));
	CHECK_EQ(options_parse("  build/xen   console=com1 "), 0);
	CHECK(!strcmp(options.command_line, "console=com1 "));
	CHECK_EQ(options_parse("(hd0,1)/xen"), 0);
	CHECK_EQ(options_parse("placeholder noreboot"), 0);
	CHECK_EQ(options_parse("placeholder dom0_mem=1G no-real-mode edd=off"), 0);
	/* only the first word may be one, and a value may hold a slash */
	CHECK_EQ(options_parse("noreboot /boot/xen"), 1);
	CHECK_EQ(options_parse("loglvl=all/all"), 0);
	CHECK(!strcmp(options.loglvl, "all/all"));
	CHECK_EQ(options_parse("spare_cpus=1"), 0);
	CHECK_EQ(options.spare_cpus, 1);
	CHECK_EQ(options_parse("spare_cpus=some"), 1);
}

static void booleans(void)
{
	static const char *const yes[] = { "noreboot",         "noreboot=1",    "noreboot=yes",
		                           "noreboot=on",      "noreboot=true", "noreboot=enable",
		                           "no-noreboot=false" };
	static const char *const no[] = { "no-noreboot",  "noreboot=0",     "noreboot=no",
		                          "noreboot=off", "noreboot=false", "noreboot=disable" };

	for (unsigned i = 0; i < ARRAY_LEN(yes); i++) {
		CHECK_EQ(options_parse(yes[i]), 0);
		CHECK(options.noreboot);
	}
	for (unsigned i = 0; i < ARRAY_LEN(no); i++) {
		CHECK_EQ(options_parse(no[i]), 0);
		CHECK(!options.noreboot);
	}
	CHECK_EQ(options_parse("noreboot=maybe"), 1);
	CHECK_EQ(options_parse("noreboot="), 1);
	CHECK_EQ(options_parse("sync_console"), 0);
	CHECK(options.sync_console);
}

static void console(void)
{
	CHECK_EQ(options_parse("console=com1"), 0);
	CHECK(options.console_com1 && !options.console_vga);
	CHECK_EQ(options_parse("console=vga,com1"), 0);
	CHECK(options.console_com1 && options.console_vga);
	CHECK_EQ(options_parse("console=none"), 0);
	CHECK(!options.console_com1 && !options.console_vga);
	CHECK_EQ(options_parse("console=com1,tape"), 1);
	CHECK(options.console_com1);
	CHECK_EQ(options_parse("console"), 1);
	CHECK_EQ(options_parse("no-console"), 1);
}

static void pci_hide(void)
{
	CHECK_EQ(options_parse("pci_hide=00:1f.2,0001:a0:00.7"), 0);
	CHECK_EQ(options.nr_hidden, 2);
	CHECK_EQ(options.hidden[0], 0x00fa);
	CHECK_EQ(options.hidden[1], 0x1a007);
	static const char *const wrong[] = {
		"pci_hide=",      "pci_hide=0:0",    "pci_hide=0:20.0",      "pci_hide=100:0.0",
		"pci_hide=0:0.8", "pci_hide=0:0.0x", "pci_hide=1ffff:0:0.0", "pci_hide=0:0:0:0.0",
		"pci_hide=:0.0"
	};

	for (unsigned i = 1; i < ARRAY_LEN(wrong); i++) {
		CHECK_EQ(options_parse(wrong[i]), 1);
		CHECK_EQ(options.nr_hidden, 0);
	}
	CHECK_EQ(
		options_parse(
			"pci_hide=0:1.0,1:1.0,2:1.0,3:1.0,4:1.0,5:1.0,6:1.0,7:1.0,8:1.0,9:1.0,a:1.0,"
			"b:1.0,c:1.0,d:1.0,e:1.0,f:1.0,10:1.0"),
		1);
	CHECK_EQ(options.nr_hidden, 16);
}

static void vga(void)
{
	CHECK_EQ(options_parse("console=vga"), 0);
	CHECK(!options.vga_keep);
	CHECK_EQ(options_parse("vga=keep"), 0);
	CHECK(options.vga_keep);
	CHECK_EQ(options_parse("vga=current,keep"), 0);
	CHECK(options.vga_keep);
	CHECK_EQ(options_parse("vga=keep,text-80x50"), 1);
	CHECK(options.vga_keep);
	CHECK_EQ(options_parse("vga=current"), 0);
	CHECK(!options.vga_keep);
}

static void com1(void)
{
	CHECK_EQ(options_parse("com1=115200"), 0);
	CHECK_EQ(options.com1_baud, 115200);
	CHECK_EQ(options_parse("com1=9600,8n1,0x2f8,3"), 0);
	CHECK_EQ(options.com1_baud, 9600);
	CHECK_EQ(options.com1_port, 0x2f8);
	CHECK_EQ(options.com1_irq, 3);
	CHECK_EQ(options_parse("com1=,8n1,,5"), 0);
	CHECK_EQ(options.com1_baud, 0);
	CHECK_EQ(options.com1_irq, 5);
	CHECK_EQ(options_parse("com1=115200/1843200,8n1"), 0);
	CHECK_EQ(options_parse("com1=auto"), 0);
	CHECK_EQ(options_parse("com1=12345"), 1);
	CHECK_EQ(options_parse("com1=115200,7e1"), 1);
	CHECK_EQ(options_parse("com1=115200,8n1,pci"), 1);
	CHECK_EQ(options_parse("com1=115200,8n1,0x3f8,4,more"), 1);
	CHECK_EQ(options_parse("com1=115200,8n1,0x3f8,256"), 1);
}

static void levels(void)
{
	CHECK_EQ(options_parse("loglvl=info guest_loglvl=none/warning"), 0);
	CHECK(!strcmp(options.loglvl, "info"));
	CHECK(!strcmp(options.guest_loglvl, "none/warning"));
	CHECK_EQ(options_parse("loglvl=loud"), 1);
	CHECK_EQ(options_parse("loglvl=info/loud"), 1);
	CHECK_EQ(options_parse("loglvl=warning/warning/warning"), 1);
	CHECK_EQ(options.loglvl[15], 0);
}

static void dom0_mem(void)
{
	CHECK_EQ(options_parse("dom0_mem=512M"), 0);
	CHECK_EQ(options.dom0_mem, MIB(512));
	CHECK_EQ(options_parse("dom0_mem=1024"), 0);
	CHECK_EQ(options.dom0_mem, MIB(1));
	CHECK_EQ(options_parse("dom0_mem=min:64M,max:2g,1G"), 0);
	CHECK_EQ(options.dom0_mem_min, MIB(64));
	CHECK_EQ(options.dom0_mem_max, GIB(2));
	CHECK_EQ(options.dom0_mem, GIB(1));
	CHECK_EQ(options_parse("dom0_mem=max:1G"), 0);
	CHECK_EQ(options.dom0_mem, 0);
	CHECK_EQ(options_parse("dom0_mem=much"), 1);
	CHECK_EQ(options_parse("dom0_mem=12MM"), 1);
	CHECK_EQ(options_parse("dom0_mem=0"), 1);
	CHECK_EQ(options_parse("dom0_mem=99999999999999999999T"), 1);
	CHECK_EQ(options.dom0_mem, 0);
}

static void vcpus(void)
{
	CHECK_EQ(options_parse("dom0_max_vcpus=4 maxcpus=2"), 0);
	CHECK_EQ(options.dom0_max_vcpus, 4);
	CHECK_EQ(options.maxcpus, 2);
	CHECK_EQ(options_parse("dom0_max_vcpus=2-8"), 0);
	CHECK_EQ(options.dom0_max_vcpus_min, 2);
	CHECK_EQ(options.dom0_max_vcpus, 8);
	CHECK_EQ(options_parse("dom0_max_vcpus=-8"), 0);
	CHECK_EQ(options.dom0_max_vcpus_min, 0);
	CHECK_EQ(options.dom0_max_vcpus, 8);
	CHECK_EQ(options_parse("dom0_max_vcpus=3-"), 0);
	CHECK_EQ(options.dom0_max_vcpus_min, 3);
	CHECK_EQ(options.dom0_max_vcpus, 0);
	CHECK_EQ(options_parse("dom0_max_vcpus=8-2"), 1);
	CHECK_EQ(options_parse("dom0_max_vcpus=-"), 1);
	CHECK_EQ(options_parse("dom0_max_vcpus=0"), 1);
	CHECK_EQ(options_parse("maxcpus=0"), 1);
	CHECK_EQ(options_parse("maxcpus=4294967296"), 1);
}

static void dom0(void)
{
	CHECK_EQ(options_parse("dom0=pvh"), 0);
	CHECK(options.dom0_pvh);
	CHECK_EQ(options_parse("dom0=pv"), 1);
	CHECK(options.dom0_pvh);
	CHECK_EQ(options_parse("dom0=pvh,wings"), 1);
}

static void unknown(void)
{
	char line[2000] = "noreboot ";

	CHECK_EQ(options_parse("foo bar=1 no-foo noreboot iommu=no"), 4);
	CHECK(options.noreboot);
	/* more than are kept, and a word longer than any buffer */
	for (int i = 0; i < 40; i++)
		strcat(line, "x=1 ");
	CHECK_EQ(options_parse(line), 40);
	memset(line + 9, 'y', 1900);
	line[9 + 1900] = 0;
	CHECK_EQ(options_parse(line), 1);
	CHECK_EQ(options.command_line[1023], 0);
	CHECK_EQ(strlen(options.command_line), 1023);
}

UNIT_MAIN(UNIT(defaults), UNIT(path_is_skipped), UNIT(booleans), UNIT(console), UNIT(vga),
          UNIT(pci_hide), UNIT(com1), UNIT(levels), UNIT(dom0_mem), UNIT(vcpus), UNIT(dom0),
          UNIT(unknown))
