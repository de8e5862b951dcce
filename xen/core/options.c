// SPDX-License-Identifier: GPL-2.0-or-later
/* The command line: one row an option, one function a form of value. */
#include "options.h"
#include "log.h"
#include "string.h"

#define WORD_SIZE    256
#define MAX_WARNINGS 16

struct options options;

static struct {
	unsigned total;
	struct {
		char word[80];
		const char *why;
	} kept[MAX_WARNINGS];
} warnings;

/* Of one list item: NULL, or why it was not understood. */
typedef const char *(*value_parser)(char *value);

/* ---- forms of values ------------------------------------------------------------------------------- */

/* Xen's spellings of a boolean: 1, 0, or -1 for something else. */
static int boolean_value(const char *s)
{
	static const char *const yes[] = { "yes", "on", "true", "enable", "1" };
	static const char *const no[] = { "no", "off", "false", "disable", "0" };

	for (unsigned i = 0; i < ARRAY_LEN(yes); i++)
		if (!strcmp(s, yes[i]))
			return 1;
	for (unsigned i = 0; i < ARRAY_LEN(no); i++)
		if (!strcmp(s, no[i]))
			return 0;
	return -1;
}

/* A whole text that is one number of at most 32 bits. */
static bool number_value(const char *s, uint32_t *out)
{
	const char *end;
	uint64_t v = string_to_u64(s, &end);

	if (end == s || *end || v > UINT32_MAX)
		return false;
	*out = (uint32_t)v;
	return true;
}

/* Cuts the next item off a list; NULL after the last. Empty items are items. */
static char *item_next(char **list, char separator)
{
	char *item = *list, *end;

	if (!item)
		return NULL;
	end = strchr(item, separator);
	if (end)
		*end++ = 0;
	*list = end;
	return item;
}

/* ---- options ----------------------------------------------------------------------------------------- */

static const char *parse_console(char *value)
{
	const char *why = NULL;

	options.console_com1 = options.console_vga = false;
	for (char *item; (item = item_next(&value, ','));) {
		if (!strcmp(item, "com1"))
			options.console_com1 = true;
		else if (!strcmp(item, "vga"))
			options.console_vga = true;
		else if (strcmp(item, "none"))
			why = "console= takes com1, vga and none";
	}
	return why;
}

/* Hexadecimal digits at *at, a number up to limit, and the mark behind them (0: the end). *at is moved behind the mark. */
static bool hex_part(const char **at, uint32_t limit, char mark, uint32_t *out)
{
	const char *p = *at;
	uint32_t n = 0;

	for (; (*p >= '0' && *p <= '9') || ((*p | 32) >= 'a' && (*p | 32) <= 'f'); p++) {
		n = n << 4 | (uint32_t)(*p <= '9' ? *p - '0' : (*p | 32) - 'a' + 10);
		if (n > limit)
			return false;
	}
	if (p == *at || *p != mark)
		return false;
	*at = p + (mark ? 1 : 0);
	*out = n;
	return true;
}

/* [SEGMENT:]BUS:DEVICE.FUNCTION, all hexadecimal. */
static bool pci_address(const char *s, uint32_t *sbdf)
{
	const char *colon = strchr(s, ':');
	uint32_t segment = 0, bus, device, function;

	if (colon && strchr(colon + 1, ':') && !hex_part(&s, 0xffff, ':', &segment))
		return false;
	if (!hex_part(&s, 0xff, ':', &bus) || !hex_part(&s, 0x1f, '.', &device) ||
	    !hex_part(&s, 7, 0, &function))
		return false;
	*sbdf = segment << 16 | bus << 8 | device << 3 | function;
	return true;
}

static const char *parse_pci_hide(char *value)
{
	const char *why = NULL;

	for (char *item; (item = item_next(&value, ','));) {
		if (options.nr_hidden == ARRAY_LEN(options.hidden))
			why = "pci_hide= takes 16 devices";
		else if (pci_address(item, &options.hidden[options.nr_hidden]))
			options.nr_hidden++;
		else
			why = "pci_hide= takes [SEGMENT:]BUS:DEVICE.FUNCTION,...";
	}
	return why;
}

static const char *parse_vga(char *value)
{
	const char *why = NULL;

	options.vga_keep = false;
	for (char *item; (item = item_next(&value, ','));) {
		if (!strcmp(item, "keep"))
			options.vga_keep = true;
		else if (strcmp(item, "current"))
			why = "vga= takes current and keep: modes are the boot loader's business";
	}
	return why;
}

