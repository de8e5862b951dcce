// SPDX-License-Identifier: GPL-2.0-or-later
/* Planted code behind the backend's sandbox: each row is something that it tries, in a process of its own, and that must not work. */
#include "sandbox.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

/* Each returns true when it got out. */
static bool opens_a_file(void)
{
	return open("/etc/passwd", O_RDONLY) >= 0 || open("/", O_RDONLY) >= 0 ||
	       syscall(SYS_open, "/proc/self/mem", O_RDWR) >= 0;
}

static bool makes_a_file(void)
{
	return open("/x", O_WRONLY | O_CREAT, 0600) >= 0 || mkdir("/x", 0700) == 0 ||
	       syscall(SYS_memfd_create, "x", 0) >= 0;
}

static bool connects(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) >= 0 || socket(AF_UNIX, SOCK_STREAM, 0) >= 0 ||
	       socket(AF_NETLINK, SOCK_RAW, 0) >= 0;
}

static bool forks(void)
{
	return syscall(SYS_fork) >= 0;
}

static bool clones(void)
{
	return syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) >= 0 || syscall(SYS_clone3, NULL, 0) >= 0;
}

static bool executes(void)
{
	execl("/bin/true", "true", (char *)NULL);
	return errno != EPERM; /* it should not have come so far */
}

static bool traces(void)
{
	return ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) == 0;
}

static bool reads_another(void)
{
	char byte;
	struct iovec here = { &byte, 1 }, there = { &byte, 1 };

	return process_vm_readv(getppid(), &here, 1, &there, 1, 0) >= 0;
}

static bool kills(void)
{
	return kill(getppid(), 0) == 0;
}

static bool becomes_root(void)
{
	return setuid(0) == 0 || setresuid(0, 0, 0) == 0 || setgid(0) == 0;
}

static bool mounts(void)
{
	return mount("none", "/", "tmpfs", 0, NULL) == 0;
}

static bool leaves_its_root(void)
{
	return chroot("/") == 0 || chdir("..") == 0;
}

static bool makes_code(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
	            0) != MAP_FAILED ||
	       mprotect(p, 4096, PROT_READ | PROT_EXEC) == 0;
}

static bool makes_a_ring(void)
{
	struct io_uring_params p;

	memset(&p, 0, sizeof(p));
	return syscall(SYS_io_uring_setup, 4, &p) >= 0;
}

static bool asks_a_device(void)
{
	char name[64];

	return ioctl(0, 0x5401 /* TCGETS */, name) == 0 ||
	       ioctl(0, 0x5412 /* TIOCSTI */, name) == 0;
}

static bool unshares(void)
{
	return syscall(SYS_unshare, 0x10000000 /* CLONE_NEWUSER */) == 0;
}

/* What must work still. */
static bool serves(void)
{
	char byte = 0;
	int *failed = malloc(100000);

	return !(failed && write(1, &byte, 0) == 0 && getpid() > 0);
}

/* A thread that was made just before, and begins behind it: libc's first calls in it are not refused. */
static bool thread_cannot_begin(void)
{
	if (syscall(SYS_rseq, NULL, 0, 0, 0) == 0 || errno == EPERM)
		return true;
	return syscall(SYS_set_robust_list, NULL, 0) == 0 || errno == EPERM;
}

static bool no_threads(void *context, struct failure *f)
{
	return true;
}

enum { HELD, GOT_OUT = 7, NO_SANDBOX };

/* In a child behind the sandbox. A kernel that kills it has held it. */
static int try(bool (*attack)(void))
{
	struct link_place place = { .fd = -1 };
	struct failure f = { "" };
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (!sandbox_enter(0x5a001234, &place, NULL, no_threads, NULL, &f)) {
			fprintf(stderr, "%s\n", f.text);
			_exit(NO_SANDBOX);
		}
		_exit(attack() ? GOT_OUT : HELD);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return NO_SANDBOX;
	if (WIFSIGNALED(status))
		return WTERMSIG(status) == SIGSYS ? HELD : GOT_OUT;
	return WEXITSTATUS(status);
}

#define ATTACK(what)                       \
	static void attack_##what(void)    \
	{                                  \
		CHECK_EQ(try(what), HELD); \
	}

ATTACK(opens_a_file)
ATTACK(makes_a_file)
ATTACK(connects)
ATTACK(forks)
ATTACK(clones)
ATTACK(executes)
ATTACK(traces)
ATTACK(reads_another)
ATTACK(kills)
ATTACK(becomes_root)
ATTACK(mounts)
ATTACK(leaves_its_root)
ATTACK(makes_code)
ATTACK(makes_a_ring)
ATTACK(asks_a_device)
ATTACK(unshares)
ATTACK(serves)
ATTACK(thread_cannot_begin)

/* The test itself can fail: without the sandbox these do get out. */
static void without_a_sandbox(void)
{
	CHECK(opens_a_file());
	CHECK(connects());
	CHECK(makes_code());
}

UNIT_MAIN(UNIT(attack_opens_a_file), UNIT(attack_makes_a_file), UNIT(attack_connects),
          UNIT(attack_forks), UNIT(attack_clones), UNIT(attack_executes), UNIT(attack_traces),
          UNIT(attack_reads_another), UNIT(attack_kills), UNIT(attack_becomes_root),
          UNIT(attack_mounts), UNIT(attack_leaves_its_root), UNIT(attack_makes_code),
          UNIT(attack_makes_a_ring), UNIT(attack_asks_a_device), UNIT(attack_unshares),
          UNIT(attack_serves), UNIT(attack_thread_cannot_begin), UNIT(without_a_sandbox))
