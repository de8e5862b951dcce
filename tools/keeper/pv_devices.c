/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a frontend writes is read where we know it to be, and only ever as numbers and one word: its part of the store is the guest's to fill. */
#include "pv_devices.h"

#include "kept_guest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <xen/xen.h>

#include <xen/io/blkif.h>
#include <xen/io/xenbus.h>

#define RING_ORDER_MOST 2
#define NICS_MOST       4
#define FOLDER          80 /* bytes of a path */

/* ---- which there are ---- */

static void add(struct kept_guest *k, bool is_nic, uint32_t number, unsigned config)
{
	struct pv_device *d = &k->pv.devices[k->pv.nr];

	if (k->pv.nr == PV_DEVICES)
		return;
	k->pv.nr++;
	d->is_nic = is_nic;
	d->number = number;
	d->config = config;
	d->state = XenbusStateInitWait;
}

void pv_devices_plan(struct kept_guest *k)
{
	const struct guest_config *g = &k->config;
	bool is_hvm = g->type == GUEST_HVM;

	memset(&k->pv, 0, sizeof(k->pv));
	if (!guest_config_has_pv(g))
		return;
	/* The CDs of an HVM guest stay emulated. */
	for (size_t i = 0; i < g->nr_disks; i++)
		if (g->disks[i].target[0] && !(is_hvm && g->disks[i].is_cdrom))
			add(k, false, g->disks[i].number, (unsigned)i);
	for (size_t i = 0; i < g->nr_nics && i < NICS_MOST; i++)
		add(k, true, (uint32_t)i, (unsigned)i);
}

/* ---- paths ---- */

static const char *kind(const struct pv_device *d)
{
	return d->is_nic ? "vif" : "vbd";
}

static void front_path(const struct kept_guest *k, const struct pv_device *d, char path[FOLDER])
{
	snprintf(path, FOLDER, "/local/domain/%u/device/%s/%u", k->built.domid, kind(d), d->number);
}

static void back_path(const struct kept_guest *k, const struct pv_device *d, char path[FOLDER])
{
	snprintf(path, FOLDER, "/local/domain/0/backend/%s/%u/%u", kind(d), k->built.domid,
	         d->number);
}

/* What the frontend writes, to be freed; NULL: it does not. A store that does not answer is another thing: nothing follows from that. */
static char *front_text(struct kept_guest *k, const struct pv_device *d, const char *name)
{
	char path[FOLDER], *text;

	front_path(k, d, path);
	text = store_read(k->store, "%s/%s", path, name);
	if (!text && errno != ENOENT && errno != EACCES)
		k->pv.is_unanswered = true;
	return text;
}

/* A number that the frontend writes; otherwise when it does not, or not as one. */
static uint64_t front_number(struct kept_guest *k, const struct pv_device *d, const char *name,
                             uint64_t most, uint64_t otherwise)
{
	char *text = front_text(k, d, name), *end;
	unsigned long long n;

	if (!text)
		return otherwise;
	n = strtoull(text, &end, 10);
	if (end == text || *end || n > most)
		n = otherwise;
	free(text);
	return n;
}

static bool put_number(struct kept_guest *k, const char *folder, const char *name, uint64_t n)
{
	return store_write_number(k->store, n, "%s/%s", folder, name);
}

static bool put(struct kept_guest *k, const char *folder, const char *name, const char *text)
{
	return store_write(k->store, text, "%s/%s", folder, name);
}

static void state_set(struct kept_guest *k, struct pv_device *d, unsigned state)
{
	char path[FOLDER];

	back_path(k, d, path);
	d->state = state;
	d->is_unwritten = !put_number(k, path, "state", state);
	k->is_changed = true;
}

/* ---- nodes ---- */

struct feature {
	const char *name;
	uint64_t value;
};

static bool features_put(struct kept_guest *k, const char *folder, const struct feature *f,
                         size_t nr)
{
	bool done = true;

	for (size_t i = 0; i < nr && done; i++)
		done = put_number(k, folder, f[i].name, f[i].value);
	return done;
}

