/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xl block-list, xl network-list: PV devices as the store has them, then those of the guest's board, out of its description. */
#include "cmd.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A PV device of the store's. */
struct device {
	unsigned number;
	uint64_t backend, handle, state, port, rings[2];
	char *path; /* the backend's; to be freed */
};

static uint64_t node(struct xl *x, uint32_t domid, const char *kind, const char *id,
                     const char *leaf)
{
	char *text = store_read(x->s, "/local/domain/%u/device/%s/%s/%s", domid, kind, id, leaf);
	uint64_t number = 0;

	if (text && !xl_number(text, &number))
		number = 0;
	free(text);
	return number;
}

static void device_read(struct xl *x, uint32_t domid, const char *kind, const char *id,
                        const char *const rings[2], struct device *d)
{
	d->number = (unsigned)strtoul(id, NULL, 10);
	d->backend = node(x, domid, kind, id, "backend-id");
	d->handle = node(x, domid, kind, id, "handle");
	d->state = node(x, domid, kind, id, "state");
	d->port = node(x, domid, kind, id, "event-channel");
	for (unsigned i = 0; i < 2; i++)
		d->rings[i] = rings[i] ? node(x, domid, kind, id, rings[i]) : 0;
	d->path = store_read(x->s, "/local/domain/%u/device/%s/%s/backend", domid, kind, id);
}

/* Calls print for each. */
static void
for_each(struct xl *x, const struct guest_info *g, const char *kind, const char *const rings[2],
         void (*print)(struct xl *x, const struct guest_info *g, const struct device *d))
{
	unsigned nr;
	char **ids = store_list(x->s, &nr, "/local/domain/%u/device/%s", g->domid, kind);

	for (unsigned i = 0; ids && i < nr; i++) {
		struct device d;

		device_read(x, g->domid, kind, ids[i], rings, &d);
		print(x, g, &d);
		free(d.path);
	}
	free(ids);
}

static bool is_pv(struct xl *x, const struct guest_info *g, const char *kind, unsigned number)
{
	char *state =
		store_read(x->s, "/local/domain/%u/device/%s/%u/state", g->domid, kind, number);

	free(state);
	return state != NULL;
}

/* A guest that was not made here has no keeper, and no board of ours either. */
static struct guest_config *board_of(struct xl *x, const struct guest_info *g)
{
	struct guest_config *config = calloc(1, sizeof(*config));

	if (config && g->domid && xl_description(x, g, config))
		return config;
	memset(&x->failure, 0, sizeof(x->failure));
	free(config);
	return NULL;
}

/* ---- disks ---- */

#define DISK_TITLES "Vdev  BE  handle state evt-ch ring-ref BE-path                       "

static void disk_pv(struct xl *x, const struct guest_info *g, const struct device *d)
{
	printf("%-5u %-3" PRIu64 " %-6" PRIu64 " %-5" PRIu64 " %-6" PRIu64 " %-8" PRIu64 " %-30s\n",
	       d->number, d->backend, (uint64_t)g->domid, d->state, d->port, d->rings[0],
	       d->path ? d->path : "");
}

static void disk_emulated(const struct guest_info *g, const struct config_disk *d)
{
	printf("%-5u %-3u %-6u %-5s %-6s %-8s %s: %s%s%s\n", d->number, 0u, g->domid, "-", "-", "-",
	       d->vdev, d->is_cdrom ? "CD " : "", d->target[0] ? d->target : "(empty)",
	       d->ide >= 0 ? ", emulated" : "");
}

static void disks_list(struct xl *x, const struct guest_info *g)
{
	static const char *const rings[2] = { "ring-ref", NULL };
	struct guest_config *config = board_of(x, g);

	for_each(x, g, "vbd", rings, disk_pv);
	for (size_t i = 0; config && i < config->nr_disks; i++)
		if (!is_pv(x, g, "vbd", config->disks[i].number))
			disk_emulated(g, &config->disks[i]);
	free(config);
}

/* ---- network interfaces ---- */

#define NIC_TITLES \
	"Idx BE Mac Addr.         handle state evt-ch   tx-/rx-ring-ref BE-path                       "

static void nic_pv(struct xl *x, const struct guest_info *g, const struct device *d)
{
	char *mac = store_read(x->s, "/local/domain/%u/device/vif/%u/mac", g->domid, d->number);

	printf("%-3u %-2" PRIu64 " %-17s %-6" PRIu64 " %-5" PRIu64 " %-6" PRIu64 " %5" PRIu64
	       "/%-11" PRIu64 " %-30s\n",
	       d->number, d->backend, mac ? mac : "", d->handle, d->state, d->port, d->rings[0],
	       d->rings[1], d->path ? d->path : "");
	free(mac);
}

static void nic_emulated(const struct config_nic *n, size_t i)
{
	printf("%-3zu %-2u %02x:%02x:%02x:%02x:%02x:%02x %-6zu %-5s %-6s %5s/%-11s %s%s\n", i, 0u,
	       n->mac[0], n->mac[1], n->mac[2], n->mac[3], n->mac[4], n->mac[5], i, "-", "-", "-",
	       "-", n->bridge[0] ? n->bridge : "xenbr0 or a network of its own",
	       n->is_emulated ? ", emulated e1000" : "");
}

static void nics_list(struct xl *x, const struct guest_info *g)
{
	static const char *const rings[2] = { "tx-ring-ref", "rx-ring-ref" };
	struct guest_config *config = board_of(x, g);

	for_each(x, g, "vif", rings, nic_pv);
	for (size_t i = 0; config && i < config->nr_nics; i++)
		if (!is_pv(x, g, "vif", (unsigned)i))
			nic_emulated(&config->nics[i], i);
	free(config);
}

/* ---- the commands ---- */

/* One or more guests' devices, below a line of titles. */
static bool devices_list(struct xl *x, int argc, char **argv, const char *titles,
                         void (*list)(struct xl *x, const struct guest_info *g))
{
	struct guest_info *all;
	size_t nr;

	if (argc < 2 || argv[1][0] == '-')
		return xl_usage(x, argv[0]);
	all = xl_guests(x, argc - 1, argv + 1, &nr);
	if (!all)
		return false;
	puts(titles);
	for (size_t i = 0; i < nr; i++)
		list(x, &all[i]);
	free(all);
	return true;
}

bool cmd_block_list(struct xl *x, int argc, char **argv)
{
	return devices_list(x, argc, argv, DISK_TITLES, disks_list);
}

bool cmd_network_list(struct xl *x, int argc, char **argv)
{
	return devices_list(x, argc, argv, NIC_TITLES, nics_list);
}