static const char *parse_com1(char *value)
{
	static const char wrong[] = "com1= takes BAUD,8n1,PORT,IRQ";
	char *baud = item_next(&value, ','), *frame = item_next(&value, ',');
	char *port = item_next(&value, ','), *irq = item_next(&value, ',');
	uint32_t n;

	if (baud && *baud && strcmp(baud, "auto")) {
		baud = item_next(&baud, '/'); /* the clock after the slash is the usual one */
		if (!number_value(baud, &n) || !n || n > 115200 || 115200 % n)
			return "com1= wants a baud rate that divides 115200";
		options.com1_baud = n;
	}
	if (frame && *frame && strcmp(frame, "8n1"))
		return "com1= knows 8n1 frames only";
	if (port && *port) {
		if (!number_value(port, &n) || !n || n > 0xfff8)
			return "com1= wants an I/O port such as 0x3f8";
		options.com1_port = n;
	}
	if (irq && *irq) {
		if (!number_value(irq, &n) || n > 255)
			return "com1= wants an interrupt number such as 4";
		options.com1_irq = n;
	}
	return value ? wrong : NULL;
}

static bool level_known(const char *s)
{
	static const char *const levels[] = {
		"none", "error", "warning", "info", "debug", "all",
	};

	for (unsigned i = 0; i < ARRAY_LEN(levels); i++)
		if (!strcmp(s, levels[i]))
			return true;
	return false;
}

static const char *parse_level(char *value, char *to, size_t size)
{
	char whole[32];

	string_copy(whole, value, sizeof(whole));
	for (char *item; (item = item_next(&value, '/'));)
		if (!level_known(item))
			return "levels are none, error, warning, info, debug and all";
	return string_copy(to, whole, size) < size ? NULL : "at most two levels";
}

static const char *parse_loglvl(char *value)
{
	return parse_level(value, options.loglvl, sizeof(options.loglvl));
}

static const char *parse_guest_loglvl(char *value)
{
	return parse_level(value, options.guest_loglvl, sizeof(options.guest_loglvl));
}

static const char *parse_dom0_mem(char *value)
{
	for (char *item; (item = item_next(&value, ','));) {
		uint64_t *to = &options.dom0_mem, size;
		const char *end;

		if (!strncmp(item, "min:", 4))
			to = &options.dom0_mem_min;
		else if (!strncmp(item, "max:", 4))
			to = &options.dom0_mem_max;
		if (to != &options.dom0_mem)
			item += 4;
		size = string_to_size(item, 10, &end);
		if (end == item || *end || !size || size == UINT64_MAX)
			return "dom0_mem= takes [min:SIZE,][max:SIZE,]SIZE, a size is like 512M";
		*to = size;
	}
	return NULL;
}

/* N, MIN-MAX, MIN- and -MAX. */
static const char *parse_dom0_max_vcpus(char *value)
{
	static const char wrong[] = "dom0_max_vcpus= takes N or MIN-MAX";
	char *low = item_next(&value, '-'), *high = value;
	uint32_t min = 0, max = 0;

	if (!high) {
		if (!number_value(low, &max) || !max)
			return wrong;
		options.dom0_max_vcpus = options.dom0_max_vcpus_min = max;
		return NULL;
	}
	if ((*low && !number_value(low, &min)) || (*high && !number_value(high, &max)))
		return wrong;
	if ((!*low && !*high) || (*high && (!max || max < min)))
		return wrong;
	options.dom0_max_vcpus_min = min;
	options.dom0_max_vcpus = max;
	return NULL;
}

static const char *parse_dom0(char *value)
{
	const char *why = NULL;

	for (char *item; (item = item_next(&value, ','));) {
		if (!strcmp(item, "pv") || !strcmp(item, "no-pvh"))
			why = "a PV dom0 is not served, it is started as PVH";
		else if (strcmp(item, "pvh") && strcmp(item, "pvh=1") && strcmp(item, "no-pv") &&
		         strcmp(item, "verbose"))
			why = "dom0= takes pvh";
	}
	return why;
}

static const char *parse_maxcpus(char *value)
{
	uint32_t n;

	if (!number_value(value, &n) || !n)
		return "maxcpus= takes a number from 1";
	options.maxcpus = n;
	return NULL;
}

static const char *parse_spare_cpus(char *value)
{
	if (!number_value(value, &options.spare_cpus))
		return "spare_cpus= takes a number";
	return NULL;
}

/* What GRUB's own menu script writes beside the options: a first word, and on UEFI two options about BIOSes, which are not called here. */
static bool placeholder, real_mode;

