/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside of the keeper: its guest, and its backend process. */
#ifndef KEEPER_KEPT_GUEST_H
#define KEEPER_KEPT_GUEST_H

#include "builder.h"
#include "control.h"
#include "guardian.h"
#include "keeper.h"
#include "pv_devices.h"
#include "store.h"

#define KEPT_DRIVES 4

struct kept_drive {
	uint64_t sectors;
	bool is_read_only;
};

/* What a guardian that takes over finds. */
enum kept_phase {
	KEPT_STARTS, /* for the first time: somebody waits for it to be there */
	KEPT_RUNS,
	KEPT_RESTARTS, /* the one before is being taken down, or another is being made */
};

struct kept_guest {
	enum kept_phase phase;
	struct guardian guardian;
	bool is_changed; /* a new guardian is due: the one before does not know all that it must */
	int report; /* whoever waits for the first start listens at the other end; -1: nobody */
	struct guest_config
		config; /* its own copy: what is changed while it runs (a CD) stays for a restart */
	struct keeper_options options;
	struct hypervisor *h;
	struct store *store;
	struct built built;
	bool is_made;
	char log[CONFIG_TEXT]; /* what the guest says */
	FILE *notes;           /* what the keeper says */

	/* the backend; pid 0: none */
	pid_t backend;
	int backend_handle; /* readable when it has ended */
	int control;
	struct kept_drive drives[KEPT_DRIVES];
	struct pv_devices pv;
	char serials[CONFIG_SERIALS][64], console[64];
	int ptys[CONFIG_SERIALS +
	         1]; /* master sides, from the first start to the keeper's end, the console's is the last; -1: none */
	char vnc_address[64];
	unsigned vnc_port, web_port; /* 0: none; kept over restarts */
	bool is_stopped_by_disk;     /* a disk of the host is full */

	int request_socket;      /* where xl asks */
	int64_t began_s;         /* when it last began */
	int64_t backend_began_s; /* the last one that took over */
	unsigned quick_ends;
	int64_t backend_wait_s; /* before the next try to start one; 0: it is well */
	bool is_storeless, is_unguarded;
};

/* PVH guests have none. */
static inline bool kept_has_model(const struct kept_guest *k)
{
	return k->config.type == GUEST_HVM;
}

/* A guardian that was killed has a successor. For all who wait, so that nobody finds a keeper without one for long. */
void kept_guard(void *kept_guest);
void kept_note(struct kept_guest *k, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* keeper.c: from nothing to a guest that runs, and back: when this is over nothing is left of it. */
bool kept_make(struct kept_guest *k, struct failure *f);
void kept_unmake(struct kept_guest *k);
/* The first start has come to its end; f NULL: the guest is there. */
void kept_report(struct kept_guest *k, const struct failure *f);
/* The rest of its life. */
void kept_keep(struct kept_guest *k);

/* takeover.c: the guardian is the keeper now, of what is there. */
void takeover_forget(void *kept_guest);
void takeover(void *kept_guest);

/* backend_child.c: the process; what it opened is in k then. False: failure; it is gone. */
bool backend_begin(struct kept_guest *k, struct failure *f);
bool backend_attach(struct kept_guest *k, struct failure *f);
/* Asks for something and waits for the answer; what else it says meanwhile is taken, too. */
bool backend_ask(struct kept_guest *k, const struct control_text *t, int descriptor,
                 struct control_line *answer, struct failure *f);
/* A line that came by itself. False: the backend is gone. */
bool backend_listen(struct kept_guest *k);
void backend_end(struct kept_guest *k);
/* At once, whatever it does. */
void backend_kill(struct kept_guest *k);
/* disks_free.c: until nobody has the disks of a guest whose backend has ended; 5 s at most for each. */
void disks_wait_free(const struct guest_config *c);
/* What a disk, or an interface, is in its words. */
void backend_put_disk(struct control_text *t, const struct config_disk *d);
void backend_put_nic(struct control_text *t, unsigned n, const struct config_nic *c);

/* store_nodes.c: what the guest and xl's users find in the store. */
bool store_nodes_write(struct kept_guest *k, struct failure *f);
void store_nodes_remove(struct kept_guest *k);
/* The same of a domain that nobody keeps. False: the store does not answer. */
bool store_nodes_remove_of(struct store *s, uint32_t domid, const uint8_t uuid[16]);

/* guest_plan.c: from the description to the builder's plan; strings point into k and p. */
struct guest_plan {
	struct build_plan plan;
	char hvmloader[CONFIG_TEXT], devmodel[CONFIG_TEXT];
};
void guest_plan_make(const struct kept_guest *k, struct guest_plan *p);

/* affinity.c: its vcpus to the CPUs of cpus=, and its share of them, once it is built. */
bool affinity_apply(struct kept_guest *k, struct failure *f);

/* requests.c: the socket for xl. */
bool requests_open(struct kept_guest *k, struct failure *f);
void requests_serve(struct kept_guest *k);
void requests_close(struct kept_guest *k);

#endif
