/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words that every file uses: fixed-width types, address types, attributes. */
#ifndef LIB_TYPES_H
#define LIB_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define must_check __attribute__((warn_unused_result))
#define at_scope_end(fn) \
	__attribute__((cleanup(fn))) /* of a variable: fn gets its address when its block is left */
#define noreturn_fn            __attribute__((noreturn))
#define printf_like(fmt, args) __attribute__((format(printf, fmt, args)))
#define unlikely(x)            __builtin_expect(!!(x), 0)
#define likely(x)              __builtin_expect(!!(x), 1)
#define noinline_fn            __attribute__((noinline))
#define cold_fn                __attribute__((cold, noinline))
#define packed_struct          __attribute__((packed))

#define ARRAY_LEN(a)                  (sizeof(a) / sizeof((a)[0]))
#define container_of(p, type, member) ((type *)((char *)(p)-offsetof(type, member)))

#define KIB(n) ((uint64_t)(n) << 10)
#define MIB(n) ((uint64_t)(n) << 20)
#define GIB(n) ((uint64_t)(n) << 30)

#define PAGE_SHIFT 12
#define PAGE_SIZE  4096u
#define PAGE_MASK  (~(uint64_t)0xfff)

/*
 * Addresses are types, so that one cannot be passed for another. gpa: guest physical. hpa: host physical.
 * A guest linear address is a plain uint64_t named "linear". gfn and mfn are gpa and hpa in pages.
 */
typedef struct {
	uint64_t v;
} gpa_t;
typedef struct {
	uint64_t v;
} hpa_t;
typedef struct {
	uint64_t v;
} gfn_t;
typedef struct {
	uint64_t v;
} mfn_t;

#define INVALID_GFN ((gfn_t){ ~(uint64_t)0 })
#define INVALID_MFN ((mfn_t){ ~(uint64_t)0 })

static inline gpa_t gpa(uint64_t v)
{
	return (gpa_t){ v };
}
static inline hpa_t hpa(uint64_t v)
{
	return (hpa_t){ v };
}
static inline gfn_t gfn(uint64_t v)
{
	return (gfn_t){ v };
}
static inline mfn_t mfn(uint64_t v)
{
	return (mfn_t){ v };
}
static inline gfn_t gpa_to_gfn(gpa_t a)
{
	return (gfn_t){ a.v >> PAGE_SHIFT };
}
static inline gpa_t gfn_to_gpa(gfn_t f)
{
	return (gpa_t){ f.v << PAGE_SHIFT };
}
static inline mfn_t hpa_to_mfn(hpa_t a)
{
	return (mfn_t){ a.v >> PAGE_SHIFT };
}
static inline hpa_t mfn_to_hpa(mfn_t f)
{
	return (hpa_t){ f.v << PAGE_SHIFT };
}
static inline bool mfn_equal(mfn_t a, mfn_t b)
{
	return a.v == b.v;
}
static inline bool mfn_valid(mfn_t m)
{
	return m.v != ~(uint64_t)0;
}
static inline bool gfn_valid(gfn_t g)
{
	return g.v != ~(uint64_t)0;
}

#define MIN(a, b)                       \
	({                              \
		__typeof__(a) a_ = (a); \
		__typeof__(b) b_ = (b); \
		a_ < b_ ? a_ : b_;      \
	})
#define MAX(a, b)                       \
	({                              \
		__typeof__(a) a_ = (a); \
		__typeof__(b) b_ = (b); \
		a_ > b_ ? a_ : b_;      \
	})

/* n must be a power of two. */
static inline uint64_t align_up(uint64_t x, uint64_t n)
{
	return (x + n - 1) & ~(n - 1);
}
static inline uint64_t align_down(uint64_t x, uint64_t n)
{
	return x & ~(n - 1);
}
static inline bool is_aligned(uint64_t x, uint64_t n)
{
	return !(x & (n - 1));
}

#endif
