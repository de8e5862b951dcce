// SPDX-License-Identifier: GPL-2.0-or-later
/* The CD drive: packets by PIO and DMA, byte counts, sense, contents, the tray, a disc that changes. */
#include <string.h>

#include "errno.h"
#include "ide_host.h"
#include "unit.h"

#define SECTORS 403u /* 100 blocks and three quarters of one */
#define DEV0    0xa0
#define IRQ     (host.m->isa[host.irq])

static uint8_t medium[SECTORS * 512 + 2048];
static struct fake_disk disc;
static uint8_t back[70000];
static unsigned ejects, locks, unlocks;

static void note_eject(struct block_backend *b)
{
	ejects++;
}

static void note_lock(struct block_backend *b, bool locked)
{
	if (locked)
		locks++;
	else
		unlocks++;
}

static uint32_t be(const uint8_t *p, unsigned n)
{
	uint32_t v = 0;

	while (n--)
		v = v << 8 | *p++;
	return v;
}

/* The packet goes out; what is set: features and the byte count limit. */
static void packet_start(const uint8_t *bytes, unsigned n, uint8_t feature, uint16_t limit)
{
	uint8_t packet[12] = { 0 };

	memcpy(packet, bytes, n);
	host_out(ATA_DEVICE, DEV0);
	host_out(ATA_FEATURE, feature);
	host_out(ATA_MID, (uint8_t)limit);
	host_out(ATA_HIGH, (uint8_t)(limit >> 8));
	host_out(ATA_COMMAND, ATA_PACKET);
	CHECK_EQ(host_in(ATA_STATUS), 0x58);
	CHECK_EQ(host_in(ATA_COUNT), ATAPI_CD);
	CHECK(!IRQ.level);
	host_write(packet, 12);
}

/* By PIO; how many bytes came. -1: check condition. */
static int packet_data(uint16_t limit)
{
	int total = 0;

	for (;;) {
		uint8_t status;
		uint16_t n;

		CHECK(IRQ.level);
		status = host_in(ATA_STATUS);
		CHECK(!IRQ.level);
		if (!(status & ATA_DRQ)) {
			CHECK_EQ(host_in(ATA_COUNT), ATAPI_IO | ATAPI_CD);
			return status & ATA_ERR ? -1 : total;
		}
		CHECK_EQ(host_in(ATA_COUNT), ATAPI_IO);
		n = (uint16_t)(host_in(ATA_MID) | host_in(ATA_HIGH) << 8);
		CHECK(n && n <= limit);
		CHECK(total + n < (int)sizeof(back));
		host_read(back + total, n);
		total += n;
	}
}

#define PACKET(limit, ...)                                        \
	({                                                        \
		static const uint8_t packet_[] = { __VA_ARGS__ }; \
		memset(back, 0xee, sizeof(back));                 \
		packet_start(packet_, sizeof(packet_), 0, limit); \
		packet_data(limit);                               \
	})
/* key and code of the last failure */
#define SENSE()                                                                                    \
	(PACKET(0xfffe, 0x03, 0, 0, 0, 18) == 18 ? (int)(back[2] << 16 | back[12] << 8 | back[13]) \
	                                         : -1)

static void start_fresh(uint64_t sectors)
{
	struct ide_config c = {
		.devfn = IDE_DEVFN,
		.drives = { { .kind = IDE_CDROM, .backend = &disc.backend, .firmware = "F7" } },
	};

	for (unsigned i = 0; i < sizeof(medium); i++)
		medium[i] = (uint8_t)(i * 13 + i / 2048);
	fake_disk_init(&disc, medium, sectors);
	disc.backend.eject = note_eject;
	disc.backend.lock = note_lock;
	ejects = locks = unlocks = 0;
	host_end();
	host_start(&c);
}

/* Past the unit attention of the reset. */
static void start(void)
{
	start_fresh(SECTORS);
	CHECK_EQ(PACKET(64, 0x00), -1);
	CHECK_EQ(host_in(ATA_ERROR), 0x60);
	CHECK_EQ(SENSE(), 0x062900);
	CHECK_EQ(PACKET(64, 0x00), 0);
}

