/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * run [-b BUILD] [-t SCRIPT] [-p PORT] [-m MIB] [-c CPUS] [-v] [GUEST.cfg [KEY=VALUE...]]: `make run`. An emulated machine with the hypervisor, a control domain made of Debian's packages, and a
 * guest, whose screen is on a port of this computer. Without GUEST.cfg it is the example guest.
 */
#include "guest_media.h"
#include "machine.h"
#include "terminal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define VNC_PORT    5900
#define WEB_PORT    5800
#define BASE_MIB    1280 /* the control domain and the hypervisor */
#define PATH_LENGTH 600

struct run {
	const char *build, *script;
	struct machine machine;
	bool is_verbose;
	unsigned memory_mib; /* 0: what the guest needs */
	char directory[PATH_LENGTH - 100];
	char xen[PATH_LENGTH], kernel[PATH_LENGTH], initrd[PATH_LENGTH], arguments[PATH_LENGTH];
	struct guest_media media;
	pid_t qemu;
	sigset_t signals; /* that end us, in good order */
};
static struct run run = { .build = "build", .machine = { .cpus = 2, .vnc_port = VNC_PORT } };

__attribute__((noreturn, format(printf, 1, 2))) static void die(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	fputs("run: ", stderr);
	vfprintf(stderr, format, list);
	fputc('\n', stderr);
	va_end(list);
	exit(1);
}

/* Commands for the shell find the folder of this run in $DIRECTORY, whatever characters its name has. */
static void directory_make(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(run.directory, sizeof(run.directory), "%s/zazen-run.XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(run.directory))
		die("%s: %s", run.directory, strerror(errno));
	setenv("DIRECTORY", run.directory, 1);
}

static void directory_remove(void)
{
	if (system("rm -rf \"$DIRECTORY\"") != 0)
		fprintf(stderr, "run: %s stays: it cannot be removed\n", run.directory);
}

/* ---- before it starts ---- */

static void port_check(unsigned port)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		                  .sin_port = htons((uint16_t)port),
		                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(s, (struct sockaddr *)&at, sizeof(at)) != 0)
		die("port %u of this computer is taken: %s. End what listens there (ss -ltnp shows it), or run with PORT=%u",
		    port, strerror(errno), VNC_PORT + 10);
	close(s);
}

static void ports_check(void)
{
	run.machine.web_port = run.machine.vnc_port - VNC_PORT + WEB_PORT;
	for (unsigned i = 0; i < MACHINE_PORTS; i++) {
		port_check(run.machine.vnc_port + i);
		port_check(run.machine.web_port + i);
	}
}

static void file_name(char *to, const char *name)
{
	snprintf(to, PATH_LENGTH, "%s/%s", run.build, name);
	if (access(to, R_OK) != 0)
		die("%s: %s. `make run` builds it", to, strerror(errno));
}

/* ---- the initial root file system: the build's, and what this run adds ---- */

static void copy_into(FILE *to, const char *path)
{
	char bytes[65536];
	FILE *from = fopen(path, "r");
	size_t n;

	if (!from)
		die("%s: %s", path, strerror(errno));
	while ((n = fread(bytes, 1, sizeof(bytes), from)) > 0)
		if (fwrite(bytes, 1, n, to) != n)
			die("%s/initrd: %s. Make room there, or set TMPDIR", run.directory,
			    strerror(errno));
	fclose(from);
}

static FILE *create_file(const char *name)
{
	char path[PATH_LENGTH + 32];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", run.directory, name);
	f = fopen(path, "w");
	if (!f)
		die("%s: %s", path, strerror(errno));
	return f;
}

static void make_extra(void)
{
	char name[64];
	FILE *f;

	if (system("mkdir \"$DIRECTORY/extra\"") != 0)
		die("%s/extra cannot be made", run.directory);
	f = create_file("extra/run-guest");
	for (size_t i = 0; i < run.media.nr_words; i++)
		fprintf(f, "%s\n", run.media.words[i]);
	fclose(f);
	f = create_file("extra/guest.cfg");
	fputs(run.media.description, f);
	fclose(f);
	for (size_t i = 0; i < run.media.nr_files; i++) {
		snprintf(name, sizeof(name), "extra/%s", run.media.files[i].name);
		f = create_file(name);
		copy_into(f, run.media.files[i].path);
		fclose(f);
	}
	if (run.script) {
		f = create_file("extra/run-test");
		copy_into(f, run.script);
		fclose(f);
	}
	if (system("cd \"$DIRECTORY/extra\" && find . | cpio --quiet -o -H newc -R 0:0 > ../extra.cpio") !=
	    0)
		die("%s/extra.cpio cannot be made: is cpio installed?", run.directory);
}

static void make_initrd(void)
{
	char part[PATH_LENGTH + 32];
	FILE *f;

	make_extra();
	f = create_file("initrd");
	file_name(part, "appliance/dom0.cpio");
	copy_into(f, part);
	snprintf(part, sizeof(part), "%s/extra.cpio", run.directory);
	copy_into(f, part);
	if (fclose(f) != 0)
		die("%s/initrd: %s. Make room there, or set TMPDIR", run.directory,
		    strerror(errno));
	snprintf(run.initrd, sizeof(run.initrd), "%s/initrd", run.directory);
}

/* ---- QEMU ---- */

