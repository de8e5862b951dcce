/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads xl's configuration syntax: KEY = value, where a value is a string in ' or ", a number, or a list of strings; # begins a comment. */
#include "guest_config.h"

#include "errno.h"
#include "format.h"
#include "string.h"

#define STRING_MAX 512

struct reader {
	const char *at, *end;
	unsigned line;
	guest_config_report report;
	void *arg;
	struct guest_config *out;
	unsigned nr_disks, nr_nics, nr_serials;
	int err;
};

static void say(struct reader *r, const char *what, const char *name)
{
	char text[200];

	format(text, sizeof(text), "%s%s%s", what, name ? ": " : "", name ? name : "");
	r->report(r->arg, r->line, text);
}

static void fail(struct reader *r, const char *what, const char *name)
{
	say(r, what, name);
	r->err = -EINVAL;
}

/* ---- words ---- */

static void skip(struct reader *r, bool lines)
{
	while (r->at < r->end) {
		char c = *r->at;

		if (c == '#') {
			while (r->at < r->end && *r->at != '\n')
				r->at++;
			continue;
		}
		if (c == '\n' && !lines)
			return;
		if (c != ' ' && c != '\t' && c != '\r' && c != '\n' && !(c == ';' && lines))
			return;
		r->line += c == '\n';
		r->at++;
	}
}

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-' || c == '.';
}

/* A name or a number. False: none. */
static bool take_word(struct reader *r, char *to, size_t size)
{
	size_t n = 0;

	while (r->at < r->end && is_word(*r->at)) {
		if (n + 1 < size)
			to[n++] = *r->at;
		r->at++;
	}
	to[n] = 0;
	return n;
}

static bool take_quoted(struct reader *r, char *to, size_t size)
{
	char quote = *r->at++;
	size_t n = 0;

	while (r->at < r->end && *r->at != quote && *r->at != '\n') {
		if (*r->at == '\\' && r->at + 1 < r->end)
			r->at++;
		if (n + 1 < size)
			to[n++] = *r->at;
		r->at++;
	}
	to[n] = 0;
	if (r->at >= r->end || *r->at != quote) {
		fail(r, "a string has no end", NULL);
		return false;
	}
	r->at++;
	return true;
}

/* A string or a number; r stands on it. */
static bool take_scalar(struct reader *r, char *to, size_t size)
{
	if (r->at < r->end && (*r->at == '\'' || *r->at == '"'))
		return take_quoted(r, to, size);
	return take_word(r, to, size);
}

/* ---- values ---- */

