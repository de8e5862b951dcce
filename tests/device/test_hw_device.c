/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The life of a device, its saved record, DMA over borders, the fake clock's order. */
#include <string.h>

#include "device_fake.h"
#include "errno.h"
#include "unit.h"

struct counter {
	uint32_t value;
	bool destroyed;
};
static unsigned resets, destroys;

static int counter_create(struct device *d, const void *config)
{
	return config ? -EEXIST : 0;
}
static void counter_reset(struct device *d)
{
	resets++;
	((struct counter *)d->state)->value = 7;
}
static void counter_destroy(struct device *d)
{
	destroys++;
}
static int counter_restored(struct device *d)
{
	return ((struct counter *)d->state)->value > 100 ? -EINVAL : 0;
}
static const struct save_field counter_saved[] = { SAVE_ONE(SAVE_U32, 1, struct counter, value),
	                                           SAVE_LAST };
static const struct device_class counter_class = {
	.name = "counter",
	.state_size = sizeof(struct counter),
	.version = 1,
	.create = counter_create,
	.reset = counter_reset,
	.destroy = counter_destroy,
	.saved = counter_saved,
	.restored = counter_restored,
};

static void test_life(void)
{
	struct fake_machine *m = fake_machine_new();
	struct device d;
	uint32_t record = 50;
	uint8_t buf[16];

	CHECK_EQ(device_create(&d, &counter_class, "c", &m->ports, "no"), -EEXIST);
	device_destroy(&d);
	CHECK_EQ(device_create(&d, &counter_class, "c", &m->ports, NULL), 0);
	CHECK_EQ(resets, 1);
	CHECK_EQ(device_restore(&d, 1, &record, 4), 0);
	CHECK_EQ(((struct counter *)d.state)->value, 50);
	CHECK_EQ(device_save(&d, buf, sizeof(buf)), 4);
	CHECK(!memcmp(buf, &record, 4));
	CHECK_EQ(device_save(&d, buf, 3), -ENOSPC);
	record = 101;
	CHECK_EQ(device_restore(&d, 1, &record, 4), -EINVAL);
	CHECK_EQ(((struct counter *)d.state)->value, 7);
	CHECK_EQ(device_restore(&d, 1, &record, 3), -EINVAL);
	device_destroy(&d);
	device_destroy(&d);
	CHECK_EQ(destroys, 1);
}

static void test_dma(void)
{
	struct fake_machine *m = fake_machine_new();
	uint8_t bytes[6000], back[6000];

	for (unsigned i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 7);
	CHECK_EQ(dma_write(&m->dma, 0x1ffd, bytes, sizeof(bytes)), 0);
	CHECK(!memcmp(m->ram + 0x1ffd, bytes, sizeof(bytes)));
	CHECK_EQ(dma_read(&m->dma, 0x1ffd, back, sizeof(back)), 0);
	CHECK(!memcmp(back, bytes, sizeof(back)));
	CHECK_EQ(dma_write(&m->dma, FAKE_RAM_SIZE - 2, bytes, 4), -EFAULT);
	CHECK_EQ(m->ram[FAKE_RAM_SIZE - 1], bytes[1]);
	CHECK_EQ(dma_read(&m->dma, FAKE_RAM_SIZE - 2, back, 4), -EFAULT);
	CHECK_EQ(back[3], 0xff);
	CHECK_EQ(dma_read(&m->dma, ~0ull - 1, back, 4), -EFAULT);
}

static char order[8];
static void note_a(struct device_timer *t)
{
	strcat(order, "a");
}
static void note_b(struct device_timer *t)
{
	strcat(order, "b");
}

static void test_clock(void)
{
	struct fake_machine *m = fake_machine_new();
	struct device_timer a = { .fn = note_a }, b = { .fn = note_b };

	m->clock.arm(&m->clock, &a, m->now_ns + 20);
	m->clock.arm(&m->clock, &b, m->now_ns + 10);
	fake_machine_advance(m, 30);
	CHECK(!strcmp(order, "ba"));
	m->clock.arm(&m->clock, &a, m->now_ns + 5);
	m->clock.cancel(&m->clock, &a);
	fake_machine_advance(m, 30);
	CHECK(!strcmp(order, "ba"));
}

UNIT_MAIN(UNIT(test_life), UNIT(test_dma), UNIT(test_clock))