static void test_signature(void)
{
	uint16_t words[256];

	start_fresh(SECTORS);
	CHECK_EQ(host_in(ATA_STATUS), 0x00);
	CHECK_EQ(host_in(ATA_ERROR), 0x01);
	CHECK_EQ(host_in(ATA_MID), 0x14);
	CHECK_EQ(host_in(ATA_HIGH), 0xeb);
	host_command(0xec, DEV0, 0, 0);
	CHECK_EQ(host_in(ATA_STATUS), 0x51);
	CHECK_EQ(host_in(ATA_ERROR), ATA_ABRT);
	CHECK_EQ(host_in(ATA_HIGH), 0xeb);
	host_command(0xa1, DEV0, 0, 0);
	CHECK_EQ(host_in(ATA_STATUS), 0x58);
	host_read(words, 512);
	CHECK_EQ(host_in(ATA_STATUS), 0x50);
	CHECK(!IRQ.level);
	CHECK_EQ(words[0], 0x85c0);
	CHECK_EQ(words[23], 'F' << 8 | '7');
	CHECK_EQ(words[27], 'Z' << 8 | 'A');
	host_out(ATA_FEATURE, 3);
	host_command(0xef, DEV0, 0, 0x22);
	CHECK_EQ(host_in(ATA_STATUS), 0x50);
	host_command(0xa1, DEV0, 0, 0);
	host_read(words, 512);
	CHECK_EQ(words[63], 0x0407);
	host_out(ATA_FEATURE, 0x66);
	host_command(0xef, DEV0, 0, 0x22);
	CHECK_EQ(host_in(ATA_ERROR), ATA_ABRT);
	host_command(0xe5, DEV0, 0, 0);
	CHECK_EQ(host_in(ATA_COUNT), 0xff);
	host_command(0xe0, DEV0, 0, 0);
	CHECK_EQ(host_in(ATA_STATUS), 0x50);
	host_command(0xc8, DEV0, 0, 1);
	CHECK_EQ(host_in(ATA_ERROR), ATA_ABRT);
	host_out(ATA_FEATURE, 2);
	host_command(ATA_PACKET, DEV0, 0, 0);
	CHECK_EQ(host_in(ATA_ERROR), ATA_ABRT);
	/* DEVICE RESET in the middle of a packet, with no interrupt */
	host_in(ATA_STATUS);
	host_out(ATA_FEATURE, 0);
	host_command(ATA_PACKET, DEV0, 0, 0);
	host_write("\x12", 2);
	host_out(ATA_COMMAND, ATA_DEVICE_RESET);
	CHECK(!IRQ.level);
	CHECK_EQ(host_in(ATA_STATUS), 0);
	CHECK_EQ(host_in(ATA_MID), 0x14);
	CHECK_EQ(PACKET(64, 0x12, 0, 0, 0, 36), 36);
}

static void test_inquiry(void)
{
	start_fresh(SECTORS);
	/* no unit attention is told here */
	CHECK_EQ(PACKET(0xffff, 0x12, 0, 0, 0, 36), 36);
	CHECK(!memcmp(back, "\x05\x80\x00\x21\x1f", 5));
	CHECK(!memcmp(back + 8, "ZAZEN   ZAZEN DVD-ROM   F7  ", 28));
	CHECK_EQ(PACKET(0xffff, 0x12, 0, 0, 0, 5), 5);
	CHECK_EQ(back[5], 0xee);
	CHECK_EQ(PACKET(7, 0x12, 0, 0, 0, 36), 36);
	CHECK(!memcmp(back + 8, "ZAZEN   ZAZEN DVD-ROM   F7  ", 28));
	CHECK_EQ(PACKET(10, 0x12, 0, 0, 0, 0), 0);
	CHECK_EQ(PACKET(0xffff, 0x12, 1, 0, 0, 36), -1);
	CHECK_EQ(host_in(ATA_ERROR), 0x54);
	CHECK_EQ(SENSE(), 0x052400);
	CHECK_EQ(SENSE(), 0x062900);
	CHECK_EQ(SENSE(), 0);
	CHECK_EQ(PACKET(0, 0x12, 0, 0, 0, 36), -1);
	CHECK_EQ(host_in(ATA_ERROR), ATA_ABRT);
	CHECK_EQ(PACKET(0xffff, 0xff), -1);
	CHECK_EQ(SENSE(), 0x052000);
}

