/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The log: lines on the console, the ring, levels, limits for guests. */
#include <string.h>

#include "domain.h"
#include "log.h"
#include "options.h"
#include "machine_fake.h"
#include "unit.h"

static struct domain guest;

static void start(void)
{
	static uint64_t starts;

	fake_machine_init(0, 1);
	fake_set_now(1000000000ull * 1000 *
	             ++starts); /* every bucket of earlier tests is full again */
	log_set_level(LOG_INFO, LOG_INFO);
	log_set_guest_level(LOG_ERROR, LOG_INFO);
	memset(&guest, 0, sizeof(guest));
	guest.id = 7;
}

static unsigned count(const char *text, const char *find)
{
	unsigned n = 0;

	for (const char *p = text; (p = strstr(p, find)); p++)
		n++;
	return n;
}

static void a_line_has_prefix_and_newline(void)
{
	start();
	log_info("value %u", 5u);
	CHECK(!strcmp(fake_console_text(), "(XEN) value 5\n"));
	fake_console_clear();
	log_info("ends already\n");
	CHECK(!strcmp(fake_console_text(), "(XEN) ends already\n"));
}

static void levels(void)
{
	start();
	log_debug("hidden");
	CHECK(!strcmp(fake_console_text(), ""));
	log_set_level(LOG_DEBUG, LOG_DEBUG);
	log_debug("shown");
	CHECK(strstr(fake_console_text(), "shown"));
	log_set_level(LOG_ERROR, LOG_ERROR);
	log_warning("not shown");
	CHECK(!strstr(fake_console_text(), "not shown"));
	log_error("always");
	CHECK(strstr(fake_console_text(), "always"));
}

static void levels_from_options(void)
{
	start();
	log_set_options("error/warning", "none/all");
	log_info("hidden");
	CHECK(!strcmp(fake_console_text(), ""));
	for (int i = 0; i < 50; i++)
		log_warning("limited");
	CHECK_EQ(count(fake_console_text(), "limited"), 10);
	log_guest(&guest, LOG_DEBUG, "shown");
	CHECK(strstr(fake_console_text(), "d7: shown"));
	log_set_options("", "none");
	log_guest(&guest, LOG_ERROR, "not any more");
	CHECK(!strstr(fake_console_text(), "not any more"));
	log_set_options("all", "");
	log_debug("details");
	CHECK(strstr(fake_console_text(), "details"));
	log_set_options("loud", "info/quiet");
	CHECK(strstr(fake_console_text(), "option loglvl=loud: "));
	CHECK(strstr(fake_console_text(), "option guest_loglvl=info/quiet: "));
	log_debug("still shown");
	CHECK(strstr(fake_console_text(), "still shown"));
}

static void between_the_levels_is_limited(void)
{
	start();
	log_set_level(LOG_ERROR, LOG_INFO);
	for (int i = 0; i < 50; i++)
		log_info("chatter");
	CHECK_EQ(count(fake_console_text(), "chatter"), 10);
	for (int i = 0; i < 50; i++)
		log_error("serious");
	CHECK_EQ(count(fake_console_text(), "serious"), 50);
}

static void a_long_line_is_cut(void)
{
	char text[2000];

	start();
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	log_info("%s", text);
	CHECK(strlen(fake_console_text()) < 600);
	CHECK(fake_console_text()[strlen(fake_console_text()) - 1] == '\n');
}

static void guests_are_limited(void)
{
	start();
	for (int i = 0; i < 100; i++)
		log_guest(&guest, LOG_WARNING, "bad MSR");
	CHECK_EQ(count(fake_console_text(), "(XEN) d7: bad MSR\n"), 10);
	fake_advance(1000000000);
	fake_console_clear();
	for (int i = 0; i < 100; i++)
		log_guest(&guest, LOG_WARNING, "bad MSR");
	CHECK(strstr(fake_console_text(), "d7: 90 lines were dropped"));
	CHECK_EQ(count(fake_console_text(), "bad MSR"), 2);
	/* another guest has an allowance of its own */
	struct domain other = { .id = 8 };

	log_guest(&other, LOG_WARNING, "hello");
	CHECK(strstr(fake_console_text(), "d8: hello"));
	log_guest(&other, LOG_DEBUG, "debugging");
	CHECK(!strstr(fake_console_text(), "debugging"));
}

