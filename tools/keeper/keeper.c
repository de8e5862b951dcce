/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keeper: from nothing to a guest that runs, and what comes after that. */
#include "keeper.h"

#include "dump.h"
#include "ending.h"
#include "guests.h"
#include "kept_guest.h"
#include "paths.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <xen/sched.h>

/* A guest that ends this soon after its start, this often in a row, is not started again. */
#define QUICK_S         5
#define QUICK_ENDS      5
#define BACKEND_LEAST_S 2
#define BACKEND_MOST_S  30   /* between two tries */
#define LOOK_MS         1000 /* if an event should ever get lost */

static int64_t now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

void kept_note(struct kept_guest *k, const char *format, ...)
{
	time_t t = time(NULL);
	char when[32];
	va_list list;

	if (!k->notes)
		return;
	strftime(when, sizeof(when), "%F %T", localtime(&t));
	fprintf(k->notes, "%s ", when);
	va_start(list, format);
	vfprintf(k->notes, format, list);
	va_end(list);
	fputc('\n', k->notes);
	fflush(k->notes);
}

static void guardian_make(struct kept_guest *k)
{
	k->is_changed = false;
	if (guardian_renew(&k->guardian))
		return;
	k->is_changed = true; /* again, a moment later */
	if (!k->is_unguarded)
		kept_note(k, "guest %s: its keeper has no guardian: %s", k->config.name,
		          strerror(errno));
	k->is_unguarded = true;
}

static void guardian_look(struct kept_guest *k, bool is_dead)
{
	if (is_dead)
		kept_note(k, "the guardian of %s is gone; another one takes its place",
		          k->config.name);
	if (is_dead || k->is_changed)
		guardian_make(k);
}

void kept_guard(void *kept_guest)
{
	struct kept_guest *k = kept_guest;
	struct pollfd fd = { .fd = k->guardian.handle, .events = POLLIN };

	if (poll(&fd, 1, 0) != 1)
		return;
	guardian_look(k, true);
	k->is_changed = true; /* it was made in the middle of something */
}

/* ---- making and ending ---- */

static bool unpause(struct kept_guest *k, struct failure *f)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_unpausedomain,
		                 .domain = (domid_t)k->built.domid };
	int rc = k->options.is_paused ? 0 : hypervisor_domctl(k->h, &op);

	return rc == 0 ||
	       fail(f, "%s: it does not start: %s", k->config.name, hypervisor_error(rc));
}

/* The socket goes last: who waits for it to go finds disks and ports free. */
void kept_unmake(struct kept_guest *k)
{
	backend_end(k);
	if (k->is_made) {
		store_nodes_remove(k);
		build_undo(k->h, k->built.domid);
	}
	requests_close(k);
	k->is_made = false;
	k->is_stopped_by_disk = false;
}

bool kept_make(struct kept_guest *k, struct failure *f)
{
	struct guest_plan plan;

	pv_devices_plan(k);
	if (!backend_begin(k, f))
		return false;
	guest_plan_make(k, &plan);
	k->is_made = build(k->h, &plan.plan, &k->built, f);
	/* By its socket somebody who destroys it waits for us, and it can be destroyed as soon as the store has its name. */
	if (k->is_made && affinity_apply(k, f) && requests_open(k, f) && store_nodes_write(k, f) &&
	    backend_attach(k, f) && unpause(k, f)) {
		k->began_s = now_s();
		k->phase = KEPT_RUNS;
		k->is_changed = true;
		pv_devices_watch(k);
		kept_note(k, "guest %s runs as domain %u", k->config.name, k->built.domid);
		return true;
	}
	kept_unmake(k);
	return false;
}

/* ---- what its end leads to ---- */

static const struct {
	unsigned reason;
	const char *words;
	size_t action; /* of struct guest_config */
} ends[] = {
	{ SHUTDOWN_poweroff, "has powered off", offsetof(struct guest_config, on_poweroff) },
	{ SHUTDOWN_reboot, "restarts", offsetof(struct guest_config, on_reboot) },
	{ SHUTDOWN_crash, "has crashed", offsetof(struct guest_config, on_crash) },
	{ SHUTDOWN_watchdog, "did not feed its watchdog",
	  offsetof(struct guest_config, on_watchdog) },
	{ SHUTDOWN_soft_reset, "asks for a soft reset",
	  offsetof(struct guest_config, on_soft_reset) },
};

