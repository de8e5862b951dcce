// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * planted QEMU-NBD'S-ARGUMENTS: stands where qemu-nbd is expected (tests/system/appliance/images.sh), behind the cage that the backend puts around it, and tries to get out. The last 4096 bytes of its image have lines
 * for it: "file NAME" is one of others', "base NAME" one that it may only read. The 4096 before them get what it managed, "got out: ..." for each, and "tried N" at the end.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define IMAGE_OPTION "file.filename="
#define LISTENER     3
#define TEXT         4096

static char report[TEXT];
static size_t length;
static unsigned tried;

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...)
{
	va_list list;
	int n;

	va_start(list, format);
	n = vsnprintf(report + length, sizeof(report) - length, format, list);
	va_end(list);
	if (n > 0 && length + (size_t)n < sizeof(report))
		length += (size_t)n;
}

static void found(const char *what, const char *of, bool is_out)
{
	tried++;
	if (is_out)
		say("got out: %s %s\n", what, of);
}

static void files_try(const char *name)
{
	int fd = open(name, O_RDONLY | O_NONBLOCK);

	found("opens", name, fd >= 0);
	if (fd >= 0)
		close(fd);
	found("sees", name, access(name, F_OK) == 0);
}

static void base_try(const char *name)
{
	int fd = open(name, O_RDWR);

	found("writes", name, fd >= 0);
	found("cuts", name, truncate(name, 0) == 0);
	found("removes", name, unlink(name) == 0);
	found("renames", name, rename(name, "/elsewhere") == 0);
	fd = open(name, O_RDONLY);
	if (fd < 0)
		say("refused: %s, which it may read: %s\n", name, strerror(errno));
	else
		close(fd);
}

/* A child tells that it lives by its end. */
static bool child_made(unsigned long flags)
{
	long pid = syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);

	if (pid == 0)
		_exit(0);
	return pid > 0;
}

static bool child_made_3(unsigned long long flags)
{
	struct clone_args a = { .flags = flags, .exit_signal = SIGCHLD };
	long pid = syscall(SYS_clone3, &a, sizeof(a));

	if (pid == 0)
		_exit(0);
	return pid > 0;
}

/* Descriptors beside its socket and the three that everybody has. */
static void descriptors_try(int image)
{
	for (int fd = LISTENER + 1; fd < 256; fd++) {
		char number[16];

		snprintf(number, sizeof(number), "%d", fd);
		found("has inherited descriptor", number, fd != image && fcntl(fd, F_GETFD) >= 0);
	}
}

static bool reads_memory_of(pid_t pid)
{
	char byte;
	struct iovec here = { &byte, 1 }, there = { &byte, 1 };

	return process_vm_readv(pid, &here, 1, &there, 1, 0) >= 0 || errno == EFAULT;
}

static bool device_made(void)
{
	return mknod("/memory", S_IFCHR | 0600, 1 << 8 | 1) == 0 ||
	       mknod("/tmp/memory", S_IFCHR | 0600, 1 << 8 | 1) == 0;
}

static bool executes(const char *program)
{
	execl(program, program, (char *)NULL);
	return errno != ENOENT && errno != EPERM && errno != EACCES;
}

static void calls_try(void)
{
	found("makes", "an IPv4 socket", socket(AF_INET, SOCK_STREAM, 0) >= 0);
	found("makes", "a Unix socket", socket(AF_UNIX, SOCK_STREAM, 0) >= 0);
	found("makes", "a netlink socket", socket(AF_NETLINK, SOCK_RAW, 0) >= 0);
	found("makes", "a process", child_made(0));
	found("makes", "a process with rights of its own", child_made(CLONE_NEWUSER));
	found("makes", "a process (clone3)", child_made_3(0));
	found("makes", "a process with rights of its own (clone3)", child_made_3(CLONE_NEWUSER));
	found("unshares", "users", syscall(SYS_unshare, CLONE_NEWUSER) == 0);
	found("becomes", "root", setuid(0) == 0 || setresuid(0, 0, 0) == 0 || setgid(0) == 0);
	found("traces", "its parent", ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) == 0);
	found("reads", "its parent's memory", reads_memory_of(getppid()));
	found("signals", "its parent", kill(getppid(), 0) == 0);
	found("signals", "init", kill(1, 0) == 0);
	found("mounts", "a file system", mount("none", "/", "tmpfs", 0, NULL) == 0);
	found("changes", "its root", chroot("/") == 0);
	found("makes", "a device", device_made());
	found("makes", "a file",
	      open("/file", O_WRONLY | O_CREAT, 0600) >= 0 ||
	              open("/tmp/file", O_WRONLY | O_CREAT, 0600) >= 0);
	found("goes", "above its root",
	      chdir("..") != 0 || access("../etc/passwd", F_OK) == 0 ||
	              access("../../init", F_OK) == 0);
}

/* The image's lines say what is others'. */
static void lines_try(char *text)
{
	char *rest = text, *line;

	while ((line = strsep(&rest, "\n"))) {
		if (strncmp(line, "file ", 5) == 0)
			files_try(line + 5);
		else if (strncmp(line, "base ", 5) == 0)
			base_try(line + 5);
	}
}

static int image_open(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		char *name = strstr(argv[i], IMAGE_OPTION);

		if (name) {
			name += sizeof(IMAGE_OPTION) - 1;
			name[strcspn(name, ",")] = 0;
			return open(name, O_RDWR);
		}
	}
	return -1;
}

int main(int argc, char **argv)
{
	static char text[TEXT + 1];
	int fd = image_open(argc, argv);
	off_t at = fd < 0 ? -1 : lseek(fd, -TEXT, SEEK_END);

	if (at < 0 || pread(fd, text, TEXT, at) != TEXT)
		return 1;
	descriptors_try(fd);
	lines_try(text);
	calls_try();
	/* Who executes another program says nothing afterwards. */
	if (pwrite(fd, report, TEXT, at - TEXT) != TEXT)
		return 1;
	found("executes", "a shell", executes("/bin/sh") || executes("/bin/busybox"));
	say("tried %u\n", tried);
	return pwrite(fd, report, TEXT, at - TEXT) == TEXT ? 0 : 1;
}
