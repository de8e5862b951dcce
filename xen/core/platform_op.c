/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The platform_op hypercall: its table. What is not in it answers -ENOSYS: dom0's kernel takes that as "the hypervisor does not do it" (frequencies and sleep states of CPUs, EFI's
 * runtime services, microcode, hot-plug, MTRRs).
 */
#include "platform_op.h"

#define ROW(name, member, flags)                   \
	[XENPF_##name] = { platform_##name, #name, \
		           sizeof(((struct xen_platform_op *)0)->u.member), (flags) }

/* clang-format off */
static const struct control_row rows[] = {
	ROW(settime32,        settime32,        0),
	ROW(settime64,        settime64,        0),
	ROW(get_cpu_version,  pcpu_version,     CONTROL_OUT),
	ROW(firmware_info,    firmware_info,    CONTROL_OUT),
	ROW(enter_acpi_sleep, enter_acpi_sleep, 0),
	ROW(getidletime,      getidletime,      CONTROL_OUT),
	ROW(get_cpuinfo,      pcpu_info,        CONTROL_OUT),
	ROW(cpu_online,       cpu_ol,           0),
	ROW(cpu_offline,      cpu_ol,           0),
	ROW(core_parking,     core_parking,     CONTROL_OUT),
	ROW(resource_op,      resource_op,      0),
	ROW(get_symbol,       symdata,          CONTROL_OUT),
	[XENPF_get_dom0_console] = { platform_get_dom0_console, "get_dom0_console",
	                             sizeof(struct dom0_vga_console_info), CONTROL_OUT },
};
/* clang-format on */

/* Its structs hold pointers and longs of the caller's width. */
static struct control_table table = {
	.name = "platform_op",
	.version = XENPF_INTERFACE_VERSION,
	.head_size = offsetof(struct xen_platform_op, u),
	.is_native_only = true,
	.nr_rows = ARRAY_LEN(rows),
	.rows = rows,
	.lock = SPINLOCK_INIT,
};

long platform_op(struct vcpu *caller, uint64_t *args)
{
	return control_op(&table, caller, args[0]);
}
