/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A plan as a description again. What guest_config_read() makes of it is the same plan. */
#include "environment.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

static void quote(FILE *to, const char *text)
{
	fputc('"', to);
	for (; *text; text++) {
		if (*text == '\n')
			fputs("\\n", to);
		else
			fprintf(to, *text == '"' || *text == '\\' ? "\\%c" : "%c", *text);
	}
	fputc('"', to);
}

/* ---- single values ---- */

static void write_flag(FILE *to, const void *v)
{
	fprintf(to, "%d", *(const bool *)v);
}
static void write_number(FILE *to, const void *v)
{
	fprintf(to, "%u", *(const unsigned *)v);
}
static void write_long(FILE *to, const void *v)
{
	fprintf(to, "%" PRIu64, *(const uint64_t *)v);
}
static void write_seconds(FILE *to, const void *v)
{
	fprintf(to, "%" PRId64, *(const int64_t *)v);
}
static void write_kib(FILE *to, const void *v)
{
	fprintf(to, "%" PRIu64, *(const uint64_t *)v / 1024);
}
static void write_text(FILE *to, const void *v)
{
	quote(to, v);
}
static void write_uuid(FILE *to, const void *v)
{
	char text[37];

	uuid_print(text, v);
	quote(to, text);
}
static void write_type(FILE *to, const void *v)
{
	quote(to, guest_type_name(*(const enum guest_type *)v));
}
static void write_action(FILE *to, const void *v)
{
	quote(to, guest_action_name(*(const enum guest_action *)v));
}
static void write_tsc(FILE *to, const void *v)
{
	quote(to, tsc_mode_name(*(const unsigned *)v));
}
static void write_timer(FILE *to, const void *v)
{
	quote(to, timer_mode_name(*(const unsigned *)v));
}

#define ROW(name, kind, field)                                                  \
	{                                                                       \
		name, write_##kind, offsetof(struct guest_config, field), false \
	}
/* Left out when zero or empty: then the default, which has no value that could be said, is meant. */
#define MAYBE(name, kind, field)                                               \
	{                                                                      \
		name, write_##kind, offsetof(struct guest_config, field), true \
	}
static const struct {
	const char *name;
	void (*write)(FILE *to, const void *value);
	size_t offset;
	bool is_optional;
} rows[] = {
	ROW("name", text, name),
	ROW("uuid", uuid, uuid),
	ROW("type", type, type),
	ROW("memory", kib, memory_kib),
	ROW("maxmem", kib, max_memory_kib),
	ROW("vcpus", number, vcpus),
	ROW("maxvcpus", number, max_vcpus),
	ROW("cpu_weight", number, cpu_weight),
	ROW("cap", number, cpu_cap),
	ROW("on_poweroff", action, on_poweroff),
	ROW("on_reboot", action, on_reboot),
	ROW("on_crash", action, on_crash),
	ROW("on_watchdog", action, on_watchdog),
	ROW("on_soft_reset", action, on_soft_reset),
	ROW("localtime", flag, localtime),
	ROW("rtc_timeoffset", seconds, rtc_offset),
	ROW("tsc_mode", tsc, tsc_mode),
	ROW("timer_mode", timer, timer_mode),
	MAYBE("max_grant_frames", number, max_grant_frames),
	MAYBE("max_event_channels", number, max_event_channels),
	MAYBE("kernel", text, kernel),
	MAYBE("ramdisk", text, ramdisk),
	MAYBE("cmdline", text, command_line),
	MAYBE("bootloader", text, bootloader),
	ROW("boot", text, boot),
	ROW("acpi", flag, acpi),
	ROW("acpi_s3", flag, acpi_s3),
	ROW("acpi_s4", flag, acpi_s4),
	ROW("apic", flag, apic),
	ROW("hpet", flag, hpet),
	ROW("pae", flag, pae),
	ROW("nx", flag, nx),
	ROW("xen_platform_pci", flag, xen_platform_pci),
	MAYBE("device_model_override", text, device_model),
	MAYBE("firmware_override", text, firmware),
	MAYBE("mmio_hole", long, mmio_hole_mib),
	ROW("videoram", number, videoram_mib),
	ROW("vnc", flag, vnc),
	ROW("vnclisten", text, vnc_listen),
	ROW("vncdisplay", number, vnc_display),
	ROW("vncunused", flag, vnc_unused),
	MAYBE("vncpasswd", text, vnc_password),
	MAYBE("vncwebsocket", number, vnc_websocket),
	MAYBE("keymap", text, keymap),
	ROW("sdl", flag, sdl),
};

