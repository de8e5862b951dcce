/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From settings to the plan of a guest: a table of the keys. */
#include "guest_config.h"

#include "key_names.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <time.h>

#define DISPLAY_MAX  59635      /* port 65535 */
#define LINE_OF_WORD UINT32_MAX /* set by KEY=VALUE of the command line */

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

struct making {
	struct guest_config *g;
	struct settings *s;
	struct messages *m;
};
/* One setting's meaning. */
struct key_row {
	const char *name;
	bool (*set)(struct making *k, const struct setting *s, const struct key_row *row);
	size_t offset, size; /* of the member */
	uint64_t low, high;  /* of a number */
};

static bool wrong(struct making *k, const struct setting *s, const char *why)
{
	return error_at(k->m, k->s->file, s->line, "%s = \"%s\": %s", s->key,
	                s->nr ? s->values[0].text : "", why);
}

static void *member(struct making *k, const struct key_row *row)
{
	return (char *)k->g + row->offset;
}

/* ---- kinds of values ---- */

static bool single(struct making *k, const struct setting *s)
{
	return (!s->is_list && s->nr == 1) || wrong(k, s, "this is one value, not a list");
}

static bool number_read(const char *text, uint64_t *to)
{
	char *end;

	errno = 0;
	*to = strtoull(text, &end, 0);
	return end != text && !*end && !errno && *text != '-';
}

static bool number(struct making *k, const struct setting *s, const struct key_row *row)
{
	uint64_t v;

	if (!single(k, s))
		return false;
	if (!number_read(s->values[0].text, &v) || v < row->low || v > row->high)
		return error_at(k->m, k->s->file, s->line,
		                "%s = \"%s\": a number from %llu to %llu is expected", s->key,
		                s->values[0].text, (unsigned long long)row->low,
		                (unsigned long long)row->high);
	if (row->size == 8)
		*(uint64_t *)member(k, row) = v;
	else
		*(unsigned *)member(k, row) = (unsigned)v;
	return true;
}

static bool flag(struct making *k, const struct setting *s, const struct key_row *row)
{
	uint64_t v;

	if (!single(k, s))
		return false;
	if (!number_read(s->values[0].text, &v))
		return wrong(k, s, "0 or 1 is expected");
	*(bool *)member(k, row) = v != 0; /* any number but 0 is yes */
	return true;
}

static bool text(struct making *k, const struct setting *s, const struct key_row *row)
{
	if (!single(k, s))
		return false;
	if (strlen(s->values[0].text) >= row->size)
		return wrong(k, s, "this is too long");
	memset(member(k, row), 0, row->size); /* nothing stays of the default */
	strcpy(member(k, row), s->values[0].text);
	return true;
}

/* ---- keys of their own kind ---- */

static bool mib_to_kib(struct making *k, const struct setting *s, const struct key_row *row)
{
	struct key_row mib = *row;

	mib.low = 2;
	mib.high = 1 << 24;
	if (!number(k, s, &mib))
		return false;
	*(uint64_t *)member(k, row) *= 1024;
	return true;
}

static bool name(struct making *k, const struct setting *s, const struct key_row *row)
{
	if (!text(k, s, row))
		return false;
	if (!k->g->name[0] || strspn(k->g->name, "0123456789") == strlen(k->g->name))
		return wrong(k, s, "a name has at least one character that is no digit");
	return strpbrk(k->g->name, "/ \t\n") == NULL ||
	       wrong(k, s, "a name has no blanks and no /");
}

static bool uuid(struct making *k, const struct setting *s, const struct key_row *row)
{
	if (!single(k, s))
		return false;
	k->g->has_uuid = true;
	return uuid_parse(s->values[0].text, k->g->uuid) ||
	       wrong(k, s, "it is not of the form 5891d2eb-7bcc-607c-d509-14943b2c36b9");
}

/* Which of the names the value is; nr: none of them. */
static unsigned choice(const struct setting *s, const char *const *names, unsigned nr)
{
	unsigned n = 0;

	while (n < nr && strcasecmp(names[n], s->values[0].text) != 0)
		n++;
	return n;
}

