// SPDX-License-Identifier: GPL-2.0-or-later
/* Disks on the link: the real IDE function, a host's driver before it, a scripted backend behind it. */
#include <string.h>

#include "errno.h"
#include "ide_host.h"
#include "link_fake.h"
#include "unit.h"

#define SECTORS 4096u
#define DEV0    0xa0
#define LBA     0x40
#define PACKET  0xa0
#define SRST    0x04
#define L       (&fake_link.memory)

static uint8_t medium[SECTORS * 512];
static uint8_t data[256 * 512], back[256 * 512];

static void start(void)
{
	static const struct devmodel_board board = {
		.has_link = 1,
		.drives = { { DEVMODEL_DRIVE_DISK, 0, SECTORS * 512 },
		            { DEVMODEL_DRIVE_DISK, 1, 64 * 512 },
		            { DEVMODEL_DRIVE_CDROM, 1, 0 } },
	};
	struct ide_config c = { .devfn = IDE_DEVFN };

	host_end();
	fake_link_start(&board, &fake_machine_new()->ports);
	for (unsigned i = 0; i < 3; i++)
		c.drives[i] = (struct ide_drive_config){ .kind = i < 2 ? IDE_DISK : IDE_CDROM,
			                                 .backend = link_disk(&board, i) };
	CHECK(!link_disk(&board, 3));
	for (unsigned i = 0; i < sizeof(medium); i++)
		medium[i] = (uint8_t)(i * 31 + i / 512);
	for (unsigned i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 17 + 3);
	host_start(&c);
}

static void end(void)
{
	host_end();
	memset(&host, 0, sizeof(host));
}

/* Until the command is done, with the backend at work. */
static void settle(void)
{
	for (unsigned i = 0; i < 100 && (host_alt() & ATA_BSY); i++) {
		link_turn_over();
		server_serve(medium, SECTORS);
	}
}

static void by_pio(void)
{
	start();
	server_attach(1);
	CHECK_EQ(L->version, DEVMODEL_LINK_VERSION);
	CHECK_EQ(L->size, sizeof(struct devmodel_link));
	CHECK_EQ(L->model_epoch, 1);
	host_command(0x20, DEV0 | LBA, 100, 2);
	CHECK(host_alt() & ATA_BSY);
	fake_link.notified = 0;
	link_turn_over();
	CHECK_EQ(fake_link.notified, 1);
	link_turn_over();
	CHECK_EQ(fake_link.notified, 1);
	settle();
	host_read(back, 512);
	settle();
	host_read(back + 512, 512);
	CHECK(!memcmp(back, medium + 100 * 512, 1024));
	host_command(0x30, DEV0 | LBA, 7, 1);
	host_write(data, 512);
	settle();
	CHECK_EQ(host_in(ATA_STATUS), 0x50);
	CHECK(!memcmp(medium + 7 * 512, data, 512));
	/* flush */
	host_command(0xe7, DEV0 | LBA, 0, 0);
	CHECK(host_alt() & ATA_BSY);
	settle();
	CHECK_EQ(host_in(ATA_STATUS), 0x50);
	end();
}

static void by_dma_without_a_copy(void)
{
	struct link_block_request r;

	start();
	server_attach(1);
	host_command(0xc8, DEV0 | LBA, 0, 128);
	CHECK(server_request(&r));
	CHECK_EQ(r.op, BLOCK_READ);
	CHECK_EQ(r.drive, 0);
	CHECK_EQ(r.sector, 0);
	CHECK_EQ(r.count, 128);
	CHECK_EQ(r.buffer % 512, 0);
	memcpy(L->data + r.buffer, medium, 65536);
	server_answer(r.tag, 0);
	fake_link_look();
	/* what the drive gives is the very memory that the backend wrote to */
	L->data[r.buffer + 5] = 0x99;
	host_dma(0x10000, 65536, true);
	CHECK_EQ(host.m->ram[0x10005], 0x99);
	medium[5] = 0x99;
	CHECK(!memcmp(host.m->ram + 0x10000, medium, 65536));
	host_dma_stop();
	host_in(ATA_STATUS);
	memcpy(host.m->ram + 0x10000, data, 65536);
	host_command(0xca, DEV0 | LBA, 256, 128);
	host_dma(0x10000, 65536, false);
	settle();
	CHECK(!memcmp(medium + 256 * 512, data, 65536));
	end();
}

static void errors(void)
{
	static const int32_t said[] = { -EIO, -ENOSPC, 12345, INT32_MIN };
	struct link_block_request r;

	for (unsigned i = 0; i < ARRAY_LEN(said); i++) {
		start();
		server_attach(1);
		host_command(0x20, DEV0 | LBA, 3, 1);
		CHECK(server_request(&r));
		server_answer(r.tag + LINK_BLOCK_SLOTS, 0); /* of another life */
		server_answer(r.tag ^ 1, 0);                /* that nobody asked */
		fake_link_look();
		CHECK(host_alt() & ATA_BSY);
		server_answer(r.tag, said[i]);
		server_answer(r.tag, 0); /* twice */
		fake_link_look();
		CHECK_EQ(host_in(ATA_STATUS) & (ATA_BSY | ATA_ERR), ATA_ERR);
		end();
	}
}

