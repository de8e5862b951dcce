/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The SSDT: the objects that there are or are not, by the guest: sleep states and vcpus.
 */
#include "acpi_build.h"
#include "aml.h"
#include "console.h"
#include "format.h"
#include "iron.h"

/* Room for each vcpu, and for the rest. */
#define VCPU_BYTES 48
#define REST_BYTES 256

/* Values of SLP_TYP in the PIIX4. S4 is the same as S5: the system has saved itself. */
static const uint8_t sleep_s3[] = { 1, 1, 0, 0 };
static const uint8_t sleep_s4[] = { 0, 0, 0, 0 };

static void write_sleep(struct aml *a, const struct machine *m)
{
	if (m->config->acpi_s3)
		aml_name_package(a, "_S3_", sleep_s3, sizeof(sleep_s3));
	if (m->config->acpi_s4)
		aml_name_package(a, "_S4_", sleep_s4, sizeof(sleep_s4));
}

static void write_vcpus(struct aml *a, const struct machine *m)
{
	uint8_t *scope = aml_open_scope(a, "_SB_");

	for (unsigned i = 0; i < m->config->vcpus; i++) {
		char name[5];
		uint8_t *device;

		format(name, sizeof(name), "C%03X", i);
		device = aml_open_device(a, name);
		aml_name_text(a, "_HID", "ACPI0007");
		aml_name_integer(a, "_UID", i);
		aml_close(a, device);
	}
	aml_close(a, scope);
}

uint32_t acpi_ssdt_build(struct machine *m)
{
	uint32_t most =
		(uint32_t)sizeof(struct acpi_header) + REST_BYTES + m->config->vcpus * VCPU_BYTES;
	uint32_t gpa = space_take(&m->acpi, most, 16);
	uint8_t *bytes = iron_memory(gpa);
	struct aml a = { bytes + sizeof(struct acpi_header), bytes + most, false };

	write_sleep(&a, m);
	write_vcpus(&a, m);
	if (a.full)
		die("the SSDT does not fit into %u bytes", most);
	acpi_finish(gpa, "SSDT", 2, (uint32_t)(a.at - bytes));
	return gpa;
}
