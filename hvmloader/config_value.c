/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The values that words of the command line can have. */
#include "config_value.h"
#include "string.h"

#define UUID_TEXT 36

static void *field(struct config *c, size_t offset)
{
	return (char *)c + offset;
}

static bool number(const char *value, uint64_t min, uint64_t max, uint64_t *n)
{
	const char *end;

	*n = string_to_u64(value, &end);
	return end != value && !*end && *n >= min && *n <= max;
}

bool value_bool(struct config *c, size_t offset, const char *value)
{
	uint64_t n;

	if (!number(value, 0, 1, &n))
		return false;
	*(bool *)field(c, offset) = n;
	return true;
}

bool value_hpet(struct config *c, size_t offset, const char *value)
{
	uint64_t n;

	if (!number(value, 0, 1, &n))
		return false;
	*(int *)field(c, offset) = (int)n;
	return true;
}

bool value_vcpus(struct config *c, size_t offset, const char *value)
{
	uint64_t n;

	if (!number(value, 1, CONFIG_VCPUS_MAX, &n))
		return false;
	*(unsigned *)field(c, offset) = (unsigned)n;
	return true;
}

bool value_size(struct config *c, size_t offset, const char *value)
{
	const char *end;
	uint64_t n = string_to_size(value, 0, &end);

	if (end == value || *end || n == UINT64_MAX)
		return false;
	*(uint64_t *)field(c, offset) = n;
	return true;
}

bool value_text(struct config *c, size_t offset, const char *value)
{
	for (const char *s = value; *s; s++)
		if (*s < ' ' || *s > '~')
			return false;
	return string_copy(field(c, offset), value, CONFIG_TEXT_MAX + 1) <= CONFIG_TEXT_MAX;
}

static int hex_digit(char ch)
{
	if (ch >= '0' && ch <= '9')
		return ch - '0';
	ch |= 0x20;
	return ch >= 'a' && ch <= 'f' ? ch - 'a' + 10 : -1;
}

bool value_uuid(struct config *c, size_t offset, const char *value)
{
	uint8_t uuid[16];
	unsigned digits = 0;

	if (strlen(value) != UUID_TEXT)
		return false;
	for (unsigned i = 0; i < UUID_TEXT; i++) {
		int digit = hex_digit(value[i]);

		if (i == 8 || i == 13 || i == 18 || i == 23) {
			if (value[i] != '-')
				return false;
			continue;
		}
		if (digit < 0)
			return false;
		uuid[digits / 2] = (uint8_t)(uuid[digits / 2] << 4 | digit);
		digits++;
	}
	memcpy(field(c, offset), uuid, sizeof(uuid));
	c->has_uuid = true;
	return true;
}

bool value_boot(struct config *c, size_t offset, const char *value)
{
	size_t n = 0;

	for (; value[n]; n++) {
		bool known =
			value[n] == 'a' || value[n] == 'c' || value[n] == 'd' || value[n] == 'n';

		if (!known || n >= sizeof(c->boot) - 1)
			return false;
	}
	memcpy(field(c, offset), value, n + 1);
	return true;
}

bool value_node(struct config *c, size_t offset, const char *value)
{
	const char *end;
	struct config_node n;
	uint64_t first, last;

	n.memory = string_to_size(value, 0, &end);
	if (end == value || *end != ':' || c->nr_nodes >= CONFIG_NODES_MAX)
		return false;
	value = end + 1;
	first = last = string_to_u64(value, &end);
	if (end == value || (*end && *end != '-'))
		return false;
	if (*end) {
		value = end + 1;
		last = string_to_u64(value, &end);
		if (end == value || *end)
			return false;
	}
	if (first > last || last >= CONFIG_VCPUS_MAX)
		return false;
	n.vcpu_first = (unsigned)first;
	n.vcpu_last = (unsigned)last;
	((struct config_node *)field(c, offset))[c->nr_nodes++] = n;
	return true;
}

bool value_bios(struct config *c, size_t offset, const char *value)
{
	return !strcmp(value, "seabios");
}

bool value_ignored(struct config *c, size_t offset, const char *value)
{
	return true;
}
