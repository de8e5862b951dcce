/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A machine that is always the same. */
#include "machine_fake.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define MIB (1ull << 20)

static const struct fake_file {
	const char *path;
	struct file_facts file;
	struct image_facts image;
	const char *user; /* NULL: nobody */
	bool is_unreadable;
} files[] = {
	{ "/images", { FILE_FOLDER, 4096, true } },
	{ "/images/win.img", { FILE_REGULAR, 64 * MIB, true } },
	{ "/images/win.img.gz", { FILE_REGULAR, MIB, true }, { .kind = IMAGE_COMPRESSED } },
	{ "/images/used.img", { FILE_REGULAR, MIB, true }, .user = "another guest has locked it" },
	{ "/images/empty.img", { FILE_REGULAR, 0, true } },
	{ "/images/readonly.img", { FILE_REGULAR, MIB, false } },
	{ "/images/unreadable.img", { FILE_REGULAR, MIB, true }, .is_unreadable = true },
	{ "/images/vmlinuz", { FILE_REGULAR, MIB, true } },
	{ "/images/cd.iso", { FILE_REGULAR, MIB, true }, { .kind = IMAGE_ISO } },
	{ "/images/system.qcow2", { FILE_REGULAR, MIB, true }, { .kind = IMAGE_QCOW2 } },
	{ "/images/short.qcow2",
	  { FILE_REGULAR, MIB, true },
	  { .kind = IMAGE_QCOW2, .is_truncated = true } },
	{ "/images/damaged.qcow2",
	  { FILE_REGULAR, MIB, true },
	  { .kind = IMAGE_QCOW2, .is_damaged = true } },
	{ "/images/secret.qcow2",
	  { FILE_REGULAR, MIB, true },
	  { .kind = IMAGE_QCOW2, .is_encrypted = true } },
	{ "/images/box.vhd", { FILE_REGULAR, MIB, true }, { .kind = IMAGE_VHD } },
	{ "/images/short.vhd",
	  { FILE_REGULAR, MIB, true },
	  { .kind = IMAGE_VHD, .is_truncated = true } },
	{ "/images/box.vdi", { FILE_REGULAR, MIB, true }, { .kind = IMAGE_VDI } },
	{ "/dev/tty", { FILE_CHAR, 0, true } },
	{ "/dev/sda1", { FILE_BLOCK, MIB, true }, .user = "it is mounted" },
	{ "/dev/sda5", { FILE_BLOCK, MIB, true } },
	{ "/dev/sda10", { FILE_BLOCK, MIB, true } },
	{ "/dev/sdb10", { FILE_BLOCK, MIB, true } },
	{ "/dev/sdb11", { FILE_BLOCK, MIB, true } },
	{ "/guests/guest1", { FILE_REGULAR, MIB, true } },
	{ "/home/xen/kernels/kernel", { FILE_REGULAR, MIB, true } },
};

static const struct fake_file *file_find(const char *path)
{
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (strcmp(files[i].path, path) == 0)
			return &files[i];
	return NULL;
}

static int fake_file(void *context, const char *path, struct file_facts *f)
{
	const struct fake_file *found = file_find(path);

	if (!found)
		return ENOENT;
	*f = found->file;
	return 0;
}

static bool fake_image(void *context, const char *path, struct image_facts *f)
{
	const struct fake_file *found = file_find(path);

	if (!found || found->is_unreadable)
		return false;
	*f = found->image;
	return true;
}

static bool fake_is_in_use(void *context, const char *path, bool is_read_only, char *who,
                           size_t size)
{
	const struct fake_file *found = file_find(path);

	if (!found || !found->user || is_read_only)
		return false;
	snprintf(who, size, "%s", found->user);
	return true;
}

static bool fake_is_kernel(void *context, const char *path, char *why, size_t size)
{
	snprintf(why, size, "this is a disk. Name a kernel");
	return !strstr(path, ".img");
}

static bool fake_is_bridge(void *context, const char *name)
{
	return strcmp(name, "xenbr0") == 0;
}

static bool fake_is_port_free(void *context, const char *address, unsigned port)
{
	return port != 5907;
}

static bool fake_guest(void *context, const char *name, const uint8_t uuid[16], unsigned *domid)
{
	static const uint8_t taken[16] = { 0x58, 0x91, 0xd2, 0xeb, 0x7b, 0xcc, 0x60, 0x7d,
		                           0xd5, 0x09, 0x14, 0x94, 0x3b, 0x2c, 0x36, 0xb9 };

	*domid = 3;
	return name ? strcmp(name, "taken") == 0 : memcmp(uuid, taken, sizeof(taken)) == 0;
}

static uint64_t fake_free_kib(void *context)
{
	return 3 * MIB;
}

static unsigned fake_cpus(void *context)
{
	return 2;
}

const struct config_environment machine_fake = {
	.file = fake_file,
	.image = fake_image,
	.is_in_use = fake_is_in_use,
	.is_kernel = fake_is_kernel,
	.is_bridge = fake_is_bridge,
	.is_port_free = fake_is_port_free,
	.guest = fake_guest,
	.free_kib = fake_free_kib,
	.cpus = fake_cpus,
};
