/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest's device model: an instance in ring 3 with an address space of its own. Exits that the hypervisor's own devices do not answer enter it like a function, in the vcpu's time.
 * Timers and what comes from outside wake a thread of the scheduler's, which has the domain's share; one CPU at a time. It can do nothing to anybody but its guest: a fault, a call that makes no sense or a run beyond its
 * budget end the guest, with a dump in words.
 */
#ifndef CORE_DEVMODEL_H
#define CORE_DEVMODEL_H

#include "devmodel_space.h"
#include "iobus.h"
#include "percpu.h"
#include "spinlock.h"
#include "timer.h"
#include "usermode.h"

struct domain;
struct vcpu;

#define DEVMODEL_IMAGE_MAX MIB(4)
#define DEVMODEL_BUDGET_NS 50000000ull /* of one entry */

struct devmodel_window {
	uint64_t gpa; /* where a piece of VRAM is in the guest's memory */
	uint32_t offset, length;
};

struct devmodel {
	struct usermode user; /* first: usermode's callbacks find us by it */
	struct domain *domain;
	/* Held by whoever runs the instance, all that time: outside of all locks that devices and interrupt controllers have */
	struct spinlock lock;
	/* under lock */
	struct devmodel_space space;
	struct devmodel_shared *shared;
	uint64_t nr_entries, run_ticks;
	struct percpu *cpu; /* the CPU that runs it */
	bool is_dead;
	uint32_t machine_events; /* bits by enum machine_event: for when the entry is over */
	uint64_t result;
	bool is_polled; /* DEVMODEL_CALL_POLLED since the last access was over */
	uint32_t turn;  /* entries for events so far; read without it by who naps */
	struct devmodel_window windows[2];
	struct devmodel_line {
		char text[400]; /* a row of a screen in UTF-8 */
		uint32_t length;
	} lines[DEVMODEL_NR_TEXTS]; /* text that has no end yet */
	/* constant once it is made */
	struct devmodel_image *image; /* NULL: it is somebody else's, who keeps it */
	uint32_t port; /* of the guest's, to which the backend binds; 0: there is none */
	/* The lists of VRAM and of the link are whole: others may take pages from them */
	struct spinlock pages_lock;
	bool has_pages;               /* pages_lock to write */
	bool has_console;             /* set when it is made */
	struct spinlock console_lock; /* innermost */
	/* under console_lock: typed for its serial port, and not handed over yet */
	uint8_t typed[64];
	uint32_t nr_typed;
	/* any time */
	uint32_t events; /* enum devmodel_event that wait; atomic */
	struct timer timer;
	struct sched_unit thread; /* runs it for events, on the domain's account */
};

/* devmodel_image.c: a program that a toolstack gave; guests that have the same share one. */
struct devmodel_image {
	struct devmodel_image *next; /* its list's lock, as users */
	uint32_t users;
	const void *bytes; /* constant, as those below */
	uint64_t size;
	unsigned order;
};
/* A reference to an image of these bytes, which are pages of page_alloc_virt(order) that it takes over. NULL: no memory, and they are freed. */
struct devmodel_image *must_check devmodel_image_get(void *bytes, uint64_t size, unsigned order);
void devmodel_image_put(struct devmodel_image *i);

struct devmodel_config {
	const void *image; /* stays as long as the guest */
	uint64_t image_size;
	const char *image_name; /* for messages */
	struct devmodel_image *
		owned_image; /* NULL, or what image is in: the reference goes over, whatever the result */
	struct devmodel_board board;
	uint16_t backend; /* domain of the backend, where board.has_link */
	const uint8_t *disks
		[DEVMODEL_DISKS]; /* memory disks in the direct map; they stay as long as the guest */
};

/* devmodel_call.c: a call from ring 3, with the lock held. False: the entry is over. */
bool devmodel_call(struct usermode *u, uint64_t number, uint64_t args[USERMODE_ARGS]);

/* devmodel_net.c: interface nic of m is on the wire; -ENOSPC. Leaving: all of m's. The two calls. */
int must_check devmodel_net_join(struct devmodel *m, uint32_t nic);
void devmodel_net_leave(struct devmodel *m);
int64_t devmodel_frame_send(struct devmodel *m, const uint64_t args[USERMODE_ARGS]);
int64_t devmodel_frame_receive(struct devmodel *m, const uint64_t args[USERMODE_ARGS]);

