/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fuzz target: a guest's description. The input is the file; what it means is checked against the fake machine, and explained. */
#include <stdlib.h>
#include <string.h>

#include "guest_config.h"
#include "machine_fake.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What every plan that was accepted keeps. */
static void plan_hold(const struct guest_config *g)
{
	if (!g->name[0] || !g->vcpus || g->max_vcpus < g->vcpus ||
	    g->max_memory_kib < g->memory_kib)
		abort();
	if (g->nr_disks > CONFIG_DISKS || g->nr_nics > CONFIG_NICS ||
	    g->nr_serials > CONFIG_SERIALS)
		abort();
	for (size_t i = 0; i < g->nr_disks; i++) {
		const struct config_disk *d = &g->disks[i];

		if (d->ide < -1 || d->ide > 3 || (d->format == DISK_EMPTY) != !d->target[0])
			abort();
		for (size_t j = 0; j < i; j++)
			if (g->disks[j].number == d->number)
				abort();
	}
}

static void explain(const struct guest_config *g)
{
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	if (!f)
		abort();
	guest_config_explain(g, f);
	fclose(f);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct settings *s = calloc(1, sizeof(*s));
	struct guest_config *g = calloc(1, sizeof(*g));
	struct messages *m = calloc(1, sizeof(*m));
	char *text = malloc(size + 1);
	bool done;

	if (!s || !g || !m || !text)
		abort();
	if (size)
		memcpy(text, data, size);
	text[size] = 0;
	done = settings_parse(s, "fuzz.cfg", text, m) && guest_config_make(g, s, m);
	if (done == (m->nr_errors != 0)) /* a failure has a message, and success has no error */
		abort();
	if (done) {
		plan_hold(g);
		guest_config_check(g, &machine_fake, m);
		explain(g);
	}
	settings_free(s);
	free(s);
	free(g);
	free(m);
	free(text);
	return 0;
}
