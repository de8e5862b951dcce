/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xl create --check: what a guest would be, every default named, and the line that each value comes from. */
#include "environment.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

/* ---- words ---- */

const char *guest_type_name(enum guest_type type)
{
	static const char *const names[] = {
		[GUEST_HVM] = "hvm", [GUEST_PVH] = "pvh", [GUEST_PV] = "pv"
	};

	return names[type];
}

const char *guest_action_name(enum guest_action action)
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

	return names[action];
}

const char *tsc_mode_name(unsigned mode)
{
	static const char *const names[] = { "default", "always_emulate", "native" };

	return names[mode % 3];
}

const char *timer_mode_name(unsigned mode)
{
	static const char *const names[] = { "delay_for_missed_ticks", "no_delay_for_missed_ticks",
		                             "no_missed_ticks_pending", "one_missed_tick_pending" };

	return names[mode % 4];
}

/* ---- kinds of values ---- */

static void print_flag(FILE *to, const void *v)
{
	fprintf(to, "%d", *(const bool *)v);
}
static void print_number(FILE *to, const void *v)
{
	fprintf(to, "%u", *(const unsigned *)v);
}
static void print_kib(FILE *to, const void *v)
{
	fprintf(to, "%" PRIu64, *(const uint64_t *)v / 1024);
}
static void print_text(FILE *to, const void *v)
{
	fprintf(to, "\"%s\"", (const char *)v);
}
static void print_type(FILE *to, const void *v)
{
	print_text(to, guest_type_name(*(const enum guest_type *)v));
}
static void print_action(FILE *to, const void *v)
{
	print_text(to, guest_action_name(*(const enum guest_action *)v));
}
static void print_tsc(FILE *to, const void *v)
{
	print_text(to, tsc_mode_name(*(const unsigned *)v));
}
static void print_timer(FILE *to, const void *v)
{
	print_text(to, timer_mode_name(*(const unsigned *)v));
}

enum who { ANY, HVM, DIRECT };
#define ROW(name, kind, field, who)                                           \
	{                                                                     \
		name, print_##kind, offsetof(struct guest_config, field), who \
	}
static const struct {
	const char *name;
	void (*print)(FILE *to, const void *value);
	size_t offset;
	enum who who; /* for whom it means something */
} rows[] = {
	ROW("type", type, type, ANY),
	ROW("memory", kib, memory_kib, ANY),
	ROW("maxmem", kib, max_memory_kib, ANY),
	ROW("vcpus", number, vcpus, ANY),
	ROW("maxvcpus", number, max_vcpus, ANY),
	ROW("cpus", text, cpus, ANY),
	ROW("cpu_weight", number, cpu_weight, ANY),
	ROW("cap", number, cpu_cap, ANY),
	ROW("on_poweroff", action, on_poweroff, ANY),
	ROW("on_reboot", action, on_reboot, ANY),
	ROW("on_crash", action, on_crash, ANY),
	ROW("on_watchdog", action, on_watchdog, ANY),
	ROW("on_soft_reset", action, on_soft_reset, ANY),
	ROW("localtime", flag, localtime, ANY),
	ROW("tsc_mode", tsc, tsc_mode, ANY),
	ROW("timer_mode", timer, timer_mode, HVM),
	ROW("max_grant_frames", number, max_grant_frames, ANY),
	ROW("max_event_channels", number, max_event_channels, ANY),
	ROW("kernel", text, kernel, DIRECT),
	ROW("ramdisk", text, ramdisk, DIRECT),
	ROW("cmdline", text, command_line, DIRECT),
	ROW("boot", text, boot, HVM),
	ROW("acpi", flag, acpi, HVM),
	ROW("acpi_s3", flag, acpi_s3, HVM),
	ROW("acpi_s4", flag, acpi_s4, HVM),
	ROW("apic", flag, apic, HVM),
	ROW("hpet", flag, hpet, HVM),
	ROW("videoram", number, videoram_mib, HVM),
	ROW("vnc", flag, vnc, HVM),
	ROW("vnclisten", text, vnc_listen, HVM),
	ROW("vncdisplay", number, vnc_display, HVM),
	ROW("vncunused", flag, vnc_unused, HVM),
	ROW("keymap", text, keymap, HVM),
};

