/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen/core/platform*.c: clock, power, firmware, CPUs and symbols for the first domain. */
#include <string.h>

#include "unit.h"
#include "control_op.h"
#include "cpu_policy.h"
#include "errno.h"
#include "fake_domain.h"
#include "machine_fake.h"
#include "machine_info.h"
#include "platform_op.h"

#define ARG   0x8000u
#define ARRAY 0x10000u

static struct domain *d, *other;
static struct vcpu *v;
static struct xen_platform_op op;

static void start(unsigned nr_cpus)
{
	fake_core_init(0, nr_cpus);
	d = guest_create(0, 1, 32, true);
	other = guest_create(1, 1, 32, false);
	v = d->vcpus[0];
	percpu()->current = v;
	cpuid_read_host(fake_cpuid, &cpu_policy_host);
	memset(&machine_info, 0, sizeof(machine_info));
	for (unsigned i = 0; i < nr_cpus; i++)
		machine_info.cpus[i] = (struct machine_cpu){ 2 * i, i + 10 };
	memset(&op, 0, sizeof(op));
}

static void end(void)
{
	percpu()->current = NULL;
	guest_destroy(other);
	guest_destroy(d);
}

static void *array(void)
{
	return fake_guest_page(d, ARRAY >> 12);
}

static long call(uint32_t cmd)
{
	uint64_t args[5] = { ARG };
	long r;

	op.cmd = cmd;
	op.interface_version = XENPF_INTERFACE_VERSION;
	memcpy(fake_guest_page(d, ARG >> 12), &op, sizeof(op));
	guest_walk_cache_reset(&v->walk);
	r = platform_op(v, args);
	memcpy(&op, fake_guest_page(d, ARG >> 12), sizeof(op));
	return r;
}

static void not_served(void)
{
	static const uint32_t none[] = {
		0,
		31,
		32,
		33,
		XENPF_microcode_update,
		XENPF_platform_quirk,
		XENPF_efi_runtime_call,
		XENPF_change_freq,
		XENPF_set_processor_pminfo,
		XENPF_cpu_hotadd,
		XENPF_mem_hotadd,
		65,
		66,
		1000,
	};

	start(1);
	for (unsigned i = 0; i < ARRAY_LEN(none); i++)
		CHECK_EQ(call(none[i]), -ENOSYS);
	end();
}

static uint32_t wc_seconds(struct domain *of)
{
	return ((struct shared_info *)of->shared_info)->wc_sec;
}

static void clock_setting(void)
{
	start(1);
	fake_set_now(5000000000ull);
	op.u.settime64.secs = 1800000000;
	op.u.settime64.nsecs = 500;
	op.u.settime64.system_time = 3000000000ull;
	CHECK_EQ(call(XENPF_settime64), 0);
	CHECK_EQ(machine_wallclock_ns(), 1799999997000000500ull);
	CHECK_EQ(wc_seconds(d), 1799999997u);
	CHECK_EQ(wc_seconds(other), 1799999997u);
	op.u.settime64.mbz = 1;
	CHECK_EQ(call(XENPF_settime64), -EINVAL);
	memset(&op, 0, sizeof(op));
	op.u.settime32.secs = 1700000000;
	op.u.settime32.system_time = 1000000000;
	CHECK_EQ(call(XENPF_settime32), 0);
	CHECK_EQ(wc_seconds(other), 1699999999u);
	end();
}

static void firmware(void)
{
	start(1);
	for (uint32_t type = XEN_FW_DISK_INFO; type <= XEN_FW_VBEDDC_INFO; type++) {
		op.u.firmware_info.type = type;
		CHECK_EQ(call(XENPF_firmware_info), -ESRCH);
	}
	op.u.firmware_info.type = XEN_FW_KBD_SHIFT_FLAGS;
	CHECK_EQ(call(XENPF_firmware_info), -ESRCH);
	op.u.firmware_info.type = XEN_FW_EFI_INFO;
	CHECK_EQ(call(XENPF_firmware_info), -ENOSYS);
	op.u.firmware_info.type = 9;
	CHECK_EQ(call(XENPF_firmware_info), -EINVAL);
	end();
}

