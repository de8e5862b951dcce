// SPDX-License-Identifier: GPL-2.0-or-later
/* The link's memory in a test, and a scripted backend. */
#include "link_fake.h"

#include <string.h>

#include "errno.h"

struct fake_link fake_link;
struct fake_server server;

#define L (&fake_link.memory)

struct devmodel_link *link_memory(void)
{
	return L;
}

bool link_notify(void)
{
	fake_link.notified++;
	return fake_link.is_bound;
}

void link_vram_written(void)
{
	fake_link.vram_written++;
	L->screen.written[0] |= 1;
}

void fake_link_start(const struct devmodel_board *b, struct device_ports *ports)
{
	memset(&fake_link, 0, sizeof(fake_link));
	memset(&server, 0, sizeof(server));
	fake_link.is_bound = true;
	link_start(b, ports);
}

void fake_link_look(void)
{
	link_look();
	link_turn_over();
}

/* ---- the backend ---- */

void server_attach(uint32_t epoch)
{
	L->epoch = epoch;
	fake_link_look();
	server = (struct fake_server){ .requests = L->block.request_queue.consumed,
		                       .answers = L->block.answer_queue.produced,
		                       .serial_out = L->serials[0].out.queue.consumed,
		                       .serial_in = L->serials[0].in.queue.produced,
		                       .frames_out = L->nics[0].out.queue.consumed,
		                       .frames_in = L->nics[0].in.queue.produced,
		                       .inputs = L->input.queue.produced };
	for (unsigned i = 0; i < LINK_TEXTS; i++)
		server.text[i] = L->texts[i].queue.consumed;
}

/* Consumed: the device model is told if it waits. */
static void consumed(struct link_queue *q, uint32_t index)
{
	q->consumed = index;
	if (q->waits)
		fake_link_look();
}

bool server_request(struct link_block_request *r)
{
	struct link_block *b = &L->block;
	uint32_t waiting = b->request_queue.produced - server.requests;

	/* More than there can be: a fuzzer wrote it. */
	if (!waiting || waiting > LINK_BLOCK_SLOTS)
		return false;
	*r = b->requests[server.requests % LINK_BLOCK_SLOTS];
	consumed(&b->request_queue, ++server.requests);
	return true;
}

void server_answer(uint32_t tag, int32_t error)
{
	struct link_block *b = &L->block;

	b->answers[server.answers % LINK_BLOCK_SLOTS] = (struct link_block_answer){ tag, error };
	b->answer_queue.produced = ++server.answers;
}

static int32_t carry_out(const struct link_block_request *r, uint8_t *disk, uint64_t sectors)
{
	size_t n = (size_t)r->count * 512;

	if (r->op == BLOCK_FLUSH)
		return 0;
	if (r->sector > sectors || r->count > sectors - r->sector)
		return -EIO;
	if (r->op == BLOCK_DISCARD) {
		memset(disk + r->sector * 512, 0, n);
		return 0;
	}
	if (r->buffer % 512 || r->buffer > LINK_DATA || n > LINK_DATA - r->buffer)
		return -EIO;
	if (r->op == BLOCK_READ)
		memcpy(L->data + r->buffer, disk + r->sector * 512, n);
	else
		memcpy(disk + r->sector * 512, L->data + r->buffer, n);
	return 0;
}

unsigned server_serve(uint8_t *disk, uint64_t sectors)
{
	struct link_block_request r;
	unsigned n = 0;

	for (; server_request(&r); n++)
		server_answer(r.tag, carry_out(&r, disk, sectors));
	if (n)
		fake_link_look();
	return n;
}

static unsigned bytes_get(struct link_bytes_out *o, uint32_t *index, uint8_t *bytes, unsigned n)
{
	unsigned i = 0;

	while (i < n && *index != o->queue.produced)
		bytes[i++] = o->bytes[(*index)++ % LINK_BYTES_OUT];
	consumed(&o->queue, *index);
	return i;
}

unsigned server_serial_get(uint8_t *bytes, unsigned n)
{
	return bytes_get(&L->serials[0].out, &server.serial_out, bytes, n);
}

unsigned server_text_get(enum link_text kind, char *text, unsigned n)
{
	return bytes_get(&L->texts[kind], &server.text[kind], (uint8_t *)text, n);
}

void server_serial_put(const uint8_t *bytes, unsigned n)
{
	struct link_bytes_in *in = &L->serials[0].in;

	for (unsigned i = 0; i < n; i++)
		in->bytes[server.serial_in++ % LINK_BYTES_IN] = bytes[i];
	in->queue.produced = server.serial_in;
	fake_link_look();
}

unsigned server_frame_get(uint8_t *frame)
{
	struct link_frames *f = &L->nics[0].out;
	struct link_frame head;

	if (f->queue.produced == server.frames_out)
		return 0;
	for (unsigned i = 0; i < sizeof(head); i++)
		((uint8_t *)&head)[i] = f->bytes[server.frames_out++ % LINK_FRAMES];
	for (unsigned i = 0; i < head.length; i++)
		frame[i] = f->bytes[(server.frames_out + i) % LINK_FRAMES];
	server.frames_out += (uint32_t)align_up(head.length, 8);
	consumed(&f->queue, server.frames_out);
	return head.length;
}

bool server_frame_put(const uint8_t *frame, unsigned n)
{
	struct link_frames *f = &L->nics[0].in;
	struct link_frame head = { .length = (uint16_t)n };
	uint32_t used = server.frames_in - f->queue.consumed;

	if (LINK_FRAMES - used < sizeof(head) + align_up(n, 8))
		return false;
	for (unsigned i = 0; i < sizeof(head); i++)
		f->bytes[server.frames_in++ % LINK_FRAMES] = ((uint8_t *)&head)[i];
	for (unsigned i = 0; i < n; i++)
		f->bytes[(server.frames_in + i) % LINK_FRAMES] = frame[i];
	server.frames_in += (uint32_t)align_up(n, 8);
	f->queue.produced = server.frames_in;
	return true;
}

void server_input(const struct input_event *e)
{
	L->input.events[server.inputs++ % LINK_INPUTS] = *e;
	L->input.queue.produced = server.inputs;
	fake_link_look();
}
