/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A guest's end in words. */
#include "ending.h"

#include "devmodel_control.h"
#include "domain_history.h"
#include "places.h"
#include "registers.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <xen/sched.h>

#define CR0_PE    1u
#define SEGMENT_L (1u << 13) /* of the attributes: 64-bit code */
#define SEGMENT_D (1u << 14)
#define SECOND_NS 1e9

/* ---- one exit ---- */

static void port_print(const struct history_record *r, FILE *to)
{
	fprintf(to, "port 0x%" PRIx64 " %s", r->address, r->is_write ? "written" : "read");
	if (r->kind == HISTORY_PORT_STRING)
		fprintf(to, " as a string");
	else if (r->is_write)
		fprintf(to, ", 0x%" PRIx64,
		        r->value & (UINT64_MAX >> (64 - 8 * (r->size ? r->size : 4))));
	if (*place_of_port(r->address))
		fprintf(to, " (%s)", place_of_port(r->address));
}

static void memory_print(const struct history_record *r, FILE *to)
{
	fprintf(to, "memory 0x%" PRIx64 " %s", r->address, r->is_write ? "written" : "read");
	if (*place_of_memory(r->address))
		fprintf(to, " (%s)", place_of_memory(r->address));
}

static void exception_print(const struct history_record *r, FILE *to)
{
	fprintf(to, "%s: %s, error code 0x%" PRIx64,
	        r->kind == HISTORY_RAISED ? "given an exception by the hypervisor" : "exception",
	        exception_name(r->address), r->value);
}

static void record_print(const struct history_record *r, FILE *to)
{
	static const struct {
		const char *text;
		bool has_address;
	} plain[NR_HISTORY_KINDS] = {
		[HISTORY_CPUID] = { "CPUID, leaf", true },
		[HISTORY_MSR_READ] = { "MSR read, ", true },
		[HISTORY_MSR_WRITE] = { "MSR written, ", true },
		[HISTORY_CONTROL_REGISTER] = { "control register ", true },
		[HISTORY_DEBUG_REGISTER] = { "debug register ", true },
		[HISTORY_XSETBV] = { "XSETBV", false },
		[HISTORY_HALT] = { "halted, to wait for an interrupt", false },
		[HISTORY_HYPERCALL] = { "hypercall number", true },
		[HISTORY_TASK_SWITCH] = { "task switch by hardware", false },
		[HISTORY_CACHE] = { "caches written back", false },
		[HISTORY_PAUSE] = { "waited in a loop (PAUSE)", false },
		[HISTORY_TIME] = { "time stamp counter read", false },
		[HISTORY_REFUSED] = { "an instruction that is not for guests", false },
		[HISTORY_TRIPLE_FAULT] = { "triple fault", false },
		[HISTORY_BAD] = { "the CPU did not go on with it, code", true },
	};

	if (r->kind == HISTORY_PORT || r->kind == HISTORY_PORT_STRING)
		port_print(r, to);
	else if (r->kind == HISTORY_MEMORY)
		memory_print(r, to);
	else if (r->kind == HISTORY_EXCEPTION || r->kind == HISTORY_RAISED)
		exception_print(r, to);
	else if (r->kind < NR_HISTORY_KINDS && plain[r->kind].text)
		fprintf(to, plain[r->kind].has_address ? "%s 0x%" PRIx64 : "%s",
		        plain[r->kind].text, r->address);
	else
		fprintf(to, "something that these tools do not know");
}

static bool is_io(const struct history_record *r)
{
	return r->kind == HISTORY_PORT || r->kind == HISTORY_PORT_STRING ||
	       r->kind == HISTORY_MEMORY;
}

static bool is_exception(const struct history_record *r)
{
	return r->kind == HISTORY_EXCEPTION || r->kind == HISTORY_RAISED;
}

/* ---- a vcpu ---- */

/* The newest that is of a kind, by itself: it stands somewhere among the others. */
static void newest_print(const struct domain_history *h, bool (*is)(const struct history_record *r),
                         const char *what, FILE *to)
{
	for (uint32_t i = h->nr_records; i > 0; i--) {
		if (!is(&h->records[i - 1]))
			continue;
		fprintf(to, "  last %s: ", what);
		record_print(&h->records[i - 1], to);
		fprintf(to, ", at 0x%" PRIx64 "\n", h->records[i - 1].rip);
		return;
	}
}

static const char *mode_of(const struct core_vcpu *v)
{
	if (!(v->cr0 & CR0_PE))
		return "real mode";
	if (v->cs.attributes & SEGMENT_L)
		return "64-bit code";
	return v->cs.attributes & SEGMENT_D ? "32-bit code" : "16-bit code";
}

static void registers_print(const struct core_vcpu *v, FILE *to)
{
	fprintf(to, "  it stands at 0x%" PRIx64 ", %s of ring %u, stack 0x%" PRIx64 "\n", v->rip,
	        mode_of(v), v->cs.selector & 3, v->rsp);
	fprintf(to,
	        "  CR0 0x%" PRIx64 ", CR2 (last page fault) 0x%" PRIx64 ", CR3 0x%" PRIx64
	        ", CR4 0x%" PRIx64 "\n",
	        v->cr0, v->cr2, v->cr3, v->cr4);
	if (!v->idt.limit)
		fprintf(to,
		        "  its table of interrupts is empty: systems that restart themselves by a triple fault do that\n");
}

