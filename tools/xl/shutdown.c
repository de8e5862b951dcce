/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xl shutdown, xl reboot: by the guest's own drivers when it has them, otherwise by the power button. */
#include "cmd.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct ask {
	const char *word, *button_word;
	bool is_all, waits;
};

/* The guest's driver shows that it listens by a node of its own. */
static bool by_driver(struct xl *x, const struct guest_info *g, const char *word)
{
	char *ready = store_read(x->s, "/local/domain/%u/control/feature-%s", g->domid, word);
	bool listens = ready && strcmp(ready, "1") == 0;

	free(ready);
	return listens && store_write(x->s, word, "/local/domain/%u/control/shutdown", g->domid);
}

static bool by_button(struct xl *x, const struct guest_info *g)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_sendtrigger, .domain = (domid_t)g->domid };

	op.u.sendtrigger.trigger = XEN_DOMCTL_SENDTRIGGER_POWER;
	return hypervisor_domctl(x->h, &op) == 0;
}

static bool ask_one(struct xl *x, const struct guest_info *g, const struct ask *a)
{
	if (!g->domid)
		return fail(
			&x->failure,
			"%s: this is the control domain: shut it down from within (poweroff, reboot)",
			g->name);
	if (by_driver(x, g, a->word)) {
		printf("%s: asked by its PV driver to %s\n", g->name, a->word);
		return true;
	}
	if (!a->button_word)
		return fail(
			&x->failure,
			"%s: it has no PV driver that restarts it: restart it from within, or use xl trigger %s reset",
			g->name, g->name);
	if (!by_button(x, g))
		return fail(
			&x->failure,
			"%s: it has neither a PV driver nor a power button: shut it down from within, or use xl destroy %s",
			g->name, g->name);
	printf("%s: its %s was pressed; an operating system that does not heed it goes on\n",
	       g->name, a->button_word);
	return true;
}

static void wait_end(struct xl *x, uint32_t domid)
{
	const struct timespec moment = { .tv_nsec = 100000000 };
	struct guest_info g;

	while (guest_get(x->h, NULL, domid, &g) && !(g.flags & XEN_DOMINF_shutdown))
		nanosleep(&moment, NULL);
}

static bool ask_all(struct xl *x, const struct ask *a)
{
	bool done = true;
	size_t nr;
	struct guest_info *all = guests_get(x->h, x->s, &nr, &x->failure);

	for (size_t i = 0; all && i < nr; i++)
		if (all[i].domid)
			done &= ask_one(x, &all[i], a);
	for (size_t i = 0; all && i < nr && a->waits; i++)
		if (all[i].domid)
			wait_end(x, all[i].domid);
	free(all);
	return all && done;
}

static bool ask(struct xl *x, int argc, char **argv, struct ask *a)
{
	struct guest_info g;
	int c;

	while ((c = getopt(argc, argv, "awF")) != -1) {
		if (c == 'a')
			a->is_all = true;
		else if (c == 'w')
			a->waits = true;
		else if (c == '?')
			return xl_usage(x, argv[0]);
	}
	if (a->is_all)
		return xl_connect(x) && ask_all(x, a);
	if (optind != argc - 1)
		return xl_usage(x, argv[0]);
	if (!xl_guest(x, argv[optind], &g))
		return false;
	if (!ask_one(x, &g, a))
		return false;
	if (a->waits)
		wait_end(x, g.domid);
	return true;
}

bool cmd_shutdown(struct xl *x, int argc, char **argv)
{
	struct ask a = { .word = "poweroff", .button_word = "power button" };

	return ask(x, argc, argv, &a);
}

bool cmd_reboot(struct xl *x, int argc, char **argv)
{
	struct ask a = { .word = "reboot" };

	return ask(x, argc, argv, &a);
}
