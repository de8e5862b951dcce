/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen/core/sysctl*.c and domctl_sched.c: what the tools are told and may set. */
#include <string.h>

#include "unit.h"
#include "console.h"
#include "control_op.h"
#include "cpu_policy.h"
#include "cpupool.h"
#include "domctl.h"
#include "errno.h"
#include "fake_domain.h"
#include "log.h"
#include "machine_fake.h"
#include "machine_info.h"
#include "page_alloc.h"
#include "sysctl.h"
#include "sysctl_cpuid.h"

#define ARG   0x3000u
#define ARRAY 0x4000u

static struct domain *d, *guest;
static struct vcpu *v;
static struct xen_sysctl s;

static void start(unsigned nr_cpus)
{
	d = fake_domain_machine(nr_cpus, 1, 16);
	guest = fake_domain_add(1, 16, false);
	v = d->vcpus[0];
	fake_make_current(v);
	cpuid_read_host(fake_cpuid, &cpu_policy_host);
	cpuid_guest_default(&cpu_policy_host, &cpu_policy_guest);
	for (unsigned i = 0; i < nr_cpus; i++)
		machine_info.cpus[i] = (struct machine_cpu){ i, i + 10 };
	memset(&s, 0, sizeof(s));
}

static void *array(void)
{
	return fake_guest_page(d, ARRAY >> 12);
}

/* The call by any vcpu, once. */
static long once(struct vcpu *caller, uint32_t cmd)
{
	uint64_t args[5] = { ARG };
	long r;

	s.cmd = cmd;
	s.interface_version = XEN_SYSCTL_INTERFACE_VERSION;
	memcpy(fake_guest_page(caller->domain, ARG >> 12), &s, sizeof(s));
	guest_walk_cache_reset(&caller->walk);
	r = sysctl_op(caller, args);
	memcpy(&s, fake_guest_page(caller->domain, ARG >> 12), sizeof(s));
	return r;
}

static long call(uint32_t cmd)
{
	return once(v, cmd);
}

static void rights(void)
{
	start(1);
	CHECK_EQ(call(XEN_SYSCTL_sched_id), 0);
	CHECK_EQ(s.u.sched_id.sched_id, XEN_SCHEDULER_CREDIT2);
	CHECK_EQ(call(0), -ENOSYS);
	CHECK_EQ(call(XEN_SYSCTL_tbuf_op), -ENOSYS);
	CHECK_EQ(call(XEN_SYSCTL_perfc_op), -ENOSYS);
	CHECK_EQ(call(XEN_SYSCTL_lockprof_op), -ENOSYS);
	CHECK_EQ(call(XEN_SYSCTL_livepatch_op), -ENOSYS);
	CHECK_EQ(call(28), -ENOSYS);
	CHECK_EQ(call(1000), -ENOSYS);
	fake_make_current(guest->vcpus[0]);
	CHECK_EQ(once(guest->vcpus[0], XEN_SYSCTL_sched_id), -EPERM);
}

/* ---- console ---- */

static uint32_t read_console(uint32_t count, uint8_t incremental, uint32_t index, uint8_t clear)
{
	memset(&s, 0, sizeof(s));
	memset(array(), 0, PAGE_SIZE);
	s.u.readconsole.buffer.p = (char *)ARRAY;
	s.u.readconsole.count = count;
	s.u.readconsole.incremental = incremental;
	s.u.readconsole.index = index;
	s.u.readconsole.clear = clear;
	CHECK_EQ(call(XEN_SYSCTL_readconsole), 0);
	return s.u.readconsole.count;
}

