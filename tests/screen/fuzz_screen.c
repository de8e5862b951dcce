/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What comes over the network to a guest's screen: viewers (RFB with our extensions), browsers (HTTP), web sockets. All of an input is one connection's; then it is closed. Nothing of it may stay: no
 * viewer, no connection, no key that is down.
 *
 * The first byte of an input says who speaks: 0 a viewer that has come as far as its messages, 1 one that says anything from the start, 2 a browser, 3 a web socket's messages (all modulo 4). The rest is what it says.
 */
#include "input.h"
#include "viewers.h"
#include "web.h"

#include "devmodel_link.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define WIDTH     64
#define HEIGHT    48
#define FIRST     21000 /* a port for browsers is looked for from here on */
#define LAST      21999
#define BYTES_MAX 2000
#define ROUNDS    (BYTES_MAX + 50) /* a message takes a round, and has a byte at least */

enum speaker { VIEWER, ANYBODY, BROWSER, WEB_SOCKET };

static rfbScreenInfoPtr rfb;
static struct viewers viewers;
static struct input input;
static struct web *web;
static uint16_t web_port;

/* What the library keeps of a connection is the library's. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libvncserver\n";
}

static void nobody(void *context)
{
}

static void quiet(const char *format, ...)
{
}

static void key_event(rfbBool down, rfbKeySym key, rfbClientPtr c)
{
	input_key(&input, down, key);
}

static void pointer_event(int buttons, int x, int y, rfbClientPtr c)
{
	if (extension_is_relative(c->clientData))
		input_motion(&input, buttons, x - 0x7fff, y - 0x7fff);
	else
		input_pointer(&input, buttons, x, y, WIDTH, HEIGHT);
}

static bool web_begin(void)
{
	char folder[] = "/tmp/zazen-web-XXXXXX", path[64], error[300];
	FILE *f;

	if (!mkdtemp(folder))
		return false;
	snprintf(path, sizeof(path), "%s/vnc.html", folder);
	f = fopen(path, "we");
	if (f) {
		fputs("<html></html>\n", f);
		fclose(f);
	}
	for (web_port = FIRST + (uint16_t)(getpid() % (LAST - FIRST)); !web && web_port < LAST;
	     web_port++)
		web = web_open(folder, htonl(INADDR_LOOPBACK), web_port, error, sizeof(error));
	web_port--;
	unlink(path);
	rmdir(folder);
	return web != NULL;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct devmodel_link *link = aligned_alloc(4096, DEVMODEL_LINK_SIZE);

	rfbLog = rfbErr = quiet;
	memset(link, 0, DEVMODEL_LINK_SIZE);
	rfb = rfbGetScreen(NULL, NULL, WIDTH, HEIGHT, 8, 3, 4);
	rfb->frameBuffer = calloc(WIDTH * HEIGHT, 4);
	rfb->desktopName = "fuzz";
	rfb->kbdAddEvent = key_event;
	rfb->ptrAddEvent = pointer_event;
	rfb->alwaysShared = TRUE;
	rfb->cursor = NULL;
	rfb->maxClientWait = 10; /* nothing comes that is not there */
	rfb->deferUpdateTime = 0;
	rfb->listenSock = -1;
	if (!web_begin())
		abort();
	viewers_init(&viewers, rfb, &input, web, -1);
	input.keymap = keymap_find(NULL);
	input_start(&input, link, nobody, NULL);
	return 0;
}

/* A device model that takes all that is typed. */
static void events_drop(void)
{
	store_release(&input.link->input.queue.consumed, input.link->input.queue.produced);
}

static int browser_connect(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		                 .sin_port = htons(web_port),
		                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const struct linger at_once = { .l_onoff = 1 }; /* so that ports are free again */
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof(a)) != 0)
		abort();
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	return fd;
}

static void say(int fd, const void *bytes, size_t n)
{
	if (n && send(fd, bytes, n, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return;
}

/* The server's end, if it is to be taken over. */
static int speak(enum speaker who, const uint8_t *data, size_t n, int *server)
{
	static const char version[] = "RFB 003.008\n\001\001"; /* no password; shared */
	static const char upgrade[] =
		"GET /websockify HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: binary\r\n\r\n";
	int ends[2];

	*server = -1;
	if (who == BROWSER || who == WEB_SOCKET) {
		int fd = browser_connect();

		if (who == WEB_SOCKET)
			say(fd, upgrade, sizeof(upgrade) - 1);
		say(fd, data, n);
		return fd;
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
		abort();
	if (who == VIEWER)
		say(ends[0], version, sizeof(version) - 1);
	say(ends[0], data, n);
	*server = ends[1];
	return ends[0];
}

static void serve(int fd)
{
	char sink[65536];

	viewers_serve(&viewers, 0, true);
	while (recv(fd, sink, sizeof(sink), MSG_DONTWAIT) > 0)
		;
	events_drop();
}

static bool is_quiet(void)
{
	return !viewers.nr && web_is_idle(web);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd, server;

	if (!size || size > BYTES_MAX)
		return 0;
	fd = speak(data[0] % 4, data + 1, size - 1, &server);
	shutdown(fd, SHUT_WR);
	if (server >= 0)
		viewers_take(&viewers, server);
	else
		serve(fd); /* it is accepted */
	for (unsigned i = 0; i < ROUNDS && !is_quiet(); i++)
		serve(fd);
	close(fd);
	for (unsigned i = 0; i < 3; i++)
		viewers_serve(&viewers, 0, true);
	if (!is_quiet())
		abort();
	for (unsigned i = 0; i < sizeof(input.down); i++)
		if (input.down[i])
			abort();
	return 0;
}