static bool drive_back(struct kept_guest *k, const struct pv_device *d, const char *folder)
{
	const struct config_disk *c = &k->config.disks[d->config];
	const struct feature features[] = {
		{ "bootable", 1 },
		{ "removable", c->is_cdrom },
		{ "feature-flush-cache", 1 },
		{ "feature-barrier", 1 },
		{ "feature-discard", d->may_discard },
		{ "discard-enable", d->may_discard },
		{ "discard-granularity", 512 },
		{ "discard-alignment", 0 },
		{ "discard-secure", 0 },
		{ "feature-persistent", 0 },
		{ "feature-max-indirect-segments", d->segments },
		{ "max-ring-page-order", d->ring_order },
		{ "sectors", d->sectors },
		{ "sector-size", 512 },
		{ "physical-sector-size", 512 },
		{ "info", (d->is_read_only ? VDISK_READONLY : 0u) |
		                  (c->is_cdrom ? VDISK_CDROM | VDISK_REMOVABLE : 0u) },
	};

	return put(k, folder, "params", c->target) && put(k, folder, "dev", c->vdev) &&
	       put(k, folder, "type", "phy") &&
	       put(k, folder, "mode", d->is_read_only ? "r" : "w") &&
	       put(k, folder, "device-type", c->is_cdrom ? "cdrom" : "disk") &&
	       features_put(k, folder, features, sizeof(features) / sizeof(features[0]));
}

static bool drive_front(struct kept_guest *k, const struct pv_device *d, const char *folder)
{
	return put_number(k, folder, "virtual-device", d->number) &&
	       put(k, folder, "device-type",
	           k->config.disks[d->config].is_cdrom ? "cdrom" : "disk");
}

static void mac_print(const struct config_nic *c, char text[18])
{
	snprintf(text, 18, "%02x:%02x:%02x:%02x:%02x:%02x", c->mac[0], c->mac[1], c->mac[2],
	         c->mac[3], c->mac[4], c->mac[5]);
}

static bool nic_back(struct kept_guest *k, const struct pv_device *d, const char *folder)
{
	static const struct feature features[] = {
		{ "feature-rx-copy", 1 },
		{ "feature-rx-flip", 0 },
		{ "feature-sg", 1 },
		{ "feature-split-event-channels", 1 },
		{ "feature-ipv6-csum-offload", 1 },
		{ "feature-gso-tcpv4", 0 },
		{ "feature-gso-tcpv6", 0 },
	};
	const struct config_nic *c = &k->config.nics[d->config];
	char mac[18];

	mac_print(c, mac);
	return put_number(k, folder, "handle", d->number) && put(k, folder, "mac", mac) &&
	       put(k, folder, "bridge", c->bridge) && put(k, folder, "type", "vif") &&
	       put(k, folder, "hotplug-status", "connected") &&
	       features_put(k, folder, features, sizeof(features) / sizeof(features[0]));
}

static bool nic_front(struct kept_guest *k, const struct pv_device *d, const char *folder)
{
	const struct config_nic *c = &k->config.nics[d->config];
	char mac[18];

	mac_print(c, mac);
	return put_number(k, folder, "handle", d->number) && put(k, folder, "mac", mac) &&
	       (!c->mtu || put_number(k, folder, "mtu", c->mtu));
}

/* The frontend's folder is the guest's, ours is for it to read. */
static bool write_one(struct kept_guest *k, struct pv_device *d)
{
	char front[FOLDER], back[FOLDER];
	uint32_t domid = k->built.domid;

	front_path(k, d, front);
	back_path(k, d, back);
	return store_mkdir(k->store, "%s", back) && store_give(k->store, 0, domid, "%s", back) &&
	       put(k, back, "frontend", front) && put_number(k, back, "frontend-id", domid) &&
	       put_number(k, back, "online", 1) &&
	       (d->is_nic ? nic_back : drive_back)(k, d, back) &&
	       put_number(k, back, "state", d->state) && store_mkdir(k->store, "%s", front) &&
	       store_give(k->store, domid, 0, "%s", front) && put(k, front, "backend", back) &&
	       put_number(k, front, "backend-id", 0) &&
	       (d->is_nic ? nic_front : drive_front)(k, d, front) &&
	       put_number(k, front, "state", XenbusStateInitialising);
}

bool pv_devices_write(struct kept_guest *k)
{
	bool done = true;

	for (unsigned i = 0; i < k->pv.nr && done; i++)
		done = write_one(k, &k->pv.devices[i]);
	return done;
}