static void test_attention_by_sense(void)
{
	start_fresh(SECTORS);
	CHECK_EQ(SENSE(), 0x062900);
	CHECK_EQ(SENSE(), 0);
	CHECK_EQ(PACKET(64, 0x00), 0);
}

static void test_read(void)
{
	start();
	CHECK_EQ(PACKET(0xfffe, 0x25), 8);
	CHECK_EQ(be(back, 4), 100);
	CHECK_EQ(be(back + 4, 4), 2048);
	CHECK_EQ(PACKET(0xfffe, 0x28, 0, 0, 0, 0, 7, 0, 0, 3), 3 * 2048);
	CHECK(!memcmp(back, medium + 7 * 2048, 3 * 2048));
	CHECK_EQ(PACKET(2048, 0x28, 0, 0, 0, 0, 7, 0, 0, 3), 3 * 2048);
	CHECK(!memcmp(back, medium + 7 * 2048, 3 * 2048));
	CHECK_EQ(PACKET(1001, 0x28, 0, 0, 0, 0, 7, 0, 0, 3), 3 * 2048);
	CHECK(!memcmp(back, medium + 7 * 2048, 3 * 2048));
	CHECK_EQ(PACKET(0xffff, 0xa8, 0, 0, 0, 0, 3, 0, 0, 0, 33), 33 * 2048);
	CHECK(!memcmp(back, medium + 3 * 2048, 33 * 2048));
	/* the last block is a part of one */
	CHECK_EQ(PACKET(0xfffe, 0x28, 0, 0, 0, 0, 99, 0, 0, 2), 2 * 2048);
	CHECK(!memcmp(back, medium + 99 * 2048, 2048 + 3 * 512));
	CHECK_EQ(back[2 * 2048 - 1], 0);
	CHECK_EQ(PACKET(0xfffe, 0x28, 0, 0, 0, 0, 99, 0, 0, 3), -1);
	CHECK_EQ(SENSE(), 0x052100);
	CHECK_EQ(PACKET(0xfffe, 0x28, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 3), -1);
	CHECK_EQ(SENSE(), 0x052100);
	CHECK_EQ(PACKET(0xfffe, 0x28), 0);
	CHECK_EQ(PACKET(0, 0x28, 0, 0, 0, 0, 0, 0, 0, 1), -1);
	CHECK_EQ(PACKET(0xfffe, 0x2b, 0, 0, 0, 0, 100), 0);
	CHECK_EQ(PACKET(0xfffe, 0x2b, 0, 0, 0, 0, 101), -1);
	CHECK_EQ(PACKET(0xfffe, 0xbe, 4 << 2, 0, 0, 0, 7, 0, 0, 2, 0x10), 4096);
	CHECK(!memcmp(back, medium + 7 * 2048, 4096));
	CHECK_EQ(PACKET(0xfffe, 0xbe, 0, 0, 0, 0, 7, 0, 0, 2, 0), 0);
	CHECK_EQ(PACKET(0xfffe, 0xbe, 0, 0, 0, 0, 7, 0, 0, 2, 0xf8), -1);
	CHECK_EQ(SENSE(), 0x052400);
	CHECK_EQ(PACKET(0xfffe, 0xbe, 4, 0, 0, 0, 7, 0, 0, 2, 0x10), -1);
	CHECK_EQ(SENSE(), 0x056400);
	CHECK_EQ(PACKET(0xfffe, 0xbe, 0, 0, 0, 0, 7, 0, 0, 2, 0x10, 1), -1);
}

static void test_read_dma(void)
{
	static const uint8_t read[] = { 0x28, 0, 0, 0, 0, 2, 0, 0, 70 };
	static const uint8_t inquiry[] = { 0x12, 0, 0, 0, 36 };

	start();
	packet_start(read, sizeof(read), 1, 0);
	CHECK(!IRQ.level);
	for (unsigned i = 0; i < 3; i++)
		host_entry(i, 0x10000 * (i + 1), 0, i == 2);
	host_dma_start(true);
	CHECK(IRQ.level);
	CHECK_EQ(host_dma_stop(), 0x05);
	CHECK_EQ(host_in(ATA_STATUS), 0x50);
	CHECK_EQ(host_in(ATA_COUNT), 3);
	CHECK(!memcmp(host.m->ram + 0x10000, medium + 2 * 2048, 70 * 2048));
	packet_start(inquiry, sizeof(inquiry), 1, 0);
	host_dma(0x8000, 36, true);
	CHECK_EQ(host_dma_stop(), 0x04);
	CHECK(!memcmp(host.m->ram + 0x8008, "ZAZEN", 5));
}