static void vcpu_print(const struct domain_history *h, const struct core_vcpu *v, uint32_t n,
                       FILE *to)
{
	fprintf(to, "vcpu %u%s:\n", n, h->ended_ns && h->ended_vcpu == n ? ", which ended it" : "");
	if (v->is_up)
		registers_print(v, to);
	else
		fprintf(to, "  it is not up\n");
	newest_print(h, is_io, "I/O", to);
	newest_print(h, is_exception, "exception that the hypervisor saw", to);
	if (h->nr_records)
		fprintf(to, "  last exits, the oldest first:\n");
	for (uint32_t i = 0; i < h->nr_records; i++) {
		fprintf(to, "    0x%016" PRIx64 "  ", h->records[i].rip);
		record_print(&h->records[i], to);
		if (h->records[i].count > 1)
			fprintf(to, ", %u times in a row", h->records[i].count);
		fputc('\n', to);
	}
}

/* ---- the whole guest ---- */

static const char *end_words(const struct guest_info *g)
{
	static const char *const words[] = {
		[SHUTDOWN_poweroff] = "has powered off",
		[SHUTDOWN_reboot] = "has asked for a restart",
		[SHUTDOWN_suspend] = "sleeps",
		[SHUTDOWN_crash] = "has crashed",
		[SHUTDOWN_watchdog] = "did not feed its watchdog",
		[SHUTDOWN_soft_reset] = "has asked for a soft reset",
	};
	unsigned reason = guest_end_reason(g);

	if (g->flags & XEN_DOMINF_dying)
		return "is being destroyed";
	if (g->flags & XEN_DOMINF_shutdown)
		return reason < sizeof(words) / sizeof(words[0])
		               ? words[reason]
		               : "has ended for a reason of its own";
	return g->flags & XEN_DOMINF_paused ? "has not ended; it is paused"
	                                    : "has not ended; it goes on";
}

static void devmodel_print(struct hypervisor *h, uint32_t domid, FILE *to)
{
	struct xen_domctl op = { .cmd = DEVMODEL_DOMCTL_INFO, .domain = (domid_t)domid };
	const struct devmodel_domctl_info *i = (const void *)&op.u;

	if (hypervisor_domctl(h, &op) != 0 || i->state == DEVMODEL_NONE)
		return;
	fprintf(to, "device model: %s, entered %" PRIu64 " times, %.1f s\n",
	        i->state == DEVMODEL_DEAD
	                ? "ended by the hypervisor, whose log has a dump in words (xl dmesg)"
	                : "well",
	        i->entries, (double)i->run_ns / SECOND_NS);
}

static int history_get(struct hypervisor *h, uint32_t domid, uint32_t vcpu,
                       struct domain_history *buffer)
{
	struct xen_domctl op = { .cmd = HISTORY_DOMCTL_GET, .domain = (domid_t)domid };
	const struct history_domctl_get x = { .buffer = (uint64_t)(uintptr_t)buffer,
		                              .size = sizeof(*buffer),
		                              .vcpu = vcpu };

	memcpy(&op.u, &x, sizeof(x));
	return hypervisor_domctl(h, &op);
}

static void head_print(const struct guest_info *g, const struct domain_history *h, FILE *to)
{
	fprintf(to, "%s (domain %u) %s", g->name, g->domid, end_words(g));
	if (h->ended_ns)
		fprintf(to, ", %.1f s ago", (double)(h->now_ns - h->ended_ns) / SECOND_NS);
	fprintf(to, "; it has had %.1f s of CPU time\n", (double)g->cpu_ns / SECOND_NS);
	if (h->why[0])
		fprintf(to, "cause: %.*s\n", (int)sizeof(h->why), h->why);
}

bool ending_print(struct hypervisor *h, const struct guest_info *g, FILE *to)
{
	struct domain_history *buffer = hypervisor_buffer(h, sizeof(*buffer));
	size_t nr = g->max_vcpu_id + 1;
	struct core_vcpu *vcpus = calloc(nr, sizeof(*vcpus));
	int rc = buffer && vcpus ? history_get(h, g->domid, 0, buffer) : -1;

	if (rc < 0) {
		fprintf(to, "%s (domain %u) %s; the hypervisor tells no more: %s\n", g->name,
		        g->domid, end_words(g), hypervisor_error(rc));
	} else {
		head_print(g, buffer, to);
		devmodel_print(h, g->domid, to);
		registers_read(h, g->domid, vcpus, nr);
		for (uint32_t i = 0; i < nr; i++)
			if (history_get(h, g->domid, i, buffer) == 0)
				vcpu_print(buffer, &vcpus[i], i, to);
	}
	free(vcpus);
	hypervisor_buffer_free(h, buffer, sizeof(*buffer));
	return rc >= 0;
}
