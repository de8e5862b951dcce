/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xl create: the machine, as a guest's plan is checked against it. */
#include "create_check.h"

#include "environment.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Guests other than the control domain, by name or uuid. */
static bool xl_guest_is_there(void *context, const char *name, const uint8_t uuid[16],
                              unsigned *domid)
{
	struct xl *x = context;
	struct failure ignored = { 0 };
	size_t nr = 0;
	struct guest_info *all = guests_get(x->h, x->s, &nr, &ignored);
	bool found = false;

	for (size_t i = 0; all && i < nr && !found; i++) {
		if (all[i].flags & XEN_DOMINF_dying)
			continue;
		found = name ? strcmp(all[i].name, name) == 0
		             : memcmp(all[i].uuid, uuid, sizeof(all[i].uuid)) == 0;
		*domid = all[i].domid;
	}
	free(all);
	return found;
}

static bool physinfo(struct xl *x, struct xen_sysctl *op)
{
	memset(op, 0, sizeof(*op));
	op->cmd = XEN_SYSCTL_physinfo;
	return hypervisor_sysctl(x->h, op) >= 0;
}

/* Not known: enough, so that the builder says what it lacks. */
static uint64_t xl_free_kib(void *context)
{
	struct xen_sysctl op;

	if (!physinfo(context, &op))
		return UINT64_MAX;
	return (op.u.physinfo.free_pages + op.u.physinfo.scrub_pages) * 4;
}

static unsigned xl_cpus(void *context)
{
	struct xen_sysctl op;

	return physinfo(context, &op) ? op.u.physinfo.nr_cpus : 0;
}

bool update_check(struct xl *x, const struct guest_config *g, struct messages *m)
{
	struct config_environment e;

	environment_host(&e);
	e.context = x;
	/* what the guest itself has is not in its way */
	e.is_in_use = NULL;
	e.is_port_free = NULL;
	e.cpus = xl_cpus;
	return guest_config_check(g, &e, m);
}

bool create_check(struct xl *x, const struct guest_config *g, bool is_thorough, struct messages *m)
{
	struct config_environment e;

	environment_host(&e);
	if (!is_thorough)
		e.is_kernel = NULL;
	if (x->h && x->s) {
		e.context = x;
		e.guest = xl_guest_is_there;
		e.free_kib = xl_free_kib;
		e.cpus = xl_cpus;
	}
	if (!e.guest)
		notice_at(
			m, g->file, 0,
			"no hypervisor is here: names, memory and CPUs were not looked at; check again on the machine itself");
	if (g->type == GUEST_PV)
		notice_at(
			m, g->file, guest_config_line(g, "type"),
			"type=\"pv\" does not start yet: type=\"pvh\" starts the same Linux kernel from 4.11 on, type=\"hvm\" a whole disk");
	return guest_config_check(g, &e, m);
}

/* The keeper works in the root folder. */
static void absolute(char *path, size_t size)
{
	char folder[CONFIG_TEXT];
	size_t n, length = strlen(path);

	if (!path[0] || path[0] == '/' || !getcwd(folder, sizeof(folder)))
		return;
	n = strlen(folder);
	if (n + 1 + length >= size)
		return;
	memmove(path + n + 1, path, length + 1);
	memcpy(path, folder, n);
	path[n] = '/';
}

void config_make_absolute(struct guest_config *g)
{
	absolute(g->kernel, sizeof(g->kernel));
	absolute(g->ramdisk, sizeof(g->ramdisk));
	absolute(g->device_model, sizeof(g->device_model));
}