static void console_ring(void)
{
	uint32_t index, n;

	start(1);
	read_console(PAGE_SIZE, 0, 0, 1);
	while (read_console(PAGE_SIZE, 0, 0, 1))
		;
	log_info("first");
	n = read_console(PAGE_SIZE, 0, 0, 0);
	CHECK_EQ(n, 12);
	CHECK(!memcmp(array(), "(XEN) first\n", 12));
	index = s.u.readconsole.index;
	CHECK_EQ(read_console(PAGE_SIZE, 1, index, 0), 0);
	log_info("second");
	CHECK_EQ(read_console(PAGE_SIZE, 1, index, 0), 13);
	CHECK(!memcmp(array(), "(XEN) second\n", 13));
	/* an index of nonsense: from the beginning */
	CHECK_EQ(read_console(PAGE_SIZE, 1, index + 1000, 0), 25);
	CHECK_EQ(read_console(6, 0, 0, 0), 6);
	CHECK_EQ(s.u.readconsole.index, index - 6);
	/* cleared up to what was read */
	CHECK_EQ(read_console(12, 0, 0, 1), 12);
	CHECK_EQ(read_console(PAGE_SIZE, 0, 0, 0), 13);
	CHECK_EQ(read_console(PAGE_SIZE, 0, 0, 1), 13);
	CHECK_EQ(read_console(PAGE_SIZE, 0, 0, 0), 0);
	/* longer than a piece */
	for (unsigned i = 0; i < 40; i++)
		log_info("a line that is number %u", i + 10);
	CHECK_EQ(read_console(PAGE_SIZE, 0, 0, 0), 40 * 31);
	CHECK(!memcmp((char *)array() + 39 * 31, "(XEN) a line that is number 49\n", 31));
	s.u.readconsole.buffer.p = (char *)0x40000000;
	s.u.readconsole.count = 10;
	CHECK_EQ(call(XEN_SYSCTL_readconsole), -EFAULT);
}

static void keys_pressed(void)
{
	start(1);
	memset(array(), 't', 200);
	memcpy(array(), "cq", 2);
	s.u.debug_keys.keys.p = (char *)ARRAY;
	s.u.debug_keys.nr_keys = 2;
	fake_console_clear();
	CHECK_EQ(call(XEN_SYSCTL_debug_keys), 0);
	CHECK(percpu()->pending & PENDING_CONSOLE);
	atomic_exchange(&percpu()->pending, 0);
	console_run();
	CHECK(strstr(fake_console_text(), "CPU0: ") != NULL);
	CHECK(strstr(fake_console_text(), ": running") != NULL);
	/* as many as wait at most, and the rest in the next turn */
	s.u.debug_keys.keys.p = (char *)ARRAY + 2;
	s.u.debug_keys.nr_keys = 100;
	CHECK_EQ(call(XEN_SYSCTL_debug_keys), HYPERCALL_RESTART);
	CHECK_EQ(s.u.debug_keys.nr_keys, 36);
	CHECK((char *)s.u.debug_keys.keys.p == (char *)ARRAY + 66);
	console_run();
	CHECK_EQ(call(XEN_SYSCTL_debug_keys), 0);
	console_run();
	s.u.debug_keys.keys.p = (char *)0x40000000;
	s.u.debug_keys.nr_keys = 1;
	CHECK_EQ(call(XEN_SYSCTL_debug_keys), -EFAULT);
}

/* ---- the computer ---- */

static void physinfo(void)
{
	const struct xen_sysctl_physinfo *p = &s.u.physinfo;

	start(2);
	CHECK_EQ(call(XEN_SYSCTL_physinfo), 0);
	CHECK_EQ(p->nr_cpus, 2);
	CHECK_EQ(p->max_cpu_id, 1);
	CHECK_EQ(p->nr_nodes, 1);
	CHECK_EQ(p->max_node_id, 0);
	CHECK_EQ(p->cpu_khz, FAKE_TSC_KHZ);
	CHECK_EQ(p->threads_per_core * p->cores_per_socket >= 1, 1);
	CHECK_EQ(p->total_pages, page_nr_total());
	CHECK_EQ(p->free_pages, page_nr_free());
	CHECK_EQ(p->outstanding_pages, 0);
	CHECK_EQ(p->max_mfn, fake_ram_bytes() / PAGE_SIZE - 1);
	CHECK_EQ(p->hw_cap[0], cpu_policy_host.basic[1].d);
	CHECK_EQ(p->hw_cap[5], cpu_policy_host.feat[0].b);
	CHECK_EQ(p->hw_cap[7], cpu_policy_host.extended[7].d);
	CHECK_EQ(p->capabilities,
	         XEN_SYSCTL_PHYSCAP_hvm | XEN_SYSCTL_PHYSCAP_hap | XEN_SYSCTL_PHYSCAP_gnttab_v1);
	guest->max_pages = 1000;
	CHECK_EQ(page_claim(guest, 500), 0);
	CHECK_EQ(call(XEN_SYSCTL_physinfo), 0);
	CHECK_EQ(p->outstanding_pages, 500 - guest->nr_pages);
	page_unclaim(guest);
}