void pv_devices_watch(struct kept_guest *k)
{
	char front[FOLDER], path[FOLDER + 8];

	for (unsigned i = 0; i < k->pv.nr; i++) {
		front_path(k, &k->pv.devices[i], front);
		snprintf(path, sizeof(path), "%s/state", front);
		(void)store_watch(k->store, path, "device");
	}
}

/* ---- connecting ---- */

/* "8", or "8,9,10,11": the pages of a drive's ring. */
static void rings_read(struct kept_guest *k, const struct pv_device *d, struct control_text *t)
{
	unsigned order = (unsigned)front_number(k, d, "ring-page-order", RING_ORDER_MOST, 0);
	char list[80] = "", name[24];
	size_t n = 0;

	if (!order) {
		control_put_number(t, "ring-ref",
		                   front_number(k, d, "ring-ref", UINT32_MAX, UINT32_MAX));
		return;
	}
	for (unsigned i = 0; i < 1u << order; i++) {
		snprintf(name, sizeof(name), "ring-ref%u", i);
		n += (size_t)snprintf(
			list + n, sizeof(list) - n, "%s%llu", i ? "," : "",
			(unsigned long long)front_number(k, d, name, UINT32_MAX, UINT32_MAX));
	}
	control_put(t, "ring-ref", list);
}

static void drive_read(struct kept_guest *k, struct pv_device *d, struct control_text *t)
{
	char protocol[32], *said = front_text(k, d, "protocol");

	snprintf(protocol, sizeof(protocol), "%s", said ? said : "");
	free(said);
	control_put_number(t, "drive", d->number);
	rings_read(k, d, t);
	control_put_number(t, "event-channel", front_number(k, d, "event-channel", UINT32_MAX, 0));
	if (protocol[0])
		control_put(t, "protocol", protocol);
}

static void nic_read(struct kept_guest *k, struct pv_device *d, struct control_text *t)
{
	static const char *const names[] = { "tx-ring-ref", "rx-ring-ref", "event-channel",
		                             "event-channel-tx", "event-channel-rx" };

	control_put_number(t, "nic", d->number);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		uint64_t n = front_number(k, d, names[i], UINT32_MAX, UINT64_MAX);

		if (n != UINT64_MAX)
			control_put_number(t, names[i], n);
	}
	control_put_number(t, "rx-copy", front_number(k, d, "request-rx-copy", 1, 0));
	control_put_number(t, "sg", front_number(k, d, "feature-sg", 1, 0));
}

/* False: it said no. A backend that is gone is asked again when another has taken over. */
static bool ask(struct kept_guest *k, const struct control_text *t)
{
	struct control_line answer = { .word = "" };
	struct failure f = { "" };

	if (backend_ask(k, t, -1, &answer, &f))
		return true;
	kept_note(k, "%s", f.text);
	return !answer.word || strcmp(answer.word, "failed") != 0;
}

/* False: the store has not told all of it. */
static bool connect_words(struct kept_guest *k, struct pv_device *d)
{
	k->pv.is_unanswered = false;
	control_begin(&d->connect, "pv-connect");
	(d->is_nic ? nic_read : drive_read)(k, d, &d->connect);
	return !k->pv.is_unanswered;
}

static void connect_it(struct kept_guest *k, struct pv_device *d)
{
	if (!connect_words(k, d))
		return;
	d->is_connected = ask(k, &d->connect);
	state_set(k, d, d->is_connected ? XenbusStateConnected : XenbusStateClosed);
}

/* The end comes by pv_devices_closed(). */
static void disconnect(struct kept_guest *k, struct pv_device *d)
{
	struct control_text t;

	state_set(k, d, XenbusStateClosing);
	d->is_connected = false;
	control_begin(&t, "pv-disconnect");
	control_put_number(&t, d->is_nic ? "nic" : "drive", d->number);
	(void)ask(k, &t);
}

static struct pv_device *device_of(struct kept_guest *k, const struct control_line *l)
{
	bool is_nic = control_value(l, "nic");
	uint64_t number = control_number(l, is_nic ? "nic" : "drive", UINT32_MAX, UINT64_MAX);

	for (unsigned i = 0; i < k->pv.nr; i++)
		if (k->pv.devices[i].is_nic == is_nic && k->pv.devices[i].number == number)
			return &k->pv.devices[i];
	return NULL;
}

