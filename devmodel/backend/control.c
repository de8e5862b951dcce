/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines between a keeper and a backend: making them, taking them apart, sending and receiving. Linked into both. */
#include "control.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- making ---- */

static void append(struct control_text *t, char c)
{
	if (t->length + 1 >= sizeof(t->text)) {
		t->is_too_long = true;
		return;
	}
	t->text[t->length++] = c;
	t->text[t->length] = 0;
}

static void append_word(struct control_text *t, const char *word)
{
	while (*word)
		append(t, *word++);
}

void control_begin(struct control_text *t, const char *word)
{
	t->length = 0;
	t->text[0] = 0;
	t->is_too_long = false;
	append_word(t, word);
}

static void append_value(struct control_text *t, const char *value)
{
	static const char digits[] = "0123456789abcdef";

	for (; *value; value++) {
		unsigned char c = (unsigned char)*value;

		if (c > ' ' && c < 0x7f && c != '%') {
			append(t, (char)c);
			continue;
		}
		append(t, '%');
		append(t, digits[c >> 4]);
		append(t, digits[c & 15]);
	}
}

void control_put(struct control_text *t, const char *name, const char *value)
{
	append(t, ' ');
	append_word(t, name);
	append(t, '=');
	append_value(t, value);
}

void control_put_number(struct control_text *t, const char *name, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	control_put(t, name, text);
}

/* ---- taking apart ---- */

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* In place. False: a '%' that nothing follows, or a zero byte. */
static bool decode(char *value)
{
	char *to = value;

	while (*value) {
		int high, low;

		if (*value != '%') {
			*to++ = *value++;
			continue;
		}
		high = digit_of(value[1]);
		low = high < 0 ? -1 : digit_of(value[2]);
		if (low < 0 || high + low == 0)
			return false;
		*to++ = (char)(high << 4 | low);
		value += 3;
	}
	*to = 0;
	return true;
}

static bool parse_argument(struct control_line *line, char *argument)
{
	char *equals = strchr(argument, '=');

	if (!equals || equals == argument || line->nr_args == CONTROL_ARGS)
		return false;
	*equals = 0;
	line->args[line->nr_args].name = argument;
	line->args[line->nr_args++].value = equals + 1;
	return decode(equals + 1);
}

bool control_parse(struct control_line *line)
{
	char *next = line->text, *piece = strsep(&next, " ");

	line->word = piece;
	line->nr_args = 0;
	if (!*piece)
		return false;
	while ((piece = strsep(&next, " ")))
		if (!parse_argument(line, piece))
			return false;
	return true;
}

const char *control_value(const struct control_line *line, const char *name)
{
	for (unsigned i = 0; i < line->nr_args; i++)
		if (!strcmp(line->args[i].name, name))
			return line->args[i].value;
	return NULL;
}

uint64_t control_number(const struct control_line *line, const char *name, uint64_t max,
                        uint64_t otherwise)
{
	const char *value = control_value(line, name);
	uint64_t n = 0;

	if (!value || !*value)
		return otherwise;
	for (; *value; value++) {
		unsigned digit = (unsigned)(*value - '0');

		if (digit > 9 || n > (UINT64_MAX - digit) / 10)
			return otherwise;
		n = n * 10 + digit;
	}
	return n <= max ? n : otherwise;
}

/* ---- sockets ---- */

union room {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(sizeof(int))];
};

int control_send_bytes(int fd, const void *bytes, size_t n, int descriptor)
{
	struct iovec part = { (void *)(uintptr_t)bytes, n };
	struct msghdr h = { .msg_iov = &part, .msg_iovlen = 1 };
	union room room;
	ssize_t sent;

	if (descriptor >= 0) {
		memset(&room, 0, sizeof(room));
		h.msg_control = room.bytes;
		h.msg_controllen = sizeof(room.bytes);
		room.header.cmsg_level = SOL_SOCKET;
		room.header.cmsg_type = SCM_RIGHTS;
		room.header.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&room.header), &descriptor, sizeof(int));
	}
	do
		sent = sendmsg(fd, &h, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : 0;
}

int control_send(int fd, const struct control_text *t, int descriptor)
{
	return t->is_too_long ? -EMSGSIZE : control_send_bytes(fd, t->text, t->length, descriptor);
}

/* The one descriptor that came, or -1. The kernel has closed those for which there was no room. */
static int descriptor_of(struct msghdr *h)
{
	int got = -1;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c; c = CMSG_NXTHDR(h, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS &&
		    c->cmsg_len == CMSG_LEN(sizeof(int)))
			memcpy(&got, CMSG_DATA(c), sizeof(int));
	return got;
}

int control_receive(int fd, struct control_line *line, int *descriptor)
{
	struct iovec part = { line->text, sizeof(line->text) - 1 };
	union room room;
	struct msghdr h = { .msg_iov = &part,
		            .msg_iovlen = 1,
		            .msg_control = room.bytes,
		            .msg_controllen = sizeof(room.bytes) };
	bool is_cut;
	int got;
	ssize_t n;

	do
		n = recvmsg(fd, &h, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	line->text[n] = 0;
	is_cut = h.msg_flags & MSG_TRUNC;
	got = descriptor_of(&h);
	if (descriptor && !is_cut)
		*descriptor = got;
	else if (got >= 0)
		close(got);
	return is_cut ? -EMSGSIZE : (int)n;
}
