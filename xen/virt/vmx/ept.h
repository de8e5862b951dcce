/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Extended page-table entries (SDM 28.2.2). Pure. */
#ifndef VMX_EPT_H
#define VMX_EPT_H

#include "virt_ops.h"

/* Constant after ept_init(). */
extern struct nested_format ept_format;

/* IA32_VMX_EPT_VPID_CAP, SDM appendix A.10 */
#define EPT_CAP_FOUR_LEVELS BIT(6)
#define EPT_CAP_WRITE_BACK  BIT(14)
#define EPT_CAP_2M          BIT(16)
#define EPT_CAP_1G          BIT(17)
#define EPT_CAP_INVEPT      BIT(20)
#define EPT_CAP_DIRTY       BIT(21)
#define EPT_CAP_SINGLE      BIT(25)
#define EPT_CAP_ALL         BIT(26)
#define VPID_CAP_INVVPID    BIT(32)
#define VPID_CAP_SINGLE     BIT(41)
#define VPID_CAP_ALL        BIT(42)

/* Once at start: what the CPU can do, the width of a physical address (8000_0008 EAX[7:0]), and whether it logs what it marks. */
void ept_init(uint64_t capabilities, unsigned physical_bits, bool tells_writes);

/* What EPT itself lacks by MSR_VMX_EPT_VPID_CAP that we cannot do without; NULL: nothing. */
const char *ept_missing(uint64_t cap);

#endif