static bool number(const char *text, uint32_t *out)
{
	const char *end;
	uint64_t v = string_to_u64(text, &end);

	if (end == text || *end || v > UINT32_MAX)
		return false;
	*out = (uint32_t)v;
	return true;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* n bytes in hex, with that sign allowed between them. */
static bool hex_bytes(const char *text, uint8_t *out, unsigned n, char between)
{
	for (unsigned i = 0; i < n; i++) {
		int high, low;

		if (*text == between)
			text++;
		high = hex_digit(text[0]);
		low = high < 0 ? -1 : hex_digit(text[1]);
		if (low < 0)
			return false;
		out[i] = (uint8_t)(high << 4 | low);
		text += 2;
	}
	return !*text || *text == ',' || *text == ' ';
}

/* Cuts the next item off text, which ends at the next comma. NULL: no more. */
static char *next_item(char **text)
{
	char *item = *text, *end;

	if (!item)
		return NULL;
	while (*item == ' ')
		item++;
	end = strchr(item, ',');
	if (end)
		*end = 0;
	*text = end ? end + 1 : NULL;
	return item;
}

/* "phy:", "file:" and so on say where a disk is in the host: here it is a module. */
static const char *without_prefix(const char *text)
{
	static const char *const prefixes[] = { "file:",    "phy:", "raw:",
		                                "tap:aio:", "tap:", "target=" };

	for (unsigned i = 0; i < ARRAY_LEN(prefixes); i++)
		if (!strncmp(text, prefixes[i], strlen(prefixes[i])))
			text += strlen(prefixes[i]);
	return text;
}

static const char *base_name(const char *path)
{
	for (const char *p = path; *p; p++)
		if (*p == '/')
			path = p + 1;
	return path;
}

/* hda to hdd, or xvda, sda: the same four places; ":cdrom" may follow. */
static bool disk_place(struct guest_disk *disk, const char *text)
{
	static const char *const names[] = { "hd", "xvd", "sd" };

	if (!strncmp(text, "vdev=", 5))
		text += 5;
	for (unsigned i = 0; i < ARRAY_LEN(names); i++) {
		size_t n = strlen(names[i]);

		if (strncmp(text, names[i], n) || text[n] < 'a' || text[n] > 'd')
			continue;
		disk->drive = (unsigned)(text[n] - 'a');
		disk->is_cdrom = !strcmp(text + n + 1, ":cdrom");
		return !text[n + 1] || disk->is_cdrom;
	}
	return false;
}

/* FILE,PLACE[:cdrom],MODE or FILE,FORMAT,PLACE,MODE,... as xl writes them. */
static void read_disk(struct reader *r, char *text)
{
	struct guest_disk disk = { .is_present = true };
	char *item = next_item(&text);
	bool placed = false;

	format(disk.file, sizeof(disk.file), "%s", base_name(without_prefix(item)));
	while ((item = next_item(&text))) {
		if (!placed && disk_place(&disk, item))
			placed = true;
		else if (!strcmp(item, "r") || !strcmp(item, "ro") || !strcmp(item, "access=ro"))
			disk.is_read_only = true;
		else if (!strcmp(item, "cdrom") || !strcmp(item, "devtype=cdrom"))
			disk.is_cdrom = true;
		else if (strcmp(item, "w") && strcmp(item, "rw") && strcmp(item, "raw") && *item &&
		         strcmp(item, "format=raw") && strcmp(item, "access=rw"))
			say(r, "not served in a disk without a control domain", item);
	}
	disk.is_read_only |= disk.is_cdrom;
	if (!placed)
		fail(r, "a disk needs its place: hda, hdb, hdc or hdd", disk.file);
	else if (r->out->disks[disk.drive].is_present)
		fail(r, "two disks at one place", disk.file);
	else if (!disk.file[0] && !disk.is_cdrom)
		fail(r, "a disk without a file can only be a CD-ROM drive", NULL);
	else
		r->out->disks[disk.drive] = disk;
}

static void read_nic(struct reader *r, char *text)
{
	struct guest_nic nic = { .is_present = true };
	char *item;

	if (r->nr_nics == GUEST_NICS) {
		fail(r, "too many network interfaces: four are possible", NULL);
		return;
	}
	while ((item = next_item(&text))) {
		if (!strncmp(item, "mac=", 4)) {
			nic.has_mac = hex_bytes(item + 4, nic.mac, 6, ':');
			if (!nic.has_mac)
				fail(r, "not a MAC address", item + 4);
		}
	}
	r->out->nics[r->nr_nics++] = nic;
}

static void read_serial(struct reader *r, char *text)
{
	if (!strcmp(text, "none"))
		r->out->nr_serials = 0;
	else if (r->nr_serials < 4)
		r->out->nr_serials = ++r->nr_serials;
}

static void read_uuid(struct reader *r, char *text)
{
	r->out->has_uuid = hex_bytes(text, r->out->uuid, 16, '-');
	if (!r->out->has_uuid)
		fail(r, "not a uuid", text);
}

static void read_usbdevice(struct reader *r, char *text)
{
	if (!strcmp(text, "tablet"))
		r->out->usb_tablet = 1;
	else
		say(r, "not served: only the tablet is", text);
}

static void read_boot(struct reader *r, char *text)
{
	for (const char *c = text; *c; c++)
		if (!strchr("cdna", *c)) {
			fail(r, "boot is made of c (disk), d (CD), n (network)", text);
			return;
		}
	format(r->out->boot, sizeof(r->out->boot), "%s", text);
}

static void read_builder(struct reader *r, char *text)
{
	if (strcmp(text, "hvm"))
		fail(r, "without a control domain a guest is of type hvm, not", text);
}

/* ---- keys ---- */

enum key_form { TEXT, NUMBER, READ, IGNORED };
struct key {
	const char *name;
	enum key_form form;
	size_t offset, size;                        /* TEXT, NUMBER */
	void (*read)(struct reader *r, char *text); /* READ: for the value or each of the list */
};
#define FIELD(f) offsetof(struct guest_config, f), sizeof(((struct guest_config *)0)->f)
static const struct key keys[] = {
	{ "name", TEXT, FIELD(name) },
	{ "kernel", TEXT, FIELD(kernel) },
	{ "extra", TEXT, FIELD(extra) },
	{ "cmdline", TEXT, FIELD(extra) },
	{ "device_model_override", TEXT, FIELD(device_model) },
	{ "memory", NUMBER, FIELD(memory) },
	{ "vcpus", NUMBER, FIELD(vcpus) },
	{ "videoram", NUMBER, FIELD(videoram) },
	{ "acpi", NUMBER, FIELD(acpi) },
	{ "apic", NUMBER, FIELD(apic) },
	{ "hpet", NUMBER, FIELD(hpet) },
	{ "timer_mode", NUMBER, FIELD(timer_mode) },
	{ "disk", READ, 0, 0, read_disk },
	{ "vif", READ, 0, 0, read_nic },
	{ "serial", READ, 0, 0, read_serial },
	{ "uuid", READ, 0, 0, read_uuid },
	{ "usbdevice", READ, 0, 0, read_usbdevice },
	{ "boot", READ, 0, 0, read_boot },
	{ "builder", READ, 0, 0, read_builder },
	{ "type", READ, 0, 0, read_builder },
	{ "usb", IGNORED },
	{ "vnc", IGNORED },
	{ "sdl", IGNORED },
	{ "vga", IGNORED },
	{ "pae", IGNORED },
	{ "maxmem", IGNORED },
	{ "on_poweroff", IGNORED },
	{ "on_reboot", IGNORED },
	{ "on_crash", IGNORED },
};

static const struct key *key_find(const char *name)
{
	for (unsigned i = 0; i < ARRAY_LEN(keys); i++)
		if (!strcmp(keys[i].name, name))
			return &keys[i];
	return NULL;
}

static void take_value(struct reader *r, const struct key *k, char *text)
{
	uint32_t n;

	if (!k || k->form == IGNORED)
		return;
	if (k->form == READ) {
		k->read(r, text);
	} else if (k->form == TEXT) {
		if (strlen(text) >= k->size)
			fail(r, "too long", k->name);
		else
			format((char *)r->out + k->offset, k->size, "%s",
			       k->offset == offsetof(struct guest_config, kernel) ? base_name(text)
			                                                          : text);
	} else if (number(text, &n)) {
		memcpy((char *)r->out + k->offset, &n, sizeof(n));
	} else {
		fail(r, "not a number", k->name);
	}
}

static bool take_list(struct reader *r, const struct key *k)
{
	char text[STRING_MAX];

	r->at++;
	for (;;) {
		skip(r, true);
		if (r->at < r->end && *r->at == ']') {
			r->at++;
			return true;
		}
		if (r->at >= r->end || !take_scalar(r, text, sizeof(text)))
			break;
		take_value(r, k, text);
		skip(r, true);
		if (r->at < r->end && *r->at == ',')
			r->at++;
	}
	if (!r->err)
		fail(r, "a list has no end", k ? k->name : NULL);
	return false;
}

static bool take_statement(struct reader *r)
{
	char name[64], text[STRING_MAX];
	const struct key *k;

	if (!take_word(r, name, sizeof(name))) {
		fail(r, "here should stand a key", NULL);
		return false;
	}
	k = key_find(name);
	if (!k)
		say(r, "not served without a control domain", name);
	skip(r, false);
	if (r->at >= r->end || *r->at != '=') {
		fail(r, "after the key should stand =", name);
		return false;
	}
	r->at++;
	skip(r, false);
	if (r->at < r->end && *r->at == '[')
		return take_list(r, k);
	if (r->at >= r->end || !take_scalar(r, text, sizeof(text))) {
		if (!r->err)
			fail(r, "no value", name);
		return false;
	}
	take_value(r, k, text);
	skip(r, false);
	if (r->at < r->end && *r->at != '\n' && *r->at != ';') {
		fail(r, "more after the value", name);
		return false;
	}
	return true;
}

static void check(struct reader *r)
{
	struct guest_config *c = r->out;

	if (!c->name[0])
		fail(r, "no name", NULL);
	if (c->memory < 16)
		fail(r, "memory (in MiB) must be 16 at least", NULL);
	if (!c->vcpus || c->vcpus > 128)
		fail(r, "vcpus must be 1 to 128", NULL);
	if (c->videoram < 1 || c->videoram > 256)
		fail(r, "videoram (in MiB) must be 1 to 256", NULL);
	if (c->timer_mode > 3)
		fail(r, "timer_mode must be 0 to 3", NULL);
	while (c->videoram & (c->videoram - 1)) /* a base address shows a power of two */
		c->videoram += c->videoram & -c->videoram;
}

int guest_config_parse(const char *text, size_t size, guest_config_report report, void *arg,
                       struct guest_config *out)
{
	struct reader r = {
		.at = text, .end = text + size, .line = 1, .report = report, .arg = arg, .out = out
	};

	*out = (struct guest_config){ .memory = 128,
		                      .vcpus = 1,
		                      .videoram = 16,
		                      .acpi = 1,
		                      .apic = 1,
		                      .hpet = 1,
		                      .nr_serials = 1,
		                      .timer_mode = 1,
		                      .boot = "cd" };
	for (skip(&r, true); r.at < r.end; skip(&r, true))
		if (!take_statement(&r))
			break;
	if (!r.err)
		check(&r);
	return r.err;
}

bool guest_config_has_nodes(const struct guest_config *c)
{
	const char *word = c->kernel[0] ? NULL : strstr(c->extra, "node=");

	while (word && word != c->extra && word[-1] != ' ')
		word = strstr(word + 1, "node=");
	return word;
}
