/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An element of vif=: KEY=VALUE parts. */
#include "guest_config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct spec {
	struct config_nic *n;
	struct messages *m;
	const char *file, *text;
	unsigned line;
};

static bool wrong(struct spec *s, const char *why)
{
	return error_at(s->m, s->file, s->line, "vif \"%s\": %s", s->text, why);
}

static bool mac_set(struct spec *s, const char *value)
{
	unsigned b[6];
	int end = 0;

	if (sscanf(value, "%2x:%2x:%2x:%2x:%2x:%2x%n", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5],
	           &end) != 6 ||
	    value[end])
		return wrong(s, "its mac= is not of the form 00:16:3e:12:34:56");
	for (unsigned i = 0; i < 6; i++)
		s->n->mac[i] = (uint8_t)b[i];
	if (s->n->mac[0] & 1)
		return wrong(s, "its mac= is a group's address: the first byte must be even");
	s->n->has_mac = true;
	return true;
}

static bool text_set(struct spec *s, char *to, size_t size, const char *value)
{
	return snprintf(to, size, "%s", value) < (int)size || wrong(s, "a value is too long");
}

static bool bridge_set(struct spec *s, const char *v)
{
	s->n->has_bridge = true;
	return text_set(s, s->n->bridge, sizeof(s->n->bridge), v);
}
static bool name_set(struct spec *s, const char *v)
{
	return text_set(s, s->n->ifname, sizeof(s->n->ifname), v);
}
static bool script_set(struct spec *s, const char *v)
{
	return text_set(s, s->n->script, sizeof(s->n->script), v);
}
static bool ip_set(struct spec *s, const char *v)
{
	return text_set(s, s->n->ip, sizeof(s->n->ip), v);
}
static bool pass(struct spec *s, const char *v)
{
	return true;
}

static bool type_set(struct spec *s, const char *v)
{
	s->n->is_emulated = strcmp(v, "ioemu") == 0;
	return s->n->is_emulated || strcmp(v, "vif") == 0 || strcmp(v, "netfront") == 0 ||
	       wrong(s, "type= takes ioemu or vif");
}

static bool model_set(struct spec *s, const char *v)
{
	if (strcmp(v, "e1000") != 0)
		notice_at(s->m, s->file, s->line,
		          "vif \"%s\": the emulated card is an e1000, not a %s", s->text, v);
	return true;
}

static bool mtu_set(struct spec *s, const char *v)
{
	char *end;

	s->n->mtu = (unsigned)strtoul(v, &end, 10);
	return (!*end && s->n->mtu >= 68 && s->n->mtu <= 9000) ||
	       wrong(s, "mtu= is a number from 68 to 9000");
}

/* 10Mb/s, 250KB/s, 1MB/s@20ms: Xen's forms. The interval does not matter here. */
static bool rate_set(struct spec *s, const char *v)
{
	static const struct {
		const char *unit;
		uint64_t bytes_x8; /* eight times the bytes a second */
	} units[] = { { "Gb/s", 1000000000 }, { "Mb/s", 1000000 }, { "Kb/s", 1000 }, { "b/s", 1 },
		      { "GB/s", 8000000000 }, { "MB/s", 8000000 }, { "KB/s", 8000 }, { "B/s", 8 } };
	char *end;
	uint64_t n = strtoull(v, &end, 10);

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		size_t length = strlen(units[i].unit);

		if (strncmp(end, units[i].unit, length) != 0 || (end[length] && end[length] != '@'))
			continue;
		s->n->rate_bytes = n * units[i].bytes_x8 / 8;
		if (n && n < UINT32_MAX && s->n->rate_bytes)
			return true;
	}
	return wrong(s, "its rate= is not of the form 10Mb/s or 1MB/s@20ms");
}

static const struct {
	const char *name;
	bool (*set)(struct spec *s, const char *value);
} keys[] = {
	{ "mac", mac_set },     { "bridge", bridge_set }, { "type", type_set },
	{ "model", model_set }, { "vifname", name_set },  { "script", script_set },
	{ "ip", ip_set },       { "mtu", mtu_set },       { "rate", rate_set },
	{ "backend", pass },    { "devid", pass },        { "vlan", pass },
	{ "trusted", pass },    { "gatewaydev", pass },   { "accel", pass },
	{ "netdev", pass },
};

static bool part_take(struct spec *s, char *part)
{
	char *equals = strchr(part, '=');

	if (!*part)
		return true;
	if (!equals)
		return wrong(s, "its parts are KEY=VALUE");
	*equals = 0;
	for (char *end = equals; end > part && end[-1] == ' ';)
		*--end = 0;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(keys[i].name, part) == 0)
			return keys[i].set(s, equals + 1);
	return error_at(
		s->m, s->file, s->line,
		"vif \"%s\": no key is called \"%s\": there are mac, bridge, type, model, vifname, script, ip, rate, mtu",
		s->text, part);
}

bool nic_spec_parse(struct config_nic *n, const char *text, const char *file, unsigned line,
                    struct messages *m)
{
	struct spec s = { .n = n, .m = m, .file = file, .line = line, .text = text };
	char *copy = strdup(text), *next = copy, *part;
	bool done = copy;

	memset(n, 0, sizeof(*n));
	n->line = line;
	n->is_emulated = true;
	strcpy(n->bridge, "xenbr0");
	while (done && (part = strsep(&next, ",")) != NULL) {
		while (*part == ' ' || *part == '\t')
			part++;
		done = part_take(&s, part);
	}
	free(copy);
	return done;
}
