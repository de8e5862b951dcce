// SPDX-License-Identifier: GPL-2.0-or-later
/* The backend process of a guest without a device model: its console's ring, whole and hostile. */
#include "backend_host.h"
#include "unit.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <xen/io/console.h>

#define H    (&backend_host)
#define PORT 2u

static struct xencons_interface *ring;
static char log_line[256];
static const char *lines[] = { log_line, "console to=pty", NULL };

/* The guest is made, and nobody has begun to speak. */
static void machine(void)
{
	backend_machine(&(const struct devmodel_board){ 0 });
	ring = (struct xencons_interface *)H->pv->pages[0];
	H->pv->grants[0] = PV_GRANTED_WRITE;
	snprintf(log_line, sizeof(log_line), "guest name=g model=0 log=%s", backend_path("g.log"));
}

static void start(void)
{
	CHECK(backend_start(lines));
	CHECK(backend_attach_pvh());
}

static void say(const char *text)
{
	for (; *text; text++)
		ring->out[ring->out_prod++ % sizeof(ring->out)] = *text;
	backend_pv_tell(PORT);
}

static bool is_taken(void)
{
	while (__atomic_load_n(&ring->out_cons, __ATOMIC_ACQUIRE) != ring->out_prod)
		if (!backend_pv_told(PORT))
			return false;
	return true;
}

static int pty_open(void)
{
	int fd = open(H->console_path, O_RDWR | O_NOCTTY);
	struct termios t;

	CHECK(fd >= 0 && tcgetattr(fd, &t) == 0);
	cfmakeraw(&t);
	CHECK_EQ(tcsetattr(fd, TCSANOW, &t), 0);
	return fd;
}

static bool reads(int fd, const char *text)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char got[4096];
	size_t n = 0, wanted = strlen(text);

	while (n < wanted && poll(&p, 1, 60000) > 0) {
		ssize_t more = read(fd, got + n, wanted - n);

		if (more <= 0)
			return false;
		n += (size_t)more;
	}
	return n == wanted && !memcmp(got, text, wanted);
}

static bool log_has(const char *text)
{
	static char all[65536];
	int fd = open(backend_path("g.log"), O_RDONLY);
	ssize_t n = read(fd, all, sizeof(all) - 1);

	close(fd);
	all[n > 0 ? n : 0] = 0;
	return strstr(all, text) != NULL;
}

static void spoken_and_typed(void)
{
	char typed[8] = "";
	int fd;

	machine();
	say("before\n"); /* of a guest that was faster */
	start();
	CHECK(is_taken());
	fd = pty_open();
	CHECK(reads(fd, "before\n"));
	say("hello\n");
	CHECK(reads(fd, "hello\n"));
	CHECK_EQ(write(fd, "ls\r", 3), 3);
	while (__atomic_load_n(&ring->in_prod, __ATOMIC_ACQUIRE) != 3)
		CHECK(backend_pv_told(PORT));
	memcpy(typed, ring->in, 3);
	CHECK(!strcmp(typed, "ls\r"));
	close(fd);
	CHECK_EQ(backend_quit(), 0);
	CHECK(log_has(" console hello"));
}

/* More is typed than the guest has room for: the rest comes when it has taken some. */
static void a_full_ring(void)
{
	char much[1500];
	uint32_t got = 0;
	int fd;

	machine();
	start();
	fd = pty_open();
	memset(much, 'x', sizeof(much));
	CHECK_EQ(write(fd, much, sizeof(much)), (ssize_t)sizeof(much));
	while (got < sizeof(much)) {
		uint32_t put = __atomic_load_n(&ring->in_prod, __ATOMIC_ACQUIRE);

		CHECK(put - got <= sizeof(ring->in));
		if (put == got) {
			CHECK(backend_pv_told(PORT));
			continue;
		}
		got = put;
		__atomic_store_n(&ring->in_cons, got, __ATOMIC_RELEASE);
		backend_pv_tell(PORT);
	}
	close(fd);
	CHECK_EQ(backend_quit(), 0);
}

/* Another process goes on where the one that was killed has left the ring. */
static void killed(void)
{
	int fd;

	machine();
	start();
	say("one\n");
	CHECK(is_taken());
	backend_kill();
	say("two\n");
	start();
	fd = pty_open();
	CHECK(reads(fd, "two\n"));
	close(fd);
	CHECK_EQ(backend_quit(), 0);
}

/* Impossible indices move nothing, and the process stays; what is right again works again. */
static void hostile(void)
{
	machine();
	start();
	ring->out_prod = ring->out_cons + sizeof(ring->out) + 1;
	ring->in_cons = ring->in_prod + 5;
	backend_pv_tell(PORT);
	CHECK(backend_ask("state", -1));
	CHECK_EQ(ring->out_cons, 0);
	ring->out_prod = 0;
	ring->in_cons = ring->in_prod;
	say("still here\n");
	CHECK(is_taken());
	CHECK_EQ(backend_quit(), 0);
	CHECK(log_has(" console still here"));
}

static void refusals(void)
{
	static const char *const wrong[][3] = {
		{ "guest name=g model=0", "drive vdev=hda kind=disk access=r path=/x", NULL },
		{ "guest name=g model=0", "serial n=0 to=pty", NULL },
		{ "console to=pty", "console to=pty", NULL },
		{ "console to=elsewhere", NULL },
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		machine();
		CHECK(!backend_start(wrong[i]));
		CHECK(!strcmp(H->line.word, "error"));
	}
	/* a page that is not granted */
	machine();
	H->pv->grants[0] = PV_NOT_GRANTED;
	CHECK(backend_start(lines));
	CHECK(!backend_attach_pvh());
}

UNIT_MAIN(UNIT(spoken_and_typed), UNIT(a_full_ring), UNIT(killed), UNIT(hostile), UNIT(refusals))
