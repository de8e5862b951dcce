/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xl create */
#include "cmd.h"
#include "create_check.h"
#include "guest_config.h"
#include "keeper.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct create_options {
	bool is_quiet, is_check, is_console, is_viewer;
	const char *file;
	struct keeper_options keeper;
};

static const struct option long_options[] = { { "check", no_argument, NULL, 'C' },
	                                      { "dryrun", no_argument, NULL, 'n' },
	                                      { "quiet", no_argument, NULL, 'q' },
	                                      { "defconfig", required_argument, NULL, 'd' },
	                                      { NULL, 0, NULL, 0 } };

static bool options_read(struct xl *x, int argc, char **argv, struct create_options *o)
{
	int c;

	while ((c = getopt_long(argc, argv, "qpcFneVAf:", long_options, NULL)) != -1) {
		switch (c) {
		case 'q': o->is_quiet = true; break;
		case 'p': o->keeper.is_paused = true; break;
		case 'c': o->is_console = true; break;
		case 'V':
		case 'A': o->is_viewer = true; break;
		case 'F': o->keeper.stays = true; break;
		case 'e': break; /* every guest has its keeper here */
		case 'C':
		case 'n': o->is_check = true; break;
		case 'f':
		case 'd': o->file = optarg; break;
		default: return xl_usage(x, "create");
		}
	}
	o->is_check |= x->is_dry;
	if (!o->file && optind < argc)
		o->file = argv[optind++];
	return o->file || xl_usage(x, "create");
}

static void report_print(const struct guest_config *g, const struct keeper_report *r)
{
	printf("%s runs as domain %u", g->name, r->domid);
	if (r->vnc[0])
		printf("; screen: vncviewer %s", r->vnc);
	if (r->web[0])
		printf(" or %s", r->web);
	if (r->serial[0])
		printf("; %s: %s", g->type == GUEST_HVM ? "serial port" : "console", r->serial);
	putchar('\n');
	fflush(stdout);
}

/* Beside the console, if that is wanted, too. Its own end is nobody's business. */
static void viewer_start(struct xl *x, uint32_t domid)
{
	char name[] = "vncviewer", number[16], *argv[] = { name, number, NULL };
	pid_t child;

	snprintf(number, sizeof(number), "%u", domid);
	fflush(stdout);
	child = fork();
	if (child != 0)
		return;
	optind = 0;
	if (!cmd_vncviewer(x, 2, argv))
		fprintf(stderr, "xl: %s\n", x->failure.text);
	_exit(1);
}

static bool wants_window(const struct guest_config *g)
{
	return g->sdl && g->has_screen && g->type == GUEST_HVM;
}

static bool start(struct xl *x, const struct guest_config *g, const struct create_options *o)
{
	struct keeper_report report;

	if (!xl_connect(x)) /* what is missing altogether is said before anything is tried */
		return false;
	if (g->type == GUEST_PV)
		return fail(
			&x->failure,
			"%s: PV guests are not served yet. type=\"pvh\" starts the same Linux kernel from 4.11 on, type=\"hvm\" a whole disk",
			g->name);
	if (o->keeper.stays && wants_window(g))
		window_start(g->name); /* waits for the guest */
	if (!keeper_start(g, &o->keeper, &report, &x->failure))
		return false;
	if (o->keeper.stays)
		return true;
	if (wants_window(g))
		window_start(g->name);
	if (!o->is_quiet)
		report_print(g, &report);
	if (o->is_viewer)
		viewer_start(x, report.domid);
	return !o->is_console || !report.serial[0] || console_attach(x, report.serial);
}

static bool is_under_hypervisor(void)
{
	return access("/dev/xen/privcmd", F_OK) == 0 || access("/proc/xen/privcmd", F_OK) == 0;
}

bool cmd_create(struct xl *x, int argc, char **argv)
{
	struct create_options o = { 0 };
	struct guest_config *g = calloc(1, sizeof(*g));
	struct messages *m = calloc(1, sizeof(*m));
	bool done = g && m && options_read(x, argc, argv, &o);

	if (done) {
		done = guest_config_read(g, o.file, argv + optind, (size_t)(argc - optind), m);
		config_make_absolute(g);
		/* without a hypervisor, --check looks at all the rest */
		if (done && (o.is_check && !is_under_hypervisor() ? true : xl_connect(x)))
			done = create_check(x, g, o.is_check, m);
		messages_print(m, stderr, !o.is_quiet);
		if (done && o.is_check)
			guest_config_explain(g, stdout);
		else if (done)
			done = start(x, g, &o);
	}
	free(g);
	free(m);
	return done;
}
