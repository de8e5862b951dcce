/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Atomic words and barriers: thin names over the compiler's builtins. All read-modify-writes are full barriers. */
#ifndef LIB_ATOMIC_H
#define LIB_ATOMIC_H

#include "types.h"

#define read_once(x)        __atomic_load_n(&(x), __ATOMIC_RELAXED)
#define write_once(x, v)    __atomic_store_n(&(x), (v), __ATOMIC_RELAXED)
#define load_acquire(p)     __atomic_load_n((p), __ATOMIC_ACQUIRE)
#define store_release(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)

#define atomic_fetch_add(p, v) __atomic_fetch_add((p), (v), __ATOMIC_SEQ_CST)
#define atomic_fetch_sub(p, v) __atomic_fetch_sub((p), (v), __ATOMIC_SEQ_CST)
#define atomic_fetch_or(p, v)  __atomic_fetch_or((p), (v), __ATOMIC_SEQ_CST)
#define atomic_fetch_and(p, v) __atomic_fetch_and((p), (v), __ATOMIC_SEQ_CST)
#define atomic_exchange(p, v)  __atomic_exchange_n((p), (v), __ATOMIC_SEQ_CST)
/* True when *p was *expected and is now v; else *expected holds what was there. */
#define atomic_compare_exchange(p, expected, v) \
	__atomic_compare_exchange_n((p), (expected), (v), false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)

static inline void barrier_full(void)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}
static inline void barrier_compiler(void)
{
	__asm__ volatile("" ::: "memory");
}
static inline void cpu_relax(void)
{
	__asm__ volatile("pause" ::: "memory");
}

#endif
