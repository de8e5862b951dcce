/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A device model that was taken over: it writes what it likes into the link, at any time, and says "look". The backend's parts run in this process: drives, serial lines, texts, an interface, the picture of the
 * screen. They must touch nothing but the link, their disks' sectors and their descriptors, and must come to rest.
 *
 * The input is a row of steps: a byte whose low 3 bits say what (enum step) and whose high 5 bits are a small number, then what the step takes. The first byte of all: bit 0: the device model has answered the
 * backend's epoch before.
 */
#include "process.h"

#include "../fuzz/input.h"
#include "frame.h"
#include "model_link.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define STEPS      200
#define DISK_BYTES (64u * 512)
#define VRAM       (MIB(1) + DEVMODEL_VRAM_HIDDEN)
#define PIXELS_MAX (1920u * 1200) /* larger pictures are as good, and slow */

enum step {
	STEP_WRITE,  /* 3 bytes: where in the link; a length byte; bytes */
	STEP_BLOCK,  /* a block request: struct link_block_request's fields, small */
	STEP_INDEX,  /* number: which queue's index; 4 bytes */
	STEP_FRAME,  /* a frame to the backend: a length byte, what its head says (2 bytes) */
	STEP_BYTES,  /* text on a line: number: which; a length byte */
	STEP_KEEPER, /* number: which of the keeper's requests */
	STEP_SCREEN, /* number: bytes of the registers; the bytes; a picture is made */
	STEP_LOOK,   /* "look"; number: a frame from outside comes, too */
};

static struct process process;
static struct devmodel_link *pages;
static uint8_t *vram;
static int look_ends[2], keeper_ends[2], wire_ends[2];
static struct frame frame;

/* ---- where the link is: memory of exactly that size ---- */

bool link_place_open(struct failure *f)
{
	return true;
}

bool link_place_attach(struct link_place *p, const struct control_line *line, int descriptor,
                       struct failure *f)
{
	*p = (struct link_place){ .link = pages,
		                  .link_size = sizeof(*pages),
		                  .vram = vram,
		                  .vram_size = VRAM,
		                  .fd = look_ends[0],
		                  .domid = 1 };
	return true;
}

