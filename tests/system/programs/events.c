// SPDX-License-Identifier: GPL-2.0-or-later
// events: event channels between processes and between domains, and what becomes of one end when the other's process is killed.
//   events                         between two processes of this domain
//   events hold                    binds ports and waits to be killed
//   events serve DOMID             says SERVING PORT, answers that domain's events, and ends with the last one
//   events ask DOMID PORT [hold]   the other end of that; hold: asks only, binds it and waits to be killed
//   events status DOMID PORT       says the number of its status (EVTCHNSTAT_*)
#include <signal.h>
#include <sys/wait.h>
#include <stdint.h>
#include <xen/event_channel.h>
#include <xencall.h>
#include <xenevtchn.h>
#include "program.h"

#define ROUNDS 100
#define HELD   50

// A port's status (EVTCHNSTAT_*), or -1: Linux lets no program of a guest make hypercalls of its own.
static int domain_status_of(uint16_t domid, uint32_t port)
{
	xencall_handle *xen = xencall_open(NULL, 0);
	struct evtchn_status *status = xencall_alloc_buffer(xen, sizeof(*status));
	int ret;

	memset(status, 0, sizeof(*status));
	status->dom = domid;
	status->port = port;
	ret = xencall2(xen, __HYPERVISOR_event_channel_op, EVTCHNOP_status, (uint64_t)status);
	if (!ret)
		ret = status->status;
	xencall_free_buffer(xen, status);
	xencall_close(xen);
	return ret;
}

static int status_of(uint32_t port)
{
	return domain_status_of(DOMID_SELF, port);
}

static int wait_event(xenevtchn_handle *events, uint32_t port)
{
	xenevtchn_port_or_error_t got = xenevtchn_pending(events);

	return got == (int)port && !xenevtchn_unmask(events, got);
}

// The other process: answers each event, the last one by sleeping until it is killed.
static void answer(uint32_t remote)
{
	xenevtchn_handle *events = xenevtchn_open(NULL, 0);
	xenevtchn_port_or_error_t port = xenevtchn_bind_interdomain(events, 0, remote);
	int i;

	// Binding sends an event to who binds.
	if (!events || port < 0 || !wait_event(events, port))
		exit(1);
	for (i = 0; i < ROUNDS; i++) {
		xenevtchn_notify(events, port);
		if (!wait_event(events, port))
			exit(2);
	}
	xenevtchn_notify(events, port);
	for (;;)
		pause();
}

static void two_processes(void)
{
	xenevtchn_handle *events = xenevtchn_open(NULL, 0);
	xenevtchn_port_or_error_t port;
	int i, status;
	pid_t other;

	need(events != NULL, "events-open");
	port = xenevtchn_bind_unbound_port(events, 0);
	need(port > 0, "events-unbound");
	check(status_of(port) == EVTCHNSTAT_unbound, "events-status-unbound", "status %d",
	      status_of(port));
	fflush(stdout);
	other = fork();
	if (!other)
		answer(port);
	for (i = 0; i < ROUNDS && wait_event(events, port); i++)
		xenevtchn_notify(events, port);
	check(i == ROUNDS, "events-rounds", "%d of %d", i, ROUNDS);
	check(wait_event(events, port), "events-last", "it did not come");
	check(status_of(port) == EVTCHNSTAT_interdomain, "events-status-bound", "status %d",
	      status_of(port));
	kill(other, SIGKILL);
	waitpid(other, &status, 0);
	check(WIFSIGNALED(status), "events-killed", "the other process had ended: %x", status);
	check(status_of(port) == EVTCHNSTAT_unbound, "events-status-left", "status %d",
	      status_of(port));
	check(!xenevtchn_unbind(events, port), "events-unbind", "port %d", port);
	check(status_of(port) == EVTCHNSTAT_closed, "events-status-closed", "status %d",
	      status_of(port));
	check(xenevtchn_bind_interdomain(events, 0, port) < 0, "events-bind-closed",
	      "a closed port was bound");
	check(xenevtchn_bind_interdomain(events, 0x7ff0, 1) < 0, "events-bind-nobody",
	      "no domain's port was bound");
	xenevtchn_close(events);
}

static void hold_ports(void)
{
	xenevtchn_handle *events = xenevtchn_open(NULL, 0);
	int i;

	for (i = 0; i < HELD; i++)
		if (!events || xenevtchn_bind_unbound_port(events, 0) < 0)
			exit(1);
	hold();
}

static void serve(uint32_t domid)
{
	xenevtchn_handle *events = xenevtchn_open(NULL, 0);
	xenevtchn_port_or_error_t port;
	int i;

	need(events != NULL, "events-serve-open");
	port = xenevtchn_bind_unbound_port(events, domid);
	need(port > 0, "events-serve-unbound");
	printf("SERVING %d\n", port);
	fflush(stdout);
	for (i = 0; i < ROUNDS && wait_event(events, port); i++)
		if (xenevtchn_notify(events, port))
			break;
	check(i == ROUNDS, "events-served", "%d of %d", i, ROUNDS);
	check(wait_event(events, port), "events-serve-last", "it did not come");
	check(!xenevtchn_unbind(events, port), "events-serve-unbind", "port %d", port);
	xenevtchn_close(events);
}

// Each question has one answer: the server counts the same number.
static void ask(uint32_t domid, uint32_t remote, int is_held)
{
	xenevtchn_handle *events = xenevtchn_open(NULL, 0);
	xenevtchn_port_or_error_t port;
	int i;

	need(events != NULL, "events-ask-open");
	port = xenevtchn_bind_interdomain(events, domid, remote);
	need(port > 0, "events-ask-bind");
	check(wait_event(events, port), "events-ask-first", "binding sends no event");
	for (i = 0; i < ROUNDS; i++)
		if (xenevtchn_notify(events, port) || !wait_event(events, port))
			break;
	check(i == ROUNDS, "events-asked", "%d of %d", i, ROUNDS);
	check(xenevtchn_bind_interdomain(events, domid, remote) < 0, "events-ask-twice",
	      "a bound port was bound again");
	if (is_held)
		hold();
	check(!xenevtchn_notify(events, port), "events-ask-last", "notify");
	check(!xenevtchn_unbind(events, port), "events-ask-unbind", "port %d", port);
	xenevtchn_close(events);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (!*what)
		two_processes();
	else if (!strcmp(what, "hold"))
		hold_ports();
	else if (!strcmp(what, "serve") && argc == 3)
		serve(atoi(argv[2]));
	else if (!strcmp(what, "ask") && argc >= 4)
		ask(atoi(argv[2]), atoi(argv[3]), argc > 4);
	else if (!strcmp(what, "status") && argc == 4)
		printf("%d\n", domain_status_of(atoi(argv[2]), atoi(argv[3])));
	else
		return 2;
	return 0;
}
