/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The values that words of the command line can have: each sets the field at offset, or refuses with false and changes nothing. */
#ifndef HVMLOADER_CONFIG_VALUE_H
#define HVMLOADER_CONFIG_VALUE_H

#include "config.h"

bool value_bool(struct config *c, size_t offset, const char *value);  /* 0 or 1 */
bool value_hpet(struct config *c, size_t offset, const char *value);  /* the same, into an int */
bool value_vcpus(struct config *c, size_t offset, const char *value); /* 1 to CONFIG_VCPUS_MAX */
bool value_size(struct config *c, size_t offset, const char *value);  /* bytes, or with K, M, G */
bool value_text(struct config *c, size_t offset, const char *value);
bool value_uuid(struct config *c, size_t offset, const char *value);
bool value_boot(struct config *c, size_t offset, const char *value); /* letters of a, c, d, n */
bool value_node(struct config *c, size_t offset, const char *value); /* SIZE:FIRST-LAST */
bool value_bios(struct config *c, size_t offset, const char *value); /* seabios */
bool value_ignored(struct config *c, size_t offset, const char *value);

#endif