static void keys_print(const struct guest_config *g, FILE *to)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unsigned line = guest_config_line(g, rows[i].name);

		if (!line && !guest_config_is_word(g, rows[i].name) &&
		    rows[i].who == (g->type == GUEST_HVM ? DIRECT : HVM))
			continue;
		fprintf(to, "  %s = ", rows[i].name);
		rows[i].print(to, (const char *)g + rows[i].offset);
		if (line)
			fprintf(to, " (line %u)\n", line);
		else
			fprintf(to, guest_config_is_word(g, rows[i].name)
			                    ? " (command line)\n"
			                    : " (default, or from another key)\n");
	}
}

/* ---- devices ---- */

static void disk_print(const struct config_disk *d, FILE *to)
{
	fprintf(to, "  %s %s (line %u): ", d->is_cdrom ? "CD" : "disk", d->vdev, d->line);
	if (d->target[0])
		fprintf(to, "%s, %s%s%s", d->target, disk_format_name(d->format),
		        d->is_read_only ? ", read-only" : "", d->is_forced ? ", by force" : "");
	else
		fprintf(to, "empty");
	if (d->ide >= 0)
		fprintf(to, "; IDE %s %s\n", d->ide < 2 ? "primary" : "secondary",
		        d->ide % 2 ? "slave" : "master");
	else
		fprintf(to, "; paravirtual\n");
}

static void nic_print(const struct config_nic *n, size_t i, FILE *to)
{
	fprintf(to, "  network %zu (line %u): %02x:%02x:%02x:%02x:%02x:%02x%s, ", i, n->line,
	        n->mac[0], n->mac[1], n->mac[2], n->mac[3], n->mac[4], n->mac[5],
	        n->has_mac ? "" : " (made from the name)");
	if (n->has_bridge)
		fprintf(to, "bridge %s", n->bridge);
	else
		fprintf(to, "bridge xenbr0, or a network of its own where that is not");
	fprintf(to, "; %s\n", n->is_emulated ? "an e1000" : "paravirtual");
}

static void memory_print(const struct guest_config *g, FILE *to)
{
	uint64_t over = guest_overhead_kib(g);

	fprintf(to,
	        "  memory: %" PRIu64 " MiB for the guest + %" PRIu64
	        " MiB of tables%s, about %" PRIu64 " MiB\n",
	        g->memory_kib / 1024, over / 1024, g->type == GUEST_HVM ? " and screen" : "",
	        (g->memory_kib + over) / 1024);
}

void guest_config_explain(const struct guest_config *g, FILE *to)
{
	char uuid[37];

	uuid_print(uuid, g->uuid);
	fprintf(to, "%s: a guest of type %s, uuid %s%s\n", g->name, guest_type_name(g->type), uuid,
	        g->has_uuid ? "" : " (made up)");
	memory_print(g, to);
	for (size_t i = 0; i < g->nr_disks; i++)
		disk_print(&g->disks[i], to);
	for (size_t i = 0; i < g->nr_nics; i++)
		nic_print(&g->nics[i], i, to);
	for (size_t i = 0; i < g->nr_serials; i++)
		fprintf(to, "  serial port %zu (line %u): %s\n", i, g->serials[i].line,
		        g->serials[i].text);
	for (size_t i = 0; i < g->cpuid.nr; i++) {
		char text[CPUID_TEXT];

		cpuid_print(text, &g->cpuid.rows[i]);
		fprintf(to, "  CPU features: %s\n", text);
	}
	if (g->type == GUEST_HVM && g->has_screen && g->vnc)
		fprintf(to, "  screen: VNC on %s, port %u%s\n",
		        g->vnc_listen[0] ? g->vnc_listen : "all addresses", 5900 + g->vnc_display,
		        g->vnc_unused ? " or the first free one after it" : "");
	keys_print(g, to);
}