static void a_line_does_not_stick_to_a_guests_text(void)
{
	start();
	log_guest_text(&guest, "login: ", 7);
	log_info("event");
	CHECK(!strcmp(fake_console_text(), "login: \n(XEN) event\n"));
	fake_console_clear();
	log_guest_text(&guest, "a\nb\n", 4);
	log_info("event");
	CHECK(!strcmp(fake_console_text(), "a\nb\n(XEN) event\n"));
}

/* Moves *index to the end. */
static void read_all(uint64_t *index)
{
	char buf[1000];

	while (log_read(index, buf, sizeof(buf), false))
		;
}

static void a_guests_text_is_in_the_ring_when_asked_for(void)
{
	uint64_t index = 0;
	char buf[100];

	start();
	read_all(&index);
	log_guest_text(&guest, "login: ", 7);
	log_info("one");
	options.console_to_ring = true;
	log_guest_text(&guest, "root\n", 5);
	options.console_to_ring = false;
	log_info("two");
	buf[log_read(&index, buf, sizeof(buf) - 1, false)] = 0;
	CHECK(!strcmp(buf, "(XEN) one\nroot\n(XEN) two\n"));
}

static void the_ring_is_read_in_pieces(void)
{
	uint64_t index = 0;
	char buf[64];
	size_t n;

	start();
	read_all(&index);
	log_info("one");
	n = log_read(&index, buf, 6, false);
	CHECK_EQ(n, 6);
	CHECK(!memcmp(buf, "(XEN) ", 6));
	n = log_read(&index, buf, sizeof(buf), false);
	CHECK_EQ(n, 4);
	CHECK(!memcmp(buf, "one\n", 4));
	CHECK_EQ(log_read(&index, buf, sizeof(buf), false), 0);
}

static void clear_hides_from_new_readers(void)
{
	uint64_t end = 0, index;
	char buf[64];

	start();
	read_all(&end);
	log_info("first");
	index = end;
	CHECK_EQ(log_read(&index, buf, sizeof(buf), true), 12);
	log_info("second");
	index = 0;
	CHECK_EQ(log_read(&index, buf, sizeof(buf), false), 13);
	CHECK(!memcmp(buf, "(XEN) second\n", 13));
	/* who has an index still sees it */
	CHECK_EQ(log_read(&end, buf, 12, false), 12);
	CHECK(!memcmp(buf, "(XEN) first\n", 12));
}

static void what_is_overwritten_is_skipped(void)
{
	uint64_t index = 0, old;
	char buf[32];

	start();
	read_all(&index);
	old = index;
	for (int i = 0; i < 8000; i++)
		log_info("filling %04d", i);
	CHECK_EQ(log_read(&index, buf, sizeof(buf), false), 32);
	CHECK_EQ(index, old + 8000 * 19 - 65536 + 32);
	read_all(&index);
	CHECK_EQ(index, old + 8000 * 19);
	/* an index from the future is brought back */
	index += 1000;
	CHECK_EQ(log_read(&index, buf, sizeof(buf), false), 32);
}

UNIT_MAIN(UNIT(a_line_has_prefix_and_newline), UNIT(levels), UNIT(levels_from_options),
          UNIT(between_the_levels_is_limited), UNIT(a_long_line_is_cut), UNIT(guests_are_limited),
          UNIT(a_line_does_not_stick_to_a_guests_text),
          UNIT(a_guests_text_is_in_the_ring_when_asked_for), UNIT(the_ring_is_read_in_pieces),
          UNIT(clear_hides_from_new_readers), UNIT(what_is_overwritten_is_skipped))
