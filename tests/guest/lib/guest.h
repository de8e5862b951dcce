/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All of the micro-VM library. */
#ifndef GUEST_H
#define GUEST_H

#include "types.h"
#include "errno.h"
#include "string.h"

#include <xen/xen.h>
#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/memory.h>
#include <xen/physdev.h>
#include <xen/sched.h>
#include <xen/vcpu.h>
#include <xen/version.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/hvm_vcpu.h>
#include <xen/hvm/params.h>
#include <xen/arch-x86/cpuid.h>
#include <xen/arch-x86/hvm/start_info.h>

#include "layout.h"
#include "arch.h"
#include "cpu.h"
#include "boot.h"
#include "hypercall.h"
#include "console.h"
#include "test.h"
#include "trap.h"
#include "page.h"
#include "clock.h"
#include "event.h"
#include "lapic.h"
#include "smp.h"

#endif
