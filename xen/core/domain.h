/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A domain: memory, vcpus, event channels, grants, and a life: building -> running -> dying -> dead. Teardown is incremental (work.c) and the
 * struct lives until nobody holds a reference and no page belongs to it any more.
 */
#ifndef CORE_DOMAIN_H
#define CORE_DOMAIN_H

#include "cpuid.h"
#include "direct_io.h"
#include "event_channel.h"
#include "domain_history.h"
#include "grant_table.h"
#include "hvm_params.h"
#include "iobus.h"
#include "list.h"
#include "p2m.h"
#include "percpu.h"
#include "spinlock.h"
#include "vcpu.h"
#include "vioapic.h"
#include "vpic.h"

struct cpupool;
struct devmodel;

#define DOMAIN_MAX_VCPUS 128
#define DOMAIN_MAX       1024
#define DOMID_LIMIT      0x7ff0

#define DOMAIN_MAX_E820 128

#define SHUTDOWN_CODE_NONE 0xffffffffu
#define DOMAIN_WATCHDOGS   2

enum domain_state { DOMAIN_BUILDING, DOMAIN_RUNNING, DOMAIN_DYING, DOMAIN_DEAD };
/* ACPI's S3: asleep, every vcpu is paused once for it. */
enum domain_sleep { DOMAIN_AWAKE, DOMAIN_ASLEEP, DOMAIN_WAKING };
/* The ABI's numbers of what the tools may ask for: by default a reliable counter is the guest's own. */
enum tsc_mode { TSC_DEFAULT, TSC_ALWAYS_EMULATE, TSC_NEVER_EMULATE };

struct domain {
	uint16_t id;
	enum domain_state state; /* lock */
	uint32_t refs;           /* atomic: the table's, lookups', one for all its pages together */
	struct spinlock lock;
	struct list node;         /* the domain table's list, in id order. Its lock */
	struct domain *hash_next; /* the same table by id. Its lock */

	bool is_privileged; /* dom0: may use control operations */
	bool is_direct_mapped; /* its RAM lies at gfn = mfn, for its drivers' DMA. Set while building */
	uint32_t
		tool_pauses; /* pauses by the control tools. A domain that they make begins with one. lock */
	uint32_t
		pause_count; /* lock. Above 0 while building, too: each vcpu is paused once for all of them */
	bool is_shut_down;       /* lock */
	enum domain_sleep sleep; /* lock */
	uint32_t
		shutdown_code; /* SHUTDOWN_*, SHUTDOWN_CODE_NONE; latched before by SCHEDOP_shutdown_code. lock */
	/* How it ended, for people. lock */
	struct domain_ending {
		uint64_t at_ns; /* 0: it has not */
		uint32_t vcpu;  /* that did it; ~0: none of its own */
		char why[HISTORY_WORDS];
	} ending;
	uint32_t
		suspend_port; /* event channel of its own that tells of SHUTDOWN_suspend; 0: none. lock */
	uint32_t emulation_flags; /* XEN_X86_EMU_*: as the tools asked for it. Constant */
	/* What the tools have said and may ask for again. lock */
	struct domain_settings {
		uint64_t paging_pool; /* bytes */
		uint32_t tsc_mode;    /* enum tsc_mode */
		uint32_t tsc_incarnation;
		bool logs_dirty;      /* control table */
		uint64_t dirty_next;  /* progress of a call that reads dirty pages. control table */
		uint32_t dirty_count; /* found by it */
		uint64_t
			context_tsc; /* the counter when saving or loading hardware state began: one moment for all vcpus. control table */
	} settings;
	uint8_t uuid[16];
	char name[32]; /* "d0": for log lines */

	uint32_t max_vcpus;
	uint32_t package_vcpus; /* so many are in one package, with its last cache, for CPUID */
	struct vcpu **vcpus;    /* max_vcpus slots; entries set while building, NULL: not created */

	/* memory: counts under the page allocator's lock */
	uint64_t nr_pages, max_pages;
	uint64_t claimed_pages; /* promised beyond nr_pages, page_claim() */
	uint16_t page_slot;     /* owner slot while nr_pages > 0 (page_alloc.c); 0: none */
	struct p2m p2m;
	void *shared_info;       /* one page of the hypervisor's; also mapped in the guest */
	bool is_compat;          /* 32-bit layout latched: shared_info, vcpu_info. lock to change */
	uint32_t vm_assist;      /* bits by VMASST_TYPE_*; lock */
	uint64_t hypercall_page; /* gpa last given */

	struct cpuid_policy cpuid;
	struct hvm_params hvm_params;
	struct event_channels events;
	struct grant_table grants;
	struct io_bus pio, mmio;
	struct direct_io direct; /* its own lock */
	struct vpic *pic;        /* NULL: none. Set while building */
	/* the interrupt controllers and PCI of the machine, as this domain sees them; set while building */
	struct vioapic *ioapics[VIOAPICS_MAX];
	uint32_t nr_ioapics;
	struct vpci *vpci;
	struct devmodel *devmodel;     /* NULL: none. Set while building */
	struct hvm_platform *platform; /* other devices of an HVM guest's board; NULL: none */
	uint32_t
		lowest_priority_next; /* hint where the next search for the lowest priority starts */
	void *virt;                   /* backend's: I/O and MSR bitmaps */

	struct cpupool *pool; /* cpupool.c's lock */
	struct sched_share share;
	uint64_t time_offset_ns; /* guest system time = machine_now_ns() - this */
	uint64_t wallclock_offset_s;

