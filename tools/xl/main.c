/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xl (and xm, its older name): guests on this machine. */
#include "cmd.h"
#include "hypervisor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct command commands[] = {
	{ "create", "[-q] [-p] [-c] [-F] [-n] [--check] FILE [KEY=VALUE...]", "start a guest",
	  cmd_create },
	{ "list", "[-l] [-v] [--json] [DOMAIN]", "domains and their state", cmd_list },
	{ "destroy", "DOMAIN", "end a guest at once", cmd_destroy },
	{ "shutdown", "[-a] [-w] [-F] DOMAIN", "ask a guest to power off", cmd_shutdown },
	{ "reboot", "[-a] [-w] [-F] DOMAIN", "ask a guest to restart", cmd_reboot },
	{ "console", "[-t pv|serial] [-n NUMBER] DOMAIN", "a guest's console; ^] leaves",
	  cmd_console },
	{ "log", "[-f] DOMAIN", "all that a guest has said", cmd_log },
	{ "screen", "DOMAIN [FILE.png]", "what is on a guest's screen, as text or as a picture",
	  cmd_screen },
	{ "vncviewer", "DOMAIN", "a viewer for a guest's screen", cmd_vncviewer },
	{ "pause", "DOMAIN", "make a guest stand still", cmd_pause },
	{ "unpause", "DOMAIN", "let it go on", cmd_unpause },
	{ "button-press", "DOMAIN power|sleep", "press a button of a guest's case",
	  cmd_button_press },
	{ "trigger", "DOMAIN nmi|reset|init|power|sleep|s3resume [VCPU]", "send a guest something",
	  cmd_trigger },
	{ "sysrq", "DOMAIN LETTER", "a system request to a guest's Linux", cmd_sysrq },
	{ "cd-insert", "DOMAIN VDEV FILE", "put a CD into a drive", cmd_cd_insert },
	{ "cd-eject", "DOMAIN VDEV", "take the CD out of a drive", cmd_cd_eject },
	{ "domid", "NAME", "a domain's number", cmd_domid },
	{ "domname", "NUMBER", "a domain's name", cmd_domname },
	{ "rename", "DOMAIN NAME", "give a guest another name", cmd_rename },
	{ "vcpu-list", "[DOMAIN...]", "vcpus and where they run", cmd_vcpu_list },
	{ "vcpu-pin", "DOMAIN VCPU|all CPUS", "where vcpus may run", cmd_vcpu_pin },
	{ "info", "", "the machine and the hypervisor", cmd_info },
	{ "dmesg", "[-c]", "the hypervisor's log", cmd_dmesg },
	{ "uptime", "[DOMAIN...]", "since when domains run", cmd_uptime },
	{ "debug-keys", "KEYS", "keys for the hypervisor's console", cmd_debug_keys },
	{ "help", "[COMMAND]", "this list", cmd_help },
};
#define NR_COMMANDS (sizeof(commands) / sizeof(commands[0]))

/* Commands of Xen's xl that are not here, and what is. */
static const struct {
	const char *name, *instead;
} absent[] = {
	{ "block-attach", "disk= in the description, and a restart" },
	{ "block-detach", "disk= in the description, and a restart" },
	{ "config-update", "xl destroy and xl create with the changed file" },
	{ "cpupool-list", NULL },
	{ "dump-core", NULL },
	{ "mem-max", NULL },
	{ "mem-set", "memory= in the description, and a restart" },
	{ "migrate", NULL },
	{ "network-attach", "vif= in the description, and a restart" },
	{ "pci-attach", NULL },
	{ "qemu-monitor-command", "xl screen, xl log and xl cd-insert: there is no QEMU" },
	{ "restore", NULL },
	{ "save", NULL },
	{ "sched-credit", NULL },
	{ "sched-credit2", NULL },
	{ "top", "xl list, twice" },
	{ "vcpu-set", NULL },
};

static const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < NR_COMMANDS; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

/* ---- what commands share ---- */

bool xl_connect_hypervisor(struct xl *x)
{
	if (!x->h)
		x->h = hypervisor_open();
	return x->h || fail(&x->failure, "%s", hypervisor_missing(errno));
}

bool xl_connect(struct xl *x)
{
	if (!xl_connect_hypervisor(x))
		return false;
	if (!x->s)
		x->s = store_open();
	return x->s ||
	       fail(&x->failure,
	            "the store does not answer: %s. Start xenstored (systemctl start zazen-xenstored)",
	            strerror(errno));
}

bool xl_guest(struct xl *x, const char *who, struct guest_info *g)
{
	return xl_connect(x) && guest_find(x->h, x->s, who, g, &x->failure);
}

bool xl_usage(struct xl *x, const char *name)
{
	const struct command *c = command_find(name);

	return fail(&x->failure, "usage: xl %s %s", name, c ? c->arguments : "");
}

bool xl_domctl(struct xl *x, const struct guest_info *g, uint32_t command, const char *what)
{
	struct xen_domctl op = { .cmd = command, .domain = (domid_t)g->domid };
	int rc = hypervisor_domctl(x->h, &op);

	return rc == 0 || fail(&x->failure, "%s: %s: %s", g->name, what, hypervisor_error(rc));
}

bool xl_one_guest(struct xl *x, int argc, char **argv, struct guest_info *g)
{
	if (argc != 2 || argv[1][0] == '-')
		return xl_usage(x, argv[0]);
	return xl_guest(x, argv[1], g);
}

/* ---- help ---- */

bool cmd_help(struct xl *x, int argc, char **argv)
{
	if (argc > 1) {
		const struct command *c = command_find(argv[1]);

		if (!c)
			return fail(&x->failure, "xl has no command %s: xl help shows all",
			            argv[1]);
		printf("xl %s %s\n    %s\n", c->name, c->arguments, c->summary);
		return true;
	}
	printf("usage: xl [-v] [-N] [-f] COMMAND [ARGUMENTS]\n\n");
	for (size_t i = 0; i < NR_COMMANDS; i++)
		printf(" %-14s %s\n", commands[i].name, commands[i].summary);
	return true;
}

static bool unknown(struct xl *x, const char *name)
{
	for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++)
		if (strcmp(absent[i].name, name) == 0)
			return fail(&x->failure, "xl %s is not there yet%s%s", name,
			            absent[i].instead ? ". Instead: " : "",
			            absent[i].instead ? absent[i].instead : "");
	return fail(&x->failure, "xl has no command %s: xl help shows all", name);
}

static bool global_options(struct xl *x, int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "+vNftT")) != -1) {
		switch (c) {
		case 'v': x->is_verbose = true; break;
		case 'N': x->is_dry = true; break;
		case 'f': x->is_forced = true; break;
		case 't':
		case 'T': break; /* Xen's: how its own messages look */
		default: return false;
		}
	}
	return true;
}

int main(int argc, char **argv)
{
	static struct xl x;
	const struct command *c;
	bool done;

	if (!global_options(&x, argc, argv))
		return 1;
	if (optind == argc)
		return !cmd_help(&x, 1, argv);
	c = command_find(argv[optind]);
	argc -= optind;
	argv += optind;
	optind = 0; /* glibc: begin anew, for the command's own options */
	done = c ? c->run(&x, argc, argv) : unknown(&x, argv[0]);
	if (x.failure.text[0])
		fprintf(stderr, "xl: %s\n", x.failure.text);
	if (fflush(stdout) != 0)
		done = false;
	return !done;
}