static void domain_list(void)
{
	struct xen_domctl_getdomaininfo *info;

	start(1);
	info = array();
	s.u.getdomaininfolist.buffer.p = (void *)ARRAY;
	s.u.getdomaininfolist.max_domains = 10;
	CHECK_EQ(call(XEN_SYSCTL_getdomaininfolist), 0);
	CHECK_EQ(s.u.getdomaininfolist.num_domains, 2);
	CHECK_EQ(info[0].domain, d->id);
	CHECK_EQ(info[1].domain, guest->id);
	CHECK_EQ(info[1].max_vcpu_id, 0);
	CHECK_EQ(info[1].cpupool, 0);
	s.u.getdomaininfolist.first_domain = guest->id;
	CHECK_EQ(call(XEN_SYSCTL_getdomaininfolist), 0);
	CHECK_EQ(s.u.getdomaininfolist.num_domains, 1);
	CHECK_EQ(info[0].domain, guest->id);
	s.u.getdomaininfolist.first_domain = 0;
	s.u.getdomaininfolist.max_domains = 1;
	CHECK_EQ(call(XEN_SYSCTL_getdomaininfolist), 0);
	CHECK_EQ(s.u.getdomaininfolist.num_domains, 1);
	s.u.getdomaininfolist.buffer.p = (void *)0x40000000;
	CHECK_EQ(call(XEN_SYSCTL_getdomaininfolist), -EFAULT);
}

static void cpus(void)
{
	struct xen_sysctl_cpuinfo *info;
	struct xen_sysctl_cputopo *topo;

	start(3);
	info = array();
	topo = array();
	fake_advance(5000000);
	s.u.getcpuinfo.info.p = (void *)ARRAY;
	s.u.getcpuinfo.max_cpus = 8;
	CHECK_EQ(call(XEN_SYSCTL_getcpuinfo), 0);
	CHECK_EQ(s.u.getcpuinfo.nr_cpus, 3);
	CHECK_EQ(info[0].idletime, 0);
	CHECK_EQ(info[2].idletime, 5000000);

	memset(&s, 0, sizeof(s));
	CHECK_EQ(call(XEN_SYSCTL_cputopoinfo), 0);
	CHECK_EQ(s.u.cputopoinfo.num_cpus, 3);
	memset(array(), 0xee, PAGE_SIZE);
	s.u.cputopoinfo.cputopo.p = (void *)ARRAY;
	s.u.cputopoinfo.num_cpus = 2;
	CHECK_EQ(call(XEN_SYSCTL_cputopoinfo), 0);
	CHECK_EQ(s.u.cputopoinfo.num_cpus, 3);
	CHECK_EQ(topo[0].core + topo[0].socket, 0);
	CHECK_EQ(topo[1].core + topo[1].socket, 1);
	CHECK_EQ(topo[1].node, 0);
	CHECK_EQ(topo[2].core, 0xeeeeeeee);
}

