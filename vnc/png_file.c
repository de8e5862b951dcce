/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PNG, by libpng. */
#include "png_file.h"

#include <png.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool png_write(int fd, const uint32_t *pixels, uint32_t width, uint32_t height)
{
	png_image image = { .version = PNG_IMAGE_VERSION,
		            .width = width,
		            .height = height,
		            .format = PNG_FORMAT_BGRA };
	uint32_t *opaque = malloc((size_t)width * height * sizeof(*opaque));
	png_alloc_size_t size = 0;
	bool done = false;
	void *file;

	for (size_t i = 0; opaque && i < (size_t)width * height; i++)
		opaque[i] = pixels[i] | 0xff000000;
	if (opaque && png_image_write_get_memory_size(image, size, 0, opaque, 0, NULL)) {
		file = malloc(size);
		done = file && png_image_write_to_memory(&image, file, &size, 0, opaque, 0, NULL) &&
		       write(fd, file, size) == (ssize_t)size;
		free(file);
	}
	free(opaque);
	return done;
}
