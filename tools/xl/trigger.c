/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xl trigger, xl button-press, xl sysrq */
#include "cmd.h"

#include <stdlib.h>
#include <string.h>

#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>

static const struct {
	const char *name;
	uint32_t trigger;
} triggers[] = {
	{ "nmi", XEN_DOMCTL_SENDTRIGGER_NMI },     { "reset", XEN_DOMCTL_SENDTRIGGER_RESET },
	{ "init", XEN_DOMCTL_SENDTRIGGER_INIT },   { "power", XEN_DOMCTL_SENDTRIGGER_POWER },
	{ "sleep", XEN_DOMCTL_SENDTRIGGER_SLEEP },
};

static bool s3_resume(struct xl *x, const struct guest_info *g)
{
	struct xen_hvm_param p = { .domid = (domid_t)g->domid, .index = HVM_PARAM_ACPI_S_STATE };
	long rc = hypervisor_hvm_op(x->h, HVMOP_get_param, &p, sizeof(p));

	if (rc == 0 && p.value == 0)
		return fail(
			&x->failure,
			"%s: it does not sleep. xl list shows its state; xl unpause is for one that was paused",
			g->name);
	p.value = 0;
	if (rc == 0)
		rc = hypervisor_hvm_op(x->h, HVMOP_set_param, &p, sizeof(p));
	return rc == 0 ||
	       fail(&x->failure, "%s: it cannot be woken: %s", g->name, hypervisor_error((int)rc));
}

static bool send(struct xl *x, const struct guest_info *g, const char *name, uint32_t vcpu)
{
	if (strcmp(name, "s3resume") == 0)
		return s3_resume(x, g);
	for (size_t i = 0; i < sizeof(triggers) / sizeof(triggers[0]); i++) {
		struct xen_domctl op = { .cmd = XEN_DOMCTL_sendtrigger,
			                 .domain = (domid_t)g->domid };
		int rc;

		if (strcmp(triggers[i].name, name) != 0)
			continue;
		op.u.sendtrigger.trigger = triggers[i].trigger;
		op.u.sendtrigger.vcpu = vcpu;
		rc = hypervisor_domctl(x->h, &op);
		return rc == 0 ||
		       fail(&x->failure, "%s: %s: %s", g->name, name, hypervisor_error(rc));
	}
	return fail(&x->failure, "%s: there are nmi, reset, init, power, sleep and s3resume", name);
}

bool cmd_trigger(struct xl *x, int argc, char **argv)
{
	struct guest_info g;

	if (argc < 3 || argc > 4)
		return xl_usage(x, argv[0]);
	return xl_guest(x, argv[1], &g) &&
	       send(x, &g, argv[2], argc == 4 ? (uint32_t)strtoul(argv[3], NULL, 10) : 0);
}

bool cmd_button_press(struct xl *x, int argc, char **argv)
{
	struct guest_info g;

	if (argc != 3 || (strcmp(argv[2], "power") != 0 && strcmp(argv[2], "sleep") != 0))
		return xl_usage(x, argv[0]);
	return xl_guest(x, argv[1], &g) && send(x, &g, argv[2], 0);
}

bool cmd_sysrq(struct xl *x, int argc, char **argv)
{
	struct guest_info g;

	if (argc != 3 || strlen(argv[2]) != 1)
		return xl_usage(x, argv[0]);
	if (!xl_guest(x, argv[1], &g))
		return false;
	return store_write(x->s, argv[2], "/local/domain/%u/control/sysrq", g.domid) ||
	       fail(&x->failure, "%s: the store does not take it", g.name);
}
