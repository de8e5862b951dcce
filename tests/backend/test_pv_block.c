// SPDX-License-Identifier: GPL-2.0-or-later
/* Paravirtual drives of a whole backend process: the test is the frontend, honest and otherwise. */
#include "backend_host.h"
#include "unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xen/xen.h>

#define xen_mb()  __sync_synchronize()
#define xen_wmb() __sync_synchronize()
#define xen_rmb() __sync_synchronize()

#include <xen/io/blkif.h>

#define H       (&backend_host)
#define SECTORS 4096u
#define DATA    16u /* the first grant of data; before it, rings */
#define TABLE   15u /* the grant of indirect segments */
#define PORT    5u

static const struct devmodel_board board = {
	.has_link = 1, .drives = { { DEVMODEL_DRIVE_DISK, 0, SECTORS * 512 } }
};

static char texts[4][256];
static const char *lines[5];
static blkif_front_ring_t ring;
static uint64_t next_id;

static const char *line_with(unsigned i, const char *format, const char *name)
{
	snprintf(texts[i], sizeof(texts[i]), format, backend_path(name));
	return texts[i];
}

static void describe(void)
{
	backend_machine(&board);
	backend_file("a.img", SECTORS * 512);
	backend_file("b.img", SECTORS * 512);
	lines[0] = "guest name=g model=0";
	lines[1] = line_with(1, "pv-drive number=51712 kind=disk access=w path=%s", "a.img");
	lines[2] = line_with(2, "pv-drive number=51728 kind=disk access=r path=%s", "b.img");
	lines[3] = NULL;
	memset(H->pv->grants, PV_GRANTED_WRITE, PV_GRANTS);
}

static void ring_new(unsigned pages)
{
	memset(H->pv->pages, 0, (size_t)pages * 4096);
	XEN_FRONT_RING_INIT(&ring, (blkif_sring_t *)H->pv->pages[0], pages * 4096u);
	next_id = 1000;
}

static bool connect_with(const char *more)
{
	char text[256];

	snprintf(text, sizeof(text), "pv-connect drive=51712 event-channel=5 %s", more);
	return backend_ask(text, -1);
}

static void run(void)
{
	describe();
	CHECK(backend_start(lines));
	CHECK(backend_attach_pvh());
	ring_new(1);
	CHECK(connect_with("ring-ref=0"));
}

/* ---- requests ---- */

static blkif_request_t *request(uint8_t operation, uint64_t sector)
{
	blkif_request_t *q = RING_GET_REQUEST(&ring, ring.req_prod_pvt);

	ring.req_prod_pvt++;
	memset(q, 0, sizeof(*q));
	q->operation = operation;
	q->sector_number = sector;
	q->id = next_id++;
	return q;
}

static void segment(blkif_request_t *q, uint32_t grant, uint8_t first, uint8_t last)
{
	q->seg[q->nr_segments++] = (struct blkif_request_segment){ grant, first, last };
}

static void push(void)
{
	int notify;

	RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(&ring, notify);
	if (notify)
		backend_pv_tell(PORT);
}

/* The next answer, which must be to that request. Its status; -100: none came. */
static int answer(uint64_t id, uint8_t operation)
{
	blkif_response_t a;
	int more;

	for (;;) {
		RING_FINAL_CHECK_FOR_RESPONSES(&ring, more);
		if (more)
			break;
		if (!backend_pv_told(PORT))
			return -100;
	}
	a = *RING_GET_RESPONSE(&ring, ring.rsp_cons);
	ring.rsp_cons++;
	CHECK_EQ(a.id, id);
	CHECK_EQ(a.operation, operation);
	return a.status;
}

static int one(uint8_t operation, uint64_t sector, uint32_t grant, uint8_t first, uint8_t last)
{
	blkif_request_t *q = request(operation, sector);

	segment(q, grant, first, last);
	push();
	return answer(next_id - 1, operation);
}

static int flush(void)
{
	(void)request(BLKIF_OP_FLUSH_DISKCACHE, 0);
	push();
	return answer(next_id - 1, BLKIF_OP_FLUSH_DISKCACHE);
}

static bool file_has(const char *name, uint64_t sector, const void *bytes, size_t n)
{
	char back[65536];
	int fd = open(backend_path(name), O_RDONLY);
	ssize_t got = pread(fd, back, n, (off_t)(sector * 512));

	close(fd);
	return got == (ssize_t)n && !memcmp(back, bytes, n);
}