static void memory(void)
{
	start(1);
	s.u.availheap.node = -1;
	CHECK_EQ(call(XEN_SYSCTL_availheap), 0);
	CHECK_EQ(s.u.availheap.avail_bytes, page_nr_free() << PAGE_SHIFT);
	s.u.availheap.node = 1;
	CHECK_EQ(call(XEN_SYSCTL_availheap), 0);
	CHECK_EQ(s.u.availheap.avail_bytes, 0);
	s.u.availheap.node = 0;
	s.u.availheap.max_bitwidth = 32;
	CHECK_EQ(call(XEN_SYSCTL_availheap), 0);
	s.u.availheap.max_bitwidth = 20;
	CHECK_EQ(call(XEN_SYSCTL_availheap), -EOPNOTSUPP);

	memset(&s, 0, sizeof(s));
	CHECK_EQ(call(XEN_SYSCTL_numainfo), 0);
	CHECK_EQ(s.u.numainfo.num_nodes, 1);
	s.u.numainfo.meminfo.p = (void *)ARRAY;
	s.u.numainfo.distance.p = (void *)(ARRAY + 64);
	s.u.numainfo.num_nodes = 4;
	CHECK_EQ(call(XEN_SYSCTL_numainfo), 0);
	CHECK_EQ(s.u.numainfo.num_nodes, 1);
	CHECK_EQ(((struct xen_sysctl_meminfo *)array())->memfree, page_nr_free() << PAGE_SHIFT);
	CHECK_EQ(((uint32_t *)array())[16], 10);

	memset(&s, 0, sizeof(s));
	CHECK_EQ(call(XEN_SYSCTL_pcitopoinfo), -EINVAL);
	s.u.pcitopoinfo.devs.p = (void *)ARRAY;
	s.u.pcitopoinfo.nodes.p = (void *)(ARRAY + 1024);
	s.u.pcitopoinfo.num_devs = 2;
	CHECK_EQ(call(XEN_SYSCTL_pcitopoinfo), 0);
	CHECK_EQ(s.u.pcitopoinfo.num_devs, 2);
	CHECK_EQ(((uint32_t *)array())[257], XEN_INVALID_NODE_ID);
	s.u.pcitopoinfo.num_devs = ~0u;
	s.u.pcitopoinfo.nodes.p = (void *)(ARRAY + 2048);
	CHECK_EQ(call(XEN_SYSCTL_pcitopoinfo), 0);
	CHECK_EQ(s.u.pcitopoinfo.num_devs, 64);
}

static void features(void)
{
	uint32_t *words;

	start(1);
	words = array();
	CHECK_EQ(call(XEN_SYSCTL_get_cpu_levelling_caps), 0);
	CHECK_EQ(s.u.cpu_levelling_caps.caps, 0);
	memset(&s, 0, sizeof(s));
	CHECK_EQ(call(XEN_SYSCTL_get_cpu_featureset), 0);
	CHECK_EQ(s.u.cpu_featureset.nr_features, FEATURESET_WORDS);
	s.u.cpu_featureset.features.p = (void *)ARRAY;
	s.u.cpu_featureset.index = XEN_SYSCTL_cpu_featureset_hvm;
	CHECK_EQ(call(XEN_SYSCTL_get_cpu_featureset), 0);
	CHECK_EQ(words[0], cpu_policy_guest.basic[1].d);
	CHECK_EQ(words[2], cpu_policy_guest.extended[1].d);
	s.u.cpu_featureset.index = XEN_SYSCTL_cpu_featureset_pv;
	CHECK_EQ(call(XEN_SYSCTL_get_cpu_featureset), -EOPNOTSUPP);
	s.u.cpu_featureset.index = 9;
	CHECK_EQ(call(XEN_SYSCTL_get_cpu_featureset), -EINVAL);
	s.u.cpu_featureset.index = XEN_SYSCTL_cpu_featureset_raw;
	s.u.cpu_featureset.nr_features = 3;
	CHECK_EQ(call(XEN_SYSCTL_get_cpu_featureset), -ENOBUFS);
	CHECK_EQ(s.u.cpu_featureset.nr_features, 3);
}

