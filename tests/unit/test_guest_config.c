/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The descriptions of guests: what xl's users write, and what is wrong. */
#include <string.h>

#include "guest_config.h"
#include "unit.h"
#include <xen/errno.h>

static char said[2000];
static unsigned said_line, times;

static void report(void *arg, unsigned line, const char *text)
{
	said_line = line;
	times++;
	snprintf(said, sizeof(said), "%s", text);
}

static struct guest_config c;

static int parse(const char *text)
{
	times = 0;
	said[0] = 0;
	return guest_config_parse(text, strlen(text), report, NULL, &c);
}

static void test_usual(void)
{
	CHECK_EQ(parse("# a guest\n"
	               "name = \"win\"\nbuilder = 'hvm'\nmemory=\"512\" ; vcpus = 2\n"
	               "boot = 'dc'\nserial='pty'\nvnc=1\n"
	               "disk = [ 'phy:/dev/vg0/win,hda,w',\n 'file:/root/w.iso,hdc:cdrom,r', ]\n"
	               "vif = [ 'type=ioemu,mac=00:16:3e:6D:02:f3,bridge=xenbr0' ]\n"
	               "uuid='01234567-89ab-cdef-0123-456789abcdef'\nusbdevice='tablet'\n"),
	         0);
	CHECK_EQ(times, 0);
	CHECK(!strcmp(c.name, "win"));
	CHECK_EQ(c.memory, 512);
	CHECK_EQ(c.vcpus, 2);
	CHECK(!strcmp(c.boot, "dc"));
	CHECK(c.disks[0].is_present && !c.disks[0].is_cdrom && !c.disks[0].is_read_only);
	CHECK(!strcmp(c.disks[0].file, "win"));
	CHECK(c.disks[2].is_present && c.disks[2].is_cdrom && c.disks[2].is_read_only);
	CHECK(!strcmp(c.disks[2].file, "w.iso"));
	CHECK(c.nics[0].is_present && c.nics[0].has_mac && !c.nics[1].is_present);
	CHECK_EQ(c.nics[0].mac[3], 0x6d);
	CHECK_EQ(c.uuid[15], 0xef);
	CHECK_EQ(c.usb_tablet, 1);
	CHECK_EQ(c.nr_serials, 1);
}

static void test_defaults(void)
{
	CHECK_EQ(parse("name='a'"), 0);
	CHECK_EQ(c.memory, 128);
	CHECK_EQ(c.vcpus, 1);
	CHECK_EQ(c.acpi, 1);
	CHECK(!strcmp(c.boot, "cd"));
	CHECK_EQ(parse("name='a'\nserial='none'\n"), 0);
	CHECK_EQ(c.nr_serials, 0);
	CHECK_EQ(parse("name='a'\nserial=['pty','pty']\n"), 0);
	CHECK_EQ(c.nr_serials, 2);
	CHECK_EQ(parse("name='a'\ndisk=[',hdc:cdrom,r']\n"), 0);
	CHECK(c.disks[2].is_present && !c.disks[2].file[0]);
}

static void test_nodes(void)
{
	CHECK_EQ(parse("name='a'\nextra='node=1G:0-1 node=1G:2-3'\n"), 0);
	CHECK(guest_config_has_nodes(&c));
	CHECK_EQ(parse("name='a'\nextra='acpi_s3=0 node=1G:0'\n"), 0);
	CHECK(guest_config_has_nodes(&c));
	CHECK_EQ(parse("name='a'\nextra='serial=node=1'\n"), 0);
	CHECK(!guest_config_has_nodes(&c));
	CHECK_EQ(parse("name='a'\nextra='serial=node=1 xnode=2 node=1G:0'\n"), 0);
	CHECK(guest_config_has_nodes(&c));
	CHECK_EQ(parse("name='a'\nkernel='k'\nextra='node=1'\n"), 0);
	CHECK(!guest_config_has_nodes(&c));
	CHECK_EQ(parse("name='a'"), 0);
	CHECK(!guest_config_has_nodes(&c));
}

static void wrong(const char *text, unsigned line, const char *part)
{
	CHECK_EQ(parse(text), -XEN_EINVAL);
	CHECK_EQ(said_line, line);
	if (!strstr(said, part)) {
		printf("said: %s\n", said);
		CHECK(strstr(said, part));
	}
}

static void test_wrong(void)
{
	wrong("memory=5x\n", 1, "not a number: memory");
	wrong("name='a'\n\nmemory = 'big'", 3, "not a number");
	wrong("name='a", 1, "no end");
	wrong("name='a'\ndisk=['a,hda,w'", 2, "list has no end");
	wrong("name='a'\ndisk=['a,hdx,w']", 2, "place");
	wrong("name='a'\ndisk=['a,hda,w','b,hda,w']", 2, "two disks");
	wrong("name='a'\nboot='x'", 2, "boot");
	wrong("name='a'\ntype='pv'", 2, "hvm");
	wrong("memory=64", 1, "no name");
	wrong("name='a'\nmemory=1", 2, "16");
	wrong("name='a'\nvcpus=129", 2, "128");
	wrong("name='a'\ntimer_mode=4", 2, "timer_mode");
	wrong("name 'a'", 1, "=");
	wrong("=", 1, "key");
	wrong("name=", 1, "no value");
	wrong("name='a' 'b'", 1, "more");
	wrong("name='a'\nvif=['mac=1']", 2, "MAC");
	wrong("name='a'\nuuid='1'", 2, "uuid");
	wrong("name='aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'", 1, "too long");
}

static void test_not_served(void)
{
	CHECK_EQ(parse("name='a'\npci=['01:00.0']\n"), 0);
	CHECK_EQ(times, 1);
	CHECK_EQ(said_line, 2);
	CHECK(strstr(said, "pci"));
}

UNIT_MAIN(UNIT(test_usual), UNIT(test_defaults), UNIT(test_nodes), UNIT(test_wrong),
          UNIT(test_not_served))