static void fill(uint32_t grant, unsigned seed)
{
	for (unsigned i = 0; i < 4096; i++)
		H->pv->pages[grant][i] = (uint8_t)(i * 7 + seed + grant);
}

/* ---- tests ---- */

static void reads_and_writes(void)
{
	run();
	fill(DATA, 1);
	CHECK_EQ(one(BLKIF_OP_WRITE, 100, DATA, 0, 7), BLKIF_RSP_OKAY);
	CHECK_EQ(one(BLKIF_OP_READ, 101, DATA + 1, 2, 4), BLKIF_RSP_OKAY);
	CHECK(!memcmp(H->pv->pages[DATA + 1] + 1024, H->pv->pages[DATA] + 512, 3 * 512));
	CHECK_EQ(H->pv->pages[DATA + 1][1023] | H->pv->pages[DATA + 1][1024 + 1536], 0);
	CHECK_EQ(flush(), BLKIF_RSP_OKAY);
	CHECK(file_has("a.img", 100, H->pv->pages[DATA], 4096));
	/* the last sector, and one behind */
	CHECK_EQ(one(BLKIF_OP_WRITE, SECTORS - 1, DATA, 7, 7), BLKIF_RSP_OKAY);
	CHECK(file_has("a.img", SECTORS - 1, H->pv->pages[DATA] + 7 * 512, 512));
	CHECK_EQ(one(BLKIF_OP_WRITE, SECTORS, DATA, 0, 0), BLKIF_RSP_ERROR);
	CHECK_EQ(backend_quit(), 0);
}

static void all_operations(void)
{
	uint8_t zeroes[4096] = { 0 };
	struct blkif_request_discard *d;
	blkif_request_t *q;

	run();
	fill(DATA, 2);
	/* a flush and a barrier may have data */
	CHECK_EQ(one(BLKIF_OP_FLUSH_DISKCACHE, 8, DATA, 0, 7), BLKIF_RSP_OKAY);
	CHECK(file_has("a.img", 8, H->pv->pages[DATA], 4096));
	q = request(BLKIF_OP_WRITE, 16);
	segment(q, DATA, 0, 7);
	q = request(BLKIF_OP_WRITE_BARRIER, 24);
	segment(q, DATA, 0, 7);
	q = request(BLKIF_OP_WRITE, 32);
	segment(q, DATA, 0, 7);
	push();
	CHECK_EQ(answer(next_id - 3, BLKIF_OP_WRITE), BLKIF_RSP_OKAY);
	CHECK_EQ(answer(next_id - 2, BLKIF_OP_WRITE_BARRIER), BLKIF_RSP_OKAY);
	CHECK_EQ(answer(next_id - 1, BLKIF_OP_WRITE), BLKIF_RSP_OKAY);
	CHECK(file_has("a.img", 24, H->pv->pages[DATA], 4096));
	d = (struct blkif_request_discard *)request(BLKIF_OP_DISCARD, 24);
	d->nr_sectors = 8;
	push();
	CHECK_EQ(answer(next_id - 1, BLKIF_OP_DISCARD), BLKIF_RSP_OKAY);
	CHECK(file_has("a.img", 24, zeroes, 4096));
	CHECK(file_has("a.img", 32, H->pv->pages[DATA], 4096));
	(void)request(77, 0);
	push();
	CHECK_EQ(answer(next_id - 1, 77), BLKIF_RSP_EOPNOTSUPP);
	CHECK_EQ(backend_quit(), 0);
}

static int indirect(uint8_t operation, uint64_t sector, uint16_t nr, uint32_t table)
{
	struct blkif_request_indirect *q =
		(struct blkif_request_indirect *)request(BLKIF_OP_INDIRECT, sector);

	q->indirect_op = operation;
	q->nr_segments = nr;
	q->indirect_grefs[0] = table;
	push();
	return answer(next_id - 1, operation);
}