	/* memory map as the builder made it, for XENMEM_memory_map */
	struct domain_e820 {
		uint64_t addr, size;
		uint32_t type;
	} e820[DOMAIN_MAX_E820];
	uint32_t nr_e820;

	/* Told when the domain has ended by itself; no lock held. NULL: nobody. Set while building */
	void (*ended)(struct domain *d, uint32_t code);

	uint32_t watchdog_armed; /* bits; lock */
	struct timer watchdog[DOMAIN_WATCHDOGS];

	struct work teardown; /* its steps, later freeing the struct */
	uint32_t teardown_step;

	/* log_guest() tokens */
	uint64_t log_tokens_ns;
	uint32_t log_dropped;
	char console_line[256]; /* partial line of console_io */
	uint32_t console_length;
};

/* Once, before the first domain. */
int must_check domains_init(void);

struct domain_config {
	uint16_t id; /* DOMID_INVALID: the next free one */
	uint32_t max_vcpus;
	uint32_t package_vcpus; /* 0: all */
	uint64_t max_pages;
	bool is_privileged;
	uint32_t emulation_flags; /* XEN_X86_EMU_* */
	uint32_t cpupool_id;
	uint32_t max_grant_frames, max_maptrack_frames,
		max_event_channels; /* 0: defaults 64, 1024, 131071 */
	uint8_t uuid[16];
};
/*
 * A domain in building with one reference for the caller. What is given up again goes the way of domain_destroy() and domain_put(). Errors: -EINVAL, -EEXIST (also
 * while pages or references of an old one with that id are left), -ENOMEM, -ENOSPC.
 */
int must_check domain_create(const struct domain_config *config, struct domain **out);
/* building -> running: its vcpus that are up may run, unless it is paused besides. -EINVAL: not building, or no vcpu can start. */
int must_check domain_start(struct domain *d);

/* Reference by id; NULL: none, or already dead. DOMID_SELF is the caller's business (domain_by_handle). put: any lock may be held. */
struct domain *domain_get(uint16_t id);
void domain_put(struct domain *d);
static inline struct domain *domain_ref(struct domain *d)
{
	atomic_fetch_add(&d->refs, 1);
	return d;
}
/* A hypercall's domid: DOMID_SELF or a real id. Reference, or NULL. */
struct domain *domain_by_handle(struct vcpu *caller, uint16_t domid);
/* Walks the table: the next domain with id >= from, referenced; NULL at the end. */
struct domain *domain_next(uint16_t from);
/* The same with those that are dead but still in the table, because pages or references of theirs are left: they can only be looked at. */
struct domain *domain_get_any(uint16_t id);
struct domain *domain_next_any(uint16_t from);
/* The first domain (hardware and control), referenced; NULL before it exists and after it was destroyed. */
struct domain *domain_first(void);
bool domain_is_first(const struct domain *d);
/* A global VIRQ for the first domain, if there is one. */
void domain_tell_first(unsigned virq);

/* The guest ends itself (or a fault, a watchdog does): stops its vcpus, prints why, tells dom0 (VIRQ_DOM_EXC) or, for the first domain, acts. */
void domain_shutdown(struct domain *d, uint32_t reason);
/* A guest did what we cannot go on from: one line, SHUTDOWN_crash. */
void domain_crash(struct domain *d, const char *fmt, ...) printf_like(2, 3);
/* Before domain_shutdown(): how it comes to its end, in words. The first one counts. */
void domain_ending_note(struct domain *d, const char *fmt, ...) printf_like(2, 3);
/* When and by which vcpu; domain_shutdown()'s. d->lock held. */
void domain_ending_set(struct domain *d);
/* The tools let it run on after a shutdown. */
void domain_resume(struct domain *d);
/*
 * ACPI's S3, for a domain with a board; others: nothing happens. sleep: returns at once, also in a vcpu of its own, which runs no further. wake: by its device model's thread, which
 * the domain's end waits for; one that is awake stays as it is. alarm: its clock's, awake or asleep; vrtc.lock may be held. No other lock held.
 */
void domain_sleep(struct domain *d);
void domain_wake(struct domain *d);
void domain_alarm(struct domain *d);
/* any -> dying: teardown starts; returns at once. Idempotent. */
void domain_destroy(struct domain *d);

/* Nests. pause returns when no vcpu of it runs (not waiting for the caller's own); one more unpause than pauses does nothing. No lock held. */
void domain_pause(struct domain *d);
void domain_unpause(struct domain *d);

static inline bool domain_is_dying(const struct domain *d)
{
	return d->state >= DOMAIN_DYING;
}
static inline struct vcpu *domain_vcpu(const struct domain *d, uint32_t id)
{
	return id < d->max_vcpus ? d->vcpus[id] : NULL;
}
#define domain_for_each_vcpu(d, v, i)        \
	for (i = 0; i < (d)->max_vcpus; i++) \
		if (((v) = (d)->vcpus[i]) != NULL)

/* Latches the width of the layout from the vcpu's current mode (hypercall page write, callback irq); converts shared_info. */
void domain_latch_width(struct domain *d, struct vcpu *v);

/* SCHEDOP_watchdog: id of a new one, 0, -EINVAL, -ENOSPC. */
long domain_watchdog(struct domain *d, uint32_t id, uint32_t timeout_s);
/* SCHEDOP_shutdown_code: latched once. */
void domain_shutdown_code(struct domain *d, uint32_t reason);
/* May caller act on d as its control domain does? 0, -EPERM */
int must_check privilege_control(const struct vcpu *caller, const struct domain *d);

long sched_op(struct vcpu *caller, uint64_t *args);
void domains_dump(void);

#endif
