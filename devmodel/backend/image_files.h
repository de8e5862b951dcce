/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Of which files a disk image in a format of its own consists: the ones that it names in its headers, and those that these name. Whoever serves it sees no others. */
#ifndef BACKEND_IMAGE_FILES_H
#define BACKEND_IMAGE_FILES_H

#include "failure.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#define IMAGE_FILES 32

struct image_files {
	struct image_file {
		char path[PATH_MAX];
		bool is_written;
		bool is_plain; /* its bytes are the disk's own */
	} rows[IMAGE_FILES];   /* the first is the image itself */
	size_t nr;
};

/* is_written: the guest writes. A file that cannot be read has none behind it. False: too many, or a name that is no file's. */
bool image_files_find(struct image_files *files, const char *path, bool is_written,
                      struct failure *f);

#endif