static const char *parse_edd(char *value)
{
	return NULL;
}

/* One of flag and parse is set. */
static const struct option {
	const char *name;
	bool *flag;
	value_parser parse;
} rows[] = {
	{ "check_entries", &options.check_entries, NULL },
	{ "com1", NULL, parse_com1 },
	{ "console", NULL, parse_console },
	{ "console_to_ring", &options.console_to_ring, NULL },
	{ "dom0", NULL, parse_dom0 },
	{ "dom0_max_vcpus", NULL, parse_dom0_max_vcpus },
	{ "dom0_mem", NULL, parse_dom0_mem },
	{ "edd", NULL, parse_edd },
	{ "guest_loglvl", NULL, parse_guest_loglvl },
	{ "loglvl", NULL, parse_loglvl },
	{ "maxcpus", NULL, parse_maxcpus },
	{ "noreboot", &options.noreboot, NULL },
	{ "pci_hide", NULL, parse_pci_hide },
	{ "placeholder", &placeholder, NULL },
	{ "real-mode", &real_mode, NULL },
	{ "spare_cpus", NULL, parse_spare_cpus },
	{ "sync_console", &options.sync_console, NULL },
	{ "vga", NULL, parse_vga },
	{ "virtual_irqs", &options.virtual_irqs, NULL },
};

static const struct option *option_find(const char *name)
{
	for (unsigned i = 0; i < ARRAY_LEN(rows); i++)
		if (!strcmp(rows[i].name, name))
			return &rows[i];
	return NULL;
}

static const char *flag_set(bool *flag, const char *value, bool negated)
{
	int v = value ? boolean_value(value) : 1;

	if (v < 0)
		return "wants yes or no";
	*flag = v ^ negated;
	return NULL;
}

/* word is cut into its parts. NULL, or what is wrong. */
static const char *word_parse(char *word)
{
	char *name = item_next(&word, '='), *value = word;
	const struct option *o = option_find(name);
	bool negated = false;

	if (!o && !strncmp(name, "no-", 3)) {
		o = option_find(name + 3);
		negated = true;
	}
	if (!o)
		return "not known";
	if (o->flag)
		return flag_set(o->flag, value, negated);
	if (negated)
		return "cannot be negated";
	return value && *value ? o->parse(value) : "wants a value";
}

static void warning_keep(const char *word, const char *why)
{
	unsigned n = warnings.total++;

	if (n >= MAX_WARNINGS)
		return;
	string_copy(warnings.kept[n].word, word, sizeof(warnings.kept[n].word));
	warnings.kept[n].why = why;
}

static const char *space_skip(const char *s)
{
	while (*s == ' ' || *s == '\t' || *s == '\n' || *s == '\r')
		s++;
	return s;
}

static size_t word_length(const char *s)
{
	size_t n = 0;

	while (s[n] && space_skip(s + n) == s + n)
		n++;
	return n;
}

/* Loaders put the image's path first: "/boot/xen", "(hd0,1)/xen". */
static bool word_is_path(const char *s, size_t n)
{
	const char *slash = memchr(s, '/', n), *equals = memchr(s, '=', n);

	return n && (*s == '(' || (slash && (!equals || slash < equals)));
}

static void word_take(const char *s, size_t n)
{
	char word[WORD_SIZE], shown[WORD_SIZE];
	const char *why;

	memcpy(word, s, MIN(n, sizeof(word) - 1));
	word[MIN(n, sizeof(word) - 1)] = 0;
	string_copy(shown, word, sizeof(shown));
	why = n < sizeof(word) ? word_parse(word) : "too long";
	if (why)
		warning_keep(shown, why);
}

int options_parse(const char *command_line)
{
	const char *at = space_skip(command_line);
	size_t n = word_length(at);

	memset(&options, 0, sizeof(options));
	warnings.total = 0;
	options.console_com1 = options.console_vga = true;
	options.dom0_pvh = true;
	if (word_is_path(at, n))
		at = space_skip(at + n);
	string_copy(options.command_line, at, sizeof(options.command_line));
	for (; *at; at = space_skip(at + n)) {
		n = word_length(at);
		word_take(at, n);
	}
	return (int)warnings.total;
}

void options_report(void)
{
	for (unsigned i = 0; i < warnings.total && i < MAX_WARNINGS; i++)
		log_warning("option \"%s\" ignored: %s", warnings.kept[i].word,
		            warnings.kept[i].why);
	if (warnings.total > MAX_WARNINGS)
		log_warning("%u more options ignored", warnings.total - MAX_WARNINGS);
}