static void (*good_submit)(struct block_backend *, struct block_request *);
static void bad_submit(struct block_backend *b, struct block_request *r)
{
	disc.error = r->sector <= 40 && r->sector + r->count > 40 ? -EIO : 0;
	good_submit(b, r);
}

static void test_media_errors(void)
{
	static const uint8_t read[] = { 0x28, 0, 0, 0, 0, 8, 0, 0, 5 };

	start();
	good_submit = disc.backend.submit;
	disc.backend.submit = bad_submit;
	CHECK_EQ(PACKET(0xfffe, 0x28, 0, 0, 0, 0, 8, 0, 0, 5), -1);
	CHECK(!memcmp(back, medium + 8 * 2048, 4096));
	CHECK_EQ(back[4096], 0xee);
	CHECK_EQ(SENSE(), 0x031100);
	disc.backend.submit = good_submit;
	disc.error = -ENOMEDIUM;
	CHECK_EQ(PACKET(0xfffe, 0x28, 0, 0, 0, 0, 8, 0, 0, 5), -1);
	CHECK_EQ(SENSE(), 0x023a01);
	/* the disc goes while it is read */
	disc.error = 0;
	disc.wait = true;
	packet_start(read, sizeof(read), 0, 2048);
	CHECK_EQ(host_alt(), 0x80);
	disc.error = -EIO;
	disc.backend.sectors = 0;
	disc.backend.changed(&disc.backend);
	CHECK(fake_disk_answer(&disc));
	CHECK_EQ(packet_data(2048), -1);
	disc.wait = false;
	CHECK_EQ(SENSE(), 0x023a01);
}

static void test_toc(void)
{
	start();
	CHECK_EQ(PACKET(0xfffe, 0x43, 0, 0, 0, 0, 0, 0, 0, 100), 20);
	CHECK(!memcmp(back, "\0\x12\1\1\0\x14\1\0\0\0\0\0\0\x14\xaa\0\0\0\0\x65", 20));
	CHECK_EQ(PACKET(0xfffe, 0x43, 2, 0, 0, 0, 0, 0xaa, 0, 100), 12);
	CHECK(!memcmp(back, "\0\x0a\1\1\0\x14\xaa\0\0\0\x03\x1a", 12));
	CHECK_EQ(PACKET(0xfffe, 0x43, 2, 0, 0, 0, 0, 2, 0, 100), -1);
	CHECK_EQ(SENSE(), 0x052400);
	CHECK_EQ(PACKET(0xfffe, 0x43, 0, 1, 0, 0, 0, 0, 0, 100), 12);
	CHECK(!memcmp(back, "\0\x0a\1\1\0\x14\1\0\0\0\0\0", 12));
	CHECK_EQ(PACKET(0xfffe, 0x43, 0, 0, 0, 0, 0, 0, 0, 100, 0x40), 12);
	CHECK_EQ(PACKET(0xfffe, 0x43, 0, 2, 0, 0, 0, 0, 0, 100), 48);
	CHECK_EQ(back[1], 46);
	CHECK(!memcmp(back + 4 + 22, "\1\x14\0\xa2\0\0\0\0\0\x03\x1a", 11));
	CHECK(!memcmp(back + 4 + 33, "\1\x14\0\1\0\0\0\0\0\2\0", 11));
	CHECK_EQ(PACKET(0xfffe, 0x43, 0, 2, 0, 0, 0, 2, 0, 100), -1);
	CHECK_EQ(PACKET(0xfffe, 0x43, 0, 5, 0, 0, 0, 0, 0, 100), -1);
	CHECK_EQ(PACKET(0xfffe, 0x43, 0, 0, 0, 0, 0, 0, 0, 4), 4);
	CHECK_EQ(PACKET(0xfffe, 0x51, 0, 0, 0, 0, 0, 0, 0, 100), 34);
	CHECK_EQ(back[2], 0x0e);
	CHECK_EQ(PACKET(0xfffe, 0x51, 1, 0, 0, 0, 0, 0, 0, 100), -1);
}