static void policies(void)
{
	struct xen_cpuid_leaf first;

	start(1);
	CHECK_EQ(call(XEN_SYSCTL_get_cpu_policy), 0);
	CHECK_EQ(s.u.cpu_policy.nr_leaves, CPU_POLICY_LEAVES_MAX);
	CHECK_EQ(s.u.cpu_policy.nr_msrs, CPU_POLICY_MSRS_MAX);
	s.u.cpu_policy.index = XEN_SYSCTL_cpu_policy_hvm_default;
	s.u.cpu_policy.leaves.p = (void *)ARRAY;
	CHECK_EQ(call(XEN_SYSCTL_get_cpu_policy), 0);
	CHECK_EQ(s.u.cpu_policy.nr_leaves, cpu_policy_nr_leaves(&cpu_policy_guest));
	CHECK(cpu_policy_leaf(&cpu_policy_guest, 0, &first));
	CHECK(!memcmp(array(), &first, sizeof(first)));
	s.u.cpu_policy.nr_leaves = 2;
	CHECK_EQ(call(XEN_SYSCTL_get_cpu_policy), -ENOBUFS);
	s.u.cpu_policy.index = XEN_SYSCTL_cpu_policy_pv_max;
	CHECK_EQ(call(XEN_SYSCTL_get_cpu_policy), -EOPNOTSUPP);
	s.u.cpu_policy.index = 6;
	CHECK_EQ(call(XEN_SYSCTL_get_cpu_policy), -EINVAL);
	s.u.cpu_policy.index = 0;
	s.u.cpu_policy._rsvd = 1;
	CHECK_EQ(call(XEN_SYSCTL_get_cpu_policy), -EINVAL);
}

static void not_there(void)
{
	start(2);
	s.u.get_pmstat.type = PMSTAT_get_max_px;
	CHECK_EQ(call(XEN_SYSCTL_get_pmstat), -ENODEV);
	s.u.get_pmstat.cpuid = 2;
	CHECK_EQ(call(XEN_SYSCTL_get_pmstat), -EINVAL);
	memset(&s, 0, sizeof(s));
	s.u.pm_op.cmd = GET_CPUFREQ_PARA;
	CHECK_EQ(call(XEN_SYSCTL_pm_op), -ENODEV);
	s.u.pm_op.cpuid = 2;
	CHECK_EQ(call(XEN_SYSCTL_pm_op), -EINVAL);
	memset(&s, 0, sizeof(s));
	s.u.cpu_hotplug.cpu = 1;
	s.u.cpu_hotplug.op = XEN_SYSCTL_CPU_HOTPLUG_OFFLINE;
	CHECK_EQ(call(XEN_SYSCTL_cpu_hotplug), -EOPNOTSUPP);
	s.u.cpu_hotplug.op = XEN_SYSCTL_CPU_HOTPLUG_ONLINE;
	CHECK_EQ(call(XEN_SYSCTL_cpu_hotplug), -EINVAL);
	memset(&s, 0, sizeof(s));
	CHECK_EQ(call(XEN_SYSCTL_coverage_op), -EOPNOTSUPP);
	CHECK_EQ(call(XEN_SYSCTL_psr_alloc), -ENODEV);
	s.u.psr_cmt_op.cmd = XEN_SYSCTL_PSR_CMT_enabled;
	s.u.psr_cmt_op.u.data = 7;
	CHECK_EQ(call(XEN_SYSCTL_psr_cmt_op), 0);
	CHECK_EQ(s.u.psr_cmt_op.u.data, 0);
	s.u.psr_cmt_op.cmd = XEN_SYSCTL_PSR_CMT_get_total_rmid;
	CHECK_EQ(call(XEN_SYSCTL_psr_cmt_op), -ENODEV);
}

static void faulty_pages(void)
{
	start(1);
	s.u.page_offline.cmd = sysctl_query_page_offline;
	s.u.page_offline.status.p = (void *)ARRAY;
	s.u.page_offline.start = (uint32_t)virt_to_mfn(array()).v;
	s.u.page_offline.end = s.u.page_offline.start + 1;
	memset(array(), 0xee, 64);
	CHECK_EQ(call(XEN_SYSCTL_page_offline_op), 0);
	CHECK_EQ(((uint32_t *)array())[0], 0);
	CHECK_EQ(((uint32_t *)array())[2], 0xeeeeeeee);
	s.u.page_offline.start = s.u.page_offline.end = 0x7fffffff;
	CHECK_EQ(call(XEN_SYSCTL_page_offline_op), 0);
	CHECK_EQ(((uint32_t *)array())[0], PG_OFFLINE_INVALID);
	s.u.page_offline.start = 0;
	CHECK_EQ(call(XEN_SYSCTL_page_offline_op), -EINVAL);
	s.u.page_offline.cmd = sysctl_page_offline;
	s.u.page_offline.end = 0;
	CHECK_EQ(call(XEN_SYSCTL_page_offline_op), -EOPNOTSUPP);
}