static void start_qemu(char **command, struct terminal *t)
{
	int in[2], out[2], errors;
	char log[PATH_LENGTH + 32];

	snprintf(log, sizeof(log), "%s/appliance/qemu.log", run.build);
	errors = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (errors < 0 || pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0)
		die("%s: %s", log, strerror(errno));
	run.qemu = fork();
	if (run.qemu < 0)
		die("no process for QEMU: %s", strerror(errno));
	if (run.qemu == 0) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		setpgid(0, 0);
		sigprocmask(SIG_UNBLOCK, &run.signals, NULL);
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		dup2(errors, STDERR_FILENO);
		execvp(command[0], command);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	t->to_machine = in[1];
	t->from_machine = out[0];
}

static void show_log(void)
{
	char line[400];

	snprintf(line, sizeof(line),
	         "grep -v \"TCG doesn't support\" '%s/appliance/qemu.log' | tail -n 5 >&2",
	         run.build);
	if (system(line) != 0)
		fprintf(stderr, "run: %s/appliance/qemu.log has QEMU's own messages\n", run.build);
}

static int end_qemu(enum terminal_end end)
{
	int status;

	if (end != TERMINAL_MACHINE_ENDED)
		kill(run.qemu, SIGTERM);
	waitpid(run.qemu, &status, 0);
	if (end == TERMINAL_FAILED || end == TERMINAL_STOPPED)
		return 1;
	if (end == TERMINAL_LEFT || (WIFEXITED(status) && WEXITSTATUS(status) == 0))
		return 0;
	show_log();
	fprintf(stderr, "run: QEMU failed. The machine's console is in %s/appliance/console.log\n",
	        run.build);
	return 1;
}

/* ---- */

static void tell_ready(void)
{
	if (run.media.has_screen)
		printf("\n"
		       "  The guest's screen:  vncviewer localhost:%u     (any VNC viewer)\n"
		       "  in a browser:        http://localhost:%u/\n",
		       run.machine.vnc_port, run.machine.web_port);
	else
		printf("\n"
		       "  The guest has no screen on a port; xl console NAME shows what it says (^] leaves).\n");
	printf("  This is the console of the control domain; Enter shows its prompt. ^A x ends the machine.\n\n");
	fflush(stdout);
}

/* An option's. */
static unsigned number(const char *what, unsigned least, unsigned most)
{
	char *end;
	unsigned long n = strtoul(optarg, &end, 10);

	if (end == optarg || *end || n < least || n > most)
		die("%s: %s: a number from %u to %u is expected", what, optarg, least, most);
	return (unsigned)n;
}

static void options(int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "+b:t:p:m:c:v")) != -1) {
		switch (c) {
		case 'b': run.build = optarg; break;
		case 't': run.script = optarg; break;
		case 'p': run.machine.vnc_port = number("PORT", VNC_PORT, 60000); break;
		case 'm': run.memory_mib = number("-m: MiB", 1024, 1 << 20); break;
		case 'c': run.machine.cpus = number("-c: CPUs", 1, 64); break;
		case 'v': run.is_verbose = true; break;
		default:
			die("usage: run [-b BUILD] [-t SCRIPT] [-p PORT] [-m MIB] [-c CPUS] [-v] [GUEST.cfg [KEY=VALUE...]]");
		}
	}
}

static void machine_fill(void)
{
	unsigned wanted = BASE_MIB + run.media.memory_mib;

	file_name(run.xen, "xen");
	file_name(run.kernel, "dom0/vmlinux");
	snprintf(run.arguments, sizeof(run.arguments), "guest=/guest.cfg%s",
	         run.script ? " test=/run-test" : "");
	run.machine.xen = run.xen;
	run.machine.kernel = run.kernel;
	run.machine.initrd = run.initrd;
	run.machine.kernel_arguments = run.arguments;
	run.machine.memory_mib = run.memory_mib ? run.memory_mib : wanted < 2048 ? 2048 : wanted;
	memcpy(run.machine.media, run.media.media, sizeof(run.machine.media));
	run.machine.nr_media = run.media.nr_media;
}

/* Whoever ends us, the folder of this run goes, and QEMU's process with us. */
static int signals_take(void)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
	int fd;

	sigemptyset(&run.signals);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sigaddset(&run.signals, numbers[i]);
	fd = signalfd(-1, &run.signals, SFD_CLOEXEC);
	if (fd < 0 || sigprocmask(SIG_BLOCK, &run.signals, NULL) != 0)
		die("signals cannot be waited for: %s", strerror(errno));
	signal(SIGPIPE, SIG_IGN);
	return fd;
}

int main(int argc, char **argv)
{
	struct terminal terminal = { .ready = tell_ready };
	char **command, log[PATH_LENGTH + 32];
	int status;

	options(argc, argv);
	if (!guest_media_read(&run.media, run.build, argc - optind, argv + optind))
		return 1;
	ports_check();
	terminal.stop = signals_take();
	directory_make();
	atexit(directory_remove);
	make_initrd();
	machine_fill();
	command = machine_command(&run.machine);
	if (!command)
		die("QEMU's command line became too long");
	printf("an emulated machine starts: %u CPU%s, %u MiB, %s\n", run.machine.cpus,
	       run.machine.cpus == 1 ? "" : "s", run.machine.memory_mib,
	       machine_has_kvm() ? "on this computer's processor (KVM)"
	                         : "by TCG (no KVM with nested virtualisation here)");
	snprintf(log, sizeof(log), "%s/appliance/console.log", run.build);
	terminal.log = fopen(log, "w");
	terminal.is_raw_from_start = run.is_verbose || run.script;
	start_qemu(command, &terminal);
	status = end_qemu(terminal_run(&terminal));
	return status;
}