static void test_configuration(void)
{
	start();
	CHECK_EQ(PACKET(0xfffe, 0x46, 0, 0, 0, 0, 0, 0, 0, 8), 8);
	CHECK_EQ(be(back + 6, 2), 8);
	CHECK_EQ(PACKET(0xfffe, 0x46, 0, 0, 0, 0, 0, 0, 2, 0), 8 + 12 + 12 + 8 + 12 + 8 + 4);
	CHECK_EQ(be(back, 4), 60);
	CHECK(!memcmp(back + 8, "\0\0\3\x08\0\x10\0\0\0\x08\1\0", 12));
	CHECK_EQ(PACKET(0xfffe, 0x46, 1, 0, 3, 0, 0, 0, 2, 0), 8 + 8 + 12 + 8);
	CHECK_EQ(PACKET(0xfffe, 0x46, 2, 0, 0x1f, 0, 0, 0, 2, 0), 8 + 4);
	CHECK_EQ(PACKET(0xfffe, 0x46, 2, 0, 0x22, 0, 0, 0, 2, 0), 8);
	CHECK_EQ(PACKET(0xfffe, 0x46, 3, 0, 0, 0, 0, 0, 2, 0), -1);
	CHECK_EQ(PACKET(0xfffe, 0xad, 0, 0, 0, 0, 0, 0, 0, 8, 8), -1);
	CHECK_EQ(SENSE(), 0x053000);
	CHECK_EQ(PACKET(0xfffe, 0xad, 0, 0, 0, 0, 0, 0, 0xff, 8, 8), 20);
	/* a DVD: never read here, so its bytes need not be */
	start_fresh(1440004);
	CHECK_EQ(SENSE(), 0x062900);
	CHECK_EQ(PACKET(0xfffe, 0x46, 0, 0, 0, 0, 0, 0, 0, 20), 20);
	CHECK_EQ(be(back + 6, 2), 0x10);
	CHECK(!memcmp(back + 8, "\0\0\3\x08\0\x10\1\0\0\x08\0\0", 12));
	CHECK_EQ(PACKET(0xfffe, 0xad, 0, 0, 0, 0, 0, 0, 0, 8, 4), 2052);
	CHECK_EQ(be(back + 12, 4), 0x30000 + 360000);
	CHECK_EQ(PACKET(0xfffe, 0xad, 0, 0, 0, 0, 0, 0, 1, 8, 4), 8);
	CHECK_EQ(PACKET(0xfffe, 0xad, 0, 0, 0, 0, 0, 0, 4, 8, 4), 2052);
	CHECK_EQ(PACKET(0xfffe, 0xad, 0, 0, 0, 0, 0, 0, 9, 8, 4), -1);
	CHECK_EQ(PACKET(0xfffe, 0xad, 1, 0, 0, 0, 0, 0, 0, 8, 4), -1);
	CHECK_EQ(PACKET(0xfffe, 0x43, 2, 0, 0, 0, 0, 0xaa, 0, 100), 12);
	CHECK(!memcmp(back + 9, "\x50\x02\x01", 3));
	start_fresh(20000000);
	CHECK_EQ(SENSE(), 0x062900);
	CHECK_EQ(PACKET(0xfffe, 0x43, 2, 0, 0, 0, 0, 0xaa, 0, 100), 12);
	CHECK(!memcmp(back + 9, "\x63\x3b\x4a", 3));
}