/* The same for keys whose values were numbers in older files. */
static bool choice_or_number(struct making *k, const struct setting *s, const char *const *names,
                             unsigned nr, unsigned *to, const char *all)
{
	unsigned n = choice(s, names, nr);
	uint64_t v = n;

	if (n == nr && (!number_read(s->values[0].text, &v) || v >= nr))
		return wrong(k, s, all);
	if (n == nr)
		notice_at(k->m, k->s->file, s->line, "%s=%u is the older form of \"%s\"", s->key,
		          (unsigned)v, names[v]);
	*to = (unsigned)v;
	return true;
}

static bool type(struct making *k, const struct setting *s, const struct key_row *row)
{
	static const char *const names[] = {
		[GUEST_HVM] = "hvm", [GUEST_PVH] = "pvh", [GUEST_PV] = "pv"
	};
	unsigned n;

	if (!single(k, s))
		return false;
	n = choice(s, names, ARRAY_LEN(names));
	k->g->type = (enum guest_type)n;
	return n < ARRAY_LEN(names) || wrong(k, s, "there are hvm, pvh and pv");
}

static bool builder(struct making *k, const struct setting *s, const struct key_row *row)
{
	if (!single(k, s))
		return false;
	if (settings_find(k->s, "type"))
		return true; /* which says it, too */
	if (strcmp(s->values[0].text, "generic") == 0 || strcmp(s->values[0].text, "linux") == 0)
		k->g->type = GUEST_PV;
	else if (strcmp(s->values[0].text, "hvm") == 0)
		k->g->type = GUEST_HVM;
	else
		return wrong(k, s, "there are hvm and generic; type= is the newer form");
	return true;
}

static bool action(struct making *k, const struct setting *s, const struct key_row *row)
{
	static const char *const names[] = {
		[ACTION_DESTROY] = "destroy",
		[ACTION_RESTART] = "restart",
		[ACTION_RENAME_RESTART] = "rename-restart",
		[ACTION_PRESERVE] = "preserve",
		[ACTION_COREDUMP_DESTROY] = "coredump-destroy",
		[ACTION_COREDUMP_RESTART] = "coredump-restart",
		[ACTION_SOFT_RESET] = "soft-reset",
	};
	enum guest_action *to = member(k, row);
	unsigned n;

	if (!single(k, s))
		return false;
	n = choice(s, names, ARRAY_LEN(names));
	if (n == ARRAY_LEN(names))
		return wrong(
			k, s,
			"there are destroy, restart, rename-restart, preserve, coredump-destroy, coredump-restart and soft-reset");
	*to = (enum guest_action)n;
	if (n == ACTION_RENAME_RESTART || n == ACTION_SOFT_RESET)
		notice_at(k->m, k->s->file, s->line, "%s: %s is not served, it is restart", s->key,
		          names[n]);
	return true;
}

static bool boot(struct making *k, const struct setting *s, const struct key_row *row)
{
	if (!text(k, s, row))
		return false;
	return (k->g->boot[0] && strspn(k->g->boot, "acdn") == strlen(k->g->boot)) ||
	       wrong(k, s,
	             "it is made of the letters c (disk), d (CD), n (network) and a (floppy, which is not there)");
}

static bool tsc_mode(struct making *k, const struct setting *s, const struct key_row *row)
{
	static const char *const names[] = { "default", "always_emulate", "native" };

	return single(k, s) && choice_or_number(k, s, names, ARRAY_LEN(names), &k->g->tsc_mode,
	                                        "there are default, always_emulate and native");
}

static bool timer_mode(struct making *k, const struct setting *s, const struct key_row *row)
{
	static const char *const names[] = { "delay_for_missed_ticks", "no_delay_for_missed_ticks",
		                             "no_missed_ticks_pending", "one_missed_tick_pending" };

	return single(k, s) &&
	       choice_or_number(
		       k, s, names, ARRAY_LEN(names), &k->g->timer_mode,
		       "there are delay_for_missed_ticks, no_delay_for_missed_ticks, no_missed_ticks_pending and one_missed_tick_pending");
}

static bool vga(struct making *k, const struct setting *s, const struct key_row *row)
{
	if (!single(k, s))
		return false;
	k->g->has_screen = strcmp(s->values[0].text, "none") != 0;
	if (k->g->has_screen && strcmp(s->values[0].text, "stdvga") != 0)
		notice_at(k->m, k->s->file, s->line, "vga=\"%s\": the display is a stdvga",
		          s->values[0].text);
	return true;
}