/* devmodel_events.c: before anybody knows of m (-ENOMEM); for good (-EINTR: its thread still runs, again). */
int must_check devmodel_events_init(struct devmodel *m);
int must_check devmodel_events_stop(struct devmodel *m);
/* Its thread goes where the guest's pool is and its first vcpu may run, as far as both are known; domctl_setvcpuaffinity() follows later changes. */
void devmodel_thread_place(struct devmodel *m);
/* For DEVMODEL_EVENT_CONSOLE, with the lock held. */
void devmodel_hand_over_typed(struct devmodel *m);
/* The current vcpu sleeps until the next entry for events after turn is over, or something else wakes it, a while at most. For an access that was DEVMODEL_CALL_POLLED. No lock held. */
void devmodel_nap(struct devmodel *m, uint32_t turn);
/* Such an entry is over. No lock held. */
void devmodel_naps_end(struct devmodel *m);
/* devmodel.c: one entry for these events; for domain_wake(), while its vcpus stand still. No lock held. */
void devmodel_enter_events(struct devmodel *m, uint32_t events);
void devmodel_wake(struct devmodel *m);

/* devmodel_vram.c: the two calls. */
int64_t devmodel_vram_place(struct devmodel *m, const uint64_t args[USERMODE_ARGS]);
int64_t devmodel_vram_written(struct devmodel *m, const uint64_t args[USERMODE_ARGS]);

/* devmodel_link.c: the port for the backend, and the call. */
int must_check devmodel_link_make(struct devmodel *m, uint16_t backend);
int64_t devmodel_link_notify(struct devmodel *m, const uint64_t args[USERMODE_ARGS]);
/* XENMEM_acquire_resource: how many frames (0: no such resource), and one of them, with a reference. -EINVAL. */
uint32_t devmodel_resource_frames(struct domain *d, uint16_t type, uint32_t id);
int must_check devmodel_resource_get(struct domain *d, uint16_t type, uint64_t frame, mfn_t *out);

/*
 * While building: makes d's device model and lets it make its board. Errors have had their line: -ENOEXEC, -ENOMEM, -EINVAL, -ENOSPC. After one a guest can only be given up: what there is of
 * a device model is dead.
 */
int must_check devmodel_create(struct domain *d, const struct devmodel_config *config);
/* A step of teardown, for every domain: no vcpu runs. 0; -EINTR: its thread still does, again. */
int devmodel_destroy(struct domain *d);
void devmodel_free(struct domain *d);

/* An access by the guest that nobody in the hypervisor answers. The current vcpu's domain; no lock held. The bus's results. */
enum io_result devmodel_pio(struct devmodel *m, struct io_access *a);
enum io_result devmodel_mmio(struct devmodel *m, struct io_access *a);
/*
 * count elements of one port at once; bytes has size * count of them, at most DEVMODEL_BULK. False: there is no device model any more, reads are ones.
 */
bool devmodel_pio_string(struct devmodel *m, uint16_t port, unsigned size, bool is_write,
                         unsigned count, uint8_t *bytes);
/* MOVS or STOS with repetitions; DEVMODEL_STRING_BULK as source or dest: bytes, size * count of them. */
struct devmodel_string {
	uint64_t source, dest; /* of the first element */
	uint32_t count;
	uint8_t size; /* of an element */
	bool down;
	uint8_t *bytes; /* in the order of addresses */
};
/* All elements at once; at most DEVMODEL_BULK bytes. False: there is no device model any more, reads are ones. */
bool devmodel_mmio_string(struct devmodel *m, const struct devmodel_string *s);
/* Its first serial port is on the hypervisor's console: what is typed there can go to it. */
bool devmodel_has_console(const struct devmodel *m);
/* A byte that was typed for it; lost when it does not read. The domain stays meanwhile. */
void devmodel_type(struct devmodel *m, uint8_t byte);
/* What the hypervisor spends on it, in pages: all but VRAM, the pages that a backend maps, and the program, which guests share. Without a lock: a number that was so. */
uint64_t devmodel_nr_pages(const struct devmodel *m);
/* A debug key: a line about d's. */
void devmodel_dump(struct domain *d);
/* Something has happened: it is told when its thread has its turn. Any lock from run_queue.lock outwards may be held; the domain stays meanwhile. */
void devmodel_raise(struct devmodel *m, uint32_t events);
/* Its guest stood still and goes on: what has come meanwhile is told now. As devmodel_raise(). */
void devmodel_go_on(struct devmodel *m);

#endif
