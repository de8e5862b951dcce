/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a guardian does that has become the keeper: in each phase of its guest's life, on domains in memory. The rest of the keeper is the test's. */
#include "unit.h"

#include "hypervisor_fake.h"
#include "kept_guest.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* What happened, in the child that takes over; the parent reads it. */
static struct {
	unsigned makes, unmakes, keeps, recalls, watches, clean_ups, guards;
	bool is_reported, is_failure;
	char text[200];
	bool is_there[FAKE_GUESTS];
} * seen;
static struct kept_guest k;
static unsigned unanswered; /* times that the store does not answer */
static bool cannot_make;

void kept_note(struct kept_guest *kept, const char *format, ...)
{
}

void kept_guard(void *kept_guest)
{
	seen->guards++;
}

bool kept_make(struct kept_guest *kept, struct failure *f)
{
	seen->makes++;
	return !cannot_make || fail(f, "it cannot be made");
}

void kept_unmake(struct kept_guest *kept)
{
	seen->unmakes++;
	fake_guests[kept->built.domid].is_there = false;
}

void kept_report(struct kept_guest *kept, const struct failure *f)
{
	seen->is_reported = true;
	seen->is_failure = f;
	if (f)
		snprintf(seen->text, sizeof(seen->text), "%.199s", f->text);
}

void kept_keep(struct kept_guest *kept)
{
	seen->keeps++;
	for (unsigned i = 0; i < FAKE_GUESTS; i++)
		seen->is_there[i] = fake_guests[i].is_there;
}

bool pv_devices_recall(struct kept_guest *kept)
{
	seen->recalls++;
	return !unanswered || !unanswered--;
}

void pv_devices_watch(struct kept_guest *kept)
{
	seen->watches++;
}

void backend_kill(struct kept_guest *kept)
{
}

/* Somebody else's domain has its keeper. */
bool keeper_is_there(uint32_t domid)
{
	return domid == 3;
}

void keeper_clean_up(struct store *s, uint32_t domid, const uint8_t uuid[16])
{
	seen->clean_ups++;
}

void build_undo(struct hypervisor *h, uint32_t domid)
{
	fake_guests[domid].is_there = false;
}

static void start(enum kept_phase phase)
{
	fake_world();
	unanswered = 0;
	cannot_make = false;
	seen = mmap(NULL, sizeof(*seen), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(seen != MAP_FAILED);
	memset(&k, 0, sizeof(k));
	k.phase = phase;
	k.control = k.request_socket = k.backend_handle = k.report = -1;
	snprintf(k.config.name, sizeof(k.config.name), "win");
	memset(k.config.uuid, 0x77, sizeof(k.config.uuid));
	/* the one that is kept, and one that nobody has finished; both have its uuid */
	memset(fake_guests[1].uuid, 0x77, sizeof(fake_guests[1].uuid));
	fake_guests[2].is_there = true;
	memset(fake_guests[2].uuid, 0x77, sizeof(fake_guests[2].uuid));
	/* and one of another keeper's, who has copied the description, uuid and all */
	fake_guests[3].is_there = true;
	memset(fake_guests[3].uuid, 0x77, sizeof(fake_guests[3].uuid));
}

static void run(void)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		struct kept_guest *kept = &k;

		if (!guardian_init(&k.guardian, takeover_forget, takeover, kept))
			_exit(1);
		takeover(kept);
	}
	CHECK_EQ(waitpid(child, &status, 0), child);
	CHECK_EQ(status, 0);
}

static void in_the_first_start(void)
{
	start(KEPT_STARTS);
	fake_guests[1].is_there = false; /* this name was free */
	run();
	CHECK(seen->is_reported && seen->is_failure);
	CHECK(strstr(seen->text, "win: its keeper was killed while it started the guest"));
	CHECK(strstr(seen->text, "start it again"));
	CHECK_EQ(seen->makes, 0);
	CHECK_EQ(seen->keeps, 0);
	CHECK_EQ(seen->clean_ups, 1);
}

static void while_it_runs(void)
{
	start(KEPT_RUNS);
	k.built.domid = 1;
	k.is_made = true;
	unanswered = 3; /* the store was killed, too */
	fake_guests[2].is_there = false;
	run();
	CHECK(seen->is_reported && !seen->is_failure);
	CHECK_EQ(seen->recalls, 4);
	CHECK_EQ(seen->guards, 3); /* its own guardian may have been killed meanwhile */
	CHECK_EQ(seen->watches, 1);
	CHECK_EQ(seen->keeps, 1);
	CHECK_EQ(seen->unmakes, 0);
	CHECK(seen->is_there[1] && seen->is_there[3]);
}

static void in_a_restart(void)
{
	start(KEPT_RESTARTS);
	k.built.domid = 1;
	k.is_made = true;
	run();
	CHECK_EQ(seen->unmakes, 1);
	CHECK_EQ(seen->makes, 1);
	CHECK_EQ(seen->keeps, 1);
	CHECK(!seen->is_there[1] && !seen->is_there[2]); /* what was not finished is gone */
	CHECK(seen->is_there[3]);
	start(KEPT_RESTARTS);
	cannot_make = true;
	run();
	CHECK_EQ(seen->makes, 1);
	CHECK_EQ(seen->keeps, 0);
}

UNIT_MAIN(UNIT(in_the_first_start), UNIT(while_it_runs), UNIT(in_a_restart))