static bool usbdevice(struct making *k, const struct setting *s, const struct key_row *row)
{
	for (size_t i = 0; i < s->nr; i++) {
		if (strcmp(s->values[i].text, "tablet") == 0)
			k->g->usb_tablet = true;
		else
			notice_at(k->m, k->s->file, s->values[i].line,
			          "usbdevice=\"%s\": there is \"tablet\" only", s->values[i].text);
	}
	return true;
}

static bool serial(struct making *k, const struct setting *s, const struct key_row *row)
{
	static const char *const forms[] = { "pty",   "none", "null", "file:",
		                             "unix:", "tcp:", "stdio" };

	if (s->nr > CONFIG_SERIALS)
		return wrong(k, s, "there are four serial ports");
	for (size_t i = 0; i < s->nr; i++) {
		struct config_serial *to = &k->g->serials[k->g->nr_serials++];
		const char *value = s->values[i].text;
		bool known = value[0] == '/';

		for (size_t j = 0; j < sizeof(forms) / sizeof(forms[0]); j++)
			known |= strncmp(forms[j], value, strlen(forms[j])) == 0;
		if (!known)
			return wrong(
				k, s,
				"there are pty, none, null, file:PATH, unix:PATH, tcp:HOST:PORT and the path of a device");
		if (snprintf(to->text, sizeof(to->text), "%s", value) >= (int)sizeof(to->text))
			return wrong(k, s, "this is too long");
		to->line = s->values[i].line;
	}
	return true;
}

static bool disks(struct making *k, const struct setting *s, const struct key_row *row)
{
	for (size_t i = 0; i < s->nr; i++) {
		struct config_disk *d = &k->g->disks[k->g->nr_disks];

		if (k->g->nr_disks == CONFIG_DISKS)
			return wrong(k, s, "there are too many disks");
		if (!disk_spec_parse(d, s->values[i].text, k->s->file, s->values[i].line,
		                     k->g->type == GUEST_HVM, k->m))
			return false;
		for (size_t j = 0; j < k->g->nr_disks; j++)
			if (k->g->disks[j].number == d->number ||
			    (d->ide >= 0 && k->g->disks[j].ide == d->ide))
				return error_at(
					k->m, k->s->file, s->values[i].line,
					"disk \"%s\": its device %s is that of the disk of line %u",
					s->values[i].text, d->vdev, k->g->disks[j].line);
		k->g->nr_disks++;
	}
	return true;
}

static bool nics(struct making *k, const struct setting *s, const struct key_row *row)
{
	for (size_t i = 0; i < s->nr; i++) {
		if (k->g->nr_nics == CONFIG_NICS)
			return wrong(k, s, "there are too many network interfaces");
		if (!nic_spec_parse(&k->g->nics[k->g->nr_nics], s->values[i].text, k->s->file,
		                    s->values[i].line, k->m))
			return false;
		k->g->nr_nics++;
	}
	return true;
}

/* One text has features by name; a list has leaves, or names too. */
static bool cpuid(struct making *k, const struct setting *s, const struct key_row *row)
{
	char why[200];

	for (size_t i = 0; i < s->nr; i++) {
		const char *value = s->values[i].text;
		bool is_leaf = value[0] >= '0' && value[0] <= '9';

		if (!(is_leaf ? cpuid_parse_leaf : cpuid_parse_names)(&k->g->cpuid, value, why,
		                                                      sizeof(why)))
			return error_at(k->m, k->s->file, s->values[i].line, "cpuid: %s", why);
	}
	return true;
}