/* ---- scheduler and pools ---- */

static long pool_op(uint32_t op, uint32_t id, uint32_t cpu)
{
	memset(&s, 0, sizeof(s));
	memset(array(), 0xff, 16);
	s.u.cpupool_op.op = op;
	s.u.cpupool_op.cpupool_id = id;
	s.u.cpupool_op.cpu = cpu;
	s.u.cpupool_op.sched_id = XEN_SCHEDULER_CREDIT2;
	s.u.cpupool_op.domid = cpu;
	s.u.cpupool_op.cpumap.bitmap.p = (void *)ARRAY;
	s.u.cpupool_op.cpumap.nr_bits = 64;
	return call(XEN_SYSCTL_cpupool_op);
}

static void pools(void)
{
	start(2);
	CHECK_EQ(pool_op(XEN_SYSCTL_CPUPOOL_OP_INFO, 0, 0), 0);
	CHECK_EQ(s.u.cpupool_op.n_dom, 2);
	CHECK_EQ(s.u.cpupool_op.sched_id, XEN_SCHEDULER_CREDIT2);
	CHECK_EQ(*(uint64_t *)array(), 3);
	CHECK_EQ(pool_op(XEN_SYSCTL_CPUPOOL_OP_INFO, 1, 0), -ENOENT);
	CHECK_EQ(pool_op(XEN_SYSCTL_CPUPOOL_OP_FREEINFO, 0, 0), 0);
	CHECK_EQ(*(uint64_t *)array(), 0);
	CHECK_EQ(pool_op(XEN_SYSCTL_CPUPOOL_OP_CREATE, CPUPOOL_ANY, 0), 0);
	CHECK_EQ(s.u.cpupool_op.cpupool_id, 1);
	CHECK_EQ(pool_op(XEN_SYSCTL_CPUPOOL_OP_RMCPU, 0, 1), 0);
	CHECK_EQ(pool_op(XEN_SYSCTL_CPUPOOL_OP_FREEINFO, 0, 0), 0);
	CHECK_EQ(*(uint64_t *)array(), 2);
	CHECK_EQ(pool_op(XEN_SYSCTL_CPUPOOL_OP_ADDCPU, 1, 1), 0);
	CHECK_EQ(pool_op(XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN, 1, d->id), -EPERM);
	CHECK_EQ(pool_op(XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN, 1, 0x7fff), -ESRCH);
	CHECK_EQ(pool_op(XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN, 1, guest->id), 0);
	CHECK_EQ(pool_op(XEN_SYSCTL_CPUPOOL_OP_DESTROY, 1, 0), -EBUSY);
	CHECK_EQ(pool_op(XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN, 0, guest->id), 0);
	CHECK_EQ(pool_op(XEN_SYSCTL_CPUPOOL_OP_RMCPU, 1, CPUPOOL_ANY), 0);
	CHECK_EQ(pool_op(XEN_SYSCTL_CPUPOOL_OP_DESTROY, 1, 0), 0);
	CHECK_EQ(pool_op(0, 0, 0), -ENOSYS);
	CHECK_EQ(pool_op(8, 0, 0), -ENOSYS);
	s.u.cpupool_op.op = XEN_SYSCTL_CPUPOOL_OP_CREATE;
	s.u.cpupool_op.sched_id = XEN_SCHEDULER_CREDIT;
	CHECK_EQ(call(XEN_SYSCTL_cpupool_op), -ENOENT);
}

static long ratelimit(uint32_t cmd, uint32_t pool, uint32_t sched, uint32_t us)
{
	memset(&s, 0, sizeof(s));
	s.u.scheduler_op.cmd = cmd;
	s.u.scheduler_op.cpupool_id = pool;
	s.u.scheduler_op.sched_id = sched;
	s.u.scheduler_op.u.sched_credit2.ratelimit_us = us;
	return call(XEN_SYSCTL_scheduler_op);
}

