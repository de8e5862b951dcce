/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory and string functions; the names and meanings of ISO C, in our own object. */
#ifndef LIB_STRING_H
#define LIB_STRING_H

#include "types.h"

void *memcpy(void *to, const void *from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int byte, size_t n);
int memcmp(const void *a, const void *b, size_t n);
void *memchr(const void *s, int byte, size_t n);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);
char *strstr(const char *s, const char *find);

/* Copies at most size - 1 bytes and always terminates (size > 0). Returns strlen(from): >= size means cut. */
size_t string_copy(char *to, const char *from, size_t size);

/*
 * Parses an unsigned number in base 10, or 16 after "0x". *end is the first character not used; no digits
 * at all leaves *end == s. Returns UINT64_MAX on overflow.
 */
uint64_t string_to_u64(const char *s, const char **end);

/* The same with a suffix: B, K, M, G or T (either case); none means the unit that default_shift gives (10 = KiB). */
uint64_t string_to_size(const char *s, unsigned default_shift, const char **end);

#endif