void pv_devices_closed(struct kept_guest *k, const struct control_line *l)
{
	struct pv_device *d = device_of(k, l);

	if (d && d->state == XenbusStateClosing)
		state_set(k, d, XenbusStateClosed);
}

static void step(struct kept_guest *k, struct pv_device *d)
{
	uint64_t front;
	bool is_there;

	k->pv.is_unanswered = false;
	if (d->is_unwritten)
		state_set(k, d, d->state);
	front = front_number(k, d, "state", XenbusStateReconfigured, XenbusStateUnknown);
	if (k->pv.is_unanswered)
		return;
	is_there = front == XenbusStateInitialised || front == XenbusStateConnected;
	if (d->state == XenbusStateInitWait && is_there)
		connect_it(k, d);
	else if (d->state == XenbusStateConnected && !is_there)
		disconnect(k, d);
	else if (d->state == XenbusStateClosed && front == XenbusStateInitialising)
		state_set(k, d, XenbusStateInitWait);
}

void pv_devices_look(struct kept_guest *k)
{
	for (unsigned i = 0; i < k->pv.nr && k->backend; i++)
		step(k, &k->pv.devices[i]);
}

void pv_devices_renew(struct kept_guest *k)
{
	for (unsigned i = 0; i < k->pv.nr; i++) {
		struct pv_device *d = &k->pv.devices[i];

		if (d->is_connected)
			d->is_connected = ask(k, &d->connect);
		if (d->state == XenbusStateClosing ||
		    (d->state == XenbusStateConnected && !d->is_connected))
			state_set(k, d, XenbusStateClosed);
	}
}

/* The state that was written last. False: the store does not answer. */
static bool state_recall(struct kept_guest *k, struct pv_device *d)
{
	char path[FOLDER], *text;

	back_path(k, d, path);
	text = store_read(k->store, "%s/state", path);
	if (text)
		d->state = (unsigned)strtoul(text, NULL, 10);
	free(text);
	return text || errno == ENOENT;
}

bool pv_devices_recall(struct kept_guest *k)
{
	bool done = true;

	for (unsigned i = 0; i < k->pv.nr && done; i++) {
		struct pv_device *d = &k->pv.devices[i];

		done = state_recall(k, d);
		d->is_connected = d->state == XenbusStateConnected;
		if (d->is_connected)
			done = done && connect_words(k, d);
	}
	return done;
}

/* ---- what the backend is told of them ---- */

static bool say_drive(struct kept_guest *k, const struct pv_device *d)
{
	const struct config_disk *c = &k->config.disks[d->config];
	char same[4] = { 'h', 'd', (char)('a' + c->ide), 0 };
	struct control_text t;

	control_begin(&t, "pv-drive");
	control_put_number(&t, "number", d->number);
	if (c->ide >= 0)
		control_put(&t, "same", same);
	else
		backend_put_disk(&t, c);
	return control_send(k->control, &t, -1) == 0;
}

static bool say_nic(struct kept_guest *k, const struct pv_device *d)
{
	struct control_text t;

	control_begin(&t, "pv-nic");
	backend_put_nic(&t, d->number, &k->config.nics[d->config]);
	return control_send(k->control, &t, -1) == 0;
}

bool pv_devices_say(struct kept_guest *k)
{
	bool done = true;

	for (unsigned i = 0; i < k->pv.nr && done; i++)
		done = (k->pv.devices[i].is_nic ? say_nic : say_drive)(k, &k->pv.devices[i]);
	return done;
}

void pv_devices_take(struct kept_guest *k, const struct control_line *l)
{
	uint64_t number = control_number(l, "number", UINT32_MAX, UINT64_MAX);

	for (unsigned i = 0; i < k->pv.nr; i++) {
		struct pv_device *d = &k->pv.devices[i];

		if (d->is_nic || d->number != number)
			continue;
		d->sectors = control_number(l, "sectors", UINT64_MAX >> 9, 0);
		d->is_read_only = control_number(l, "read-only", 1, 0);
		d->may_discard = control_number(l, "discard", 1, 0);
		d->segments = (unsigned)control_number(l, "segments", 256, 0);
		d->ring_order = (unsigned)control_number(l, "ring-order", RING_ORDER_MOST, 0);
	}
}
