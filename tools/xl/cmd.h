/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xl: a command a file; commands.c has the table. */
#ifndef XL_CMD_H
#define XL_CMD_H

#include "failure.h"
#include "guest_config.h"
#include "guests.h"
#include "hypervisor.h"
#include "store.h"

#include <stdbool.h>
#include <stdio.h>

struct xl {
	struct hypervisor *h; /* NULL until xl_connect() */
	struct store *s;
	bool is_verbose, is_dry, is_forced; /* -v, -N, -f */
	struct failure failure;             /* of the command that runs: main.c prints it */
};

struct command {
	const char *name, *arguments, *summary;
	/* argv[0] is the command's name. False: failure has the reason, if there is one to tell. */
	bool (*run)(struct xl *x, int argc, char **argv);
};

typedef bool command_fn(struct xl *x, int argc, char **argv);
command_fn cmd_block_list, cmd_button_press, cmd_cd_eject, cmd_cd_insert, cmd_config_update,
	cmd_console, cmd_cpupool_cpu_add, cmd_cpupool_cpu_remove, cmd_cpupool_create,
	cmd_cpupool_destroy, cmd_cpupool_list, cmd_cpupool_migrate, cmd_cpupool_rename, cmd_create,
	cmd_debug_keys, cmd_destroy, cmd_dmesg, cmd_domid, cmd_domname, cmd_dump_core, cmd_help,
	cmd_info, cmd_list, cmd_log, cmd_mem_max, cmd_mem_set, cmd_network_list, cmd_pause,
	cmd_reboot, cmd_rename, cmd_sched_credit2, cmd_screen, cmd_shutdown, cmd_sysrq, cmd_top,
	cmd_trigger, cmd_unpause, cmd_uptime, cmd_vcpu_list, cmd_vcpu_pin, cmd_vcpu_set,
	cmd_vm_list, cmd_vncviewer, cmd_why, cmd_window;

/* commands.c: by name; NULL: there is none, and failure says so. */
const struct command *command_find(const char *name);
bool command_missing(struct xl *x, const char *name);

/* Hypervisor and store, or only the hypervisor. False: failure. */
bool xl_connect(struct xl *x);
bool xl_connect_hypervisor(struct xl *x);
/* A guest by name or number, with xl_connect() first. */
bool xl_guest(struct xl *x, const char *who, struct guest_info *g);
/* Those that are named, or all; to be freed. NULL: failure. */
struct guest_info *xl_guests(struct xl *x, int nr_names, char **names, size_t *nr);
/* How the command is used; always false. */
bool xl_usage(struct xl *x, const char *command);
/* A domctl with nothing but a domain; what: for the message. */
bool xl_domctl(struct xl *x, const struct guest_info *g, uint32_t command, const char *what);
/* One argument, a guest: for commands that take nothing else. */
bool xl_one_guest(struct xl *x, int argc, char **argv, struct guest_info *g);
/* A decimal number and nothing else. */
bool xl_number(const char *text, uint64_t *number);
bool xl_physinfo(struct xl *x, struct xen_sysctl_physinfo *p);
/* What its keeper starts it again from. */
bool xl_description(struct xl *x, const struct guest_info *g, struct guest_config *config);

/* window.c: the window of a guest that starts now, beside us; says why there is none. Is there a desktop? */
void window_start(const char *name);
bool window_is_possible(void);

/* console.c: a terminal, until ^] or its end. */
bool console_attach(struct xl *x, const char *tty);

#endif
