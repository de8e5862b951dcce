/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An element of disk=: [TARGET[,FORMAT[,VDEV[,ACCESS]]]][,KEY=VALUE...][,target=REST], with the prefixes of older tools. */
#include "guest_config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct spec {
	struct config_disk *d;
	struct messages *m;
	const char *file;
	unsigned line;
	const char *text;  /* all of it, for messages */
	unsigned position; /* of the next positional part */
	bool has_target, has_vdev, has_access, has_prefix_format;
};

static bool wrong(struct spec *s, const char *why)
{
	return error_at(s->m, s->file, s->line, "disk \"%s\": %s", s->text, why);
}

/* ---- prefixes ---- */

static const struct {
	const char *text;
	int format;         /* enum disk_format, -1: none */
	const char *script; /* NULL: none */
} prefixes[] = {
	{ "raw:", DISK_RAW, NULL },
	{ "qcow2:", DISK_QCOW2, NULL },
	{ "qcow:", DISK_QCOW, NULL },
	{ "vhd:", DISK_VHD, NULL },
	{ "iscsi:", -1, "block-iscsi" },
	{ "nbd:", -1, "block-nbd" },
	{ "enbd:", -1, "block-enbd" },
	{ "drbd:", -1, "block-drbd" },
	{ "tapdisk:", -1, NULL },
	{ "tap2:", -1, NULL },
	{ "tap:", -1, NULL },
	{ "aio:", -1, NULL },
	{ "ioemu:", -1, NULL },
	{ "file:", -1, NULL },
	{ "phy:", -1, NULL },
};

static const char *prefixes_take(struct spec *s, const char *at, bool *any)
{
	for (bool more = true; more;) {
		more = false;
		for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
			size_t n = strlen(prefixes[i].text);

			if (strncmp(at, prefixes[i].text, n) != 0)
				continue;
			at += n;
			*any = more = true;
			if (prefixes[i].format >= 0) {
				s->d->format = (enum disk_format)prefixes[i].format;
				s->d->has_format = true;
			}
			if (prefixes[i].script)
				strcpy(s->d->script, prefixes[i].script);
			break;
		}
	}
	return at;
}

/* What looks like a prefix (letters, then a colon, before any slash) and is none. */
static bool prefix_is_unknown(const char *at)
{
	size_t n = strspn(at, "abcdefghijklmnopqrstuvwxyz0123456789");

	return n && at[n] == ':' && isalpha((unsigned char)at[0]) && strcspn(at, ",=") > n;
}

/* ---- parts ---- */

static bool target_set(struct spec *s, const char *text)
{
	if (s->has_target)
		return wrong(s, "its target is said twice");
	s->has_target = true;
	if (!*text)
		return true;
	if (prefix_is_unknown(text))
		return error_at(
			s->m, s->file, s->line,
			"disk \"%s\": no prefix is called %.*s; leave it out, and say the format as the second part",
			s->text, (int)strcspn(text, ":") + 1, text);
	if (snprintf(s->d->target, sizeof(s->d->target), "%s%s",
	             *text == '/' || s->d->script[0] ? "" : "/dev/",
	             text) >= (int)sizeof(s->d->target))
		return wrong(s, "its target is too long");
	return true;
}

static const struct {
	const char *name;
	enum disk_format format;
} formats[] = { { "raw", DISK_RAW },    { "qcow2", DISK_QCOW2 }, { "qcow", DISK_QCOW },
	        { "vhd", DISK_VHD },    { "vmdk", DISK_VMDK },   { "qed", DISK_QED },
	        { "empty", DISK_EMPTY } };

static bool format_set(struct spec *s, const char *text)
{
	if (!*text)
		return true;
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (strcmp(formats[i].name, text) == 0) {
			s->d->format = formats[i].format;
			s->d->has_format = true;
			return true;
		}
	if (strncmp(text, "hd", 2) == 0 || strncmp(text, "sd", 2) == 0 ||
	    strncmp(text, "xvd", 3) == 0)
		return error_at(
			s->m, s->file, s->line,
			"disk \"%s\": %s stands where the format does: say it before the device (raw,%s), or file: before the path",
			s->text, text, text);
	return error_at(
		s->m, s->file, s->line,
		"disk \"%s\": no format is called \"%s\": there are raw, qcow2, qcow, vhd, vmdk, qed and empty",
		s->text, text);
}

/* ---- names of devices, and their numbers ---- */