static void sleeping(void)
{
	start(1);
	op.u.enter_acpi_sleep.sleep_state = 5;
	CHECK_EQ(call(XENPF_enter_acpi_sleep), -EPERM);
	machine_info.power.pm1a_control = 0x604;
	op.u.enter_acpi_sleep.flags = XENPF_ACPI_SLEEP_EXTENDED;
	CHECK_EQ(call(XENPF_enter_acpi_sleep), -EPERM);
	op.u.enter_acpi_sleep.flags = 2;
	CHECK_EQ(call(XENPF_enter_acpi_sleep), -EINVAL);
	op.u.enter_acpi_sleep.flags = 0;
	op.u.enter_acpi_sleep.sleep_state = 0;
	CHECK_EQ(call(XENPF_enter_acpi_sleep), -EINVAL);
	op.u.enter_acpi_sleep.sleep_state = 6;
	CHECK_EQ(call(XENPF_enter_acpi_sleep), -EINVAL);
	op.u.enter_acpi_sleep.sleep_state = 3;
	CHECK_EQ(call(XENPF_enter_acpi_sleep), -EOPNOTSUPP);
	CHECK(!d->is_shut_down);
	op.u.enter_acpi_sleep.sleep_state = 5;
	CHECK_EQ(FAKE_END_OF(call(XENPF_enter_acpi_sleep)), FAKE_END_POWER_OFF);
	CHECK(d->is_shut_down);
}

static void screens(void)
{
	struct dom0_vga_console_info *s = (void *)&op.u;

	start(1);
	CHECK_EQ(call(XENPF_get_dom0_console), -ENODEV);
	machine_info.screen = (struct machine_screen){ SCREEN_TEXT, 80, 25 };
	CHECK_EQ(call(XENPF_get_dom0_console), sizeof(*s));
	CHECK_EQ(s->video_type, XEN_VGATYPE_TEXT_MODE_3);
	CHECK_EQ(s->u.text_mode_3.rows, 25);
	CHECK_EQ(s->u.text_mode_3.columns, 80);
	CHECK_EQ(s->u.text_mode_3.cursor_y, 24);
	machine_info.is_efi = true;
	machine_info.screen = (struct machine_screen){
		.kind = SCREEN_LINEAR,
		.columns = 1024,
		.rows = 768,
		.base = 0x8c0000000ull,
		.pitch = 4096,
		.bits = 32,
	};
	CHECK_EQ(call(XENPF_get_dom0_console), sizeof(*s));
	CHECK_EQ(s->video_type, XEN_VGATYPE_EFI_LFB);
	CHECK_EQ(s->u.vesa_lfb.lfb_base, 0xc0000000u);
	CHECK_EQ(s->u.vesa_lfb.ext_lfb_base, 8);
	CHECK_EQ(s->u.vesa_lfb.lfb_size, 48);
	CHECK_EQ(s->u.vesa_lfb.red_pos, 16);
	CHECK_EQ(s->u.vesa_lfb.rsvd_size, 8);
	end();
}

static void symbols(void)
{
	start(1);
	op.u.symdata.name.p = (void *)ARRAY;
	op.u.symdata.namelen = 64;
	CHECK_EQ(call(XENPF_get_symbol), 0);
	CHECK_EQ(op.u.symdata.symnum, 1);
	CHECK_EQ(op.u.symdata.namelen, 6);
	CHECK_EQ(op.u.symdata.address, 0x1000);
	CHECK_EQ(op.u.symdata.type, 't');
	CHECK(!strcmp(array(), "start"));
	/* too little room: cut, but its size is told */
	memset(array(), 0xee, 16);
	op.u.symdata.namelen = 3;
	CHECK_EQ(call(XENPF_get_symbol), 0);
	CHECK_EQ(op.u.symdata.namelen, 11);
	CHECK(!memcmp(array(), "sec\xee", 4));
	op.u.symdata.namelen = 64;
	CHECK_EQ(call(XENPF_get_symbol), 0);
	CHECK_EQ(op.u.symdata.symnum, 3);
	/* the end */
	CHECK_EQ(call(XENPF_get_symbol), 0);
	CHECK_EQ(op.u.symdata.symnum, 3);
	op.u.symdata.symnum = 4;
	CHECK_EQ(call(XENPF_get_symbol), -ERANGE);
	op.u.symdata.symnum = 0;
	op.u.symdata.name.p = (void *)0x7fffffff0000;
	op.u.symdata.namelen = 64;
	CHECK_EQ(call(XENPF_get_symbol), -EFAULT);
	end();
}

