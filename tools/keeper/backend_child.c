/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keeper's side of the backend process. devmodel/backend/control.h has the lines. */
#include "kept_guest.h"
#include "paths.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define CONTROL_FD 3

/* ---- what it is told ---- */

static bool say(struct kept_guest *k, struct control_text *t)
{
	return control_send(k->control, t, -1) == 0;
}

static bool say_word(struct kept_guest *k, const char *word)
{
	struct control_text t;

	control_begin(&t, word);
	return say(k, &t);
}

static bool say_guest(struct kept_guest *k)
{
	struct control_text t;

	control_begin(&t, "guest");
	control_put(&t, "name", k->config.name);
	control_put(&t, "log", k->log);
	if (!kept_has_model(k))
		control_put_number(&t, "model", 0);
	return say(k, &t);
}

static const char *const formats[] = {
	[DISK_RAW] = "raw", [DISK_QCOW2] = "qcow2", [DISK_QCOW] = "qcow",
	[DISK_VHD] = "vhd", [DISK_VMDK] = "vmdk",   [DISK_QED] = "qed",
};

void backend_put_disk(struct control_text *t, const struct config_disk *d)
{
	control_put(t, "kind", d->is_cdrom ? "cdrom" : "disk");
	control_put(t, "access", d->is_read_only ? "r" : "w");
	if (d->target[0]) {
		control_put(t, "path", d->target);
		if (d->has_format)
			control_put(t, "format", formats[d->format]);
	}
	if (d->is_forced)
		control_put(t, "force", "1");
	if (d->no_discard)
		control_put(t, "discard", "0");
}

static bool say_drive(struct kept_guest *k, const struct config_disk *d)
{
	struct control_text t;
	char name[4] = { 'h', 'd', (char)('a' + d->ide), 0 };

	control_begin(&t, "drive");
	control_put(&t, "vdev", name);
	backend_put_disk(&t, d);
	return say(k, &t);
}

void backend_put_nic(struct control_text *t, unsigned n, const struct config_nic *c)
{
	char mac[18];

	snprintf(mac, sizeof(mac), "%02x:%02x:%02x:%02x:%02x:%02x", c->mac[0], c->mac[1], c->mac[2],
	         c->mac[3], c->mac[4], c->mac[5]);
	control_put_number(t, "n", n);
	control_put(t, "mac", mac);
	if (c->has_bridge)
		control_put(t, "bridge", c->bridge);
	if (c->ifname[0])
		control_put(t, "ifname", c->ifname);
	if (c->script[0])
		control_put(t, "script", c->script);
	if (c->mtu)
		control_put_number(t, "mtu", c->mtu);
	if (c->rate_bytes)
		control_put_number(t, "rate", c->rate_bytes);
}

static bool say_nic(struct kept_guest *k, unsigned n, const struct config_nic *c)
{
	struct control_text t;

	control_begin(&t, "nic");
	backend_put_nic(&t, n, c);
	return say(k, &t);
}

/* A pseudo-terminal is the keeper's, so that it stays, with whoever has opened it, when the backend dies and when the guest restarts. If none can be had the backend tries, and says why not. */
static int pty_of(struct kept_guest *k, unsigned n)
{
	int *pty = &k->ptys[n];

	if (*pty < 0)
		*pty = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	return *pty;
}

static bool say_serial(struct kept_guest *k, unsigned n, const struct config_serial *s)
{
	bool is_pty = strcmp(s->text, "pty") == 0;
	struct control_text t;

	control_begin(&t, "serial");
	control_put_number(&t, "n", n);
	control_put(&t, "to", s->text);
	return control_send(k->control, &t, is_pty ? pty_of(k, n) : -1) == 0;
}

static bool say_console(struct kept_guest *k)
{
	struct control_text t;

	control_begin(&t, "console");
	control_put(&t, "to", "pty");
	return control_send(k->control, &t, pty_of(k, CONFIG_SERIALS)) == 0;
}

/* After a restart the screen is where it was. */
static bool say_vnc(struct kept_guest *k)
{
	const struct guest_config *g = &k->config;
	struct control_text t;

	control_begin(&t, "vnc");
	if (!g->vnc)
		control_put_number(&t, "local", 1);
	control_put(&t, "listen", g->vnc_listen);
	control_put_number(&t, "display", k->vnc_port ? k->vnc_port - 5900 : g->vnc_display);
	control_put_number(&t, "unused", k->vnc_port ? 0 : g->vnc_unused);
	if (g->vnc_password[0])
		control_put(&t, "password", g->vnc_password);
	if (g->keymap[0])
		control_put(&t, "keymap", g->keymap);
	if (g->vnc && g->vnc_websocket)
		control_put_number(&t, "websocket", g->vnc_websocket);
	return say(k, &t);
}

