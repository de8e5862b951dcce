/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of commands, and xl help. */
#include "cmd.h"
#include "key_names.h"

#include <string.h>

static const struct command commands[] = {
	{ "create", "[-q] [-p] [-c] [-V] [-F] [-n] [--check] FILE [KEY=VALUE...]", "start a guest",
	  cmd_create },
	{ "config-update", "DOMAIN FILE [KEY=VALUE...]",
	  "another description for a guest, from its next restart on", cmd_config_update },
	{ "list", "[-l] [-v] [--json] [DOMAIN...]", "domains and their state", cmd_list },
	{ "vm-list", "", "domains and their uuids", cmd_vm_list },
	{ "top", "[-b] [-i TIMES] [-d SECONDS] [--json]", "what domains use, as it changes",
	  cmd_top },
	{ "destroy", "DOMAIN", "end a guest at once", cmd_destroy },
	{ "shutdown", "[-a] [-w] [-F] DOMAIN", "ask a guest to power off", cmd_shutdown },
	{ "reboot", "[-a] [-w] [-F] DOMAIN", "ask a guest to restart", cmd_reboot },
	{ "console", "[-t pv|serial] [-n NUMBER] [-e CHARACTER] DOMAIN",
	  "a guest's console; ^] leaves", cmd_console },
	{ "log", "[-f] DOMAIN", "all that a guest has said", cmd_log },
	{ "why", "DOMAIN", "how a guest ended, or what it does", cmd_why },
	{ "dump-core", "DOMAIN FILE", "a guest's memory and registers, for crash and gdb",
	  cmd_dump_core },
	{ "screen", "DOMAIN [FILE.png]", "what is on a guest's screen, as text or as a picture",
	  cmd_screen },
	{ "vncviewer", "[--autopass] DOMAIN", "a viewer for a guest's screen", cmd_vncviewer },
	{ "window", "DOMAIN", "a guest's screen as a window of this desktop", cmd_window },
	{ "pause", "DOMAIN", "make a guest stand still", cmd_pause },
	{ "unpause", "DOMAIN", "let it go on", cmd_unpause },
	{ "button-press", "DOMAIN power|sleep", "press a button of a guest's case",
	  cmd_button_press },
	{ "trigger", "DOMAIN nmi|reset|init|power|sleep|s3resume [VCPU]", "send a guest something",
	  cmd_trigger },
	{ "sysrq", "DOMAIN LETTER", "a system request to a guest's Linux", cmd_sysrq },
	{ "cd-insert", "DOMAIN VDEV FILE", "put a CD into a drive", cmd_cd_insert },
	{ "cd-eject", "DOMAIN VDEV", "take the CD out of a drive", cmd_cd_eject },
	{ "block-list", "DOMAIN...", "a guest's disks", cmd_block_list },
	{ "network-list", "DOMAIN...", "a guest's network interfaces", cmd_network_list },
	{ "domid", "NAME", "a domain's number", cmd_domid },
	{ "domname", "NUMBER", "a domain's name", cmd_domname },
	{ "rename", "DOMAIN NAME", "give a guest another name", cmd_rename },
	{ "mem-set", "DOMAIN SIZE[k|m|g]", "how much memory a guest shall have now", cmd_mem_set },
	{ "mem-max", "DOMAIN SIZE[k|m|g]", "how much memory a guest may have", cmd_mem_max },
	{ "vcpu-list", "[DOMAIN...]", "vcpus and where they run", cmd_vcpu_list },
	{ "vcpu-pin", "[-f] DOMAIN VCPU|all CPUS|- [SOFT|-]",
	  "where vcpus may run, and where they had better", cmd_vcpu_pin },
	{ "vcpu-set", "[-i] DOMAIN NUMBER", "how many vcpus a guest shall use", cmd_vcpu_set },
	{ "sched-credit2", "[-d DOMAIN [-w WEIGHT] [-c CAP]] [-s [-r MICROSECONDS]] [-p POOL]",
	  "what share of the CPUs guests have", cmd_sched_credit2 },
	{ "cpupool-list", "[-c] [POOL]", "pools of CPUs", cmd_cpupool_list },
	{ "cpupool-create", "[FILE] [KEY=VALUE...]",
	  "a new pool: name=, cpus=", cmd_cpupool_create },
	{ "cpupool-destroy", "POOL", "end a pool that has no domains", cmd_cpupool_destroy },
	{ "cpupool-rename", "POOL NAME", "give a pool another name", cmd_cpupool_rename },
	{ "cpupool-cpu-add", "POOL CPUS|all", "put CPUs into a pool", cmd_cpupool_cpu_add },
	{ "cpupool-cpu-remove", "POOL CPUS|all", "take CPUs out of a pool",
	  cmd_cpupool_cpu_remove },
	{ "cpupool-migrate", "DOMAIN POOL", "move a domain into a pool", cmd_cpupool_migrate },
	{ "info", "", "the machine and the hypervisor", cmd_info },
	{ "dmesg", "[-c]", "the hypervisor's log", cmd_dmesg },
	{ "uptime", "[DOMAIN...]", "since when domains run", cmd_uptime },
	{ "debug-keys", "KEYS", "keys for the hypervisor's console", cmd_debug_keys },
	{ "help", "[COMMAND]", "this list", cmd_help },
};
#define NR_COMMANDS (sizeof(commands) / sizeof(commands[0]))

