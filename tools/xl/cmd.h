/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xl: a command a file; main.c has the table. */
#ifndef XL_CMD_H
#define XL_CMD_H

#include "failure.h"
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
command_fn cmd_button_press, cmd_cd_eject, cmd_cd_insert, cmd_console, cmd_create, cmd_debug_keys,
	cmd_destroy, cmd_dmesg, cmd_domid, cmd_domname, cmd_help, cmd_info, cmd_list, cmd_log,
	cmd_pause, cmd_reboot, cmd_rename, cmd_screen, cmd_shutdown, cmd_sysrq, cmd_trigger,
	cmd_unpause, cmd_uptime, cmd_vcpu_list, cmd_vcpu_pin, cmd_vncviewer;

/* Hypervisor and store, or only the hypervisor. False: failure. */
bool xl_connect(struct xl *x);
bool xl_connect_hypervisor(struct xl *x);
/* A guest by name or number, with xl_connect() first. */
bool xl_guest(struct xl *x, const char *who, struct guest_info *g);
/* How the command is used; always false. */
bool xl_usage(struct xl *x, const char *command);
/* A domctl with nothing but a domain; what: for the message. */
bool xl_domctl(struct xl *x, const struct guest_info *g, uint32_t command, const char *what);
/* One argument, a guest: for commands that take nothing else. */
bool xl_one_guest(struct xl *x, int argc, char **argv, struct guest_info *g);

/* console.c: a terminal, until ^] or its end. */
bool console_attach(struct xl *x, const char *tty);

#endif
