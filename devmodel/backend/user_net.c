/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The network without a bridge: libslirp makes a guest's connections its own, with a DHCP server and a name server at 10.0.2.2 and .3. It must open sockets at any time, which the backend must not: so it is a process
 * of its own, with a uid of its own, a root that has nothing but the resolver's settings, and no right but that to use the network. It ends when the backend does. A datagram between the two is a frame.
 */
#include "nic.h"

#include "event_loop.h"
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <slirp/libslirp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define FDS_MAX    512 /* of connections at once; sandbox_drop() limits them to fewer */
#define TIMERS_MAX 16

struct user_timer {
	SlirpTimerId id;
	void *context;
	uint64_t at_ms; /* 0: off */
	bool is_used;
};

static struct {
	int fd; /* of the frames */
	Slirp *slirp;
	struct pollfd fds[FDS_MAX];
	int nr_fds;
	struct user_timer timers[TIMERS_MAX];
} net;

/* ---- what libslirp asks for ---- */

/* No room is no error: a network loses frames. */
static ssize_t send_packet(const void *frame, size_t n, void *opaque)
{
	(void)send(net.fd, frame, n, MSG_DONTWAIT | MSG_NOSIGNAL);
	return (ssize_t)n;
}

static void guest_error(const char *text, void *opaque)
{
}

static int64_t clock_get_ns(void *opaque)
{
	return (int64_t)event_now_ns();
}

static void *timer_new_opaque(SlirpTimerId id, void *context, void *opaque)
{
	for (unsigned i = 0; i < TIMERS_MAX; i++)
		if (!net.timers[i].is_used) {
			net.timers[i] = (struct user_timer){ id, context, 0, true };
			return &net.timers[i];
		}
	return NULL;
}

static void timer_free(void *timer, void *opaque)
{
	if (timer)
		((struct user_timer *)timer)->is_used = false;
}

static void timer_mod(void *timer, int64_t at_ms, void *opaque)
{
	if (timer)
		((struct user_timer *)timer)->at_ms = (uint64_t)at_ms;
}

static void fd_ignore(int fd, void *opaque)
{
}

static void notify(void *opaque)
{
}

static void init_completed(Slirp *slirp, void *opaque)
{
}

static const SlirpCb callbacks = { .send_packet = send_packet,
	                           .guest_error = guest_error,
	                           .clock_get_ns = clock_get_ns,
	                           .timer_free = timer_free,
	                           .timer_mod = timer_mod,
	                           .register_poll_fd = fd_ignore,
	                           .unregister_poll_fd = fd_ignore,
	                           .notify = notify,
	                           .init_completed = init_completed,
	                           .timer_new_opaque = timer_new_opaque };

/* ---- its loop ---- */

static const struct {
	int slirp;
	short poll;
} bits[] = { { SLIRP_POLL_IN, POLLIN },
	     { SLIRP_POLL_OUT, POLLOUT },
	     { SLIRP_POLL_PRI, POLLPRI },
	     { SLIRP_POLL_ERR, POLLERR },
	     { SLIRP_POLL_HUP, POLLHUP } };

static int add_poll(int fd, int events, void *opaque)
{
	short wanted = 0;

	if (net.nr_fds == FDS_MAX)
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(bits); i++)
		if (events & bits[i].slirp)
			wanted |= bits[i].poll;
	net.fds[net.nr_fds] = (struct pollfd){ .fd = fd, .events = wanted };
	return net.nr_fds++;
}

static int get_revents(int i, void *opaque)
{
	int seen = 0;

	if (i < 0)
		return 0;
	for (size_t b = 0; b < ARRAY_LEN(bits); b++)
		if (net.fds[i].revents & bits[b].poll)
			seen |= bits[b].slirp;
	return seen;
}

static void timers_fire(void)
{
	uint64_t now = event_now_ns() / 1000000;

	for (unsigned i = 0; i < TIMERS_MAX; i++) {
		struct user_timer *t = &net.timers[i];

		if (!t->is_used || !t->at_ms || t->at_ms > now)
			continue;
		t->at_ms = 0;
		slirp_handle_timer(net.slirp, t->id, t->context);
	}
}

