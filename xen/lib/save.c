/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Saved-field tables, walked. */
#include "save.h"
#include "errno.h"
#include "string.h"

static const uint8_t element_size[] = {
	[SAVE_U8] = 1,  [SAVE_U16] = 2,  [SAVE_U32] = 4,
	[SAVE_U64] = 8, [SAVE_BOOL] = 1, [SAVE_BYTES] = 1,
};

static size_t field_size(const struct save_field *f)
{
	return (size_t)element_size[f->type] * f->count;
}

size_t save_size(const struct save_field *fields, uint16_t version)
{
	size_t size = 0;

	for (const struct save_field *f = fields; f->type != SAVE_END; f++)
		if (f->since <= version)
			size += field_size(f);
	return size;
}

long save_write(const struct save_field *fields, uint16_t version, const void *state, void *buf,
                size_t size)
{
	size_t need = save_size(fields, version);
	char *to = buf;

	if (need > size)
		return -ENOSPC;
	for (const struct save_field *f = fields; f->type != SAVE_END; f++) {
		if (f->since > version)
			continue;
		memcpy(to, (const char *)state + f->offset, field_size(f));
		to += field_size(f);
	}
	return need;
}

static bool bools_valid(const struct save_field *fields, uint16_t version, const uint8_t *from)
{
	for (const struct save_field *f = fields; f->type != SAVE_END; f++) {
		if (f->since > version)
			continue;
		for (uint32_t i = 0; f->type == SAVE_BOOL && i < f->count; i++)
			if (from[i] > 1)
				return false;
		from += field_size(f);
	}
	return true;
}

int save_read(const struct save_field *fields, uint16_t version, void *state, const void *buf,
              size_t size)
{
	const char *from = buf;

	if (size != save_size(fields, version) || !bools_valid(fields, version, buf))
		return -EINVAL;
	for (const struct save_field *f = fields; f->type != SAVE_END; f++) {
		if (f->since > version)
			continue;
		memcpy((char *)state + f->offset, from, field_size(f));
		from += field_size(f);
	}
	return 0;
}

void save_copy(const struct save_field *fields, void *to, const void *from)
{
	for (const struct save_field *f = fields; f->type != SAVE_END; f++)
		memcpy((char *)to + f->offset, (const char *)from + f->offset, field_size(f));
}
