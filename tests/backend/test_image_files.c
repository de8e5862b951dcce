// SPDX-License-Identifier: GPL-2.0-or-later
/* Which files an image consists of: images of the real qemu-img, and headers that are nonsense. */
#include "image_files.h"
#include "unit.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char directory[64];
static struct image_files files;
static struct failure failure;

static bool shell(const char *command)
{
	char line[1024];

	snprintf(line, sizeof(line), "cd %s && %s", directory, command);
	return system(line) == 0;
}

static const char *path_of(const char *name)
{
	static char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	return path;
}

static bool find(const char *name)
{
	failure.text[0] = 0;
	return image_files_find(&files, path_of(name), true, &failure);
}

static bool has(size_t row, const char *name, bool is_written)
{
	return row < files.nr && !strcmp(files.rows[row].path, path_of(name)) &&
	       files.rows[row].is_written == is_written;
}

static void setup(void)
{
	if (directory[0])
		return;
	strcpy(directory, "/tmp/zazen-image-files.XXXXXX");
	CHECK(mkdtemp(directory));
}

static void alone(void)
{
	setup();
	CHECK(shell(
		"qemu-img create -q -f qcow2 one.qcow2 1M && qemu-img create -q -f qed one.qed 1M && qemu-img create -q -f vmdk one.vmdk 1M && qemu-img create -q -f vpc one.vhd 1M && head -c 8192 /dev/zero > one.raw"));
	CHECK(find("one.qcow2") && files.nr == 1 && has(0, "one.qcow2", true));
	CHECK(find("one.qed") && files.nr == 1);
	CHECK(find("one.vmdk") && files.nr == 1); /* it names itself, without its folder */
	CHECK(find("one.vhd") && files.nr == 1);
	CHECK(find("one.raw") && files.nr == 1);
	CHECK(find("none") && files.nr == 1);
}

static void chains(void)
{
	setup();
	CHECK(shell(
		"mkdir -p sub && qemu-img create -q -f raw sub/base.raw 1M && qemu-img create -q -f qed -b base.raw -F raw sub/low.qed && "
		"qemu-img create -q -f qcow2 -b sub/low.qed -F qed -o compat=0.10 mid.qcow2 && qemu-img create -q -f qcow2 -b $PWD/mid.qcow2 -F qcow2 top.qcow2"));
	CHECK(find("top.qcow2"));
	CHECK_EQ(files.nr, 4);
	CHECK(has(0, "top.qcow2", true) && has(1, "mid.qcow2", false) &&
	      has(2, "sub/low.qed", false) && has(3, "sub/base.raw", false));
	CHECK(shell("qemu-img create -q -f vmdk -b one.vmdk -F vmdk child.vmdk"));
	CHECK(find("child.vmdk"));
	CHECK(files.nr == 2 && has(1, "one.vmdk", false));
	CHECK(shell("qemu-img create -q -f vmdk -o subformat=twoGbMaxExtentSparse big.vmdk 5G"));
	CHECK(find("big.vmdk"));
	CHECK_EQ(files.nr, 4);
	CHECK(has(1, "big-s001.vmdk", true) && has(3, "big-s003.vmdk", true));
	CHECK(shell("qemu-img create -q -f qcow2 -o data_file=data.raw out.qcow2 1M"));
	CHECK(find("out.qcow2") && files.nr == 2 && has(1, "data.raw", true));
}

/* A qcow2 header written to the first bytes of a disk, as its guest could. */
static void pretend(const char *name)
{
	uint8_t head[4096] = "QFI\xfb\0\0\0\2\0\0\0\0\0\0\4\0\0\0\0\13";
	int fd = open(path_of(name), O_WRONLY | O_CREAT, 0600);

	memcpy(head + 1024, "/etc/shadow", 11);
	CHECK_EQ(pwrite(fd, head, sizeof(head), 0), sizeof(head));
	close(fd);
}