/* One list for all vcpus; xl also takes an element a vcpu. */
static bool cpus(struct making *k, const struct setting *s, const struct key_row *row)
{
	size_t n = 0;

	memset(k->g->affinity, 0, sizeof(k->g->affinity));
	for (size_t i = 0; i < s->nr; i++) {
		if (!cpu_list_parse(k->g, s->values[i].text))
			return error_at(
				k->m, k->s->file, s->values[i].line,
				"cpus = \"%s\": CPUs are written like \"0-3,^2\" or \"all\", with numbers below %d",
				s->values[i].text, CONFIG_CPUS);
		n += (size_t)snprintf(k->g->cpus + n, sizeof(k->g->cpus) - n, "%s%s", i ? "," : "",
		                      s->values[i].text);
		if (n >= sizeof(k->g->cpus))
			return wrong(k, s, "this is too long");
	}
	if (s->nr > 1)
		notice_at(k->m, k->s->file, s->line,
		          "cpus: the vcpus share the CPUs of all elements of the list");
	return true;
}

/* ADDRESS or ADDRESS:DISPLAY; an IPv6 address has more colons than one, or brackets. */
static bool vnc_listen(struct making *k, const struct setting *s, const struct key_row *row)
{
	char *at = k->g->vnc_listen, *colon, *end;
	unsigned long display;

	if (!text(k, s, row))
		return false;
	colon = strrchr(at, ':');
	if (!colon || (strchr(at, ':') != colon && colon[-1] != ']'))
		return true;
	display = strtoul(colon + 1, &end, 10);
	if (end == colon + 1 || *end || display > DISPLAY_MAX)
		return wrong(k, s, "behind the address may stand : and the number of a display");
	memset(colon, 0, strlen(colon));
	k->g->vnc_display = (unsigned)display;
	return true;
}

/* A path to hvmloader: that is what every HVM guest starts with. */
static bool kernel(struct making *k, const struct setting *s, const struct key_row *row)
{
	size_t n;

	if (!text(k, s, row))
		return false;
	n = strlen(k->g->kernel);
	if (k->g->type != GUEST_HVM || n < 9 || strcmp(k->g->kernel + n - 9, "hvmloader") != 0)
		return true;
	notice_at(k->m, k->s->file, s->line,
	          "kernel=\"%s\": HVM guests start with Zazen's own hvmloader", k->g->kernel);
	memset(k->g->kernel, 0, sizeof(k->g->kernel));
	return true;
}

static bool password(struct making *k, const struct setting *s, const struct key_row *row)
{
	if (!text(k, s, row))
		return false;
	return strlen(k->g->vnc_password) <= 8 ||
	       wrong(k, s,
	             "VNC carries 8 characters of a password, and the rest would not count: make it shorter");
}

/* ---- the table ---- */

#define ROW(name, kind, field, low, high)                                    \
	{                                                                    \
		name, kind, offsetof(struct guest_config, field),            \
			sizeof(((struct guest_config *)0)->field), low, high \
	}
#define ALONE(name, fn)              \
	{                            \
		name, fn, 0, 0, 0, 0 \
	}