static enum guest_action action_of(struct kept_guest *k, unsigned reason)
{
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (ends[i].reason == reason) {
			kept_note(k, "guest %s %s", k->config.name, ends[i].words);
			return *(enum guest_action *)((char *)&k->config + ends[i].action);
		}
	kept_note(k, "guest %s has ended, reason %u", k->config.name, reason);
	return ACTION_DESTROY;
}

static bool may_start_again(struct kept_guest *k)
{
	k->quick_ends = now_s() - k->began_s < QUICK_S ? k->quick_ends + 1 : 0;
	if (k->quick_ends < QUICK_ENDS)
		return true;
	kept_note(k,
	          "guest %s has ended %u times within %u s of its start: it is not started again",
	          k->config.name, QUICK_ENDS, QUICK_S);
	return false;
}

/* on_crash="coredump-...": before it goes. */
static void core_keep(struct kept_guest *k)
{
	struct failure f = { "" };
	struct guest_info g;
	char path[300];

	snprintf(path, sizeof(path), "%s/%s.core", PATHS_LOG, k->config.name);
	if (!guest_get(k->h, NULL, k->built.domid, &g))
		return;
	snprintf(g.name, sizeof(g.name), "%s", k->config.name);
	if (dump_core(k->h, &g, path, &f))
		kept_note(k, "guest %s: its memory is in %s", k->config.name, path);
	else
		kept_note(k, "%s", f.text);
}

/* False: the keeper's work is done. */
static bool act(struct kept_guest *k, enum guest_action action)
{
	struct failure f = { "" };

	if (action == ACTION_COREDUMP_DESTROY || action == ACTION_COREDUMP_RESTART)
		core_keep(k);

	switch (action) {
	case ACTION_PRESERVE: return true;
	case ACTION_RESTART:
	case ACTION_RENAME_RESTART:
	case ACTION_COREDUMP_RESTART:
	case ACTION_SOFT_RESET: break;
	default: kept_unmake(k); return false;
	}
	/* A keeper that dies from here on has another one that begins here. */
	k->phase = KEPT_RESTARTS;
	guardian_make(k);
	kept_unmake(k);
	k->options.is_paused = false;
	if (!may_start_again(k))
		return false;
	if (kept_make(k, &f))
		return true;
	kept_note(k, "%s", f.text);
	return false;
}

/* What is known of its end goes with the domain: xl why reads this file then. */
static void ending_keep(struct kept_guest *k, struct guest_info *g)
{
	time_t t = time(NULL);
	char path[300], when[32];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s.why", PATHS_LOG, k->config.name);
	f = fopen(path, "we");
	if (!f)
		return;
	strftime(when, sizeof(when), "%F %T", localtime(&t));
	fprintf(f, "%s\n", when);
	snprintf(g->name, sizeof(g->name), "%s", k->config.name);
	(void)ending_print(k->h, g, f);
	fclose(f);
}

/* ---- the loop ---- */

/* What a full disk has stopped goes on: the one that takes over meets the same, if it is still full, and says so. */
static void goes_on(struct kept_guest *k)
{
	struct xen_domctl op = { .cmd = XEN_DOMCTL_unpausedomain,
		                 .domain = (domid_t)k->built.domid };

	if (k->is_stopped_by_disk && hypervisor_domctl(k->h, &op) == 0)
		k->is_stopped_by_disk = false;
}

/*
 * A backend that died is started again; its guest waits meanwhile. One that dies at once each time, or finds its files gone, costs little: the next try comes later and later.
 */
static void backend_renew(struct kept_guest *k)
{
	const struct timespec pause = { .tv_nsec = 500000000 };
	struct failure f = { "" };

	if (k->backend) {
		kept_note(k, "the backend of %s is gone; another one takes over", k->config.name);
		backend_kill(k);
	}
	if (now_s() - k->backend_began_s < BACKEND_LEAST_S)
		nanosleep(&pause, NULL);
	k->backend_began_s = now_s();
	if (backend_begin(k, &f) && backend_attach(k, &f)) {
		goes_on(k);
		pv_devices_renew(k);
		if (k->backend_wait_s)
			kept_note(k, "guest %s has a backend again", k->config.name);
		k->backend_wait_s = 0;
		return;
	}
	backend_kill(k);
	kept_note(k, "%s", f.text);
	if (!k->backend_wait_s)
		kept_note(
			k,
			"guest %s has no backend: its disks and its screen stand still until one starts",
			k->config.name);
	k->backend_wait_s = k->backend_wait_s ? k->backend_wait_s * 2 : 1;
	if (k->backend_wait_s > BACKEND_MOST_S)
		k->backend_wait_s = BACKEND_MOST_S;
}