/* What guests wrote is no header, whatever it looks like. */
static void disks_that_look_like_images(void)
{
	setup();
	pretend("fake");
	CHECK(find("fake") && files.nr == 2); /* it is one, if the operator says so */
	pretend("base.fake");
	CHECK(shell(
		"qemu-img create -q -f qcow2 -u -b base.fake -F raw a.qcow2 1M && qemu-img create -q -f qcow2 -u -o compat=0.10 -b base.fake -F raw b.qcow2 1M && "
		"qemu-img create -q -f qed -u -b base.fake -F raw c.qed 1M && qemu-img create -q -f qcow2 -o data_file=data.fake d.qcow2 1M && "
		"qemu-img create -q -f vmdk -o subformat=monolithicFlat e.vmdk 1M"));
	pretend("data.fake");
	pretend("e-flat.vmdk");
	CHECK(find("a.qcow2") && files.nr == 2 && has(1, "base.fake", false));
	CHECK(find("b.qcow2") && files.nr == 2);
	CHECK(find("c.qed") && files.nr == 2);
	CHECK(find("d.qcow2") && files.nr == 2 && has(1, "data.fake", true));
	CHECK(find("e.vmdk") && files.nr == 2 && has(1, "e-flat.vmdk", true));
}

/* Places at the end of 32 bits. */
static void far_places(void)
{
	static const uint32_t places[] = { 0xffffffff, 0xfffffffc, 0xfffffff8, 0xfffffff0,
		                           0x80000000 };
	uint8_t head[4096] = "QFI\xfb\0\0\0\3";

	setup();
	head[79] = 4; /* the data are elsewhere */
	for (size_t n = 0; n < sizeof(places) / sizeof(places[0]); n++) {
		int fd = open(path_of("far"), O_WRONLY | O_CREAT | O_TRUNC, 0600);

		for (unsigned k = 0; k < 4; k++)
			head[100 + k] = (uint8_t)(places[n] >> (24 - 8 * k));
		CHECK_EQ(write(fd, head, sizeof(head)), sizeof(head));
		close(fd);
		CHECK(find("far") && files.nr == 1);
	}
}

/* Names that are no files', and chains without an end. */
static void refused(void)
{
	setup();
	CHECK(shell("qemu-img create -q -f qcow2 -u -b nbd://host/x -F raw far.qcow2 1M"));
	CHECK(!find("far.qcow2") && strstr(failure.text, "which is no file") &&
	      strstr(failure.text, "qemu-img convert"));
	CHECK(shell(
		"qemu-img create -q -f qcow2 -u -b loop2.qcow2 -F qcow2 loop.qcow2 1M && qemu-img create -q -f qcow2 -u -b loop.qcow2 -F qcow2 loop2.qcow2 1M"));
	CHECK(find("loop.qcow2") && files.nr == 2);
	CHECK(shell(
		"for i in $(seq 40); do qemu-img create -q -f qcow2 -u -b long$((i + 1)).qcow2 -F qcow2 long$i.qcow2 1M; done"));
	CHECK(!find("long1.qcow2") && strstr(failure.text, "more than 32 files"));
}

/* Any byte of a header wrong: no harm. */
static void nonsense(void)
{
	static const char *const names[] = { "top.qcow2", "out.qcow2", "child.vmdk", "big.vmdk",
		                             "sub/low.qed" };
	uint8_t head[4096], bad[4096];

	setup();
	srand(5);
	for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++) {
		int fd = open(path_of(names[n]), O_RDONLY);
		ssize_t size = read(fd, head, sizeof(head));

		close(fd);
		CHECK(size > 0);
		for (unsigned i = 0; i < 400; i++) {
			memcpy(bad, head, sizeof(bad));
			for (unsigned k = 0; k <= i % 4; k++)
				bad[4 + (unsigned)rand() % (k ? 200 : 116)] =
					(uint8_t)(rand() & 1 ? rand() : 0xff);
			fd = open(path_of("bad"), O_WRONLY | O_CREAT | O_TRUNC, 0600);
			CHECK_EQ(write(fd, bad, (size_t)size - i % 8), size - i % 8);
			close(fd);
			(void)find("bad");
			CHECK(files.nr >= 1 && files.nr <= IMAGE_FILES);
		}
	}
	CHECK(shell("rm -rf \"$PWD\""));
}

UNIT_MAIN(UNIT(alone), UNIT(chains), UNIT(disks_that_look_like_images), UNIT(far_places),
          UNIT(refused), UNIT(nonsense))