static void indirect_segments(void)
{
	struct blkif_request_segment *table;

	run();
	table = (struct blkif_request_segment *)H->pv->pages[TABLE];
	for (unsigned i = 0; i < 200; i++)
		table[i] = (struct blkif_request_segment){ DATA + i % 64, 0, 7 };
	for (unsigned i = 0; i < 64; i++)
		fill(DATA + i, 3);
	CHECK_EQ(indirect(BLKIF_OP_WRITE, 0, 64, TABLE), BLKIF_RSP_OKAY);
	for (unsigned i = 0; i < 64; i++)
		CHECK(file_has("a.img", i * 8, H->pv->pages[DATA + i], 4096));
	memset(H->pv->pages[DATA + 63], 0, 4096);
	CHECK_EQ(indirect(BLKIF_OP_READ, 8, 63, TABLE), BLKIF_RSP_OKAY);
	CHECK(file_has("a.img", 63 * 8, H->pv->pages[DATA + 62], 4096));
	/* too many, none, a table that is not granted, operations that cannot be */
	CHECK_EQ(indirect(BLKIF_OP_READ, 0, 65, TABLE), BLKIF_RSP_ERROR);
	CHECK_EQ(indirect(BLKIF_OP_READ, 0, 0, TABLE), BLKIF_RSP_ERROR);
	CHECK_EQ(indirect(BLKIF_OP_READ, 0, 1, 40000), BLKIF_RSP_ERROR);
	CHECK_EQ(indirect(BLKIF_OP_INDIRECT, 0, 1, TABLE), BLKIF_RSP_ERROR);
	CHECK_EQ(indirect(BLKIF_OP_FLUSH_DISKCACHE, 0, 1, TABLE), BLKIF_RSP_ERROR);
	CHECK_EQ(backend_quit(), 0);
}

/* KiB that the process has in memory. */
static unsigned long resident(void)
{
	unsigned long all, there = 0;
	char path[32];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/statm", (int)H->pid);
	f = fopen(path, "r");
	CHECK(f && fscanf(f, "%lu %lu", &all, &there) == 2);
	fclose(f);
	return there * 4;
}

/* The memory of many large requests goes back when the guest rests, and is there again for the next one. */
static void rest(void)
{
	struct blkif_request_segment *table;
	unsigned long full;
	unsigned i = 0;

	run();
	table = (struct blkif_request_segment *)H->pv->pages[TABLE];
	for (unsigned k = 0; k < 64; k++)
		table[k] = (struct blkif_request_segment){ DATA + k, 0, 7 };
	for (unsigned k = 0; k < 32; k++)
		CHECK_EQ(indirect(BLKIF_OP_READ, 0, 64, TABLE), BLKIF_RSP_OKAY);
	full = resident();
	while (resident() + 6144 > full) {
		CHECK(i++ < 600);
		usleep(100000);
	}
	fill(DATA, 9);
	CHECK_EQ(one(BLKIF_OP_WRITE, 24, DATA, 0, 7), BLKIF_RSP_OKAY);
	CHECK(file_has("a.img", 24, H->pv->pages[DATA], 4096));
	CHECK_EQ(backend_quit(), 0);
}

static void wrong_requests(void)
{
	blkif_request_t *q;

	run();
	CHECK_EQ(one(BLKIF_OP_READ, 0, DATA, 5, 4), BLKIF_RSP_ERROR);
	CHECK_EQ(one(BLKIF_OP_READ, 0, DATA, 0, 8), BLKIF_RSP_ERROR);
	CHECK_EQ(one(BLKIF_OP_READ, 0, DATA, 0, 255), BLKIF_RSP_ERROR);
	CHECK_EQ(one(BLKIF_OP_READ, UINT64_MAX, DATA, 0, 7), BLKIF_RSP_ERROR);
	CHECK_EQ(one(BLKIF_OP_READ, UINT64_MAX / 512 + 1, DATA, 0, 7), BLKIF_RSP_ERROR);
	CHECK_EQ(one(BLKIF_OP_READ, 0, 40000, 0, 7), BLKIF_RSP_ERROR);
	H->pv->grants[DATA] = PV_GRANTED_READ;
	CHECK_EQ(one(BLKIF_OP_READ, 0, DATA, 0, 7), BLKIF_RSP_ERROR);
	CHECK_EQ(one(BLKIF_OP_WRITE, 0, DATA, 0, 7), BLKIF_RSP_OKAY);
	for (unsigned nr = 0; nr < 256; nr += 12) {
		q = request(BLKIF_OP_READ, 0);
		segment(q, DATA + 1, 0, 7);
		q->nr_segments = (uint8_t)nr;
		push();
		CHECK_EQ(answer(next_id - 1, BLKIF_OP_READ), BLKIF_RSP_ERROR);
	}
	CHECK_EQ(backend_quit(), 0);
}

