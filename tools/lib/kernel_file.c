/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a file to a kernel: xen/unpack and xen/boot/elf.c do the work, as they do when the hypervisor starts a kernel itself. */
#include "kernel_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "unpack.h"

/* Kernels shrink to a fifth or a tenth. A file that says it grows by more than this has been damaged, or is made to take all memory. */
#define MOST_GROWTH 1024u
/* Where a file does not say how large it gets: the first try is so many times as large; each other one is twice as large. */
#define FIRST_GROWTH 8u

static bool wrong(struct kernel_file_fault *why, const char *text, const char *more,
                  const char *remedy)
{
	snprintf(why->text, sizeof(why->text), "%s%s. %s", text, more ? more : "", remedy);
	return false;
}

static bool too_large(struct kernel_file_fault *why)
{
	return wrong(
		why, "it would be impossibly large when it is unpacked", NULL,
		"The file may be damaged or not copied to its end: copy it again, or name another one");
}

/* Into room of this size. -ENOSPC: it wants more. */
static int unpack_into(struct kernel_file *k, const uint8_t *file, const struct unpack_info *info,
                       uint64_t room, void *work, const char **why)
{
	int rc;

	k->unpacked = malloc(room);
	if (!k->unpacked) {
		*why = "the control domain has no memory to unpack it";
		return -ENOMEM;
	}
	rc = unpack(file, info, k->unpacked, room, work, &k->size, why);
	if (rc) {
		free(k->unpacked);
		k->unpacked = NULL;
	}
	k->bytes = k->unpacked;
	return rc;
}

static bool unpack_whole(struct kernel_file *k, const uint8_t *file, const struct unpack_info *info,
                         struct kernel_file_fault *fault)
{
	uint64_t room = info->unpacked_size ? info->unpacked_size : info->size * FIRST_GROWTH;
	uint64_t most = info->size * MOST_GROWTH < KERNEL_FILE_MOST ? info->size * MOST_GROWTH
	                                                            : KERNEL_FILE_MOST;
	void *work = aligned_alloc(UNPACK_WORK_ALIGN, (info->work_size + UNPACK_WORK_ALIGN) &
	                                                      ~(UNPACK_WORK_ALIGN - 1ull));
	const char *why = "the control domain has no memory to unpack it";
	int rc = work ? -ENOSPC : -ENOMEM;

	while (rc == -ENOSPC && room <= most) {
		rc = unpack_into(k, file, info, room, work, &why);
		if (info->unpacked_size)
			break;
		room *= 2;
	}
	free(work);
	if (!rc)
		return true;
	if (rc == -ENOSPC && room > most)
		return too_large(fault);
	snprintf(fault->text, sizeof(fault->text),
	         "its %s data: %s. The file may be damaged or not copied to its end: copy it again",
	         info->format, why);
	return false;
}

bool kernel_file_open(struct kernel_file *k, const uint8_t *file, size_t size,
                      struct kernel_file_fault *fault)
{
	struct unpack_info info;
	const char *why = "";

	*k = (struct kernel_file){ .bytes = file, .size = size };
	if (unpack_probe(file, size, &info, &why) != 0)
		return wrong(fault, "it is ", why,
		             "Name a kernel, like /boot/vmlinuz-6.1.0-13-amd64");
	if (!info.is_packed) {
		k->bytes = file + info.offset;
		k->size = info.size;
	} else if (!unpack_whole(k, file, &info, fault)) {
		return false;
	}
	if (elf_parse(k->bytes, k->size, &k->image, &why) == 0)
		return true;
	kernel_file_close(k);
	return wrong(
		fault, "no PVH guest can start from it: ", why,
		"Linux from 4.11 on, built with CONFIG_XEN_PVH or CONFIG_PVH, can; a whole disk boots with type=\"hvm\"");
}

void kernel_file_close(struct kernel_file *k)
{
	free(k->unpacked);
	k->unpacked = NULL;
}