static void test_pages(void)
{
	static const uint8_t select[] = { 0x55, 0x10, 0, 0, 0, 0, 0, 0, 16 };
	uint8_t list[16] = { 0, 0, 0, 0, 0, 0, 0, 0, 1, 6, 0x20, 9 };

	start();
	CHECK_EQ(PACKET(0xfffe, 0x5a, 0, 0x3f, 0, 0, 0, 0, 1, 0), 8 + 8 + 16 + 20);
	CHECK_EQ(be(back, 2), 50);
	CHECK_EQ(back[2], 1);
	CHECK_EQ(PACKET(0xfffe, 0x5a, 0, 0x2a, 0, 0, 0, 0, 1, 0), 28);
	CHECK_EQ(back[8 + 6], 0x29);
	CHECK_EQ(PACKET(0xfffe, 0x5a, 0, 0x6a, 0, 0, 0, 0, 1, 0), 28);
	CHECK_EQ(back[8 + 6], 0);
	CHECK_EQ(PACKET(0xfffe, 0x5a, 0, 0x41, 0, 0, 0, 0, 1, 0), 16);
	CHECK_EQ(back[8 + 3], 0xff);
	CHECK_EQ(PACKET(0xfffe, 0x5a, 0, 0xc1, 0, 0, 0, 0, 1, 0), -1);
	CHECK_EQ(SENSE(), 0x053900);
	CHECK_EQ(PACKET(0xfffe, 0x5a, 0, 0x05, 0, 0, 0, 0, 1, 0), -1);
	packet_start(select, sizeof(select), 0, 0xfffe);
	CHECK_EQ(host_in(ATA_STATUS), 0x58);
	CHECK_EQ(host_in(ATA_COUNT), 0);
	host_write(list, 16);
	CHECK_EQ(packet_data(0), 0);
	CHECK_EQ(PACKET(0xfffe, 0x5a, 0, 0x01, 0, 0, 0, 0, 1, 0), 16);
	CHECK(!memcmp(back + 8, "\1\6\x20\x09", 4));
	CHECK_EQ(PACKET(0xfffe, 0x5a, 0, 0x81, 0, 0, 0, 0, 1, 0), 16);
	CHECK(!memcmp(back + 8, "\1\6\0\5", 4));
	/* by DMA, and wrong */
	list[8] = 0x0e;
	memcpy(host.m->ram + 0x9000, list, 16);
	packet_start(select, sizeof(select), 1, 0);
	host_dma(0x9000, 16, false);
	host_dma_stop();
	CHECK_EQ(packet_data(0), -1);
	CHECK_EQ(SENSE(), 0x052600);
	host.m->ram[0x9007] = 8;
	packet_start(select, sizeof(select), 1, 0);
	host_dma(0x9000, 16, false);
	host_dma_stop();
	CHECK_EQ(packet_data(0), -1);
	CHECK_EQ(SENSE(), 0x052600);
	CHECK_EQ(PACKET(64, 0x55, 0x10), 0);
	CHECK_EQ(PACKET(64, 0x55, 0x11), -1);
	CHECK_EQ(PACKET(64, 0x55, 0x10, 0, 0, 0, 0, 0, 0, 4), -1);
	CHECK_EQ(SENSE(), 0x051a00);
	CHECK_EQ(PACKET(0, 0x55, 0x10, 0, 0, 0, 0, 0, 0, 16), -1);
	CHECK_EQ(PACKET(64, 0xbb, 0, 0xff, 0xff), 0);
}

#define EVENT() (PACKET(0xfffe, 0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8) == 8 ? back[4] << 8 | back[5] : -1)

