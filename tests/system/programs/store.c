// SPDX-License-Identifier: GPL-2.0-or-later
// store ROUNDS: in a guest, over its kernel's ring: writes and reads nodes, transactions and a watch, round after round. Whoever restarts the store's daemon meanwhile must
// not be noticed: each request has its answer, each node what was last written, and the watch, set once, goes on. Says STORE DONE at the end.
// By the wire's own messages: libxenstore wants a thread for watches, which it cannot make when it is linked static.
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>

#include <xen/io/xs_wire.h>

#include "program.h"

static int fd;
static int events; // taken while a reply was waited for

static void must(int holds, const char *what, int round)
{
	if (holds)
		return;
	printf("FAIL store: round %d: %s (errno %d, %s)\n", round, what, errno, strerror(errno));
	printf("STORE DONE\n");
	fflush(stdout);
	exit(1);
}

static void take(void *data, size_t len, int round)
{
	char *at = data;

	while (len) {
		ssize_t n = read(fd, at, len);

		must(n > 0, "the kernel gives no more", round);
		at += n;
		len -= (size_t)n;
	}
}

// One message, its text with a nul; its type.
static uint32_t take_message(char text[XENSTORE_PAYLOAD_MAX + 1], int round)
{
	struct xsd_sockmsg header;

	take(&header, sizeof(header), round);
	must(header.len <= XENSTORE_PAYLOAD_MAX, "a message is too long", round);
	take(text, header.len, round);
	text[header.len] = 0;
	events += header.type == XS_WATCH_EVENT;
	return header.type;
}

// A request of two strings, the second of which has its nul if so wanted; what comes back.
static const char *ask(uint32_t type, uint32_t tx, const char *first, const char *second, int nul,
                       int round)
{
	static char text[XENSTORE_PAYLOAD_MAX + 1];
	struct xsd_sockmsg header = {
		type, 1, tx, (uint32_t)(strlen(first) + 1 + strlen(second) + (size_t)nul)
	};
	char request[256];
	uint32_t came;

	memcpy(request, &header, sizeof(header));
	strcpy(request + sizeof(header), first);
	strcpy(request + sizeof(header) + strlen(first) + 1, second);
	must(write(fd, request, sizeof(header) + header.len) ==
	             (ssize_t)(sizeof(header) + header.len),
	     "the kernel takes no request", round);
	do {
		came = take_message(text, round);
	} while (came == XS_WATCH_EVENT);
	must(came == type || came == XS_ERROR, "a strange reply", round);
	if (came == XS_ERROR && strcmp(text, "EAGAIN")) {
		printf("# %s: %s\n", first, text);
		must(0, "a request failed", round);
	}
	return text;
}

static void in_transaction(const char *old, const char *new, int round)
{
	for (;;) {
		uint32_t t =
			(uint32_t)strtoul(ask(XS_TRANSACTION_START, 0, "", "", 0, round), NULL, 10);

		must(t != 0, "a transaction did not start", round);
		if (round)
			must(!strcmp(ask(XS_READ, t, "data/sum", "", 0, round), old),
			     "a sum is another", round);
		ask(XS_WRITE, t, "data/sum", new, 0, round);
		must(!strcmp(ask(XS_READ, t, "data/sum", "", 0, round), new),
		     "a sum in its transaction is another", round);
		if (!strcmp(ask(XS_TRANSACTION_END, t, "T", "", 0, round), "OK"))
			return;
	}
}

// The event of the write before: nothing but its coming matters.
static void take_event(int round)
{
	static char text[XENSTORE_PAYLOAD_MAX + 1];
	struct pollfd p = { .fd = fd, .events = POLLIN };

	while (!events) {
		must(poll(&p, 1, 60000) == 1, "no event in a minute", round);
		must(take_message(text, round) == XS_WATCH_EVENT, "a reply that nobody wants",
		     round);
	}
	events = 0;
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 100;
	char old[16] = "", new[16];

	fd = open("/dev/xen/xenbus", O_RDWR);
	must(fd >= 0, "/dev/xen/xenbus cannot be opened", 0);
	ask(XS_WATCH, 0, "data/node", "mine", 1, 0);
	take_event(0);
	for (int i = 0; i < rounds; i++) {
		snprintf(new, sizeof(new), "%d", i);
		ask(XS_WRITE, 0, "data/node", new, 0, i);
		take_event(i);
		must(!strcmp(ask(XS_READ, 0, "data/node", "", 0, i), new), "a node is another", i);
		in_transaction(old, new, i);
		strcpy(old, new);
		if (i % 500 == 0) {
			printf("STORE %d\n", i);
			fflush(stdout);
		}
	}
	printf("STORE DONE rounds=%d\n", rounds);
	return 0;
}
