/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * FPU and extended state. XCR0 is all that we support while state is moved, so that no component of a guest is left behind whatever the guest's own XCR0 says;
 * the guest's is loaded after that.
 */
#include "fpu.h"

#include "cpu.h"
#include "cpu_insn.h"
#include "machine.h"
#include "string.h"

#define XCR0_X87    BIT(0)
#define XCR0_SSE    BIT(1)
#define XCR0_AVX    BIT(2)
#define XCR0_AVX512 (BIT(5) | BIT(6) | BIT(7))
#define XCR0_PKRU   BIT(9)
#define XCR0_OURS   (XCR0_X87 | XCR0_SSE | XCR0_AVX | XCR0_AVX512 | XCR0_PKRU)

#define FXSAVE_SIZE  512
#define FCW_DEFAULT  0x37f
#define MXCSR_OFFSET 24
#define MXCSR_RESET  0x1f80

static uint64_t xcr0_all;
static size_t area_size = FXSAVE_SIZE;
static bool keeps_pointers; /* FXRSTOR restores the x87 error pointers also when no error waits */

static void xcr0_write(uint64_t v)
{
	__asm__ volatile("xsetbv" ::"c"(0), "a"((uint32_t)v), "d"((uint32_t)(v >> 32)));
}

void fpu_cpu_init(void)
{
	if (xcr0_all)
		xcr0_write(xcr0_all);
	__asm__ volatile("fninit");
}

void fpu_init(void)
{
	uint32_t r[4];

	cpuid(0x80000008, 0, r);
	keeps_pointers = !cpu_features.amd || (r[1] >> 2 & 1);
	if (cpu_features.xsave) {
		cpuid(13, 0, r);
		xcr0_all = (((uint64_t)r[3] << 32) | r[0]) & XCR0_OURS;
		if ((xcr0_all & XCR0_AVX512) != XCR0_AVX512)
			xcr0_all &= ~XCR0_AVX512;
		xcr0_write(xcr0_all);
		cpuid(13, 0, r); /* EBX: the size for XCR0 as it is now */
		area_size = r[1];
	}
	/* a power of two, which the heap aligns as XSAVE needs it */
	for (size_t n = FXSAVE_SIZE;; n *= 2)
		if (n >= area_size) {
			area_size = n;
			break;
		}
	fpu_cpu_init();
}

size_t machine_fpu_size(void)
{
	return area_size;
}

void machine_fpu_init(void *area)
{
	uint16_t fcw = FCW_DEFAULT;
	uint32_t mxcsr = MXCSR_RESET;

	/* XSTATE_BV 0: XRSTOR puts every component into its initial state */
	memset(area, 0, area_size);
	memcpy(area, &fcw, sizeof(fcw));
	memcpy((uint8_t *)area + MXCSR_OFFSET, &mxcsr, sizeof(mxcsr));
}

void machine_fpu_save(void *area, uint64_t xcr0)
{
	uint32_t lo = (uint32_t)xcr0_all, hi = (uint32_t)(xcr0_all >> 32);

	if (!xcr0_all) {
		__asm__ volatile("fxsave64 %0" : "=m"(*(uint8_t(*)[FXSAVE_SIZE])area)::"memory");
		return;
	}
	if (xcr0 != xcr0_all)
		xcr0_write(xcr0_all);
	if (cpu_features.xsaveopt)
		__asm__ volatile("xsaveopt64 (%0)" ::"r"(area), "a"(lo), "d"(hi) : "memory");
	else
		__asm__ volatile("xsave64 (%0)" ::"r"(area), "a"(lo), "d"(hi) : "memory");
}

/*
 * AMD CPUs leave the last x87 instruction's addresses as they are when the restored state has no waiting error: another guest's would show. A
 * harmless load overwrites them (APM 11.4.4).
 */
static void forget_pointers(void)
{
	static const int32_t zero;

	__asm__ volatile("fnclex; emms; fildl %0" ::"m"(zero));
}

void machine_fpu_load(const void *area, uint64_t xcr0)
{
	uint32_t lo = (uint32_t)xcr0_all, hi = (uint32_t)(xcr0_all >> 32);

	if (!keeps_pointers)
		forget_pointers();
	if (!xcr0_all) {
		__asm__ volatile("fxrstor64 (%0)" ::"r"(area) : "memory");
		return;
	}
	__asm__ volatile("xrstor64 (%0)" ::"r"(area), "a"(lo), "d"(hi) : "memory");
	if (xcr0 != xcr0_all)
		xcr0_write(xcr0);
}