/* In the order in which they are looked at: what others depend upon comes first. */
static const struct key_row rows[] = {
	ALONE("builder", builder),
	ALONE("type", type),
	ROW("name", name, name, 0, 0),
	ALONE("uuid", uuid),
	ROW("memory", mib_to_kib, memory_kib, 0, 0),
	ROW("maxmem", mib_to_kib, max_memory_kib, 0, 0),
	ROW("vcpus", number, vcpus, 1, 128),
	ROW("maxvcpus", number, max_vcpus, 1, 128),
	ALONE("cpus", cpus),
	ROW("cpu_weight", number, cpu_weight, 1, 65535),
	ROW("cap", number, cpu_cap, 0, 12800),
	ROW("on_poweroff", action, on_poweroff, 0, 0),
	ROW("on_reboot", action, on_reboot, 0, 0),
	ROW("on_crash", action, on_crash, 0, 0),
	ROW("on_watchdog", action, on_watchdog, 0, 0),
	ROW("on_soft_reset", action, on_soft_reset, 0, 0),
	ROW("localtime", flag, localtime, 0, 0),
	ALONE("cpuid", cpuid),
	ALONE("tsc_mode", tsc_mode),
	ALONE("timer_mode", timer_mode),
	ROW("max_grant_frames", number, max_grant_frames, 1, 4096),
	ROW("max_event_channels", number, max_event_channels, 64, 131071),
	ROW("kernel", kernel, kernel, 0, 0),
	ROW("ramdisk", text, ramdisk, 0, 0),
	ROW("bootloader", text, bootloader, 0, 0),
	ROW("boot", boot, boot, 0, 0),
	ROW("acpi", flag, acpi, 0, 0),
	ROW("acpi_s3", flag, acpi_s3, 0, 0),
	ROW("acpi_s4", flag, acpi_s4, 0, 0),
	ROW("apic", flag, apic, 0, 0),
	ROW("hpet", flag, hpet, 0, 0),
	ROW("pae", flag, pae, 0, 0),
	ROW("nx", flag, nx, 0, 0),
	ROW("xen_platform_pci", flag, xen_platform_pci, 0, 0),
	ROW("device_model_override", text, device_model, 0, 0),
	ROW("firmware_override", text, firmware, 0, 0),
	ROW("mmio_hole", number, mmio_hole_mib, 256, 3840),
	ROW("videoram", number, videoram_mib, 1, 256),
	ALONE("vga", vga),
	ROW("vnc", flag, vnc, 0, 0),
	ROW("vnclisten", vnc_listen, vnc_listen, 0, 0),
	ROW("vncdisplay", number, vnc_display, 0, DISPLAY_MAX),
	ROW("vncunused", flag, vnc_unused, 0, 0),
	ROW("vncwebsocket", number, vnc_websocket, 0, 65535),
	ROW("vncpasswd", password, vnc_password, 0, 0),
	ROW("keymap", text, keymap, 0, 0),
	ROW("sdl", flag, sdl, 0, 0),
	ALONE("usbdevice", usbdevice),
	ALONE("serial", serial),
	ALONE("disk", disks),
	ALONE("vif", nics),
};

_Static_assert(sizeof(rows) / sizeof(rows[0]) <= CONFIG_KEYS, "key_lines has a place for each");

unsigned guest_config_line(const struct guest_config *g, const char *key)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].name, key) == 0)
			return g->key_lines[i] == LINE_OF_WORD ? 0 : g->key_lines[i];
	return 0;
}

bool guest_config_is_word(const struct guest_config *g, const char *key)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].name, key) == 0)
			return g->key_lines[i] == LINE_OF_WORD;
	return false;
}

bool guest_config_has_pv(const struct guest_config *g)
{
	return g->type != GUEST_HVM ||
	       (g->xen_platform_pci && (guest_config_line(g, "xen_platform_pci") ||
	                                guest_config_is_word(g, "xen_platform_pci")));
}

/* Read and checked, but nothing comes of them yet; told where somebody wants something else than what there is. */
static const struct {
	const char *name, *usual, *instead;
} inert[] = {
	{ "pae", "1", "the guest always has it" },
	{ "nx", "1", "the guest always has it" },
	{ "xen_platform_pci", "1", "the guest always has it" },
	{ "firmware_override", "", "the guest has Zazen's own firmware" },
};

static const struct guest_config defaults = {
	.highest_cpu = -1,
	.affinity = { [0 ... CONFIG_CPUS / 8 - 1] = 0xff },
	.type = GUEST_PV,
	.memory_kib = 32 * 1024,
	.cpu_weight = 256,
	.on_reboot = ACTION_RESTART,
	.on_soft_reset = ACTION_SOFT_RESET,
	.timer_mode = 1,
	.boot = "cd",
	.acpi = true,
	.acpi_s3 = true,
	.acpi_s4 = true,
	.apic = true,
	.hpet = true,
	.pae = true,
	.nx = true,
	.xen_platform_pci = true,
	.videoram_mib = 16,
	.has_screen = true,
	.vnc = true,
	.vnc_unused = true,
	.vnc_listen = "127.0.0.1",
};

/* ---- what belongs together ---- */

static bool append(struct making *k, const char *key, const char *prefix)
{
	struct setting *s = settings_find(k->s, key);
	size_t n = strlen(k->g->command_line);

	if (!s)
		return true;
	s->is_used = true;
	if (!single(k, s))
		return false;
	return snprintf(k->g->command_line + n, sizeof(k->g->command_line) - n, "%s%s%s",
	                n ? " " : "", prefix,
	                s->values[0].text) < (int)(sizeof(k->g->command_line) - n) ||
	       wrong(k, s, "the command line is too long");
}