static void read_only_drive(void)
{
	run();
	CHECK(backend_ask("pv-disconnect drive=51712", -1));
	ring_new(1);
	CHECK(backend_ask("pv-connect drive=51728 event-channel=5 ring-ref=0", -1));
	CHECK_EQ(one(BLKIF_OP_WRITE, 0, DATA, 0, 7), BLKIF_RSP_ERROR);
	CHECK_EQ(one(BLKIF_OP_READ, 0, DATA, 0, 7), BLKIF_RSP_OKAY);
	CHECK_EQ(flush(), BLKIF_RSP_OKAY);
	CHECK_EQ(backend_quit(), 0);
}

/* As many as the ring has, of four pages; answers are in order. */
static void full_ring(void)
{
	run();
	CHECK(backend_ask("pv-disconnect drive=51712", -1));
	ring_new(4);
	CHECK(connect_with("ring-ref=0,1,2,3 protocol=x86_64-abi"));
	CHECK_EQ(RING_SIZE(&ring), 128);
	for (unsigned round = 0; round < 5; round++) {
		uint64_t first = next_id;

		for (unsigned i = 0; i < RING_SIZE(&ring); i++) {
			blkif_request_t *q = request(i % 3 ? BLKIF_OP_READ : BLKIF_OP_WRITE, i * 8);

			segment(q, DATA + i, 0, 7);
		}
		push();
		for (unsigned i = 0; i < RING_SIZE(&ring); i++)
			CHECK_EQ(answer(first + i, i % 3 ? BLKIF_OP_READ : BLKIF_OP_WRITE),
			         BLKIF_RSP_OKAY);
	}
	CHECK_EQ(backend_quit(), 0);
}

/* A 32-bit driver's entries have other places. */
static void short_layout(void)
{
	uint8_t *entry = H->pv->pages[0] + 64, *head = H->pv->pages[0];
	struct blkif_request_segment s = { DATA, 0, 7 };
	uint64_t id = 0x1122334455667788, sector = 40;
	uint32_t one_more = 1;
	int16_t status;

	run();
	CHECK(backend_ask("pv-disconnect drive=51712", -1));
	entry = H->pv->pages[0] + 64;
	head = H->pv->pages[0];
	ring_new(1);
	CHECK(connect_with("ring-ref=0 protocol=x86_32-abi"));
	fill(DATA, 9);
	entry[0] = BLKIF_OP_WRITE;
	entry[1] = 1;
	memcpy(entry + 4, &id, 8);
	memcpy(entry + 12, &sector, 8);
	memcpy(entry + 20, &s, 8);
	__atomic_store_n((uint32_t *)head, one_more, __ATOMIC_SEQ_CST);
	backend_pv_tell(PORT);
	CHECK(backend_pv_told(PORT));
	while (__atomic_load_n((uint32_t *)(head + 8), __ATOMIC_SEQ_CST) != 1)
		CHECK(backend_pv_told(PORT));
	memcpy(&status, entry + 10, 2);
	CHECK(!memcmp(entry, &id, 8));
	CHECK_EQ(entry[8], BLKIF_OP_WRITE);
	CHECK_EQ(status, BLKIF_RSP_OKAY);
	CHECK(file_has("a.img", 40, H->pv->pages[DATA], 4096));
	CHECK_EQ(backend_quit(), 0);
}

static void coming_and_going(void)
{
	run();
	CHECK(!connect_with("ring-ref=1")); /* twice */
	CHECK(backend_ask("pv-disconnect drive=51712", -1));
	CHECK(!connect_with("ring-ref=40000"));
	CHECK(!connect_with("ring-ref=0,1,2"));
	CHECK(!connect_with("ring-ref="));
	CHECK(!connect_with("ring-ref=0,x"));
	CHECK(!connect_with("ring-ref=0 protocol=arm-abi"));
	CHECK(!backend_ask("pv-connect drive=51712 ring-ref=0 event-channel=5000", -1));
	CHECK(!backend_ask("pv-connect drive=1 ring-ref=0 event-channel=5", -1));
	CHECK(!backend_ask("pv-disconnect drive=1", -1));
	for (unsigned i = 0; i < 20; i++) {
		ring_new(1);
		CHECK(connect_with("ring-ref=0"));
		CHECK_EQ(one(BLKIF_OP_WRITE, i, DATA, 0, 7), BLKIF_RSP_OKAY);
		CHECK(backend_ask("pv-disconnect drive=51712", -1));
	}
	CHECK_EQ(backend_quit(), 0);
}