static bool is_backend_due(const struct kept_guest *k)
{
	return k->is_made && !k->backend && now_s() - k->backend_began_s >= k->backend_wait_s;
}

static void store_look(struct kept_guest *k)
{
	bool is_there = store_is_alive(k->store);

	while (store_event(k->store))
		;
	if (is_there == k->is_storeless)
		kept_note(k, is_there ? "the store of domains is there again"
		                      : "the store of domains does not answer");
	k->is_storeless = !is_there;
}

/* False: the keeper's work is done. */
static bool look(struct kept_guest *k, bool *is_preserved)
{
	struct guest_info g;

	store_look(k);
	pv_devices_look(k);
	if (!guest_get(k->h, NULL, k->built.domid, &g) || g.flags & XEN_DOMINF_dying) {
		kept_note(k, "guest %s was destroyed", k->config.name);
		kept_unmake(k);
		return false;
	}
	if (!(g.flags & XEN_DOMINF_shutdown) || *is_preserved)
		return true;
	if (guest_end_reason(&g) == SHUTDOWN_suspend)
		return true; /* by its own will, to be saved: who asked for it goes on with it */
	*is_preserved = true;
	ending_keep(k, &g);
	if (!act(k, action_of(k, guest_end_reason(&g))))
		return false;
	*is_preserved = k->began_s == 0;
	return true;
}

void kept_keep(struct kept_guest *k)
{
	bool is_preserved = false;

	(void)store_watch(k->store, "@releaseDomain", "end");
	for (;;) {
		struct pollfd fds[] = { { .fd = store_descriptor(k->store), .events = POLLIN },
			                { .fd = k->backend ? k->control : -1, .events = POLLIN },
			                { .fd = k->request_socket, .events = POLLIN },
			                { .fd = k->guardian.handle, .events = POLLIN } };
		int64_t began = k->began_s;

		(void)poll(fds, 4, is_backend_due(k) ? 0 : LOOK_MS);
		if (fds[1].revents ? !backend_listen(k) : is_backend_due(k))
			backend_renew(k);
		if (fds[2].revents)
			requests_serve(k);
		if (!look(k, &is_preserved))
			break;
		if (k->began_s != began)
			is_preserved = false;
		guardian_look(k, fds[3].revents);
	}
	guardian_end(&k->guardian);
}

/* ---- starting it ---- */

static void logs_open(struct kept_guest *k)
{
	char path[300];

	(void)mkdir(PATHS_RUN, 0755);
	(void)mkdir(PATHS_LOG, 0750);
	snprintf(k->log, sizeof(k->log), "%s/%s.log", PATHS_LOG, k->config.name);
	snprintf(path, sizeof(path), "%s/%s.keeper.log", PATHS_LOG, k->config.name);
	k->notes = fopen(path, "ae");
}

static bool connect_all(struct kept_guest *k, struct failure *f)
{
	k->h = hypervisor_open();
	if (!k->h)
		return fail(f, "%s: %s", k->config.name, hypervisor_missing(errno));
	k->store = store_open();
	return k->store ||
	       fail(f,
	            "%s: the store does not answer: %s. Start xenstored (systemctl start zazen-xenstored)",
	            k->config.name, strerror(errno));
}

static bool name_is_free(struct kept_guest *k, struct failure *f)
{
	struct failure unused = { "" };
	struct guest_info g;

	if (!guest_find(k->h, k->store, k->config.name, &g, &unused))
		return true;
	return fail(
		f,
		"%s: a guest of this name runs already, as domain %u. End it (xl destroy %s), or write another name=",
		k->config.name, g.domid, k->config.name);
}

static void report_fill(const struct kept_guest *k, struct keeper_report *r)
{
	memset(r, 0, sizeof(*r));
	r->domid = k->built.domid;
	if (k->vnc_port)
		snprintf(r->vnc, sizeof(r->vnc), "%.60s:%u", k->vnc_address, k->vnc_port);
	if (k->web_port)
		snprintf(r->web, sizeof(r->web), "http://%.50s:%u/", k->vnc_address, k->web_port);
	snprintf(r->serial, sizeof(r->serial), "%s",
	         kept_has_model(k) ? k->serials[0] : k->console);
}

/* What goes through the pipe to whoever waits: an empty failure and a report, or a failure. */
struct word {
	struct failure failure;
	struct keeper_report report;
};

