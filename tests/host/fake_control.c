/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A machine with a control domain, and the calls of its tools. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpu_policy.h"
#include "fake_control.h"
#include "fake_domain.h"
#include "machine_fake.h"
#include "virt_script.h"

#include <xen/arch-x86/xen.h>

#define CONTROL_PAGES 128u
#define ARG           (GUEST_ARGS_GFN << PAGE_SHIFT)
#define TURNS         100000u
#define SETTLE_TURNS  64u

struct domain *fake_control;

static void check(bool ok, const char *what)
{
	if (!ok) {
		fprintf(stderr, "fake control: %s\n", what);
		abort();
	}
}

void fake_control_machine(unsigned nr_cpus)
{
	fake_core_init(0, nr_cpus);
	cpuid_read_host(fake_cpuid, &cpu_policy_host);
	cpuid_guest_default(&cpu_policy_host, &cpu_policy_guest);
	fake_control = guest_create(0, 1, CONTROL_PAGES, true);
}

void *fake_buffer(uint32_t n)
{
	uint32_t at = FAKE_BUFFER + n;
	uint8_t *page = fake_guest_page(fake_control, at >> PAGE_SHIFT);

	return page + at % PAGE_SIZE;
}

void fake_buffer_write(uint32_t n, const void *from, size_t size)
{
	for (size_t i = 0; i < size; i++)
		*(uint8_t *)fake_buffer(n + (uint32_t)i) = ((const uint8_t *)from)[i];
}

void fake_buffer_read(uint32_t n, void *to, size_t size)
{
	for (size_t i = 0; i < size; i++)
		((uint8_t *)to)[i] = *(uint8_t *)fake_buffer(n + (uint32_t)i);
}

long fake_domctl_by(struct vcpu *v, struct xen_domctl *op)
{
	uint8_t *page = fake_guest_page(v->domain, GUEST_ARGS_GFN);
	long r = HYPERCALL_RESTART;

	op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
	memcpy(page, op, sizeof(*op));
	for (unsigned i = 0; i < TURNS && r == HYPERCALL_RESTART; i++) {
		uint64_t args[6] = { ARG };

		percpu()->current = v;
		percpu()->pending = 0;
		percpu()->hypercall_start_ns = 0;
		r = domctl_op(v, args);
		guest_walk_cache_reset(&v->walk);
		if (r == HYPERCALL_RESTART)
			work_run();
	}
	/* The work queue outlives this machine: nothing stays in it. */
	for (unsigned i = 0; i < SETTLE_TURNS; i++)
		work_run();
	memcpy(op, page, sizeof(*op));
	return r;
}

long fake_domctl(struct xen_domctl *op)
{
	return fake_domctl_by(fake_control->vcpus[0], op);
}

long fake_domctl_plain(uint32_t cmd, uint16_t domid)
{
	struct xen_domctl op = { .cmd = cmd, .domain = domid };

	return fake_domctl(&op);
}

struct domain *fake_tool_domain(unsigned nr_vcpus, unsigned pages)
{
	struct xen_domctl op = {
		.cmd = XEN_DOMCTL_createdomain,
		.u.createdomain = {
			.handle = "0123456789abcdef",
			.flags = XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap,
			.max_vcpus = nr_vcpus,
			.max_evtchn_port = 1023,
			.max_grant_frames = 64,
			.max_maptrack_frames = 1024,
			.grant_opts = XEN_DOMCTL_GRANT_version(2),
			.arch.emulation_flags = XEN_X86_EMU_LAPIC,
		},
	};
	struct domain *d;

	check(fake_domctl(&op) == 0, "createdomain");
	d = domain_get(op.domain);
	check(d, "not found");
	domain_put(d);
	op.cmd = XEN_DOMCTL_max_mem;
	op.u.max_mem.max_memkb = (pages + 1024) * 4;
	check(fake_domctl(&op) == 0, "max_mem");
	op.cmd = XEN_DOMCTL_max_vcpus;
	op.u.max_vcpus.max = nr_vcpus;
	check(fake_domctl(&op) == 0, "max_vcpus");
	for (unsigned i = 0; i < pages; i++) {
		mfn_t m = page_alloc(d, 0, 0);

		check(mfn_valid(m) && !p2m_map(&d->p2m, gfn(i), m, 0, P2M_RAM_RW), "memory");
	}
	return d;
}