/* What the device model has. */
static bool say_model(struct kept_guest *k)
{
	const struct guest_config *g = &k->config;
	bool done = true;

	for (size_t i = 0; i < g->nr_disks && done; i++)
		done = g->disks[i].ide < 0 || say_drive(k, &g->disks[i]);
	for (size_t i = 0; i < g->nr_nics && done; i++)
		done = !g->nics[i].is_emulated || say_nic(k, (unsigned)i, &g->nics[i]);
	for (size_t i = 0; i < g->nr_serials && done; i++)
		done = say_serial(k, (unsigned)i, &g->serials[i]);
	if (done && g->has_screen && (g->vnc || g->sdl))
		done = say_vnc(k);
	return done;
}

static bool say_all(struct kept_guest *k)
{
	return say_guest(k) && (!kept_has_model(k) || say_model(k)) && say_console(k) &&
	       pv_devices_say(k) && say_word(k, "open");
}

/* ---- what it answers ---- */

static void take_drive(struct kept_guest *k, const struct control_line *l)
{
	const char *vdev = control_value(l, "vdev");
	unsigned n =
		vdev && vdev[0] == 'h' && vdev[1] == 'd' ? (unsigned)(vdev[2] - 'a') : KEPT_DRIVES;

	if (n >= KEPT_DRIVES)
		return;
	k->drives[n].sectors = control_number(l, "sectors", UINT64_MAX >> 9, 0);
	k->drives[n].is_read_only = control_number(l, "read-only", 1, 0);
}

static void take_serial(struct kept_guest *k, const struct control_line *l)
{
	uint64_t n = control_number(l, "n", CONFIG_SERIALS - 1, 0);
	const char *path = control_value(l, "path");

	snprintf(k->serials[n], sizeof(k->serials[n]), "%s", path ? path : "");
}

static void take_console(struct kept_guest *k, const struct control_line *l)
{
	const char *path = control_value(l, "path");

	snprintf(k->console, sizeof(k->console), "%s", path ? path : "");
}

static void take_vnc(struct kept_guest *k, const struct control_line *l)
{
	const char *address = control_value(l, "address");

	snprintf(k->vnc_address, sizeof(k->vnc_address), "%s", address ? address : "");
	k->vnc_port = (unsigned)control_number(l, "port", 65535, 0);
	k->web_port = (unsigned)control_number(l, "websocket", 65535, 0);
}

static bool hypervisor_pause(struct kept_guest *k, bool pause)
{
	struct xen_domctl op = { .cmd = pause ? XEN_DOMCTL_pausedomain : XEN_DOMCTL_unpausedomain,
		                 .domain = (domid_t)k->built.domid };

	return hypervisor_domctl(k->h, &op) == 0;
}

/* What it says by itself. */
static void take_news(struct kept_guest *k, const struct control_line *l)
{
	const char *text = control_value(l, "text");

	if (strcmp(l->word, "pause") == 0 && k->is_made && !k->is_stopped_by_disk) {
		k->is_stopped_by_disk = hypervisor_pause(k, true);
		k->is_changed = true;
		kept_note(k, "the guest stands still: %s", text ? text : "");
	} else if (strcmp(l->word, "resume") == 0 && k->is_stopped_by_disk) {
		k->is_stopped_by_disk = !hypervisor_pause(k, false);
		k->is_changed = true;
		kept_note(k, "the guest goes on");
	} else if (strcmp(l->word, "ejected") == 0) {
		const char *vdev = control_value(l, "vdev");

		for (size_t i = 0; i < k->config.nr_disks; i++)
			if (vdev && k->config.disks[i].ide == vdev[2] - 'a')
				k->config.disks[i].target[0] = 0;
		k->is_changed = true;
	} else if (strcmp(l->word, "pv-closed") == 0) {
		pv_devices_closed(k, l);
	} else if (strcmp(l->word, "log") == 0) {
		kept_note(k, "backend: %s", text ? text : "");
	}
}

/* A line in parts; false: it is gone. */
static bool line_get(struct kept_guest *k, struct control_line *l)
{
	int n = control_receive(k->control, l, NULL);

	return n > 0 && control_parse(l);
}

static bool gone(struct kept_guest *k, struct failure *f)
{
	backend_end(k);
	return fail(f, "%s: its backend process ended: %s says more", k->config.name, k->log);
}