static void leave_terminal(void)
{
	int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)setsid();
	if (chdir("/") != 0)
		_exit(1);
	for (int i = 0; i < 3 && nothing >= 0; i++)
		dup2(nothing, i);
}

/*
 * Out of the session in which somebody said xl create: systemd ends that when they leave or the system goes down, and the guest would have no keeper just when it is asked to shut down. The service of all guests has a place
 * for keepers (Delegate= in zazen-guests.service); where it does not run, or is not there, nothing changes.
 */
static void leave_session(void)
{
	static const char service[] = "/sys/fs/cgroup/system.slice/zazen-guests.service";
	char path[sizeof(service) + 32];
	int fd;

	snprintf(path, sizeof(path), "%s/keepers", service);
	if (mkdir(path, 0755) != 0 && errno != EEXIST)
		return;
	snprintf(path, sizeof(path), "%s/keepers/cgroup.procs", service);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	(void)!write(fd, "0", 1); /* ourselves */
	close(fd);
}

/* It may be that nobody waits any more, or that the keeper before this one has told it. */
void kept_report(struct kept_guest *k, const struct failure *f)
{
	struct word w;

	if (k->report < 0)
		return;
	memset(&w, 0, sizeof(w));
	if (f)
		w.failure = *f;
	else
		report_fill(k, &w.report);
	if (write(k->report, &w, sizeof(w)) != (ssize_t)sizeof(w))
		kept_note(k, "nobody waited for guest %s", k->config.name);
	close(k->report);
	k->report = -1;
	k->is_changed = true;
}

static bool keeper_body(struct kept_guest *k, struct failure *f)
{
	bool done;

	signal(SIGPIPE, SIG_IGN);
	logs_open(k);
	(void)guardian_init(&k->guardian, takeover_forget, takeover, k);
	done = connect_all(k, f) && name_is_free(k, f);
	if (done) {
		store_while_waiting(k->store, kept_guard, k);
		guardian_make(k);
		done = kept_make(k, f);
	}
	if (done)
		guardian_make(k);
	else
		kept_note(k, "%s", f->text);
	if (!done)
		guardian_end(&k->guardian);
	return done;
}

static _Noreturn void keeper_process(struct kept_guest *k, int to)
{
	struct failure f = { "" };
	bool done;

	k->report = to;
	leave_terminal();
	leave_session();
	prctl(PR_SET_NAME, "zazen-keeper");
	done = keeper_body(k, &f);
	kept_report(k, done ? NULL : &f);
	if (done)
		kept_keep(k);
	exit(!done);
}

static struct kept_guest *kept_new(const struct guest_config *g, const struct keeper_options *o)
{
	struct kept_guest *k = calloc(1, sizeof(*k));

	if (!k)
		return NULL;
	k->config = *g;
	k->options = *o;
	k->control = k->request_socket = k->backend_handle = k->report = -1;
	for (unsigned i = 0; i <= CONFIG_SERIALS; i++)
		k->ptys[i] = -1;
	return k;
}

static bool start_here(struct kept_guest *k, struct keeper_report *report, struct failure *f)
{
	if (!keeper_body(k, f))
		return false;
	report_fill(k, report);
	kept_keep(k);
	return true;
}

bool keeper_start(const struct guest_config *g, const struct keeper_options *o,
                  struct keeper_report *report, struct failure *f)
{
	struct kept_guest *k = kept_new(g, o);
	struct word w;
	int ends[2];
	pid_t child;
	ssize_t n;

	if (!k)
		return fail(f, "%s: no memory for its keeper", g->name);
	if (o->stays)
		return start_here(k, report, f);
	if (pipe2(ends, O_CLOEXEC) != 0)
		return fail(f, "%s: no pipe for its keeper: %s", g->name, strerror(errno));
	child = fork();
	if (child == 0) {
		close(ends[0]);
		keeper_process(k, ends[1]);
	}
	free(k);
	close(ends[1]);
	n = child < 0 ? -1 : read(ends[0], &w, sizeof(w));
	close(ends[0]);
	if (n != (ssize_t)sizeof(w))
		return fail(f, "%s: its keeper ended: %s/%s.keeper.log may say why", g->name,
		            PATHS_LOG, g->name);
	*report = w.report;
	if (w.failure.text[0]) {
		waitpid(child, NULL, 0);
		return fail(f, "%s", w.failure.text);
	}
	return true;
}