static void test_tray(void)
{
	start();
	CHECK_EQ(EVENT(), 0x0002);
	CHECK_EQ(PACKET(64, 0x1e, 0, 0, 0, 1), 0);
	CHECK_EQ(locks, 1);
	CHECK_EQ(PACKET(64, 0x1b, 0, 0, 0, 2), -1);
	CHECK_EQ(SENSE(), 0x055302);
	disc.backend.eject_wanted(&disc.backend);
	CHECK_EQ(ejects, 0);
	CHECK_EQ(EVENT(), 0x0102);
	CHECK_EQ(EVENT(), 0x0002);
	CHECK_EQ(PACKET(64, 0x1e), 0);
	CHECK_EQ(PACKET(64, 0x1b, 0, 0, 0, 2), 0);
	CHECK_EQ(ejects, 1);
	CHECK_EQ(EVENT(), 0x0301);
	CHECK_EQ(PACKET(64, 0xbd, 0, 0, 0, 0, 0, 0, 0, 0, 8), -1 + 9);
	CHECK_EQ(back[1], 0x10);
	CHECK_EQ(PACKET(64, 0x00), -1);
	CHECK_EQ(SENSE(), 0x023a02);
	CHECK_EQ(PACKET(0xfffe, 0x5a, 0, 0x2a, 0, 0, 0, 0, 1, 0), 28);
	CHECK_EQ(back[2], 0x71);
	CHECK_EQ(PACKET(64, 0x1b, 0, 0, 0, 3), 0);
	CHECK_EQ(EVENT(), 0x0202);
	CHECK_EQ(PACKET(64, 0x00), -1);
	CHECK_EQ(SENSE(), 0x062800);
	CHECK_EQ(PACKET(64, 0x00), 0);
	CHECK_EQ(PACKET(64, 0x1b, 0, 0, 0, 1), 0); /* motor */
	CHECK_EQ(PACKET(64, 0x1b, 0, 0, 0, 3), 0); /* is in already */
	CHECK_EQ(PACKET(64, 0x4a, 0, 0, 0, 0x10, 0, 0, 0, 8), -1);
	CHECK_EQ(PACKET(64, 0x4a, 1, 0, 0, 0x02, 0, 0, 0, 8), 4);
	CHECK(!memcmp(back, "\0\2\x80\x10", 4));
	/* the user's button, and another disc */
	disc.backend.eject_wanted(&disc.backend);
	CHECK_EQ(ejects, 2);
	disc.backend.sectors = 0;
	disc.backend.changed(&disc.backend);
	CHECK_EQ(EVENT(), 0x0301);
	disc.backend.sectors = 40;
	disc.backend.changed(&disc.backend);
	CHECK_EQ(EVENT(), 0x0202);
	CHECK_EQ(PACKET(64, 0x25), -1);
	CHECK_EQ(SENSE(), 0x062800);
	CHECK_EQ(PACKET(64, 0x25), 8);
	CHECK_EQ(be(back, 4), 9);
	/* taken with the tray closed */
	disc.backend.sectors = 0;
	disc.backend.changed(&disc.backend);
	CHECK_EQ(EVENT(), 0x0300);
	CHECK_EQ(PACKET(64, 0x25), -1);
	CHECK_EQ(SENSE(), 0x023a01);
	CHECK_EQ(PACKET(0xfffe, 0x46, 0, 0, 0, 0, 0, 0, 0, 8), 8);
	CHECK_EQ(be(back + 6, 2), 0);
	CHECK_EQ(PACKET(0xfffe, 0x5a, 0, 0x2a, 0, 0, 0, 0, 1, 0), 28);
	CHECK_EQ(back[2], 0x70);
}

static uint8_t record[400000];

/* Into a new machine. */
static void move_machine(void)
{
	struct ide_config c = { .devfn = IDE_DEVFN,
		                .drives = { { .kind = IDE_CDROM, .backend = &disc.backend } } };
	long n = device_save(&host.ide, record, sizeof(record));

	CHECK(n > 0);
	host_end();
	host.m = fake_machine_new();
	CHECK_EQ(device_create(&host.ide, &ide_class, "ide", &host.m->ports, &c), 0);
	CHECK_EQ(device_restore(&host.ide, 1, record, (size_t)n), 0);
}

static void test_save(void)
{
	static const uint8_t read[] = { 0x28, 0, 0, 0, 0, 8, 0, 0, 5 };
	static const uint8_t capacity[] = { 0x25 };

	start();
	CHECK_EQ(PACKET(64, 0x1e, 0, 0, 0, 1), 0);
	packet_start(read, sizeof(read), 0, 4096);
	host_in(ATA_STATUS);
	host_read(back, 100);
	locks = 0;
	move_machine();
	CHECK_EQ(locks, 1);
	host_read(back + 100, 4096 - 100);
	for (unsigned at = 4096; at < 10240; at += 4096) {
		CHECK_EQ(host_in(ATA_STATUS), 0x58);
		host_read(back + at, MIN(4096u, 10240 - at));
	}
	CHECK(!memcmp(back, medium + 8 * 2048, 10240));
	/* data that wait for the bus master, fewer than the packet had */
	packet_start(capacity, sizeof(capacity), 1, 64);
	move_machine();
	host_dma(0x8000, 8, true);
	CHECK_EQ(host_in(ATA_STATUS), 0x50);
	CHECK_EQ(be(host.m->ram + 0x8004, 4), 2048);
	host_end();
}

