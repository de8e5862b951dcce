/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Entropy: RDRAND mixed with the TSC's jitter; the TSC alone where there is nothing better. */
#include "atomic.h"
#include "cpu.h"
#include "cpu_insn.h"
#include "machine.h"

static uint64_t state;

static uint64_t rdrand(void)
{
	uint64_t v = 0;
	uint8_t ok = 0;

	for (unsigned tries = 0; tries < 10 && !ok; tries++)
		__asm__ volatile("rdrand %0; setc %1" : "=r"(v), "=qm"(ok)::"cc");
	return ok ? v : 0;
}

/* The finaliser of a common 64-bit mixer: each input bit reaches each output bit. */
static uint64_t mix(uint64_t z)
{
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

uint64_t machine_random(void)
{
	uint64_t v = tsc_read() ^ atomic_fetch_add(&state, 0x9e3779b97f4a7c15ull);

	return mix(v) ^ (cpu_features.rdrand ? rdrand() : 0);
}
