// SPDX-License-Identifier: GPL-2.0-or-later
// hvmguest: plays toolstack and backend of one HVM guest: makes its domain, attaches to its link, serves its first disk from a file, types a key, ends.
//   hvmguest LOADER DEVMODEL DISK    makes it, and dies as by kill -9 with the guest's first request in its hands; says LEFT DOMID PORT before
//   hvmguest DOMID PORT DISK         goes on with what that one has left
// What the guest says comes with DEBUG and SERIAL before each line; its text screen at the end with SCREEN.
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <xen/domctl.h>
#include <xen/memory.h>
#include <xencall.h>
#include <xenevtchn.h>
#include <xenforeignmemory.h>
#include "devmodel_control.h"
#include "devmodel_link.h"
#include "hvmguest.h"

struct guest guest;

// ---- what it says ----

struct said {
	const char *name;
	uint32_t consumed;
	unsigned length;
	char line[200];
};

static void say(struct said *s, char c)
{
	if (c == '\r')
		return;
	if (c != '\n' && s->length < sizeof(s->line) - 1) {
		s->line[s->length++] = c;
		return;
	}
	printf("%s %.*s\n", s->name, (int)s->length, s->line);
	fflush(stdout);
	s->length = 0;
}

static void look_at_bytes(struct said *s, struct link_bytes_out *out)
{
	uint32_t produced = __atomic_load_n(&out->queue.produced, __ATOMIC_ACQUIRE);

	while (s->consumed != produced)
		say(s, (char)out->bytes[s->consumed++ % LINK_BYTES_OUT]);
	__atomic_store_n(&out->queue.consumed, s->consumed, __ATOMIC_SEQ_CST);
}

static struct said debug = { .name = "DEBUG" }, serial = { .name = "SERIAL" };

// ---- its disk ----

static uint32_t requests, answers;
static bool is_first; // the one that dies

static int32_t carry_out(const struct link_block_request *r)
{
	uint64_t at = r->sector * 512, n = (uint64_t)r->count * 512;
	uint8_t *data = guest.link->data + r->buffer;

	if (r->op == BLOCK_FLUSH)
		return 0;
	if (r->drive || r->buffer > LINK_DATA || n > LINK_DATA - r->buffer ||
	    at > guest.disk_size || n > guest.disk_size - at)
		return -EIO;
	if (r->op == BLOCK_READ)
		memcpy(data, guest.disk + at, n);
	else if (r->op == BLOCK_WRITE)
		memcpy(guest.disk + at, data, n);
	return 0;
}

static void look_at_disk(void)
{
	struct link_block *b = &guest.link->block;

	while (requests != __atomic_load_n(&b->request_queue.produced, __ATOMIC_ACQUIRE)) {
		struct link_block_request r = b->requests[requests++ % LINK_BLOCK_SLOTS];

		if (is_first) {
			printf("LEFT %u %u\n", guest.domid, guest.remote);
			fflush(stdout);
			raise(SIGKILL);
		}
		b->answers[answers++ % LINK_BLOCK_SLOTS] =
			(struct link_block_answer){ r.tag, carry_out(&r) };
		__atomic_store_n(&b->request_queue.consumed, requests, __ATOMIC_SEQ_CST);
		__atomic_store_n(&b->answer_queue.produced, answers, __ATOMIC_SEQ_CST);
		xenevtchn_notify(guest.events, guest.port);
	}
}

// ---- attaching ----

void guest_attach(uint32_t epoch)
{
	__atomic_store_n(&guest.link->epoch, epoch, __ATOMIC_SEQ_CST);
	xenevtchn_notify(guest.events, guest.port);
}

// The queues are as the device model has left them for us.
static bool has_attached(void)
{
	static uint32_t attached;
	uint32_t epoch = __atomic_load_n(&guest.link->model_epoch, __ATOMIC_ACQUIRE);

	if (epoch != guest.link->epoch || !epoch)
		return false;
	if (epoch == attached)
		return true;
	attached = epoch;
	requests = guest.link->block.request_queue.consumed;
	answers = guest.link->block.answer_queue.produced;
	debug.consumed = guest.link->texts[LINK_TEXT_DEBUG].queue.consumed;
	serial.consumed = guest.link->serials[0].out.queue.consumed;
	printf("ATTACHED %u\n", epoch);
	return true;
}

// ---- its keyboard and its screen ----

