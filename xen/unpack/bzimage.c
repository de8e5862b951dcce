// SPDX-License-Identifier: GPL-2.0-or-later
/* The setup header of a bzImage. All numbers are little-endian; the fields are those of the x86 boot protocol. */
#include "bzimage.h"
#include "bytes.h"
#include "errno.h"

enum {
	SETUP_SECTS = 0x1f1,    /* 1 byte: sectors of real-mode code after the first one */
	BOOT_FLAG = 0x1fe,      /* 2 bytes */
	HEADER_MAGIC = 0x202,   /* 4 bytes */
	VERSION = 0x206,        /* 2 bytes */
	PAYLOAD_OFFSET = 0x248, /* 4 bytes: from the protected-mode code on */
	PAYLOAD_LENGTH = 0x24c, /* 4 bytes: with the size that is appended */
	HEADER_END = 0x250,
};

#define BOOT_FLAG_VALUE     0xaa55
#define HEADER_MAGIC_VALUE  0x53726448u /* "HdrS" */
#define PAYLOAD_SINCE       0x0208      /* boot protocol 2.08, Linux 2.6.26 */
#define SETUP_SECTS_DEFAULT 4           /* that is what 0 means */
#define SECTOR              512u

bool bzimage_is(const uint8_t *file, uint64_t size)
{
	return size >= HEADER_END && get_le16(file + BOOT_FLAG) == BOOT_FLAG_VALUE &&
	       get_le32(file + HEADER_MAGIC) == HEADER_MAGIC_VALUE;
}

int bzimage_parse(const uint8_t *file, uint64_t size, struct bzimage *out, const char **why)
{
	uint64_t sectors = file[SETUP_SECTS] ? file[SETUP_SECTS] : SETUP_SECTS_DEFAULT;
	uint64_t offset = (sectors + 1) * SECTOR + get_le32(file + PAYLOAD_OFFSET);
	uint64_t length = get_le32(file + PAYLOAD_LENGTH);

	if (get_le16(file + VERSION) < PAYLOAD_SINCE) {
		*why = "a bzImage of before Linux 2.6.26 (boot protocol 2.08), which does not say where the kernel is in it";
		return -EOPNOTSUPP;
	}
	if (length < 4 || offset > size || length > size - offset) {
		*why = "a bzImage that is cut: its kernel is not all inside the file";
		return -EBADMSG;
	}
	*out = (struct bzimage){ .offset = offset, .size = length };
	return 0;
}
