/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon in a process of its own, killed at random points while domain 0's kernel and two guests on rings and a process on the socket work with it. An oracle
 * knows what was answered: on rings every request is answered once, whatever happens; on the socket a request whose connection broke was done or was not.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "socket.h"
#include "unit.h"
#include "world.h"

#define KILLS 60
#define NODES 30

static struct fake fake;
static const char *folder;
static char socket_name[128];
static struct peer dom0, guest, other;
static volatile pid_t daemon_pid;
static volatile bool killing;
static volatile int kills;

/* ---- the daemon ---- */
static void serve(void)
{
	struct server *s = fake_server(&fake, folder);

	if (!s || socket_listen(s, socket_name))
		_exit(3);
	while (!server_step(s, -1))
		;
	_exit(4);
}

/* The next death comes soon, some time. */
static void arm(void)
{
	struct itimerval t = { .it_value = { 0, 200 + rand() % 25000 } };

	if (killing)
		setitimer(ITIMER_REAL, &t, NULL);
}

static void start_daemon(void)
{
	pid_t pid;

	/* What the kernel and the hypervisor do when a process ends. */
	for (int i = 0; i < FAKE_DOMAINS; i++)
		fake.domain[i].mapped = fake.domain[i].bound = false;
	fflush(stdout);
	pid = fork();
	if (!pid) {
		signal(SIGALRM, SIG_DFL);
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that failed leaves nothing running */
		serve();
	}
	daemon_pid = pid;
	arm();
}

static void on_alarm(int number)
{
	int saved = errno;

	if (killing && daemon_pid > 0 && !kill(daemon_pid, SIGKILL))
		kills++;
	errno = saved;
}

/* Starts it anew if it is dead. One that ended by itself is a fault. */
static void look_after(void)
{
	int status;

	if (waitpid(daemon_pid, &status, WNOHANG) != daemon_pid)
		return;
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL) {
		printf("FAIL %s: the daemon ended by itself, status %#x\n", unit_current, status);
		unit_failures++;
		killing = false;
	}
	start_daemon();
}

static void wait_a_little(struct peer *p)
{
	usleep(100);
	look_after();
}

/* ---- the socket ---- */
static int sock = -1;

