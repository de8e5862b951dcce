/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xl info, xl uptime: the machine, the hypervisor, since when. */
#include "cmd.h"

#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include <xen/version.h>

/* xl's users' scripts look for these lines: "name<blanks>: value". */
#define LINE(name, format, ...) printf("%-23s: " format "\n", name, __VA_ARGS__)

static bool system_lines(struct xl *x)
{
	struct utsname u;

	if (uname(&u) != 0)
		return fail(&x->failure, "uname does not answer");
	LINE("host", "%s", u.nodename);
	LINE("release", "%s", u.release);
	LINE("version", "%s", u.version);
	LINE("machine", "%s", u.machine);
	return true;
}

static bool machine_lines(struct xl *x)
{
	struct xen_sysctl op = { .cmd = XEN_SYSCTL_physinfo };
	const struct xen_sysctl_physinfo *p = &op.u.physinfo;
	int rc = hypervisor_sysctl(x->h, &op);

	if (rc < 0)
		return fail(&x->failure, "the machine's figures: %s", hypervisor_error(rc));
	LINE("nr_cpus", "%u", p->nr_cpus);
	LINE("max_cpu_id", "%u", p->max_cpu_id);
	LINE("nr_nodes", "%u", p->nr_nodes);
	LINE("cores_per_socket", "%u", p->cores_per_socket);
	LINE("threads_per_core", "%u", p->threads_per_core);
	LINE("cpu_mhz", "%.3f", (double)p->cpu_khz / 1000);
	printf("%-23s: ", "hw_caps");
	for (unsigned i = 0; i < 8; i++)
		printf("%08x%c", p->hw_cap[i], i < 7 ? ':' : '\n');
	LINE("virt_caps", "%s%s%s", p->capabilities & XEN_SYSCTL_PHYSCAP_hvm ? "hvm" : "none",
	     p->capabilities & XEN_SYSCTL_PHYSCAP_hap ? " hap" : "",
	     p->capabilities & XEN_SYSCTL_PHYSCAP_directio ? " hvm_directio" : "");
	LINE("total_memory", "%llu", (unsigned long long)p->total_pages / 256);
	LINE("free_memory", "%llu",
	     (unsigned long long)(p->free_pages - p->outstanding_pages) / 256);
	LINE("sharing_freed_memory", "%u", 0u); /* pages are not shared */
	LINE("sharing_used_memory", "%u", 0u);
	LINE("outstanding_claims", "%llu", (unsigned long long)p->outstanding_pages / 256);
	return true;
}

static void hypervisor_lines(struct xl *x)
{
	xen_capabilities_info_t caps = "";
	xen_extraversion_t extra = "";
	xen_changeset_info_t changeset = "";
	xen_commandline_t line = "";
	xen_platform_parameters_t platform = { 0 };
	struct xen_compile_info made = { "" };
	long v = hypervisor_version(x->h, XENVER_version, NULL, 0);

	hypervisor_version(x->h, XENVER_extraversion, extra, sizeof(extra));
	hypervisor_version(x->h, XENVER_capabilities, caps, sizeof(caps));
	hypervisor_version(x->h, XENVER_changeset, changeset, sizeof(changeset));
	hypervisor_version(x->h, XENVER_commandline, line, sizeof(line));
	LINE("xen_major", "%ld", v >> 16);
	LINE("xen_minor", "%ld", v & 0xffff);
	LINE("xen_extra", "%.16s", extra);
	LINE("xen_version", "%ld.%ld%.16s", v >> 16, v & 0xffff, extra);
	LINE("xen_caps", "%.1000s", caps);
	LINE("xen_scheduler", "%s", "credit2");
	LINE("xen_pagesize", "%ld", hypervisor_version(x->h, XENVER_pagesize, NULL, 0));
	hypervisor_version(x->h, XENVER_platform_parameters, &platform, sizeof(platform));
	LINE("platform_params", "virt_start=0x%lx", (unsigned long)platform.virt_start);
	LINE("xen_changeset", "%.60s", changeset);
	LINE("xen_commandline", "%.1000s", line);
	hypervisor_version(x->h, XENVER_compile_info, &made, sizeof(made));
	LINE("cc_compiler", "%.64s", made.compiler);
	LINE("cc_compile_by", "%.16s", made.compile_by);
	LINE("cc_compile_domain", "%.32s", made.compile_domain);
	LINE("cc_compile_date", "%.32s", made.compile_date);
	LINE("xend_config_format", "%u", 4u); /* that of the descriptions, for whoever looks */
	LINE("zazen_version", "%s", ZAZEN_VERSION);
}

bool cmd_info(struct xl *x, int argc, char **argv)
{
	if (!xl_connect_hypervisor(x) || !system_lines(x) || !machine_lines(x))
		return false;
	hypervisor_lines(x);
	return true;
}

/* ---- uptime ---- */

static void uptime_line(const char *name, uint32_t domid, double seconds)
{
	unsigned long s = (unsigned long)seconds, days = s / 86400;

	printf("%-32s %5u ", name, domid);
	if (days)
		printf("%lu day%s, ", days, days > 1 ? "s" : "");
	printf("%2lu:%02lu:%02lu\n", s / 3600 % 24, s / 60 % 60, s % 60);
}

static double since_boot(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return (double)t.tv_sec;
}

/* A guest's begin is the time of its keeper's note in the store. */
static void uptime_one(struct xl *x, const struct guest_info *g)
{
	char *began = store_read(x->s, "/local/domain/%u/zazen/began", g->domid);

	uptime_line(g->name, g->domid, began ? since_boot() - strtod(began, NULL) : since_boot());
	free(began);
}

bool cmd_uptime(struct xl *x, int argc, char **argv)
{
	struct guest_info one, *all = NULL;
	size_t nr = 0;

	if (!xl_connect(x))
		return false;
	if (argc < 2 && !(all = guests_get(x->h, x->s, &nr, &x->failure)))
		return false;
	printf("%-32s %5s %s\n", "Name", "ID", "Uptime");
	for (size_t i = 0; i < nr; i++)
		uptime_one(x, &all[i]);
	free(all);
	for (int i = 1; i < argc; i++) {
		if (!xl_guest(x, argv[i], &one))
			return false;
		uptime_one(x, &one);
	}
	return true;
}