/* Indices that cannot be: the drive stands still, the process and its other drive do not. */
static void hostile_ring(void)
{
	static const uint32_t odd[] = { 33, 1000, 0x80000000, UINT32_MAX };

	run();
	for (unsigned i = 0; i < ARRAY_LEN(odd); i++) {
		__atomic_store_n(&ring.sring->req_prod, ring.sring->rsp_prod + odd[i],
		                 __ATOMIC_SEQ_CST);
		backend_pv_tell(PORT);
		CHECK(backend_wait_line("log"));
		CHECK(backend_ask("pv-disconnect drive=51712", -1));
		ring_new(1);
		CHECK(connect_with("ring-ref=0"));
	}
	CHECK_EQ(one(BLKIF_OP_READ, 0, DATA, 0, 7), BLKIF_RSP_OKAY);
	CHECK_EQ(backend_quit(), 0);
}

/* The emulated drive with the same disk is not written while the paravirtual one is there. */
static void same_disk(void)
{
	uint8_t bytes[512];

	describe();
	lines[0] = "guest name=g";
	lines[1] = line_with(1, "drive vdev=hda kind=disk access=w path=%s", "a.img");
	lines[2] = "pv-drive number=51712 same=hda";
	CHECK(backend_start(lines));
	CHECK(backend_attach());
	memset(bytes, 5, sizeof(bytes));
	CHECK_EQ(backend_request(0, BLOCK_WRITE, 3, 1, bytes, false), 0);
	ring_new(1);
	CHECK(connect_with("ring-ref=0"));
	CHECK(backend_request(0, BLOCK_WRITE, 3, 1, bytes, false) != 0);
	CHECK_EQ(backend_request(0, BLOCK_READ, 3, 1, bytes, false), 0);
	CHECK_EQ(one(BLKIF_OP_READ, 3, DATA, 0, 0), BLKIF_RSP_OKAY);
	CHECK(!memcmp(H->pv->pages[DATA], bytes, 512));
	CHECK(backend_ask("pv-disconnect drive=51712", -1));
	CHECK_EQ(backend_request(0, BLOCK_WRITE, 3, 1, bytes, false), 0);
	CHECK_EQ(backend_quit(), 0);
	lines[2] = "pv-drive number=51712 same=hdb";
	CHECK(!backend_start(lines));
}

/* Killed with requests on their way: the successor does what was not answered, and nothing is answered twice. */
static void killed(void)
{
	static uint8_t expected[SECTORS / 8];
	uint64_t first;
	unsigned nr, at;

	run();
	memset(expected, 0, sizeof(expected));
	srand(11);
	first = next_id;
	for (unsigned life = 1; life <= 30; life++) {
		nr = 1 + (unsigned)rand() % RING_SIZE(&ring);
		first = next_id;
		for (unsigned i = 0; i < nr; i++) {
			blkif_request_t *q;

			at = (life * 13 + i) % (SECTORS / 8);
			q = request(BLKIF_OP_WRITE, (uint64_t)at * 8);
			segment(q, DATA + i, 0, 7);
			memset(H->pv->pages[DATA + i], (int)(life + i), 4096);
			expected[at] = (uint8_t)(life + i);
		}
		push();
		usleep((unsigned)rand() % 3000);
		backend_kill();
		CHECK(backend_start(lines));
		CHECK(backend_attach_pvh());
		CHECK(connect_with("ring-ref=0"));
		for (unsigned i = 0; i < nr; i++)
			CHECK_EQ(answer(first + i, BLKIF_OP_WRITE), BLKIF_RSP_OKAY);
	}
	CHECK_EQ(flush(), BLKIF_RSP_OKAY);
	CHECK_EQ(backend_quit(), 0);
	for (unsigned i = 0; i < SECTORS / 8; i++) {
		uint8_t bytes[4096];

		memset(bytes, expected[i], sizeof(bytes));
		CHECK(file_has("a.img", (uint64_t)i * 8, bytes, sizeof(bytes)));
	}
}

UNIT_MAIN(UNIT(reads_and_writes), UNIT(all_operations), UNIT(indirect_segments), UNIT(rest),
          UNIT(wrong_requests), UNIT(read_only_drive), UNIT(full_ring), UNIT(short_layout),
          UNIT(coming_and_going), UNIT(hostile_ring), UNIT(same_disk), UNIT(killed))