static void parameters(void)
{
	const uint32_t *us = &s.u.scheduler_op.u.sched_credit2.ratelimit_us;

	start(1);
	CHECK_EQ(ratelimit(XEN_SYSCTL_SCHEDOP_getinfo, 0, XEN_SCHEDULER_CREDIT2, 0), 0);
	CHECK_EQ(*us, 1000);
	CHECK_EQ(ratelimit(XEN_SYSCTL_SCHEDOP_putinfo, 0, XEN_SCHEDULER_CREDIT2, 2000), 0);
	CHECK_EQ(percpu()->run_queue.ratelimit_ns, 2000000);
	CHECK_EQ(ratelimit(XEN_SYSCTL_SCHEDOP_getinfo, 0, XEN_SCHEDULER_CREDIT2, 0), 0);
	CHECK_EQ(*us, 2000);
	CHECK_EQ(ratelimit(XEN_SYSCTL_SCHEDOP_putinfo, 0, XEN_SCHEDULER_CREDIT2, 0), 0);
	CHECK_EQ(ratelimit(XEN_SYSCTL_SCHEDOP_putinfo, 0, XEN_SCHEDULER_CREDIT2, 99), -EINVAL);
	CHECK_EQ(ratelimit(XEN_SYSCTL_SCHEDOP_putinfo, 0, XEN_SCHEDULER_CREDIT2, 500001), -EINVAL);
	CHECK_EQ(ratelimit(XEN_SYSCTL_SCHEDOP_getinfo, 0, XEN_SCHEDULER_CREDIT, 0), -EINVAL);
	CHECK_EQ(ratelimit(XEN_SYSCTL_SCHEDOP_getinfo, 1, XEN_SCHEDULER_CREDIT2, 0), -ESRCH);
	CHECK_EQ(ratelimit(2, 0, XEN_SCHEDULER_CREDIT2, 0), -EINVAL);
}

static long share(uint32_t cmd, uint32_t sched, uint16_t weight, uint16_t cap, uint16_t *out)
{
	struct control_call c = { .caller = v, .d = guest };
	struct xen_domctl_scheduler_op op = { .sched_id = sched, .cmd = cmd };
	long r;

	op.u.credit2.weight = weight;
	op.u.credit2.cap = cap;
	r = domctl_scheduler_op(&c, &op);
	out[0] = op.u.credit2.weight;
	out[1] = op.u.credit2.cap;
	return r;
}

static void weights(void)
{
	uint16_t out[2];

	start(1);
	CHECK_EQ(share(XEN_DOMCTL_SCHEDOP_getinfo, XEN_SCHEDULER_CREDIT2, 0, 0, out), 0);
	CHECK_EQ(out[0], 256);
	CHECK_EQ(out[1], 0);
	CHECK_EQ(share(XEN_DOMCTL_SCHEDOP_putinfo, XEN_SCHEDULER_CREDIT2, 512, 50, out), 0);
	CHECK_EQ(guest->share.weight, 512);
	CHECK_EQ(guest->share.cap, 50);
	/* weight 0: as it is */
	CHECK_EQ(share(XEN_DOMCTL_SCHEDOP_putinfo, XEN_SCHEDULER_CREDIT2, 0, 0, out), 0);
	CHECK_EQ(out[0], 512);
	CHECK_EQ(guest->share.cap, 0);
	CHECK_EQ(share(XEN_DOMCTL_SCHEDOP_putinfo, XEN_SCHEDULER_CREDIT, 1, 1, out), -EINVAL);
	CHECK_EQ(share(XEN_DOMCTL_SCHEDOP_getinfo, XEN_SCHEDULER_CREDIT, 1, 1, out), -EINVAL);
	CHECK_EQ(share(XEN_DOMCTL_SCHEDOP_putvcpuinfo, XEN_SCHEDULER_CREDIT2, 1, 1, out), -EINVAL);
	CHECK_EQ(share(9, XEN_SCHEDULER_CREDIT2, 1, 1, out), -EINVAL);
	CHECK_EQ(guest->share.weight, 512);
}

UNIT_MAIN(UNIT(rights), UNIT(console_ring), UNIT(keys_pressed), UNIT(physinfo), UNIT(domain_list),
          UNIT(cpus), UNIT(memory), UNIT(features), UNIT(policies), UNIT(not_there),
          UNIT(faulty_pages), UNIT(pools), UNIT(parameters), UNIT(weights))
