/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the keeper answers itself: its guest's description, out and in. The source is included, for one request without a socket that has a name. */
#include "unit.h"

#include "../../tools/keeper/requests.c"

#include <sys/mman.h>

static struct kept_guest k;
static struct messages m;
static struct control_line answer;
static int ends[2];

static void start(void)
{
	memset(&k, 0, sizeof(k));
	memset(&m, 0, sizeof(m));
	CHECK(guest_config_read(&k.config, "tests/config/good-spellings.cfg", NULL, 0, &m));
	snprintf(k.config.vnc_password, sizeof(k.config.vnc_password), "secret");
	k.control = k.request_socket = -1;
	CHECK_EQ(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
}

/* True: "done"; otherwise its text is in answer. */
static bool ask(const char *word, int descriptor)
{
	struct control_text t;

	control_begin(&t, word);
	CHECK_EQ(control_send(ends[0], &t, descriptor), 0);
	answer_one(&k, ends[1]);
	CHECK(control_receive(ends[0], &answer, NULL) > 0);
	CHECK(control_parse(&answer));
	return strcmp(answer.word, "done") == 0;
}

static void finish(void)
{
	close(ends[0]);
	close(ends[1]);
}

static int text_file(const char *text)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	CHECK(fd >= 0);
	CHECK_EQ(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	return fd;
}

static bool text_is(const char *words)
{
	const char *text = control_value(&answer, "text");

	return text && strstr(text, words);
}

static void description_comes_out(void)
{
	static struct guest_config back;
	char path[40], text[8192] = "";
	int fd = memfd_create("test", MFD_CLOEXEC);

	start();
	CHECK(ask("description", fd));
	CHECK(pread(fd, text, sizeof(text) - 1, 0) > 0);
	CHECK(!strstr(text, "secret"));
	CHECK_EQ(strcmp(k.config.vnc_password, "secret"), 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	CHECK(guest_config_read(&back, path, NULL, 0, &m));
	CHECK_EQ(strcmp(back.name, k.config.name), 0);
	CHECK_EQ(back.memory_kib, k.config.memory_kib);
	CHECK_EQ(back.nr_disks, k.config.nr_disks);
	CHECK_EQ(memcmp(back.uuid, k.config.uuid, sizeof(back.uuid)), 0);
	CHECK(!ask("description", -1));
	close(fd);
	finish();
}

static void another_description_goes_in(void)
{
	uint8_t uuid[16];
	char name[64];
	int fd;

	start();
	memcpy(uuid, k.config.uuid, sizeof(uuid));
	snprintf(name, sizeof(name), "%s", k.config.name);
	fd = text_file("name = \"other\"\ntype = \"hvm\"\nmemory = 333\ncpu_weight = 77\n");
	CHECK(ask("config-update", fd));
	CHECK_EQ(k.config.memory_kib, 333 * 1024);
	CHECK_EQ(k.config.cpu_weight, 77);
	CHECK_EQ(k.config.nr_disks, 0);
	CHECK_EQ(strcmp(k.config.name, name), 0); /* what it is called stays */
	CHECK_EQ(memcmp(k.config.uuid, uuid, sizeof(uuid)), 0);
	close(fd);
	finish();
}

static void wrong_descriptions_change_nothing(void)
{
	static const struct {
		const char *text, *words;
	} rows[] = {
		{ "name = \"other\"\ntype = \"pvh\"\nkernel = \"/vmlinuz\"\nmemory = 333\n",
		  "its type stays hvm" },
		{ "name = \n", "cannot be read" },
		{ "type = \"hvm\"\nmemory = 333\n", "cannot be read" },
	};

	start();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int fd = text_file(rows[i].text);

		CHECK(!ask("config-update", fd));
		CHECK(text_is(rows[i].words));
		CHECK_EQ(k.config.memory_kib, 512 * 1024);
		close(fd);
	}
	CHECK(!ask("config-update", -1));
	CHECK_EQ(k.config.memory_kib, 512 * 1024);
	finish();
}

static void unknown_requests_are_refused(void)
{
	start();
	CHECK(!ask("frobnicate", -1));
	CHECK(text_is("does not know"));
	finish();
}

UNIT_MAIN(UNIT(description_comes_out), UNIT(another_description_goes_in),
          UNIT(wrong_descriptions_change_nothing), UNIT(unknown_requests_are_refused))
