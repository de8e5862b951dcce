/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who may do what with a node. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "perms.h"

/* Index: PERM_READ | PERM_WRITE. */
static const char letters[] = { 'n', 'r', 'w', 'b' };

void perms_copy(struct perms *to, const struct perms *from)
{
	to->entry = memory_copy(from->entry, from->nr * sizeof(from->entry[0]));
	to->nr = from->nr;
}

void perms_free(struct perms *p)
{
	free(p->entry);
	memset(p, 0, sizeof(*p));
}

void perms_single(struct perms *p, uint32_t owner, uint8_t others)
{
	p->entry = memory_zeroed(sizeof(p->entry[0]));
	p->entry[0].domid = owner;
	p->entry[0].may = others;
	p->nr = 1;
}

bool perms_equal(const struct perms *a, const struct perms *b)
{
	if (a->nr != b->nr)
		return false;
	for (uint32_t i = 0; i < a->nr; i++) {
		if (a->entry[i].domid != b->entry[i].domid || a->entry[i].may != b->entry[i].may)
			return false;
	}
	return true;
}

static bool is_subject(uint32_t domid, const struct subject *who)
{
	return domid == who->domid || (who->target != PERMS_NO_TARGET && domid == who->target);
}

uint8_t perms_of(const struct perms *p, const struct subject *who)
{
	if (who->privileged || is_subject(p->entry[0].domid, who))
		return PERM_READ | PERM_WRITE | PERM_OWNER;
	for (uint32_t i = 1; i < p->nr; i++) {
		if (is_subject(p->entry[i].domid, who))
			return p->entry[i].may;
	}
	return p->entry[0].may;
}

static int parse_one(struct perm *perm, const char *text)
{
	const char *letter = memchr(letters, text[0], sizeof(letters));
	unsigned long domid;
	char *end;

	if (!letter || text[1] < '0' || text[1] > '9')
		return -EINVAL;
	domid = strtoul(text + 1, &end, 10);
	if (*end || domid > 0xffff)
		return -EINVAL;
	perm->domid = (uint32_t)domid;
	perm->may = (uint8_t)(letter - letters);
	return 0;
}

int perms_parse(struct perms *p, const char *text, uint32_t len)
{
	struct perms found = { 0 };

	if (!len || text[len - 1])
		return -EINVAL;
	for (const char *s = text; s < text + len; s += strlen(s) + 1) {
		found.entry = memory_resize(found.entry, (found.nr + 1) * sizeof(found.entry[0]));
		memset(&found.entry[found.nr], 0, sizeof(found.entry[0]));
		if (parse_one(&found.entry[found.nr++], s)) {
			perms_free(&found);
			return -EINVAL;
		}
	}
	*p = found;
	return 0;
}

void perms_format(const struct perms *p, struct buffer *out)
{
	for (uint32_t i = 0; i < p->nr; i++) {
		buffer_append_format(out, "%c%u", letters[p->entry[i].may & 3], p->entry[i].domid);
		buffer_append(out, "", 1);
	}
}

bool perms_forget(struct perms *p, uint32_t domid)
{
	uint32_t kept = 1;

	for (uint32_t i = 1; i < p->nr; i++) {
		if (p->entry[i].domid != domid)
			p->entry[kept++] = p->entry[i];
	}
	if (kept == p->nr)
		return false;
	p->nr = kept;
	return true;
}

bool perms_mention(const struct perms *p, uint32_t domid)
{
	for (uint32_t i = 0; i < p->nr; i++) {
		if (p->entry[i].domid == domid)
			return true;
	}
	return false;
}

void perms_save(const struct perms *p, struct buffer *out)
{
	buffer_put_u32(out, p->nr);
	for (uint32_t i = 0; i < p->nr; i++) {
		buffer_put_u32(out, p->entry[i].domid);
		buffer_put_u8(out, p->entry[i].may);
	}
}

void perms_load(struct perms *p, struct reader *r)
{
	uint32_t nr = reader_u32(r);

	memset(p, 0, sizeof(*p));
	if (!nr || r->bad || (size_t)(r->end - r->at) / 5 < nr) {
		r->bad = true;
		return;
	}
	p->entry = memory_zeroed(nr * sizeof(p->entry[0]));
	p->nr = nr;
	for (uint32_t i = 0; i < nr; i++) {
		p->entry[i].domid = reader_u32(r) & 0xffff;
		p->entry[i].may = reader_u8(r) & (PERM_READ | PERM_WRITE);
	}
}