static void cpus(void)
{
	start(3);
	op.u.pcpu_info.xen_cpuid = 2;
	CHECK_EQ(call(XENPF_get_cpuinfo), 0);
	CHECK_EQ(op.u.pcpu_info.flags, XEN_PCPU_FLAGS_ONLINE);
	CHECK_EQ(op.u.pcpu_info.max_present, 2);
	CHECK_EQ(op.u.pcpu_info.apic_id, 4);
	CHECK_EQ(op.u.pcpu_info.acpi_id, 12);
	op.u.pcpu_info.xen_cpuid = 3;
	CHECK_EQ(call(XENPF_get_cpuinfo), 0);
	CHECK_EQ(op.u.pcpu_info.flags, XEN_PCPU_FLAGS_INVALID);

	memset(&op, 0, sizeof(op));
	cpu_policy_host.basic[1].a = 0x00800f12;
	CHECK_EQ(call(XENPF_get_cpu_version), 0);
	CHECK(!memcmp(op.u.pcpu_version.vendor_id, &cpu_policy_host.basic[0].b, 4));
	CHECK_EQ(op.u.pcpu_version.family, 0x17);
	CHECK_EQ(op.u.pcpu_version.model, 1);
	CHECK_EQ(op.u.pcpu_version.stepping, 2);
	op.u.pcpu_version.xen_cpuid = 3;
	CHECK_EQ(call(XENPF_get_cpu_version), 0);
	CHECK_EQ(op.u.pcpu_version.family, 0);

	memset(&op, 0, sizeof(op));
	op.u.cpu_ol.cpuid = 1;
	CHECK_EQ(call(XENPF_cpu_online), 0);
	CHECK_EQ(call(XENPF_cpu_offline), -EOPNOTSUPP);
	op.u.cpu_ol.cpuid = 3;
	CHECK_EQ(call(XENPF_cpu_online), -EINVAL);
	CHECK_EQ(call(XENPF_cpu_offline), -EINVAL);

	memset(&op, 0, sizeof(op));
	CHECK_EQ(call(XENPF_core_parking), -EINVAL);
	op.u.core_parking.type = XEN_CORE_PARKING_GET;
	op.u.core_parking.idle_nums = 9;
	CHECK_EQ(call(XENPF_core_parking), 0);
	CHECK_EQ(op.u.core_parking.idle_nums, 0);
	op.u.core_parking.type = XEN_CORE_PARKING_SET;
	CHECK_EQ(call(XENPF_core_parking), 0);
	op.u.core_parking.idle_nums = 1;
	CHECK_EQ(call(XENPF_core_parking), -EOPNOTSUPP);
	end();
}

static void idle_times(void)
{
	uint8_t *bits;
	uint64_t *idle;

	start(3);
	fake_advance(7000000);
	bits = array();
	idle = (uint64_t *)(bits + 64);
	memset(bits, 0xff, 4);
	memset(idle, 0, 64);
	bits[0] = 0xfd;
	op.u.getidletime.cpumap_bitmap.p = (void *)ARRAY;
	op.u.getidletime.cpumap_nr_cpus = 16;
	op.u.getidletime.idletime.p = (void *)(ARRAY + 64);
	CHECK_EQ(call(XENPF_getidletime), 0);
	CHECK_EQ(bits[0], 5);
	CHECK_EQ(bits[1], 0);
	CHECK_EQ(bits[2], 0xff);
	CHECK_EQ(idle[1], 0);
	CHECK_EQ(idle[2], sched_idle_ns(2));
	CHECK(idle[2] > 0);
	CHECK_EQ(op.u.getidletime.now, 7000000);
	op.u.getidletime.cpumap_nr_cpus = ~0u;
	CHECK_EQ(call(XENPF_getidletime), -EINVAL);
	end();
}

static void resources(void)
{
	struct xenpf_resource_entry *e;

	start(1);
	e = array();
	memset(e, 0, 4 * sizeof(*e));
	fake_advance(1234);
	e[0].idx = 0x10;
	e[1].idx = 0xc8f;
	op.u.resource_op.entries.p = (void *)ARRAY;
	op.u.resource_op.nr_entries = 3;
	CHECK_EQ(call(XENPF_resource_op), 1);
	CHECK_EQ(e[0].val, 1234);
	CHECK_EQ(e[0].u.ret, 0);
	CHECK_EQ(e[1].u.ret, -EACCES);
	e[1] = (struct xenpf_resource_entry){ .u.cmd = XEN_RESOURCE_OP_MSR_WRITE, .idx = 0x10 };
	CHECK_EQ(call(XENPF_resource_op), 1);
	CHECK_EQ(e[1].u.ret, -EPERM);
	e[0].rsvd = 1;
	CHECK_EQ(call(XENPF_resource_op), 0);
	CHECK_EQ(e[0].u.ret, -EINVAL);
	op.u.resource_op.nr_entries = 4;
	CHECK_EQ(call(XENPF_resource_op), -E2BIG);
	op.u.resource_op.nr_entries = 1;
	op.u.resource_op.cpu = 1;
	CHECK_EQ(call(XENPF_resource_op), -ENODEV);
	end();
}

/* sleeping is the last one: the call that it ends in does not come back, and keeps the table's lock. */
UNIT_MAIN(UNIT(not_served), UNIT(clock_setting), UNIT(firmware), UNIT(screens), UNIT(symbols),
          UNIT(cpus), UNIT(idle_times), UNIT(resources), UNIT(sleeping))