#define DESCRIBE_DISK "disk= in the description (xl config-update), and a restart"
#define DESCRIBE_NIC  "vif= in the description (xl config-update), and a restart"
#define GUEST_SCREEN \
	"vnc=1 or sdl=1 in the description of an HVM guest, with a keyboard and a mouse"
#define SHUT_DOWN \
	"xl shutdown, and xl create on this machine or, with the same disk, on another one"

/* Commands of Xen's xl that are not here, and what is. */
static const struct {
	const char *name, *instead;
} absent[] = {
	{ "block-attach", DESCRIBE_DISK ". The CD of a drive changes by xl cd-insert" },
	{ "block-detach", DESCRIBE_DISK ". A CD comes out by xl cd-eject" },
	{ "channel-list", "xl console" },
	{ "claims", "xl info, its line outstanding_claims" },
	{ "cpupool-numa-split", "xl cpupool-create: the machine is one node" },
	{ "dt-overlay", NULL },
	{ "devd", "nothing is needed: each guest has a backend process of its own" },
	{ "getenforce", NULL },
	{ "loadpolicy", NULL },
	{ "migrate", SHUT_DOWN },
	{ "migrate-receive", SHUT_DOWN },
	{ "network-attach", DESCRIBE_NIC },
	{ "network-detach", DESCRIBE_NIC },
	{ "pci-assignable-add", NULL },
	{ "pci-assignable-list", NULL },
	{ "pci-assignable-remove", NULL },
	{ "pci-attach", NULL },
	{ "pci-detach", NULL },
	{ "pci-list", NULL },
	{ "psr-cat-set", NULL },
	{ "psr-cat-show", NULL },
	{ "psr-cmt-attach", NULL },
	{ "psr-cmt-detach", NULL },
	{ "psr-cmt-show", NULL },
	{ "psr-hwinfo", NULL },
	{ "psr-mba-set", NULL },
	{ "psr-mba-show", NULL },
	{ "qemu-monitor-command", "xl screen, xl log and xl cd-insert: there is no QEMU" },
	{ "remus", NULL },
	{ "restore", SHUT_DOWN },
	{ "resume",
	  "xl unpause for a guest that is paused; xl trigger s3resume for one that sleeps" },
	{ "save", SHUT_DOWN },
	{ "sched-credit", "xl sched-credit2, which has the weight and the cap of this scheduler" },
	{ "sched-rtds", "xl sched-credit2" },
	{ "set-parameters", "options of the hypervisor in the boot loader's menu" },
	{ "setenforce", NULL },
	{ "sharing", NULL },
	{ "suspend", "xl pause" },
	{ "usb-list", "usbdevice=\"tablet\" in the description" },
	{ "usbctrl-attach", "usbdevice=\"tablet\" in the description" },
	{ "usbctrl-detach", "usbdevice=\"tablet\" in the description" },
	{ "usbdev-attach", "usbdevice=\"tablet\" in the description" },
	{ "usbdev-detach", "usbdevice=\"tablet\" in the description" },
	{ "vdispl-attach", GUEST_SCREEN },
	{ "vdispl-detach", GUEST_SCREEN },
	{ "vdispl-list", GUEST_SCREEN },
	{ "vkb-attach", GUEST_SCREEN },
	{ "vkb-detach", GUEST_SCREEN },
	{ "vkb-list", GUEST_SCREEN },
	{ "vsnd-attach", NULL },
	{ "vsnd-detach", NULL },
	{ "vsnd-list", NULL },
	{ "vtpm-attach", NULL },
	{ "vtpm-detach", NULL },
	{ "vtpm-list", NULL },
	{ "xenstore-quota-get", "xenstored(8), its limits" },
	{ "xenstore-quota-set", "xenstored(8), its limits" },
};

const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < NR_COMMANDS; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

static const char *command_nearest(const char *name)
{
	const char *names[NR_COMMANDS];

	for (size_t i = 0; i < NR_COMMANDS; i++)
		names[i] = commands[i].name;
	return name_nearest(name, names, NR_COMMANDS);
}

bool command_missing(struct xl *x, const char *name)
{
	const char *near;

	for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++)
		if (strcmp(absent[i].name, name) == 0)
			return fail(&x->failure, "xl %s is not there yet%s%s", name,
			            absent[i].instead ? ". Instead: " : "",
			            absent[i].instead ? absent[i].instead : "");
	near = command_nearest(name);
	return fail(&x->failure, "xl has no command %s%s%s: xl help shows all", name,
	            near ? "; did you mean " : "", near ? near : "");
}

bool cmd_help(struct xl *x, int argc, char **argv)
{
	if (argc > 1) {
		const struct command *c = command_find(argv[1]);

		if (!c)
			return command_missing(x, argv[1]);
		printf("xl %s %s\n    %s\n", c->name, c->arguments, c->summary);
		return true;
	}
	printf("usage: xl [-v] [-N] [-f] COMMAND [ARGUMENTS]\n\n");
	for (size_t i = 0; i < NR_COMMANDS; i++)
		printf(" %-18s %s\n", commands[i].name, commands[i].summary);
	printf("\nxl help COMMAND: its arguments. man xl has more.\n");
	return true;
}