/* ---- lists ---- */

/* As ranges. Nothing: all of them. */
static void cpus_write(const struct guest_config *g, FILE *to)
{
	const char *before = "cpus = \"";
	bool is_any = false;

	if (!g->cpus[0])
		return;
	for (unsigned i = 0, end; i < CONFIG_CPUS; i = end + 1) {
		for (end = i; end < CONFIG_CPUS && (g->affinity[end / 8] >> end % 8 & 1); end++)
			;
		if (end == i)
			continue;
		fprintf(to, "%s%u-%u", before, i, end - 1);
		before = ",";
		is_any = true;
	}
	if (is_any)
		fputs("\"\n", to);
}

/* target= comes last and takes the rest, with its commas. */
static void disk_write(const struct config_disk *d, FILE *to)
{
	char text[2 * CONFIG_TEXT + 128];
	int n = snprintf(text, sizeof(text), "%s%s%svdev=%s,%s,access=%s%s",
	                 d->has_format ? "format=" : "",
	                 d->has_format ? disk_format_name(d->format) : "", d->has_format ? "," : "",
	                 d->vdev, d->is_cdrom ? "cdrom" : "devtype=disk",
	                 d->is_read_only ? "r" : "w", d->is_forced ? "!" : "");

	n += snprintf(text + n, sizeof(text) - (size_t)n, "%s%s", d->has_discard ? ",discard" : "",
	              d->no_discard ? ",no-discard" : "");
	if (d->script[0])
		n += snprintf(text + n, sizeof(text) - (size_t)n, ",script=%s", d->script);
	if (d->target[0])
		snprintf(text + n, sizeof(text) - (size_t)n, ",target=%s", d->target);
	quote(to, text);
}

static void leaf_write(const struct cpuid_change *c, FILE *to)
{
	char text[CPUID_TEXT];

	cpuid_print(text, c);
	quote(to, text);
}

static void nic_write(const struct config_nic *c, FILE *to)
{
	char text[2 * CONFIG_TEXT];
	int n = snprintf(text, sizeof(text), "type=%s,mac=%02x:%02x:%02x:%02x:%02x:%02x",
	                 c->is_emulated ? "ioemu" : "vif", c->mac[0], c->mac[1], c->mac[2],
	                 c->mac[3], c->mac[4], c->mac[5]);
	const struct {
		const char *name, *value;
	} parts[] = { { "bridge", c->has_bridge ? c->bridge : "" },
		      { "vifname", c->ifname },
		      { "script", c->script },
		      { "ip", c->ip } };

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (parts[i].value[0])
			n += snprintf(text + n, sizeof(text) - (size_t)n, ",%s=%s", parts[i].name,
			              parts[i].value);
	if (c->mtu)
		n += snprintf(text + n, sizeof(text) - (size_t)n, ",mtu=%u", c->mtu);
	if (c->rate_bytes)
		snprintf(text + n, sizeof(text) - (size_t)n, ",rate=%" PRIu64 "B/s", c->rate_bytes);
	quote(to, text);
}

#define LIST(to, key, nr, element)                  \
	do {                                        \
		if (!(nr))                          \
			break;                      \
		fprintf(to, "%s = [\n", key);       \
		for (size_t i = 0; i < (nr); i++) { \
			fputc('\t', to);            \
			element;                    \
			fputs(",\n", to);           \
		}                                   \
		fputs("]\n", to);                   \
	} while (0)

static bool is_zero(const void *value, bool is_text)
{
	return is_text ? !*(const char *)value : !*(const unsigned *)value;
}

void guest_config_write(const struct guest_config *g, FILE *to)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const void *value = (const char *)g + rows[i].offset;

		if (rows[i].is_optional && is_zero(value, rows[i].write == write_text))
			continue;
		fprintf(to, "%s = ", rows[i].name);
		rows[i].write(to, value);
		fputc('\n', to);
	}
	cpus_write(g, to);
	if (!g->has_screen)
		fputs("vga = \"none\"\n", to);
	if (g->usb_tablet)
		fputs("usbdevice = \"tablet\"\n", to);
	LIST(to, "cpuid", g->cpuid.nr, leaf_write(&g->cpuid.rows[i], to));
	LIST(to, "disk", g->nr_disks, disk_write(&g->disks[i], to));
	LIST(to, "vif", g->nr_nics, nic_write(&g->nics[i], to));
	LIST(to, "serial", g->nr_serials, quote(to, g->serials[i].text));
}