static uint32_t timers_wait(uint32_t most_ms)
{
	uint64_t now = event_now_ns() / 1000000;

	for (unsigned i = 0; i < TIMERS_MAX; i++) {
		const struct user_timer *t = &net.timers[i];

		if (t->is_used && t->at_ms)
			most_ms = MIN(most_ms,
			              (uint32_t)(t->at_ms > now ? MIN(t->at_ms - now, 1000u) : 0));
	}
	return most_ms;
}

/* False: the backend is gone. */
static bool frames_take(void)
{
	uint8_t frame[NET_FRAME_MAX];

	for (unsigned i = 0; i < 64; i++) {
		ssize_t n = recv(net.fd, frame, sizeof(frame), MSG_DONTWAIT);

		if (n == 0)
			return false;
		if (n < 0)
			return errno == EAGAIN || errno == EINTR;
		slirp_input(net.slirp, frame, (int)n);
	}
	return true;
}

static void serve(void)
{
	bool is_there = true;

	while (is_there) {
		uint32_t wait_ms = 60000;
		int n;

		net.fds[0] = (struct pollfd){ .fd = net.fd, .events = POLLIN };
		net.nr_fds = 1;
		slirp_pollfds_fill(net.slirp, &wait_ms, add_poll, NULL);
		n = poll(net.fds, (nfds_t)net.nr_fds, (int)timers_wait(wait_ms));
		slirp_pollfds_poll(net.slirp, n < 0, get_revents, NULL);
		timers_fire();
		if (n > 0 && net.fds[0].revents)
			is_there = frames_take();
	}
}

static struct in_addr address(const char *text)
{
	struct in_addr a = { 0 };

	(void)inet_pton(AF_INET, text, &a);
	return a;
}

static void settings_make(SlirpConfig *c)
{
	memset(c, 0, sizeof(*c));
	c->version = 4;
	c->in_enabled = true;
	c->vnetwork = address("10.0.2.0");
	c->vnetmask = address("255.255.255.0");
	c->vhost = address("10.0.2.2");
	c->vdhcp_start = address("10.0.2.15");
	c->vnameserver = address("10.0.2.3");
	c->in6_enabled = true;
	(void)inet_pton(AF_INET6, "fec0::", &c->vprefix_addr6);
	c->vprefix_len = 64;
	(void)inet_pton(AF_INET6, "fec0::2", &c->vhost6);
	(void)inet_pton(AF_INET6, "fec0::3", &c->vnameserver6);
	c->vhostname = "guest";
	/* The control domain's own services are none of a guest's. */
	c->disable_host_loopback = true;
}

/* The descriptors of the backend's that a fork inherits, all but the one. */
static void others_close(int kept)
{
	if (dup2(kept, 3) != 3)
		_exit(1);
	if (close_range(4, ~0u, 0) != 0)
		for (int fd = 4; fd < 1024; fd++)
			close(fd);
}

static void child(int fd, uint32_t uid)
{
	const struct sandbox_wish w = { .uid = uid,
		                        .keeps_network = true,
		                        .resolv = "/etc/resolv.conf" };
	struct failure f = { "" };
	SlirpConfig c;

	(void)prctl(PR_SET_NAME, "zazen-user-net", 0, 0, 0);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	others_close(fd);
	net.fd = 3;
	if (!sandbox_drop(&w, &f))
		_exit(1);
	settings_make(&c);
	net.slirp = slirp_new(&c, &callbacks, NULL);
	if (net.slirp)
		serve();
	_exit(0);
}

int user_net_start(unsigned n, uint32_t uid, struct failure *f)
{
	int pair[2], room = 1 << 20;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
		fail(f, "network interface %u: %s", n, strerror(errno));
		return -1;
	}
	(void)setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	(void)setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	pid = fork();
	if (pid == 0)
		child(pair[1], uid);
	close(pair[1]);
	if (pid > 0 && fcntl(pair[0], F_SETFL, O_NONBLOCK) == 0)
		return pair[0];
	close(pair[0]);
	fail(f, "network interface %u: its process cannot be started: %s", n, strerror(errno));
	return -1;
}