static bool whole(ssize_t (*move)(int, void *, size_t, int), void *data, size_t len)
{
	uint8_t *at = data;

	while (len) {
		ssize_t n = move(sock, at, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += n;
		len -= (size_t)n;
	}
	return true;
}

static ssize_t send_some(int fd, void *data, size_t len, int flags)
{
	return send(fd, data, len, flags);
}

static void sock_connect(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	strcpy(address.sun_path, socket_name);
	for (;;) {
		sock = socket(AF_UNIX, SOCK_STREAM, 0);
		if (!connect(sock, (struct sockaddr *)&address, sizeof(address)))
			return;
		close(sock);
		wait_a_little(NULL);
	}
}

/* The reply's text, or NULL when the connection broke. */
static const char *sock_ask(uint32_t type, const char *data, uint32_t len)
{
	static char reply[XENSTORE_PAYLOAD_MAX + 1];
	struct xsd_sockmsg header = { type, 9, 0, len };

	if (sock < 0)
		sock_connect();
	if (whole(send_some, &header, sizeof(header)) && whole(send_some, (void *)data, len) &&
	    whole(recv, &header, sizeof(header)) && header.len <= XENSTORE_PAYLOAD_MAX &&
	    whole(recv, reply, header.len)) {
		reply[header.len] = 0;
		return reply;
	}
	close(sock);
	sock = -1;
	return NULL;
}

/* Writes until it was answered; a value that may have been written must be the old or the new one. */
static void sock_write(const char *old, const char *new)
{
	char request[64], read[64];
	uint32_t len = (uint32_t)sprintf(request, "/sock%c%s", 0, new);
	uint32_t read_len = (uint32_t)sprintf(read, "/sock") + 1;

	while (!sock_ask(XS_WRITE, request, len)) {
		const char *now;

		do {
			now = sock_ask(XS_READ, read, read_len);
		} while (!now);
		if (old[0])
			CHECK(!strcmp(now, old) || !strcmp(now, new));
	}
	CHECK_STR(sock_ask(XS_READ, read, read_len) ?: new, new);
}

/* ---- the work ---- */
static int model[3][NODES]; /* what each node of each peer holds; 0: it is not there */
static int sum;

static void one_node(struct peer *p, int who, int round)
{
	char text[64];
	int n = rand() % NODES;

	snprintf(text, sizeof(text), "data/%d|", n);
	if (rand() % 4 == 0) {
		CHECK_STR(peer_ask(p, XS_RM, 0, text), "OK|");
		model[who][n] = 0;
		return;
	}
	model[who][n] = round;
	snprintf(text, sizeof(text), "data/%d|%d", n, round);
	CHECK_STR(peer_ask(p, XS_WRITE, 0, text), "OK|");
}

static void look_at_one(struct peer *p, int who)
{
	char text[64], wanted[64] = "!ENOENT";
	int n = rand() % NODES;

	snprintf(text, sizeof(text), "data/%d|", n);
	if (model[who][n])
		snprintf(wanted, sizeof(wanted), "%d", model[who][n]);
	CHECK_STR(peer_ask(p, XS_READ, 0, text), wanted);
}

static void add_in_transaction(void)
{
	char text[64], wanted[64];
	uint32_t t = peer_begin(&guest);

	CHECK(t);
	snprintf(wanted, sizeof(wanted), "%d", sum);
	CHECK_STR(peer_ask(&guest, XS_READ, t, "sum|"), wanted);
	snprintf(text, sizeof(text), "sum|%d", ++sum);
	CHECK_STR(peer_ask(&guest, XS_WRITE, t, text), "OK|");
	CHECK_STR(peer_ask(&guest, XS_TRANSACTION_END, t, "T|"), "OK|");
}

/* An event for each change of a watched node, before the answer of the next request. */
static void watched(int round)
{
	char text[64];

	guest.events.len = 0;
	guest.nr_events = 0;
	snprintf(text, sizeof(text), "seen|%d", round);
	CHECK_STR(peer_ask(&guest, XS_WRITE, 0, text), "OK|");
	CHECK_STR(peer_ask(&guest, XS_GET_DOMAIN_PATH, 0, "1|"), "/local/domain/1|");
	CHECK_EQ(guest.nr_events, 1);
}

/* A long value in pieces: rings stand in the middle of it when the daemon dies. */
static void long_value(int round)
{
	char text[2001];

	memset(text, 'a' + round % 26, sizeof(text));
	memcpy(text, "long|", 5);
	text[2000] = 0;
	CHECK_STR(peer_ask(&other, XS_WRITE, 0, text), "OK|");
	CHECK_STR(peer_ask(&other, XS_READ, 0, "long|"), text + 5);
}

static void prepare(struct peer *p, uint32_t domid)
{
	peer_init(p, &fake, domid, NULL);
	p->wait = wait_a_little;
	p->patience = 50000;
}

static void introduce(const char *introduce, const char *path, const char *perms)
{
	CHECK_STR(peer_ask(&dom0, XS_INTRODUCE, 0, introduce), "OK|");
	CHECK_STR(peer_ask(&dom0, XS_MKDIR, 0, path), "OK|");
	CHECK_STR(peer_ask(&dom0, XS_SET_PERMS, 0, perms), "OK|");
}

static void begin(void)
{
	fake_init(&fake);
	fake_start(&fake, 1);
	fake_start(&fake, 2);
	folder = fake_folder();
	snprintf(socket_name, sizeof(socket_name), "%s/socket", folder);
	signal(SIGALRM, on_alarm);
	srand(5);
	start_daemon();
	prepare(&dom0, 0);
	prepare(&guest, 1);
	prepare(&other, 2);
	introduce("1|77|5|", "/local/domain/1|", "/local/domain/1|n1|");
	introduce("2|78|6|", "/local/domain/2|", "/local/domain/2|n2|");
	CHECK_STR(peer_ask(&dom0, XS_MKDIR, 0, "data|"), "OK|");
	CHECK_STR(peer_ask(&guest, XS_MKDIR, 0, "data|"), "OK|");
	CHECK_STR(peer_ask(&other, XS_MKDIR, 0, "data|"), "OK|");
	CHECK_STR(peer_ask(&guest, XS_WRITE, 0, "sum|0"), "OK|");
	CHECK_STR(peer_ask(&guest, XS_WATCH, 0, "seen|token|"), "OK|");
}

static void end(void)
{
	int status;

	killing = false;
	CHECK_STR(peer_ask(&dom0, XS_CONTROL, 0, "check|"), "OK|");
	for (int i = 0; i < 200; i++) {
		look_at_one(&dom0, 0);
		look_at_one(&guest, 1);
		look_at_one(&other, 2);
	}
	kill(daemon_pid, SIGKILL);
	waitpid(daemon_pid, &status, 0);
	peer_free(&dom0);
	peer_free(&guest);
	peer_free(&other);
	fake_folder_remove(folder);
	fake_free(&fake);
}

static void killed_at_random(void)
{
	char old[16] = "", new[16];
	int round = 0;

	begin();
	killing = true;
	arm();
	while (kills < KILLS) {
		round++;
		one_node(&dom0, 0, round);
		one_node(&guest, 1, round);
		one_node(&other, 2, round);
		look_at_one(&dom0, 0);
		look_at_one(&guest, 1);
		add_in_transaction();
		watched(round);
		if (round % 4 == 0)
			long_value(round);
		snprintf(new, sizeof(new), "%d", round);
		sock_write(old, new);
		strcpy(old, new);
	}
	CHECK(round > 0);
	printf("# %d rounds, killed %d times\n", round, kills);
	end();
}

UNIT_MAIN(UNIT(killed_at_random))
