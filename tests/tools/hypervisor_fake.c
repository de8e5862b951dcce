/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A hypervisor and a store, in memory. */
#include "hypervisor_fake.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xen/hvm/save.h>

struct fake_guest fake_guests[FAKE_GUESTS];
void (*fake_on_look)(uint32_t domid);

static int something;
static uint32_t rate_us = 1000;

/* ---- the store ---- */

#define NODES 256
static struct {
	char path[STORE_PATH], value[128];
} nodes[NODES];
static size_t nr_nodes;

static int node_find(const char *path)
{
	for (size_t i = 0; i < nr_nodes; i++)
		if (strcmp(nodes[i].path, path) == 0)
			return (int)i;
	return -1;
}

const char *fake_store_value(const char *path)
{
	int n = node_find(path);

	return n < 0 ? NULL : nodes[n].value;
}

static bool node_put(const char *path, const char *value)
{
	int n = node_find(path);

	if (n < 0) {
		n = (int)nr_nodes++;
		snprintf(nodes[n].path, sizeof(nodes[n].path), "%s", path);
	}
	snprintf(nodes[n].value, sizeof(nodes[n].value), "%s", value);
	return true;
}

#define PATH_OF(name, format)                               \
	char name[STORE_PATH];                              \
	va_list name##_list;                                \
	va_start(name##_list, format);                      \
	vsnprintf(name, sizeof(name), format, name##_list); \
	va_end(name##_list)

struct store *store_open(void)
{
	return (struct store *)&something;
}
void store_close(struct store *s)
{
}
bool store_is_alive(struct store *s)
{
	return true;
}
char *store_read(struct store *s, const char *format, ...)
{
	PATH_OF(path, format);
	return fake_store_value(path) ? strdup(fake_store_value(path)) : NULL;
}
bool store_write(struct store *s, const char *value, const char *format, ...)
{
	PATH_OF(path, format);
	return node_put(path, value);
}
bool store_write_number(struct store *s, uint64_t value, const char *format, ...)
{
	char text[24];

	PATH_OF(path, format);
	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	return node_put(path, text);
}
bool store_mkdir(struct store *s, const char *format, ...)
{
	return true;
}
/* With what is below it. */
bool store_remove(struct store *s, const char *format, ...)
{
	size_t n, kept = 0;

	PATH_OF(path, format);
	n = strlen(path);
	for (size_t i = 0; i < nr_nodes; i++)
		if (strncmp(nodes[i].path, path, n) != 0 ||
		    (nodes[i].path[n] && nodes[i].path[n] != '/'))
			nodes[kept++] = nodes[i];
	nr_nodes = kept;
	return true;
}
bool store_give(struct store *s, uint32_t owner, uint32_t reader, const char *format, ...)
{
	return true;
}
/* Children of path, each once; names come after the list in one allocation. */
char **store_list(struct store *s, unsigned *nr, const char *format, ...)
{
	char **list = calloc(1, NODES * (sizeof(char *) + 32)), *text = (char *)(list + NODES);

	PATH_OF(path, format);
	*nr = 0;
	for (size_t i = 0; i < nr_nodes; i++) {
		size_t n = strlen(path);
		bool known = false;

		if (strncmp(nodes[i].path, path, n) != 0 || nodes[i].path[n] != '/')
			continue;
		snprintf(text, 32, "%.*s", (int)strcspn(nodes[i].path + n + 1, "/"),
		         nodes[i].path + n + 1);
		for (unsigned j = 0; j < *nr; j++)
			known |= strcmp(list[j], text) == 0;
		if (known)
			continue;
		list[(*nr)++] = text;
		text += 32;
	}
	return list;
}
bool store_introduce(struct store *s, uint32_t domid, uint64_t gfn, uint32_t port)
{
	return true;
}
bool store_release(struct store *s, uint32_t domid)
{
	return true;
}
int store_descriptor(struct store *s)
{
	return -1;
}
bool store_watch(struct store *s, const char *path, const char *token)
{
	return true;
}
void store_unwatch(struct store *s, const char *token)
{
}
void store_while_waiting(struct store *s, void (*fn)(void *context), void *context)
{
}

void store_forget(struct store *s)
{
}
bool store_event(struct store *s)
{
	return false;
}
bool store_begin(struct store *s)
{
	return true;
}
bool store_end(struct store *s, bool abort)
{
	return true;
}

/* ---- the hypervisor ---- */

struct hypervisor *hypervisor_open(void)
{
	return (struct hypervisor *)&something;
}
void hypervisor_close(struct hypervisor *h)
{
}
const char *hypervisor_missing(int error)
{
	return "missing";
}
void *hypervisor_buffer(struct hypervisor *h, size_t size)
{
	return calloc(1, size);
}
void hypervisor_buffer_free(struct hypervisor *h, void *buffer, size_t size)
{
	free(buffer);
}

static void info_fill(uint32_t domid, struct xen_domctl_getdomaininfo *i)
{
	const struct fake_guest *g = &fake_guests[domid];

	memset(i, 0, sizeof(*i));
	i->domain = (domid_t)domid;
	i->flags = g->flags;
	i->tot_pages = g->pages;
	i->max_pages = g->max_kib / 4;
	i->cpu_time = g->cpu_ns;
	i->nr_online_vcpus = g->vcpus;
	i->max_vcpu_id = g->max_vcpus - 1;
	memcpy(i->handle, g->uuid, sizeof(i->handle));
}

static int registers_get(const struct fake_guest *g, struct xen_domctl_hvmcontext_partial *x)
{
	struct hvm_hw_cpu *r = (struct hvm_hw_cpu *)x->buffer.p;

	if (x->type != HVM_SAVE_CODE(CPU) || x->instance >= g->vcpus)
		return -ENODATA;
	r->rip = g->registers.rip + x->instance;
	r->rsp = g->registers.rsp;
	r->cr3 = g->registers.cr3;
	r->cs_sel = g->registers.cs.selector;
	r->cs_arbytes = g->registers.cs.attributes;
	return 0;
}

static int share_op(struct fake_guest *g, struct xen_domctl_scheduler_op *x)
{
	if (x->sched_id != XEN_SCHEDULER_CREDIT2)
		return -EINVAL;
	if (x->cmd == XEN_DOMCTL_SCHEDOP_putinfo) {
		g->weight = x->u.credit2.weight;
		g->cap = x->u.credit2.cap;
	}
	x->u.credit2.weight = (uint16_t)g->weight;
	x->u.credit2.cap = (uint16_t)g->cap;
	return 0;
}

static int history_get(const struct fake_guest *g, const void *member)
{
	struct history_domctl_get x;

	memcpy(&x, member, sizeof(x));
	if (x.size != sizeof(g->history) || x.vcpu >= g->max_vcpus)
		return -EINVAL;
	memcpy((void *)(uintptr_t)x.buffer, &g->history, sizeof(g->history));
	return 0;
}

static int frames_get(const struct fake_guest *g, struct xen_domctl_getpageframeinfo3 *x)
{
	uint64_t *array = (uint64_t *)x->array.p;

	for (uint64_t i = 0; i < x->num; i++)
		array[i] =
			array[i] < FAKE_PAGES && g->has_page[array[i]] ? 0 : XEN_DOMCTL_PFINFO_XTAB;
	return 0;
}

int hypervisor_domctl(struct hypervisor *h, struct xen_domctl *op)
{
	struct fake_guest *g = &fake_guests[op->domain % FAKE_GUESTS];

	if (op->domain >= FAKE_GUESTS || !g->is_there)
		return -ESRCH;
	switch (op->cmd) {
	case XEN_DOMCTL_getdomaininfo:
		if (fake_on_look)
			fake_on_look(op->domain);
		info_fill(op->domain, &op->u.getdomaininfo);
		return 0;
	case XEN_DOMCTL_max_mem: g->max_kib = op->u.max_mem.max_memkb; return 0;
	case XEN_DOMCTL_scheduler_op: return share_op(g, &op->u.scheduler_op);
	case XEN_DOMCTL_pausedomain: g->pauses++; return 0;
	case XEN_DOMCTL_unpausedomain: g->pauses--; return 0;
	case XEN_DOMCTL_getpageframeinfo3: return frames_get(g, &op->u.getpageframeinfo3);
	case XEN_DOMCTL_gethvmcontext_partial: return registers_get(g, &op->u.hvmcontext_partial);
	case HISTORY_DOMCTL_GET: return history_get(g, &op->u);
	default: return -ENOSYS;
	}
}

static void list_fill(struct xen_sysctl_getdomaininfolist *x)
{
	x->num_domains = 0;
	for (uint32_t i = x->first_domain; i < FAKE_GUESTS; i++)
		if (fake_guests[i].is_there)
			info_fill(i, (xen_domctl_getdomaininfo_t *)x->buffer.p + x->num_domains++);
}

/* ---- pools of CPUs; the first is always there ---- */

static struct {
	bool is_there;
	uint8_t cpus; /* bits */
} pools[FAKE_POOLS];

static uint8_t cpus_taken(void)
{
	uint8_t taken = 0;

	for (size_t i = 0; i < FAKE_POOLS; i++)
		taken |= pools[i].cpus;
	return taken;
}

static unsigned pool_guests(uint32_t id)
{
	unsigned n = 0;

	for (size_t i = 0; i < FAKE_GUESTS; i++)
		n += fake_guests[i].is_there && fake_guests[i].pool == id;
	return n;
}

static int pool_create(struct xen_sysctl_cpupool_op *op)
{
	for (uint32_t i = 1; i < FAKE_POOLS; i++) {
		if (!pools[i].is_there) {
			pools[i].is_there = true;
			op->cpupool_id = i;
			return 0;
		}
	}
	return -ENOMEM;
}

static int pool_info(struct xen_sysctl_cpupool_op *op)
{
	while (op->cpupool_id < FAKE_POOLS && !pools[op->cpupool_id].is_there)
		op->cpupool_id++;
	if (op->cpupool_id >= FAKE_POOLS)
		return -ENOENT;
	op->n_dom = pool_guests(op->cpupool_id);
	*(uint8_t *)op->cpumap.bitmap.p = pools[op->cpupool_id].cpus;
	return 0;
}

static int pool_cpu(struct xen_sysctl_cpupool_op *op)
{
	const uint8_t bit = (uint8_t)(1u << (op->cpu & 7));

	if (op->op == XEN_SYSCTL_CPUPOOL_OP_ADDCPU) {
		if (cpus_taken() & bit)
			return -EBUSY;
		pools[op->cpupool_id].cpus |= bit;
		return 0;
	}
	if (!(pools[op->cpupool_id].cpus & bit) ||
	    (pools[op->cpupool_id].cpus == bit && pool_guests(op->cpupool_id)))
		return -EBUSY;
	pools[op->cpupool_id].cpus &= (uint8_t)~bit;
	return 0;
}

static int cpupool_op(struct xen_sysctl_cpupool_op *op)
{
	switch (op->op) {
	case XEN_SYSCTL_CPUPOOL_OP_CREATE: return pool_create(op);
	case XEN_SYSCTL_CPUPOOL_OP_INFO: return pool_info(op);
	case XEN_SYSCTL_CPUPOOL_OP_ADDCPU:
	case XEN_SYSCTL_CPUPOOL_OP_RMCPU: return pool_cpu(op);
	case XEN_SYSCTL_CPUPOOL_OP_DESTROY:
		if (!op->cpupool_id || pools[op->cpupool_id].cpus)
			return -EBUSY;
		pools[op->cpupool_id].is_there = false;
		return 0;
	case XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN:
		if (!op->domid || !pools[op->cpupool_id].cpus)
			return -EPERM;
		fake_guests[op->domid].pool = op->cpupool_id;
		return 0;
	case XEN_SYSCTL_CPUPOOL_OP_FREEINFO:
		*(uint8_t *)op->cpumap.bitmap.p = (uint8_t)(~cpus_taken() & 3);
		return 0;
	default: return -ENOSYS;
	}
}

int hypervisor_sysctl(struct hypervisor *h, struct xen_sysctl *op)
{
	switch (op->cmd) {
	case XEN_SYSCTL_getdomaininfolist: list_fill(&op->u.getdomaininfolist); return 0;
	case XEN_SYSCTL_physinfo:
		op->u.physinfo.nr_cpus = 2;
		op->u.physinfo.max_cpu_id = 1;
		op->u.physinfo.total_pages = 1 << 18;
		op->u.physinfo.free_pages = 1 << 17;
		return 0;
	case XEN_SYSCTL_cpupool_op: return cpupool_op(&op->u.cpupool_op);
	case XEN_SYSCTL_scheduler_op:
		if (op->u.scheduler_op.cpupool_id)
			return -ESRCH;
		if (op->u.scheduler_op.cmd == XEN_SYSCTL_SCHEDOP_putinfo)
			rate_us = op->u.scheduler_op.u.sched_credit2.ratelimit_us;
		op->u.scheduler_op.u.sched_credit2.ratelimit_us = rate_us;
		return 0;
	default: return -ENOSYS;
	}
}

long hypervisor_memory_op(struct hypervisor *h, unsigned command, void *arg, size_t size)
{
	return command == XENMEM_maximum_gpfn ? FAKE_PAGES - 1 : -ENOSYS;
}
long hypervisor_hvm_op(struct hypervisor *h, unsigned command, void *arg, size_t size)
{
	return -ENOSYS;
}
long hypervisor_event_channel_op(struct hypervisor *h, int command, void *arg, size_t size)
{
	return -ENOSYS;
}
long hypervisor_version(struct hypervisor *h, int command, void *arg, size_t size)
{
	return -ENOSYS;
}
void *hypervisor_map(struct hypervisor *h, uint32_t domid, const uint64_t *gfns, size_t nr)
{
	uint8_t *copy = malloc(nr * 4096);

	for (size_t i = 0; i < nr; i++) {
		if (gfns[i] >= FAKE_PAGES || !fake_guests[domid].has_page[gfns[i]]) {
			free(copy);
			errno = EINVAL;
			return NULL;
		}
		memcpy(copy + i * 4096, fake_guests[domid].memory[gfns[i]], 4096);
	}
	return copy;
}
void hypervisor_unmap(struct hypervisor *h, void *at, size_t nr)
{
	free(at);
}
void *hypervisor_resource_map(struct hypervisor *h, uint32_t domid, unsigned type, unsigned id,
                              size_t nr, struct hypervisor_resource **resource)
{
	return NULL;
}
void hypervisor_resource_unmap(struct hypervisor *h, struct hypervisor_resource *resource)
{
}

/* ---- the world ---- */

void fake_world(void)
{
	memset(fake_guests, 0, sizeof(fake_guests));
	memset(pools, 0, sizeof(pools));
	pools[0].is_there = true;
	pools[0].cpus = 3;
	nr_nodes = 0;
	fake_on_look = NULL;
	fake_guests[0] = (struct fake_guest){ .is_there = true,
		                              .pages = 1 << 16,
		                              .max_kib = UINT64_MAX / 2,
		                              .vcpus = 2,
		                              .max_vcpus = 2,
		                              .weight = 256 };
	fake_guests[1] = (struct fake_guest){ .is_there = true,
		                              .flags = XEN_DOMINF_hvm_guest,
		                              .pages = 512 * 256,
		                              .max_kib = 1024 * 1024,
		                              .cpu_ns = 12300000000,
		                              .vcpus = 2,
		                              .max_vcpus = 4,
		                              .weight = 256 };
	node_put("/local/domain/0/name", "Domain-0");
	node_put("/local/domain/1/name", "win");
	node_put("/local/domain/1/memory/target", "524288");
	node_put("/local/domain/1/memory/static-max", "1048576");
	node_put("/local/domain/1/memory/videoram", "0");
}