/* The backend dies with requests in its hands, and another comes. */
static void a_new_backend(void)
{
	struct link_block_request one, two, again;

	start();
	host_command(0x20, DEV0 | LBA, 3, 1); /* before there is any */
	CHECK(host_alt() & ATA_BSY);
	server_attach(1);
	CHECK(server_request(&one));
	CHECK_EQ(one.sector, 3);
	server_attach(2);
	CHECK_EQ(L->model_epoch, 2);
	CHECK(server_request(&again));
	CHECK_EQ(again.tag, one.tag);
	CHECK_EQ(again.sector, 3);
	CHECK_EQ(again.buffer, one.buffer);
	CHECK(!server_request(&two));
	memset(L->data + again.buffer, 0x77, 512);
	server_answer(again.tag, 0);
	fake_link_look();
	host_read(back, 512);
	CHECK_EQ(back[511], 0x77);
	/* nothing is repeated that was answered */
	server_attach(3);
	CHECK(!server_request(&again));
	end();
}

/* The guest resets a drive that waits: what comes late harms nothing that is new. */
static void given_up(void)
{
	struct link_block_request old, r;
	uint8_t block[512];

	start();
	server_attach(1);
	host_command(0x20, DEV0 | LBA, 3, 1);
	CHECK(server_request(&old));
	fake_out(host.m, host.control, 1, SRST);
	fake_out(host.m, host.control, 1, 0);
	CHECK_EQ(host_in(ATA_STATUS), 0x50);
	/* a command with its own data, and the old one's data comes now */
	host_command(0xec, DEV0, 0, 0);
	memset(L->data + old.buffer, 0xee, 512);
	host_read(block, 512);
	CHECK(block[20] != 0xee);
	/* a new request waits until the old one is out of the way */
	host_command(0x20, DEV0 | LBA, 9, 1);
	CHECK(!server_request(&r));
	server_answer(old.tag, 0);
	fake_link_look();
	CHECK(server_request(&r));
	CHECK_EQ(r.sector, 9);
	CHECK(r.buffer != old.buffer);
	memset(L->data + r.buffer, 0x21, 512);
	server_answer(r.tag, 0);
	fake_link_look();
	host_read(block, 512);
	CHECK_EQ(block[0], 0x21);
	/* with a new backend it need not wait */
	host_command(0x20, DEV0 | LBA, 3, 1);
	CHECK(server_request(&old));
	fake_out(host.m, host.control, 1, SRST);
	fake_out(host.m, host.control, 1, 0);
	host_command(0x20, DEV0 | LBA, 11, 1);
	server_attach(2);
	CHECK(server_request(&r));
	CHECK_EQ(r.sector, 11);
	CHECK(!server_request(&r));
	end();
}

/* However often: memory runs out, then the drive has its own, and requests wait; in the end all is as before. */
static void given_up_often(void)
{
	struct link_block_request r;
	uint32_t tags[LINK_BLOCK_SLOTS * 2];
	unsigned n = 0;

	start();
	server_attach(1);
	for (unsigned i = 0; i < LINK_BLOCK_SLOTS * 2; i++) {
		host_channel(i & 1 ? 0 : 0);
		host_command(0x20, DEV0 | LBA, i, 1);
		while (server_request(&r))
			tags[n++] = r.tag;
		fake_out(host.m, host.control, 1, SRST);
		fake_out(host.m, host.control, 1, 0);
	}
	CHECK_EQ(n, 1);
	host_command(0x20, DEV0 | LBA, 77, 1);
	server_answer(tags[0], 0);
	fake_link_look();
	settle();
	host_read(back, 512);
	CHECK(!memcmp(back, medium + 77 * 512, 512));
	end();
}

static void impossible_indices(void)
{
	struct link_block_request r;

	start();
	server_attach(1);
	L->block.answer_queue.produced = 1u << 31;
	L->block.request_queue.consumed = 77;
	host_command(0x20, DEV0 | LBA, 3, 1);
	fake_link_look();
	CHECK(host_alt() & ATA_BSY);
	CHECK_EQ(L->block.request_queue.produced, 0);
	server_attach(2);
	CHECK(server_request(&r));
	CHECK_EQ(r.sector, 3);
	end();
}

static uint8_t packet_status(const uint8_t *bytes)
{
	host_out(ATA_DEVICE, 0xa0);
	host_out(ATA_MID, 0xff);
	host_out(ATA_HIGH, 0xff);
	host_out(ATA_COMMAND, PACKET);
	host_write(bytes, 12);
	return host_in(ATA_STATUS);
}

static void media(void)
{
	static const uint8_t ready[12] = { 0 }, lock[12] = { 0x1e, 0, 0, 0, 1 },
			     unlock[12] = { 0x1e }, eject[12] = { 0x1b, 0, 0, 0, 2 };

	start();
	server_attach(1);
	host_channel(1);
	CHECK(packet_status(ready) & ATA_ERR); /* no medium */
	L->media[2] = (struct link_medium){ .sectors = 4000, .read_only = 1, .generation = 5 };
	fake_link_look();
	CHECK(packet_status(ready) & ATA_ERR); /* it may have changed */
	CHECK(!(packet_status(ready) & ATA_ERR));
	CHECK(!(packet_status(lock) & ATA_ERR));
	CHECK_EQ(L->drives[2].is_locked, 1);
	/* a backend that comes later finds it so */
	L->drives[2].is_locked = 9;
	server_attach(2);
	CHECK_EQ(L->drives[2].is_locked, 1);
	CHECK(!(packet_status(unlock) & ATA_ERR));
	CHECK_EQ(L->drives[2].is_locked, 0);
	CHECK(!(packet_status(eject) & ATA_ERR));
	CHECK_EQ(L->drives[2].ejects, 1);
	CHECK(packet_status(ready) & ATA_ERR);
	end();
}

UNIT_MAIN(UNIT(by_pio), UNIT(by_dma_without_a_copy), UNIT(errors), UNIT(a_new_backend),
          UNIT(given_up), UNIT(given_up_often), UNIT(impossible_indices), UNIT(media))