/* cmdline= is all of it; otherwise root= and extra=, in this order. */
static bool command_line(struct making *k)
{
	if (!settings_find(k->s, "cmdline"))
		return append(k, "root", "root=") && append(k, "extra", "");
	for (unsigned i = 0; i < 2; i++) {
		static const char *const older[] = { "root", "extra" };
		struct setting *s = settings_find(k->s, older[i]);

		if (!s)
			continue;
		s->is_used = true;
		notice_at(k->m, k->s->file, s->line,
		          "%s is not used: cmdline is the whole command line", s->key);
	}
	return append(k, "cmdline", "");
}

static bool time_offset(struct making *k)
{
	struct setting *s = settings_find(k->s, "rtc_timeoffset");
	char *end;

	if (s) {
		s->is_used = true;
		k->g->rtc_offset = k->g->time_offset = strtoll(s->values[0].text, &end, 0);
		if (s->is_list || *end)
			return wrong(k, s, "a number of seconds is expected");
	}
	if (k->g->localtime) {
		time_t now = time(NULL);
		struct tm t;

		if (localtime_r(&now, &t))
			k->g->time_offset += t.tm_gmtoff;
	}
	return true;
}

/* Of several keys; key is the one to look at. */
static bool missing(struct making *k, const char *key, const char *what)
{
	return error_at(k->m, k->s->file, guest_config_line(k->g, key), "%s", what);
}

static bool macs_differ(struct making *k)
{
	const struct config_nic *n = k->g->nics;

	for (size_t i = 0; i < k->g->nr_nics; i++)
		for (size_t j = 0; j < i; j++)
			if (memcmp(n[i].mac, n[j].mac, sizeof(n[i].mac)) == 0)
				return error_at(
					k->m, k->s->file, n[i].line,
					"vif %zu: its mac= is that of vif %zu; give each its own, or leave it out",
					i, j);
	return true;
}

/* Devices that only PV drivers would find. */
static void pv_only_report(struct making *k)
{
	const struct guest_config *g = k->g;

	if (guest_config_has_pv(g))
		return;
	for (size_t i = 0; i < g->nr_disks; i++)
		if (g->disks[i].ide < 0)
			notice_at(
				k->m, k->s->file, g->disks[i].line,
				"disk %s: the guest does not see it: only hda to hdd and xvda to xvdd are emulated; xen_platform_pci=1 gives a guest with the drivers for them paravirtual ones",
				g->disks[i].vdev);
	for (size_t i = 0; i < g->nr_nics; i++)
		if (!g->nics[i].is_emulated)
			notice_at(
				k->m, k->s->file, g->nics[i].line,
				"vif %zu: the guest does not see it: type=ioemu is an e1000; xen_platform_pci=1 gives a guest with the drivers for them paravirtual ones",
				i);
}

static bool together(struct making *k)
{
	struct guest_config *g = k->g;

	if (!g->name[0])
		return missing(k, "name",
		               "name= is missing: every guest has a name, like name = \"win\"");
	if (!g->vcpus)
		g->vcpus = 1;
	if (!g->max_vcpus)
		g->max_vcpus = g->vcpus;
	if (g->max_vcpus < g->vcpus)
		return missing(k, "maxvcpus",
		               "maxvcpus= is less than vcpus=: raise it, or leave it out");
	if (!g->max_memory_kib)
		g->max_memory_kib = g->memory_kib;
	if (g->max_memory_kib < g->memory_kib)
		return missing(k, "maxmem",
		               "maxmem= is less than memory=: raise it, or leave it out");
	if (g->type == GUEST_PVH && !g->kernel[0] && !g->bootloader[0])
		return missing(
			k, "type",
			"kernel= is missing: a PVH guest is a kernel that is started directly; name one, or say type=\"hvm\" for a whole disk");
	if (g->type == GUEST_HVM && g->kernel[0])
		return missing(
			k, "kernel",
			"kernel=: an HVM guest starts from its disks, CDs and network here; type=\"pvh\" starts a Linux kernel directly");
	if (g->type == GUEST_HVM && g->nr_nics > 4)
		return missing(
			k, "vif",
			"vif= has more than the four network interfaces that a PC has here: take some out");
	if (!g->has_uuid && getrandom(g->uuid, sizeof(g->uuid), 0) == (ssize_t)sizeof(g->uuid)) {
		g->uuid[6] = (uint8_t)((g->uuid[6] & 0x0f) | 0x40); /* RFC 4122: made at random */
		g->uuid[8] = (uint8_t)((g->uuid[8] & 0x3f) | 0x80);
	}
	for (size_t i = 0; i < g->nr_nics; i++)
		if (!g->nics[i].has_mac)
			nic_default_mac(g, (unsigned)i, g->nics[i].mac);
	return macs_differ(k);
}

