/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xl list, xl vm-list */
#include "cmd.h"
#include "json.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

enum form { FORM_TABLE, FORM_JSON };

static void json_row(const struct guest_info *g, bool is_first)
{
	char state[7], uuid[37];

	guest_state(state, g);
	uuid_print(uuid, g->uuid);
	printf("%s    {\n        \"domid\": %u,\n        \"name\": ", is_first ? "" : ",\n",
	       g->domid);
	json_text(g->name);
	printf(",\n        \"uuid\": \"%s\",\n        \"memory_kib\": %llu,\n        \"max_memory_kib\": %llu,\n"
	       "        \"vcpus\": %u,\n        \"state\": \"%s\",\n        \"cpu_seconds\": %.1f\n    }",
	       uuid, (unsigned long long)g->memory_kib, (unsigned long long)g->max_memory_kib,
	       g->vcpus, state, (double)g->cpu_ns / 1e9);
}

static void table_head(bool is_verbose)
{
	printf("%-40s %5s %5s %5s\t%5s %10s%s\n", "Name", "ID", "Mem", "VCPUs", "State", "Time(s)",
	       is_verbose ? "   UUID                            Reason-Code\tSecurity Label" : "");
}

static void table_row(const struct guest_info *g, bool is_verbose)
{
	char state[7], uuid[37];

	guest_state(state, g);
	printf("%-40s %5u %5llu %5u     %6s  %8.1f", g->name, g->domid,
	       (unsigned long long)g->memory_kib / 1024, g->vcpus, state, (double)g->cpu_ns / 1e9);
	if (is_verbose) {
		uuid_print(uuid, g->uuid);
		printf(" %s", uuid);
		if (g->flags & (XEN_DOMINF_shutdown | XEN_DOMINF_dying))
			printf(" %8x", guest_end_reason(g));
		else
			printf(" %8s", "-");
		printf(" %16s", "-"); /* nobody labels domains here */
	}
	putchar('\n');
}

static void print(const struct guest_info *all, size_t nr, enum form form, bool is_verbose)
{
	if (form == FORM_JSON) {
		printf("[\n");
		for (size_t i = 0; i < nr; i++)
			json_row(&all[i], i == 0);
		printf("\n]\n");
		return;
	}
	table_head(is_verbose);
	for (size_t i = 0; i < nr; i++)
		table_row(&all[i], is_verbose);
}

bool cmd_list(struct xl *x, int argc, char **argv)
{
	static const struct option longer[] = { { "long", no_argument, NULL, 'l' },
		                                { "json", no_argument, NULL, 'l' },
		                                { "verbose", no_argument, NULL, 'v' },
		                                { NULL, 0, NULL, 0 } };
	enum form form = FORM_TABLE;
	bool is_verbose = false;
	struct guest_info *all;
	size_t nr;
	int c;

	while ((c = getopt_long(argc, argv, "lvZcn", longer, NULL)) != -1) {
		if (c == 'l')
			form = FORM_JSON;
		else if (c == 'v')
			is_verbose = true;
		else if (c == '?')
			return xl_usage(x, "list");
	}
	all = xl_guests(x, argc - optind, argv + optind, &nr);
	if (!all)
		return false;
	print(all, nr, form, is_verbose);
	free(all);
	return true;
}

bool cmd_vm_list(struct xl *x, int argc, char **argv)
{
	struct guest_info *all;
	char uuid[37];
	size_t nr;

	if (argc != 1)
		return xl_usage(x, argv[0]);
	all = xl_guests(x, 0, NULL, &nr);
	if (!all)
		return false;
	printf("%-36s  %-4s  %s\n", "UUID", "ID", "name");
	for (size_t i = 0; i < nr; i++) {
		uuid_print(uuid, all[i].uuid);
		printf("%s  %-4u  %s\n", uuid, all[i].domid, all[i].name);
	}
	free(all);
	return true;
}
