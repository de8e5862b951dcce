// SPDX-License-Identifier: GPL-2.0-or-later
/* What the history file makes a line of: it waits for an end as long as bytes come. */
#include "history.h"

#include "unit.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct event_loop loop;
static struct history log_;
static struct failure failed;
static char dir[] = "/tmp/zazen-log.XXXXXX", path[64];
static unsigned serial, console;

static void start(void)
{
	strcpy(strchr(dir, '.'), ".XXXXXX");
	CHECK(mkdtemp(dir) && event_loop_init(&loop));
	snprintf(path, sizeof(path), "%s/log", dir);
	CHECK(history_open(&log_, path, &loop, &failed));
	serial = history_add_source(&log_, "serial0");
	console = history_add_source(&log_, "console");
}

static void end(void)
{
	char older[80];

	snprintf(older, sizeof(older), "%s.1", path);
	close(log_.fd);
	close(log_.older_fd);
	event_loop_close(&loop);
	CHECK(!unlink(path) && !unlink(older) && !rmdir(dir));
}

/* The file without its times, lines divided by "|". */
static const char *written(void)
{
	static char text[4096];
	char raw[4096];
	ssize_t n = pread(log_.fd, raw, sizeof(raw) - 1, 0);
	size_t to = 0;

	raw[n > 0 ? n : 0] = '\0';
	for (char *line = strtok(raw, "\n"); line; line = strtok(NULL, "\n"))
		to += (size_t)snprintf(text + to, sizeof(text) - to, "%s|", strchr(line, ' ') + 1);
	text[to] = '\0';
	return text;
}

/* As if its last byte had come so long ago, and the timer's time. */
static void time_passes(unsigned source, uint64_t ns)
{
	log_.sources[source].last_ns -= ns;
	event_timer_clear(&loop, &log_.flush);
	log_.flush.fire(&log_.flush);
}

static void waits_while_bytes_come(void)
{
	start();
	history_put(&log_, serial, "echo ", 5);
	CHECK(log_.flush.is_set);
	time_passes(serial, 900000000);
	history_put(&log_, serial, "one", 3);
	time_passes(serial, 0);
	CHECK(!strcmp(written(), ""));
	CHECK(log_.flush.is_set);
	history_put(&log_, serial, " two\r\n", 6);
	CHECK(!strcmp(written(), "serial0 echo one two|"));
	time_passes(serial, 0);
	CHECK(!log_.flush.is_set);
	end();
}

static void prompt_is_written(void)
{
	start();
	history_put(&log_, serial, "login: ", 7);
	history_put(&log_, console, "another", 7);
	time_passes(serial, 1000000000);
	CHECK(!strcmp(written(), "serial0 login: |"));
	CHECK(log_.flush.is_set);
	history_put(&log_, console, " line\n", 6);
	history_put(&log_, serial, "root\n", 5);
	CHECK(!strcmp(written(), "serial0 login: |console another line|serial0 root|"));
	end();
}

UNIT_MAIN(UNIT(waits_while_bytes_come), UNIT(prompt_is_written))
