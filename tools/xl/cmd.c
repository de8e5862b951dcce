/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What commands share. */
#include "cmd.h"
#include "keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

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

bool xl_number(const char *text, uint64_t *number)
{
	char *end;

	errno = 0;
	*number = strtoull(text, &end, 10);
	return *text >= '0' && *text <= '9' && !*end && !errno;
}

struct guest_info *xl_guests(struct xl *x, int nr_names, char **names, size_t *nr)
{
	struct guest_info *all;

	*nr = 0;
	if (!xl_connect(x))
		return NULL;
	if (!nr_names)
		return guests_get(x->h, x->s, nr, &x->failure);
	all = calloc((size_t)nr_names, sizeof(*all));
	for (int i = 0; all && i < nr_names; i++, (*nr)++)
		if (!guest_find(x->h, x->s, names[i], &all[i], &x->failure)) {
			free(all);
			return NULL;
		}
	if (!all)
		fail(&x->failure, "no memory is left");
	return all;
}

bool xl_physinfo(struct xl *x, struct xen_sysctl_physinfo *p)
{
	struct xen_sysctl op = { .cmd = XEN_SYSCTL_physinfo };
	int rc = hypervisor_sysctl(x->h, &op);

	*p = op.u.physinfo;
	return rc >= 0 || fail(&x->failure, "the machine's figures: %s", hypervisor_error(rc));
}

bool xl_description(struct xl *x, const struct guest_info *g, struct guest_config *config)
{
	struct messages *m = calloc(1, sizeof(*m));
	int fd = memfd_create("description", MFD_CLOEXEC);
	struct control_line answer;
	struct control_text t;
	char path[40];
	bool done = m && fd >= 0;

	if (!done)
		fail(&x->failure, "%s: no memory for its description", g->name);
	control_begin(&t, "description");
	done = done && keeper_ask(g->domid, &t, fd, &answer, &x->failure);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (done && !guest_config_read(config, path, NULL, 0, m))
		done = fail(&x->failure, "%s: its keeper's description is damaged: %s", g->name,
		            m->nr ? m->rows[0].text : "it is empty");
	if (fd >= 0)
		close(fd);
	free(m);
	return done;
}
