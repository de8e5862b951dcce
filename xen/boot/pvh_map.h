/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A PVH guest's memory, whoever makes it: the hypervisor (pvh_build.h) or the control domain's tools (tools/builder).
 *
 *   0 - 640 KiB         RAM
 *   640 KiB - 1 MiB     reserved (backed; the ACPI tables lie at PVH_ACPI)
 *   1 MiB - 3 GiB       RAM: the kernel where it wants to be, and after it start info, memory map, command lines, modules
 *   3 GiB - 4 GiB       hole; the local APIC is at 0xfee00000
 *   4 GiB -             the rest of the RAM
 */
#ifndef BOOT_PVH_MAP_H
#define BOOT_PVH_MAP_H

#define PVH_LOW_END    0xa0000
#define PVH_ACPI       0xe0000
#define PVH_ACPI_SIZE  0x4000
#define PVH_HIGH_START 0x100000ull
#define PVH_HOLE       0xc0000000ull
#define PVH_HOLE_END   0x100000000ull

#endif