bool link_place_heard(struct link_place *p)
{
	char bytes[64];
	ssize_t n;

	do
		n = recv(p->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	while (n > 0);
	return n < 0;
}

void link_place_tell(struct link_place *p)
{
	(void)send(p->fd, "", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

int link_place_allow(const struct link_place *p, scmp_filter_ctx filter)
{
	return 0;
}

/* ---- disks in memory, which answer when the round is over ---- */

static struct disk_request *waiting;

static void submit(struct disk *d, struct disk_request *r)
{
	bool moves = r->op == DISK_READ || r->op == DISK_WRITE;

	if (r->op != DISK_FLUSH && (r->at > d->size || r->length > d->size - r->at))
		abort();
	if (moves && (r->bytes < pages->data || r->length > LINK_DATA ||
	              (size_t)(r->bytes - pages->data) > LINK_DATA - r->length))
		abort();
	if (r->op != DISK_READ && d->is_read_only && r->op != DISK_FLUSH)
		abort();
	r->next = waiting;
	waiting = r;
}

static uint64_t measure(struct disk *d)
{
	return DISK_BYTES;
}

static void disk_close(struct disk *d)
{
	for (struct disk_request *r = waiting; r; r = r->next)
		if (r->disk == d)
			abort();
	free(d->private);
}

static const struct disk_kind memory_disk = { submit, measure, disk_close };

static void disks_answer(void)
{
	struct disk_request *r = waiting, *next;

	waiting = NULL;
	for (; r; r = next) {
		uint8_t *sectors = (uint8_t *)r->disk->private + r->at;
		/* one in sixteen fails, as a disk may */
		int error = r->at / 512 % 16 == 15 ? -EIO : 0;

		next = r->next;
		if (!error && r->op == DISK_READ)
			memcpy(r->bytes, sectors, r->length);
		else if (!error && r->op == DISK_WRITE)
			memcpy(sectors, r->bytes, r->length);
		r->done(r, error);
	}
}

static struct disk *disk_new(bool is_read_only)
{
	struct disk *d = calloc(1, sizeof(*d));

	*d = (struct disk){ .kind = &memory_disk,
		            .size = DISK_BYTES,
		            .is_read_only = is_read_only,
		            .may_discard = !is_read_only,
		            .name = "memory",
		            .users = 1,
		            .fd = -1,
		            .private = calloc(1, DISK_BYTES) };
	return d;
}

/* ---- the process ---- */

static void round_over(void *context)
{
	model_link_round_over(&process.link);
}

static void pair(int ends[2], int type)
{
	if (socketpair(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0)
		abort();
}

static void parts_begin(struct process *p, struct failure *f)
{
	block_add_drive(&p->block, 0, false, disk_new(false));
	block_add_drive(&p->block, 1, false, disk_new(true));
	block_add_drive(&p->block, 2, true, disk_new(true));
	for (unsigned i = 0; i < 2; i++)
		if (!serial_open(&p->serials[i].serial, i ? "serial1" : "serial0",
		                 i ? "file:/dev/null" : "null", -1, f))
			abort();
	p->nics[0] = (struct nic){ .n = 0, .is_there = true, .is_user = true };
	p->nics[0].frames.fd = wire_ends[0];
	texts_start(&p->texts, &p->link, &p->history);
	for (unsigned i = 0; i < 2; i++)
		serial_link_start(&p->serials[i], i, &p->link, &p->history);
	nic_start(&p->nics[0], &p->link);
}

static void process_begin(void)
{
	struct process *p = &process;
	struct failure f = { "" };
	static const struct control_line nothing;

	memset(p, 0, sizeof(*p));
	pair(look_ends, SOCK_STREAM);
	pair(keeper_ends, SOCK_SEQPACKET);
	pair(wire_ends, SOCK_SEQPACKET);
	pages->version = DEVMODEL_LINK_VERSION;
	pages->size = sizeof(*pages);
	p->has_model = true;
	p->keeper.fd = keeper_ends[0];
	if (!event_loop_init(&p->loop))
		abort();
	p->loop.round_over = round_over;
	model_link_init(&p->link, &p->loop);
	block_init(&p->block, &p->link, &requests_block_events, p);
	if (!history_open(&p->history, "/dev/null", &p->loop, &f))
		abort();
	parts_begin(p, &f);
	requests_start(p);
	if (!model_link_attach(&p->link, &nothing, -1, &f))
		abort();
}

static void ends_drain(void)
{
	char sink[4096];

	while (recv(look_ends[1], sink, sizeof(sink), MSG_DONTWAIT) > 0)
		;
	while (recv(keeper_ends[1], sink, sizeof(sink), MSG_DONTWAIT) > 0)
		;
	while (recv(wire_ends[1], sink, sizeof(sink), MSG_DONTWAIT) > 0)
		;
}

static void rounds(unsigned n)
{
	while (n--) {
		if (!event_loop_round(&process.loop, 0))
			abort();
		disks_answer();
		ends_drain();
	}
}

static void look(void)
{
	(void)send(look_ends[1], "", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
	rounds(2);
}

static void process_end(void)
{
	struct process *p = &process;

	rounds(4);
	disks_answer();
	if (!block_is_idle(&p->block))
		abort();
	for (unsigned i = 0; i < 2; i++)
		serial_flush(&p->serials[i].serial);
	history_flush(&p->history);
	block_close(&p->block);
	event_loop_close(&p->loop);
	if (p->serials[1].serial.peer.fd >= 0)
		close(p->serials[1].serial.peer.fd);
	if (p->history.fd >= 0)
		close(p->history.fd);
	if (p->history.older_fd >= 0)
		close(p->history.older_fd);
	for (unsigned i = 0; i < 2; i++) {
		close(look_ends[i]);
		close(keeper_ends[i]);
		close(wire_ends[i]);
	}
}

/* ---- steps ---- */

static void step_write(struct input *in)
{
	uint32_t at = input_number(in, 3) % sizeof(*pages);
	const uint8_t *bytes;
	size_t n = input_take(in, input_byte(in), &bytes);

	n = n < sizeof(*pages) - at ? n : sizeof(*pages) - at;
	memcpy((uint8_t *)pages + at, bytes, n);
}

static void step_block(struct input *in, unsigned flags)
{
	struct link_block *b = &pages->block;
	struct link_block_request *q = &b->requests[b->request_queue.produced % LINK_BLOCK_SLOTS];

	*q = (struct link_block_request){ .tag = input_byte(in),
		                          .op = input_byte(in) % 6,
		                          .drive = input_byte(in) % 6,
		                          .flags = (uint8_t)flags,
		                          .sector = input_byte(in),
		                          .count = input_byte(in),
		                          .buffer = input_number(in, 2) * 512 };
	b->request_queue.produced++;
}

static void step_index(struct input *in, unsigned which)
{
	uint32_t *const indices[] = {
		&pages->block.request_queue.produced,
		&pages->block.answer_queue.consumed,
		&pages->serials[0].out.queue.produced,
		&pages->serials[0].in.queue.consumed,
		&pages->serials[1].out.queue.produced,
		&pages->texts[0].queue.produced,
		&pages->texts[1].queue.produced,
		&pages->nics[0].out.queue.produced,
		&pages->nics[0].in.queue.consumed,
		&pages->input.queue.consumed,
		&pages->drives[2].ejects,
		&pages->drives[2].is_locked,
		&pages->model_epoch,
		&pages->block.answer_queue.waits,
		&pages->nics[0].out.queue.waits,
		&pages->serials[0].out.queue.waits,
	};

	*indices[which % ARRAY_LEN(indices)] = input_number(in, 4);
}

static void ring_put(uint8_t *ring, uint32_t size, uint32_t at, const void *from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		ring[(at + i) % size] = ((const uint8_t *)from)[i];
}

static void step_frame(struct input *in)
{
	struct link_frames *out = &pages->nics[0].out;
	struct link_frame head = { .length = (uint16_t)input_number(in, 2) };
	const uint8_t *bytes;
	size_t n = input_take(in, input_byte(in), &bytes);

	ring_put(out->bytes, LINK_FRAMES, out->queue.produced, &head, sizeof(head));
	ring_put(out->bytes, LINK_FRAMES, out->queue.produced + sizeof(head), bytes, n);
	out->queue.produced += sizeof(head) + ((uint32_t)n + 7) / 8 * 8;
}

static void step_bytes(struct input *in, unsigned which)
{
	struct link_bytes_out *const lines[] = { &pages->serials[0].out, &pages->serials[1].out,
		                                 &pages->texts[0], &pages->texts[1] };
	struct link_bytes_out *to = lines[which % ARRAY_LEN(lines)];
	const uint8_t *bytes;
	size_t n = input_take(in, input_byte(in), &bytes);

	ring_put(to->bytes, LINK_BYTES_OUT, to->queue.produced, bytes, n);
	to->queue.produced += (uint32_t)n;
}

static void step_keeper(unsigned which)
{
	static const char *const lines[] = { "cd-eject vdev=hdc",    "cd-eject vdev=hdc force=1",
		                             "cd-insert vdev=hdc",   "disk-resize vdev=hda",
		                             "disk-resize vdev=hdc", "state",
		                             "screen format=text" };
	const char *line = lines[which % ARRAY_LEN(lines)];

	(void)send(keeper_ends[1], line, strlen(line), MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void picture_changed(void *context, uint32_t left, uint32_t top, uint32_t right,
                            uint32_t bottom)
{
	if (left > right || top > bottom || right > frame.width || bottom > frame.height)
		abort();
}

/* A few bytes of the registers over what is there, then the picture. */
static void step_screen(struct input *in, unsigned n)
{
	uint32_t at = input_byte(in) * 8u % sizeof(pages->screen.screen);
	const uint8_t *bytes;
	bool resized;

	n = (unsigned)input_take(in, n, &bytes);
	n = n < sizeof(pages->screen.screen) - at ? n
	                                          : (unsigned)(sizeof(pages->screen.screen) - at);
	memcpy((uint8_t *)&pages->screen.screen + at, bytes, n);
	pages->screen.sequence &= ~1u;
	pages->screen.written[input_byte(in) % ARRAY_LEN(pages->screen.written)] = ~0ull;
	if (!frame_take_screen(&frame))
		return;
	if ((uint64_t)frame.mode.width * frame.mode.height > PIXELS_MAX)
		return;
	(void)frame_update(&frame, n & 1, n & 2, &resized, picture_changed, NULL);
}

static void take_step(struct input *in)
{
	uint8_t first = input_byte(in), bytes[64] = { 0 };
	unsigned n = first >> 3;

	switch (first & 7) {
	case STEP_WRITE: step_write(in); break;
	case STEP_BLOCK: step_block(in, n); break;
	case STEP_INDEX: step_index(in, n); break;
	case STEP_FRAME: step_frame(in); break;
	case STEP_BYTES: step_bytes(in, n); break;
	case STEP_KEEPER: step_keeper(n); break;
	case STEP_SCREEN: step_screen(in, n); break;
	default:
		if (n)
			(void)send(wire_ends[1], bytes, 14 + n, MSG_NOSIGNAL | MSG_DONTWAIT);
		look();
		break;
	}
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	pages = aligned_alloc(4096, sizeof(*pages));
	vram = calloc(1, VRAM);
	return pages && vram ? 0 : 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };

	memset(pages, 0, sizeof(*pages));
	process_begin();
	frame = (struct frame){ .link = pages, .vram = vram, .vram_size = VRAM };
	if (input_byte(&in) & 1)
		pages->model_epoch = pages->epoch;
	look();
	for (unsigned i = 0; i < STEPS && in.left; i++)
		take_step(&in);
	look();
	frame_free(&frame);
	process_end();
	return 0;
}
