/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes ACPI machine language: the few objects that depend on the guest. ACPI 2.0c, chapter 17. */
#ifndef HVMLOADER_AML_H
#define HVMLOADER_AML_H

#include "types.h"

struct aml {
	uint8_t *at, *end;
	bool full; /* something did not fit */
};

/* A scope or device stays open until its length is known; closing takes what opening returned. name: 4 characters, after a backslash or not */
uint8_t *aml_open_scope(struct aml *a, const char *name);
uint8_t *aml_open_device(struct aml *a, const char *name);
void aml_close(struct aml *a, uint8_t *opened);

void aml_name_integer(struct aml *a, const char *name, uint64_t value);
void aml_name_text(struct aml *a, const char *name, const char *value);
/* A package of small numbers. */
void aml_name_package(struct aml *a, const char *name, const uint8_t *values, uint8_t nr);

#endif