static void press(unsigned key)
{
	struct link_input *in = &guest.link->input;
	uint32_t at = in->queue.produced;

	for (int down = 1; down >= 0; down--)
		in->events[at++ % LINK_INPUTS] = (struct input_event){ .kind = INPUT_KEY,
			                                               .down = down != 0,
			                                               .code = (uint16_t)key };
	__atomic_store_n(&in->queue.produced, at, __ATOMIC_SEQ_CST);
	xenevtchn_notify(guest.events, guest.port);
}

static unsigned vram_pages_written(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < sizeof(guest.link->screen.written) / 8; i++)
		n += (unsigned)__builtin_popcountll(
			__atomic_exchange_n(&guest.link->screen.written[i], 0, __ATOMIC_SEQ_CST));
	return n;
}

// Text modes of 80 columns: characters and attributes lie in the part of VRAM that the guest writes directly.
static void screen_print(void)
{
	const struct vga_screen *s = &guest.link->screen.screen;
	const uint8_t *cells = guest.vram + s->linear_size;
	unsigned start = (unsigned)s->cr[12] << 8 | s->cr[13];

	if (s->form != VGA_TEXT) {
		printf("SCREEN form %u\n", s->form);
		return;
	}
	for (unsigned row = 0; row < 25; row++) {
		char line[81] = "";

		for (unsigned column = 0; column < 80; column++) {
			uint8_t c = cells[((start + row * 80 + column) * 2) % VGA_TEXT_SIZE];

			line[column] = c >= ' ' && c < 127 ? (char)c : ' ';
		}
		for (int end = 79; end >= 0 && line[end] == ' '; end--)
			line[end] = 0;
		if (line[0])
			printf("SCREEN %s\n", line);
	}
}

static void screen_ask(unsigned n)
{
	__atomic_store_n(&guest.link->screen.asked, n, __ATOMIC_SEQ_CST);
	xenevtchn_notify(guest.events, guest.port);
}

static bool screen_answered(unsigned n)
{
	return __atomic_load_n(&guest.link->screen.answered, __ATOMIC_ACQUIRE) == n;
}

// ---- the whole ----

// Once the second sector's copy is there the guest waits for a key, soon if not yet: in the end nothing is written to the screen any more. Then the key, and what its text needs.
static void look_at_screen(void)
{
	static unsigned step, asked;
	unsigned pages;

	if (step == 0) {
		if (memcmp(guest.disk + 1024, "SECTOR ONE READ", 15))
			return;
		step = 1;
		screen_ask(++asked);
		return;
	}
	if (step > 3 || !screen_answered(asked))
		return;
	pages = vram_pages_written();
	if (step == 1 || (step == 2 && !pages) || (step == 3 && pages)) {
		printf("WRITTEN PAGES %u: %u\n", step, pages);
		if (step == 2) {
			screen_print();
			press(30);
		}
		step++;
	}
	usleep(20000);
	screen_ask(++asked);
}

static void look(void)
{
	if (!has_attached())
		return;
	look_at_disk();
	look_at_bytes(&debug, &guest.link->texts[LINK_TEXT_DEBUG]);
	look_at_bytes(&serial, &guest.link->serials[0].out);
	if (guest.link->texts[LINK_TEXT_DEBUG].queue.waits ||
	    guest.link->serials[0].out.queue.waits)
		xenevtchn_notify(guest.events, guest.port);
	look_at_screen();
}

int main(int argc, char **argv)
{
	struct pollfd wait;
	uint32_t reason = 0;

	need(argc == 4, "hvmguest-arguments");
	is_first = *argv[1] < '0' || *argv[1] > '9';
	if (is_first) {
		guest_make(argv[1], argv[2], argv[3]);
		guest_attach(1);
		guest_unpause();
	} else {
		guest_join((unsigned)atoi(argv[1]), (unsigned)atoi(argv[2]), argv[3]);
		guest_attach(2);
	}
	wait = (struct pollfd){ xenevtchn_fd(guest.events), POLLIN, 0 };
	while (!guest_has_ended(&reason)) {
		if (poll(&wait, 1, 200) > 0) {
			xenevtchn_port_or_error_t port = xenevtchn_pending(guest.events);

			if (port >= 0)
				xenevtchn_unmask(guest.events, (evtchn_port_t)port);
		}
		look();
	}
	look();
	printf("ENDED %u\n", reason);
	guest_report();
	guest_destroy();
	return 0;
}