/* They stand for "not wanted", which is what happens. */
static bool is_nothing(const struct setting *s)
{
	return s->nr == 0 ||
	       (s->nr == 1 && (!s->values[0].text[0] || strcmp(s->values[0].text, "0") == 0));
}

static void inert_report(struct making *k)
{
	for (size_t i = 0; i < sizeof(inert) / sizeof(inert[0]); i++) {
		const struct setting *s = settings_find(k->s, inert[i].name);

		if (s && s->nr && strcmp(s->values[0].text, inert[i].usual) != 0)
			notice_at(k->m, k->s->file, s->line, "%s has no effect yet: %s", s->key,
			          inert[i].instead);
	}
}

static void unused_report(struct making *k)
{
	for (size_t i = 0; i < k->s->nr; i++) {
		const struct setting *s = &k->s->rows[i];
		const char *near;

		if (s->is_used || (key_is_known(s->key) && is_nothing(s)))
			continue;
		if (key_is_known(s->key)) {
			notice_at(k->m, k->s->file, s->line,
			          "%s is not served here and has no effect", s->key);
			continue;
		}
		near = key_nearest(s->key);
		if (near)
			notice_at(k->m, k->s->file, s->line,
			          "no key is called %s; did you mean %s?", s->key, near);
		else
			notice_at(k->m, k->s->file, s->line, "no key is called %s", s->key);
	}
}

bool guest_config_make(struct guest_config *g, struct settings *s, struct messages *m)
{
	struct making k = { g, s, m };
	size_t before = m->nr_errors;

	*g = defaults;
	snprintf(g->file, sizeof(g->file), "%s", s->file ? s->file : "");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct setting *found = settings_find(s, rows[i].name);

		if (!found)
			continue;
		found->is_used = true;
		g->key_lines[i] = found->line ? found->line : LINE_OF_WORD;
		if (found->has_nested) {
			(void)error_at(m, s->file, found->line,
			               "%s: a list stands within its list; its elements are texts",
			               found->key);
			continue;
		}
		(void)rows[i].set(&k, found, &rows[i]); /* all errors are shown at once */
	}
	if (command_line(&k) && time_offset(&k))
		(void)together(&k);
	pv_only_report(&k);
	unused_report(&k);
	inert_report(&k);
	return m->nr_errors == before;
}

/* ---- a file ---- */

static char *file_text(const char *path, struct messages *m)
{
	FILE *f = fopen(path, "re");
	char *text = NULL;
	size_t size = 0;
	ssize_t n = f ? getdelim(&text, &size, 0, f) : -1;
	bool is_empty = f && n < 0 && feof(f), done = n >= 0 || is_empty;

	if (!done)
		error_at(m, NULL, 0, "%s: %s; say the path of a guest's description", path,
		         strerror(errno));
	if (f)
		fclose(f);
	if (n >= 0 && (size_t)n != strlen(text))
		done = error_at(
			m, NULL, 0,
			"%s: this is no text file; say the path of a guest's description, not that of its disk",
			path);
	if (done && !is_empty)
		return text;
	free(text);
	return done ? strdup("") : NULL;
}

bool guest_config_read(struct guest_config *g, const char *path, char **overrides,
                       size_t nr_overrides, struct messages *m)
{
	struct settings *s = calloc(1, sizeof(*s));
	char *text = s ? file_text(path, m) : NULL;
	bool done = text && settings_parse(s, path, text, m);

	for (size_t i = 0; i < nr_overrides && done; i++)
		done = settings_override(s, overrides[i], m);
	done = done && guest_config_make(g, s, m);
	if (s)
		settings_free(s);
	free(s);
	free(text);
	return done;
}