/* Letters as digits without a zero: a, b, ..., z, aa, ... -1: none. */
static int letters_number(const char **at)
{
	int n = 0;

	for (; islower((unsigned char)**at); (*at)++) {
		n = n * 26 + (**at - 'a' + 1);
		if (n > 1 << 20)
			return -1;
	}
	return n - 1;
}

static uint32_t xvd_number(unsigned disk, unsigned partition)
{
	if (disk <= 15 && partition <= 15)
		return 202u << 8 | disk << 4 | partition;
	return 1u << 28 | disk << 8 | partition;
}

static uint32_t ide_number(unsigned disk, unsigned partition)
{
	return disk < 2 ? 3u << 8 | disk << 6 | partition : 22u << 8 | (disk - 2) << 6 | partition;
}

static bool vdev_name(struct spec *s, const char *name, bool is_hvm)
{
	bool is_hd = strncmp(name, "hd", 2) == 0, is_sd = strncmp(name, "sd", 2) == 0;
	const char *at = name + (is_hd || is_sd ? 2 : 3);
	unsigned partition = 0, most = is_hd ? 63 : is_sd ? 15 : 255;
	int disk;

	if (!is_hd && !is_sd && strncmp(name, "xvd", 3) != 0)
		return wrong(s, "its device is none of hda, hdb, ..., sda, ..., xvda, ...");
	disk = letters_number(&at);
	if (isdigit((unsigned char)*at) && *at != '0')
		partition = (unsigned)strtoul(at, (char **)&at, 10);
	if (disk < 0 || *at || partition > most || (is_hd && disk > 3) || (is_sd && disk > 15))
		return wrong(s,
		             "its device is out of range: hda to hdd, sda to sdp, or xvda and on");
	if (is_hvm && is_sd)
		notice_at(
			s->m, s->file, s->line,
			"disk \"%s\": there is no SCSI controller; guests see sd* through their PV drivers only. hda to hdd are IDE",
			s->text);
	s->d->number = is_hd   ? ide_number((unsigned)disk, partition)
	               : is_sd ? 8u << 8 | (unsigned)disk << 4 | partition
	                       : xvd_number((unsigned)disk, partition);
	s->d->ide = is_hvm && !is_sd && disk <= 3 && !partition ? disk : -1;
	return true;
}

static bool vdev_set(struct spec *s, const char *text, bool is_hvm)
{
	const char *colon = strchr(text, ':');
	size_t n = colon ? (size_t)(colon - text) : strlen(text);

	if (s->has_vdev)
		return wrong(s, "its device is said twice");
	if (!n || n >= sizeof(s->d->vdev))
		return wrong(s, "its device (hda, xvda, ...) is missing");
	memcpy(s->d->vdev, text, n);
	s->d->vdev[n] = 0;
	s->has_vdev = true;
	if (colon && strcmp(colon, ":cdrom") == 0)
		s->d->is_cdrom = true;
	else if (colon && strcmp(colon, ":disk") != 0)
		return wrong(s, "behind its device may stand :cdrom or :disk");
	return vdev_name(s, s->d->vdev, is_hvm);
}

static bool access_set(struct spec *s, const char *text)
{
	static const struct {
		const char *name;
		bool read_only, forced;
	} modes[] = { { "r", true, false },   { "ro", true, false }, { "w", false, false },
		      { "rw", false, false }, { "w!", false, true }, { "rw!", false, true },
		      { "r!", true, true } };

	s->has_access = true;
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (strcmp(modes[i].name, text) == 0) {
			s->d->is_read_only = modes[i].read_only;
			s->d->is_forced = modes[i].forced;
			return true;
		}
	return wrong(s, "its access is none of r, w, and w! (although it seems to be in use)");
}

/* ---- KEY=VALUE and words ---- */

static bool devtype_set(struct spec *s, const char *text)
{
	s->d->is_cdrom = strcmp(text, "cdrom") == 0;
	return s->d->is_cdrom || strcmp(text, "disk") == 0 ||
	       wrong(s, "devtype= takes disk or cdrom");
}

static bool script_set(struct spec *s, const char *text)
{
	return snprintf(s->d->script, sizeof(s->d->script), "%s", text) <
	               (int)sizeof(s->d->script) ||
	       wrong(s, "its script's name is too long");
}

static bool pass(struct spec *s, const char *text)
{
	return true;
}