/* What drivers of players ask of a disc with one data track. */
static void test_audio(void)
{
	start();
	CHECK_EQ(PACKET(0xfffe, 0x42, 0, 0x00, 0, 0, 0, 0, 0, 4), 4);
	CHECK_EQ(be(back, 4), 0x00150000);
	CHECK_EQ(PACKET(0xfffe, 0x42, 2, 0x40, 1, 0, 0, 0, 0, 16), 16);
	CHECK_EQ(be(back, 4), 0x0015000c);
	CHECK_EQ(be(back + 4, 4), 0x01140101);
	CHECK_EQ(be(back + 8, 4), 0x000200); /* two seconds of lead-in */
	CHECK_EQ(be(back + 12, 4), 0);
	CHECK_EQ(PACKET(0xfffe, 0x42, 0, 0x40, 2, 0, 0, 0, 0, 24), 24);
	CHECK_EQ(be(back + 4, 4), 0x02000000);
	CHECK_EQ(be(back + 8, 1), 0); /* it has no number */
	CHECK_EQ(PACKET(0xfffe, 0x42, 0, 0x40, 3, 0, 0, 1, 0, 24), 24);
	CHECK_EQ(be(back + 4, 4), 0x03140100);
	CHECK_EQ(PACKET(0xfffe, 0x42, 0, 0x40, 3, 0, 0, 2, 0, 24), -1);
	CHECK_EQ(SENSE(), 0x052400);
	CHECK_EQ(PACKET(0xfffe, 0x42, 0, 0x40, 4, 0, 0, 0, 0, 24), -1);
	CHECK_EQ(SENSE(), 0x052400);
	CHECK_EQ(PACKET(0xfffe, 0x44, 0, 0, 0, 0, 7, 0, 0, 8), 8);
	CHECK_EQ(be(back, 4), 0x01000000);
	CHECK_EQ(be(back + 4, 4), 7);
	CHECK_EQ(PACKET(0xfffe, 0x44, 2, 0, 0, 0, 7, 0, 0, 8), 8);
	CHECK_EQ(be(back + 4, 4), 0x000207);
	CHECK_EQ(PACKET(0xfffe, 0x44, 0, 0, 0, 0, 101, 0, 0, 8), -1);
	CHECK_EQ(SENSE(), 0x052100);
	CHECK_EQ(PACKET(0xfffe, 0x52, 1, 0, 0, 0, 1, 0, 0, 36), 36);
	CHECK_EQ(be(back, 4), 34u << 16 | 0x0101);
	CHECK_EQ(be(back + 4, 4), 0x00040100);
	CHECK_EQ(be(back + 24, 4), 101);
	CHECK_EQ(PACKET(0xfffe, 0x52, 0, 0, 0, 0, 101, 0, 0, 36), -1);
	CHECK_EQ(SENSE(), 0x052100);
	CHECK_EQ(PACKET(0xfffe, 0x52, 1, 0, 0, 0, 2, 0, 0, 36), -1);
	CHECK_EQ(SENSE(), 0x052400);
	CHECK_EQ(PACKET(0xfffe, 0x45, 0, 0, 0, 0, 0, 0, 0, 9), -1);
	CHECK_EQ(SENSE(), 0x056400);
	CHECK_EQ(PACKET(0xfffe, 0x4b, 0, 0, 0, 0, 0, 0, 0, 1), -1);
	CHECK_EQ(SENSE(), 0x052c00);
	CHECK_EQ(PACKET(0xfffe, 0x4e), 0);
	/* two blocks from the fourth on, by their places on the disc */
	CHECK_EQ(PACKET(0xfffe, 0xb9, 0, 0, 0, 2, 3, 0, 2, 5, 0x10), 4096);
	CHECK(!memcmp(back, medium + 3 * 2048, 4096));
	CHECK_EQ(PACKET(0xfffe, 0xb9, 0, 0, 0, 1, 3, 0, 2, 5, 0x10), -1);
	CHECK_EQ(SENSE(), 0x052400);
	CHECK_EQ(PACKET(0xfffe, 0xb9, 0, 0, 0, 2, 5, 0, 2, 3, 0x10), -1);
	CHECK_EQ(SENSE(), 0x052400);
	CHECK_EQ(PACKET(0xfffe, 0xb9, 0, 0, 0, 2, 75, 0, 3, 3, 0x10), -1);
	CHECK_EQ(SENSE(), 0x052400);
}

UNIT_MAIN(UNIT(test_audio), UNIT(test_signature), UNIT(test_inquiry), UNIT(test_attention_by_sense),
          UNIT(test_read), UNIT(test_read_dma), UNIT(test_media_errors), UNIT(test_toc),
          UNIT(test_configuration), UNIT(test_pages), UNIT(test_tray), UNIT(test_save))
