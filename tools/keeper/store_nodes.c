/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A guest's part of the store. */
#include "kept_guest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define STORE_TRIES 30 /* seconds that the store is waited for */

/* Folders that the guest's own drivers write. */
static const char *const guests_own[] = { "data",
	                                  "drivers",
	                                  "feature",
	                                  "attr",
	                                  "error",
	                                  "device",
	                                  "control/shutdown",
	                                  "control/feature-poweroff",
	                                  "control/feature-reboot",
	                                  "control/feature-suspend",
	                                  "control/sysrq",
	                                  "device/suspend/event-channel" };

static bool folders(struct store *s, uint32_t domid)
{
	bool done = true;

	for (size_t i = 0; i < sizeof(guests_own) / sizeof(guests_own[0]) && done; i++)
		done = store_mkdir(s, "/local/domain/%u/%s", domid, guests_own[i]) &&
		       store_give(s, domid, domid, "/local/domain/%u/%s", domid, guests_own[i]);
	return done;
}

static bool identity(struct store *s, const struct kept_guest *k, const char *uuid)
{
	uint32_t domid = k->built.domid;
	char vm[48];

	snprintf(vm, sizeof(vm), "/vm/%s", uuid);
	return store_write(s, k->config.name, "%s/name", vm) &&
	       store_write(s, uuid, "%s/uuid", vm) &&
	       store_write(s, vm, "/local/domain/%u/vm", domid) &&
	       store_write(s, k->config.name, "/local/domain/%u/name", domid) &&
	       store_write_number(s, domid, "/local/domain/%u/domid", domid);
}

static bool memory(struct store *s, const struct kept_guest *k)
{
	uint32_t domid = k->built.domid;

	return store_write_number(s, k->config.max_memory_kib, "/local/domain/%u/memory/static-max",
	                          domid) &&
	       store_write_number(s, k->config.memory_kib, "/local/domain/%u/memory/target",
	                          domid) &&
	       store_write_number(
		       s, k->config.type == GUEST_HVM ? k->config.videoram_mib * 1024ull : 0,
		       "/local/domain/%u/memory/videoram", domid);
}

static bool lines(struct store *s, const struct kept_guest *k)
{
	const struct built *b = &k->built;
	bool done =
		store_write_number(s, b->store_gfn, "/local/domain/%u/store/ring-ref", b->domid) &&
		store_write_number(s, b->store_port, "/local/domain/%u/store/port", b->domid) &&
		store_write_number(s, b->console_gfn, "/local/domain/%u/console/ring-ref",
	                           b->domid) &&
		store_write_number(s, b->console_port, "/local/domain/%u/console/port", b->domid) &&
		store_write(s, "xenconsoled", "/local/domain/%u/console/type", b->domid) &&
		store_write(s, "1048576", "/local/domain/%u/console/limit", b->domid) &&
		(!k->console[0] ||
	         store_write(s, k->console, "/local/domain/%u/console/tty", b->domid));

	for (size_t i = 0; i < k->config.nr_serials && done; i++)
		if (k->serials[i][0])
			done = store_write(s, k->serials[i], "/local/domain/%u/serial/%zu/tty",
			                   b->domid, i);
	if (done && k->vnc_port)
		done = store_write_number(s, k->vnc_port, "/local/domain/%u/console/vnc-port",
		                          b->domid) &&
		       store_write(s, k->vnc_address, "/local/domain/%u/console/vnc-listen",
		                   b->domid);
	return done;
}

static bool vcpus(struct store *s, const struct kept_guest *k)
{
	bool done = true;

	for (unsigned i = 0; i < k->config.max_vcpus && done; i++)
		done = store_write(s, i < k->config.vcpus ? "online" : "offline",
		                   "/local/domain/%u/cpu/%u/availability", k->built.domid, i);
	return done;
}

static bool began(struct store *s, const struct kept_guest *k)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return store_write_number(s, (uint64_t)t.tv_sec, "/local/domain/%u/zazen/began",
	                          k->built.domid);
}

static bool write_all(struct store *s, struct kept_guest *k)
{
	char uuid[37];

	uuid_print(uuid, k->config.uuid);
	return store_mkdir(s, "/local/domain/%u", k->built.domid) &&
	       store_give(s, 0, k->built.domid, "/local/domain/%u", k->built.domid) &&
	       identity(s, k, uuid) && memory(s, k) && lines(s, k) && vcpus(s, k) && began(s, k) &&
	       folders(s, k->built.domid) && pv_devices_write(k);
}

bool store_nodes_write(struct kept_guest *k, struct failure *f)
{
	bool done, again;

	do {
		done = store_begin(k->store) && write_all(k->store, k);
		again = !store_end(k->store, !done) && errno == EAGAIN;
	} while (again);
	if (done &&
	    store_introduce(k->store, k->built.domid, k->built.store_gfn, k->built.store_port))
		return true;
	return fail(
		f,
		"%s: the store does not take it: %s. Is xenstored well? (systemctl status zazen-xenstored)",
		k->config.name, strerror(errno));
}

bool store_nodes_remove_of(struct store *s, uint32_t domid, const uint8_t uuid[16])
{
	char text[37];

	uuid_print(text, uuid);
	(void)store_release(s, domid);
	(void)store_remove(s, "/local/domain/%u", domid);
	(void)store_remove(s, "/vm/%s", text);
	(void)store_remove(s, "/local/domain/0/backend/vbd/%u", domid);
	(void)store_remove(s, "/local/domain/0/backend/vif/%u", domid);
	return store_is_alive(s);
}

/* Whoever comes next must not find them: a store that is away for a while is waited for. */
void store_nodes_remove(struct kept_guest *k)
{
	const struct timespec moment = { .tv_sec = 1 };

	store_unwatch(k->store, "device");
	for (unsigned i = 0;
	     i < STORE_TRIES && !store_nodes_remove_of(k->store, k->built.domid, k->config.uuid);
	     i++) {
		if (i == 0)
			kept_note(
				k,
				"guest %s: its nodes cannot be removed: the store does not answer",
				k->config.name);
		nanosleep(&moment, NULL);
	}
}