static bool answers_take(struct kept_guest *k, struct failure *f)
{
	static const struct {
		const char *word;
		void (*take)(struct kept_guest *k, const struct control_line *l);
	} rows[] = { { "drive", take_drive },
		     { "pv-drive", pv_devices_take },
		     { "serial", take_serial },
		     { "console", take_console },
		     { "vnc", take_vnc } };
	struct control_line l;

	while (line_get(k, &l)) {
		if (strcmp(l.word, "ready") == 0)
			return true;
		if (strcmp(l.word, "error") == 0) {
			fail(f, "%s: %s", k->config.name, control_value(&l, "text"));
			backend_end(k);
			return false;
		}
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
			if (strcmp(rows[i].word, l.word) == 0)
				rows[i].take(k, &l);
		take_news(k, &l);
	}
	return gone(k, f);
}

/* ---- its life ---- */

static _Noreturn void child(int control, const char *path)
{
	int nothing = open("/dev/null", O_RDWR);

	prctl(PR_SET_PDEATHSIG, SIGTERM); /* it writes out what there is */
	if (nothing >= 0) {
		dup2(nothing, 0);
		dup2(nothing, 1);
		dup2(nothing, 2);
	}
	if (control == CONTROL_FD)
		fcntl(control, F_SETFD, 0);
	else
		dup2(control, CONTROL_FD);
	close_range(CONTROL_FD + 1, ~0u, 0);
	execl(path, path, "--control=3", (char *)NULL);
	_exit(127);
}

bool backend_begin(struct kept_guest *k, struct failure *f)
{
	char path[300];
	int ends[2];

	path_library(path, sizeof(path), "zazen-backend");
	if (access(path, X_OK) != 0)
		return fail(f, "%s: its backend, %s, is not there: install Zazen's tools again",
		            k->config.name, path);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return fail(f, "%s: no sockets for its backend: %s", k->config.name,
		            strerror(errno));
	k->backend = fork();
	if (k->backend == 0)
		child(ends[1], path);
	close(ends[1]);
	k->control = ends[0];
	k->backend_handle = k->backend > 0 ? process_handle(k->backend) : -1;
	if (k->backend < 0) {
		k->backend = 0;
		close(ends[0]);
		return fail(f, "%s: no process for its backend: %s", k->config.name,
		            strerror(errno));
	}
	k->is_changed = true;
	memset(k->drives, 0, sizeof(k->drives));
	k->console[0] = 0;
	return say_all(k) ? answers_take(k, f) : gone(k, f);
}

bool backend_attach(struct kept_guest *k, struct failure *f)
{
	struct control_text t;
	struct control_line l;

	control_begin(&t, "attach");
	control_put_number(&t, "domid", k->built.domid);
	if (kept_has_model(k))
		control_put_number(&t, "port", k->built.devmodel_port);
	control_put_number(&t, "console", k->built.console_port);
	if (!say(k, &t))
		return gone(k, f);
	while (line_get(k, &l)) {
		if (strcmp(l.word, "attached") == 0)
			return true;
		if (strcmp(l.word, "error") == 0) {
			fail(f, "%s: %s", k->config.name, control_value(&l, "text"));
			backend_end(k);
			return false;
		}
		take_news(k, &l);
	}
	return gone(k, f);
}

bool backend_ask(struct kept_guest *k, const struct control_text *t, int descriptor,
                 struct control_line *answer, struct failure *f)
{
	if (!k->backend || control_send(k->control, t, descriptor) != 0)
		return fail(f, "%s: its backend does not answer", k->config.name);
	while (line_get(k, answer)) {
		if (strcmp(answer->word, "done") == 0)
			return true;
		if (strcmp(answer->word, "failed") == 0)
			return fail(f, "%s: %s", k->config.name, control_value(answer, "text"));
		take_news(k, answer);
	}
	return fail(f, "%s: its backend does not answer", k->config.name);
}

bool backend_listen(struct kept_guest *k)
{
	struct control_line l;

	if (!line_get(k, &l))
		return false;
	take_news(k, &l);
	return true;
}

/* It may be the child of a keeper that was killed. */
static void wait_end(struct kept_guest *k)
{
	struct pollfd p = { .fd = k->backend_handle, .events = POLLIN };

	while (k->backend_handle >= 0 && poll(&p, 1, -1) < 0 && errno == EINTR)
		;
	(void)waitpid(k->backend, NULL, 0);
	if (k->backend_handle >= 0)
		close(k->backend_handle);
	k->backend_handle = -1;
	k->backend = 0;
	k->is_changed = true;
	disks_wait_free(&k->config);
}

void backend_end(struct kept_guest *k)
{
	if (!k->backend)
		return;
	(void)say_word(k, "quit");
	close(k->control);
	k->control = -1;
	wait_end(k);
}

void backend_kill(struct kept_guest *k)
{
	if (!k->backend)
		return;
	if (k->control >= 0)
		close(k->control);
	k->control = -1;
	process_kill(&k->backend_handle);
	(void)waitpid(k->backend, NULL, WNOHANG);
	k->backend = 0;
	k->is_changed = true;
	disks_wait_free(&k->config);
}
