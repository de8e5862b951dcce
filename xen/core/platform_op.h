/* SPDX-License-Identifier: GPL-2.0-or-later */
/* platform_op (public xen/platform.h): what its files share. */
#ifndef CORE_PLATFORM_OP_H
#define CORE_PLATFORM_OP_H

#include "control_op.h"
#include "domain.h"

#include <xen/platform.h>

/* A command of later versions of the ABI, which newer kernels use when it is there: its member is a struct dom0_vga_console_info. */
#define XENPF_get_dom0_console 64

/* Handlers: control_op.h says what they are given and give back. */

/* platform_firmware.c: clock, sleep, screen, firmware, our symbols */
long platform_settime32(struct control_call *c, void *member);
long platform_settime64(struct control_call *c, void *member);
long platform_firmware_info(struct control_call *c, void *member);
long platform_enter_acpi_sleep(struct control_call *c, void *member);
long platform_get_symbol(struct control_call *c, void *member);
long platform_get_dom0_console(struct control_call *c, void *member);

/* platform_cpu.c: physical CPUs */
long platform_getidletime(struct control_call *c, void *member);
long platform_get_cpuinfo(struct control_call *c, void *member);
long platform_get_cpu_version(struct control_call *c, void *member);
long platform_cpu_online(struct control_call *c, void *member);
long platform_cpu_offline(struct control_call *c, void *member);
long platform_core_parking(struct control_call *c, void *member);
long platform_resource_op(struct control_call *c, void *member);

#endif