static bool vdev_key(struct spec *s, const char *text);
static const struct {
	const char *name;
	bool (*set)(struct spec *s, const char *text);
} keys[] = {
	{ "format", format_set },   { "vdev", vdev_key },      { "access", access_set },
	{ "devtype", devtype_set }, { "script", script_set },  { "backendtype", pass },
	{ "backend", pass },        { "specification", pass }, { "grant_usage", pass },
};
static const struct {
	const char *name;
	bool cdrom, discard, no_discard;
} words[] = { { "cdrom", true, false, false },      { "discard", false, true, false },
	      { "no-discard", false, false, true }, { "direct-io-safe", false, false, false },
	      { "trusted", false, false, false },   { "untrusted", false, false, false } };

static bool is_hvm_now; /* of the guest whose disks are read */

static bool vdev_key(struct spec *s, const char *text)
{
	return vdev_set(s, text, is_hvm_now);
}

/* Not a KEY=VALUE: -1; else whether it was good. */
static int keyword(struct spec *s, const char *part)
{
	const char *equals = strchr(part, '=');

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i].name, part) == 0) {
			s->d->is_cdrom |= words[i].cdrom;
			s->d->has_discard |= words[i].discard;
			s->d->no_discard |= words[i].no_discard;
			return true;
		}
	if (!equals)
		return -1;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strlen(keys[i].name) == (size_t)(equals - part) &&
		    strncmp(keys[i].name, part, (size_t)(equals - part)) == 0)
			return keys[i].set(s, equals + 1);
	return -1;
}

static bool positional(struct spec *s, const char *part)
{
	switch (s->position++) {
	case 0: return target_set(s, part);
	case 1:
		if (!s->d->target[0] &&
		    strstr(part, ":cdrom")) { /* ",hdc:cdrom,r": an empty drive */
			s->position++;
			return vdev_set(s, part, is_hvm_now);
		}
		return format_set(s, part);
	case 2: return !*part || vdev_set(s, part, is_hvm_now);
	case 3: return !*part || access_set(s, part);
	default:
		return error_at(
			s->m, s->file, s->line,
			"disk \"%s\": \"%s\" is not understood: the parts are TARGET, FORMAT, VDEV, ACCESS and KEY=VALUE",
			s->text, part);
	}
}

static bool parts_take(struct spec *s, char *at)
{
	while (at) {
		char *part = at, *comma;
		int known;

		while (*part == ' ' || *part == '\t')
			part++;
		if (strncmp(part, "target=", 7) == 0) {
			bool any;

			return target_set(s, prefixes_take(s, part + 7,
			                                   &any)); /* the rest, with its commas */
		}
		comma = strchr(part, ',');
		at = comma ? comma + 1 : NULL;
		if (comma)
			*comma = 0;
		known = keyword(s, part);
		if (known == 0 || (known < 0 && !positional(s, part)))
			return false;
		/* behind a prefix there is no place for the format */
		if (known < 0 && s->position == 1 && s->has_prefix_format)
			s->position = 2;
	}
	return true;
}

static bool check(struct spec *s)
{
	struct config_disk *d = s->d;

	if (!s->has_vdev && strchr(d->target, ','))
		return wrong(
			s,
			"target= takes all that stands behind it, so nothing is left for the guest's device (vdev=hda): put target= last");
	if (!s->has_vdev)
		return wrong(s, "the guest's device (hda, xvda, ...) is missing");
	if (!d->target[0] || d->format == DISK_EMPTY) {
		d->format = DISK_EMPTY;
		d->target[0] = 0;
		if (!d->is_cdrom)
			return wrong(
				s,
				"only a CD drive can be without a medium: say hdc:cdrom, or give a target");
	}
	if (d->is_cdrom)
		d->is_read_only = true;
	if (d->is_cdrom && is_hvm_now && d->ide < 0)
		return wrong(s, "an emulated CD drive is one of hda to hdd");
	return true;
}

bool disk_spec_parse(struct config_disk *d, const char *text, const char *file, unsigned line,
                     bool is_hvm, struct messages *m)
{
	struct spec s = { .d = d, .m = m, .file = file, .line = line, .text = text };
	char *copy;
	bool done;

	memset(d, 0, sizeof(*d));
	d->line = line;
	d->ide = -1;
	is_hvm_now = is_hvm;
	while (*text == ' ' || *text == '\t')
		text++;
	copy = strdup(prefixes_take(&s, text, &s.has_prefix_format));
	done = copy && parts_take(&s, copy) && check(&s);
	free(copy);
	return done;
}
