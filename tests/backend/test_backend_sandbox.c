// SPDX-License-Identifier: GPL-2.0-or-later
/* Planted code behind the backend's sandbox: each row is something that it tries, in a process of its own, and that must not work. */
#include "sandbox.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
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
static bool opens_ours(void)
{
	return open("/etc/passwd", O_RDONLY) >= 0 ||
	       syscall(SYS_open, "/proc/self/mem", O_RDWR) >= 0;
}

static bool opens_a_file(void)
{
	return opens_ours() || open("/", O_RDONLY) >= 0;
}

static bool fills_its_root(void)
{
	return open("/x", O_WRONLY | O_CREAT, 0600) >= 0 || mkdir("/x", 0700) == 0;
}

static bool makes_a_file(void)
{
	return fills_its_root() || syscall(SYS_memfd_create, "x", 0) >= 0;
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

static bool cloned(unsigned long flags)
{
	long pid = syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);

	if (pid == 0)
		_exit(0);
	return pid > 0;
}

static bool clones(void)
{
	struct clone_args a = { .exit_signal = SIGCHLD };
	long pid;

	if (cloned(0) || cloned(CLONE_NEWUSER))
		return true;
	pid = syscall(SYS_clone3, &a, sizeof(a));
	if (pid == 0)
		_exit(0);
	return pid > 0;
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

/* Who may go above its root, which has no above. */
static bool has_an_above(void)
{
	return chroot("/") == 0 || chdir("..") != 0 || access("../etc/passwd", F_OK) == 0;
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

static void *thread_begins(void *context)
{
	*(bool *)context = true;
	return NULL;
}

/* Programs of others' have threads. */
static bool has_no_threads(void)
{
	bool has_begun = false;
	pthread_t t;

	return pthread_create(&t, NULL, thread_begins, &has_begun) != 0 ||
	       pthread_join(t, NULL) != 0 || !has_begun;
}

enum { HELD, GOT_OUT = 7, NO_SANDBOX };

static bool enter_backend(struct failure *f)
{
	struct link_place place = { .fd = -1 };

	return sandbox_enter(0x5a001234, &place, NULL, no_threads, NULL, f);
}

/* As qemu-nbd is started, but for its files. */
static bool enter_program(struct failure *f)
{
	static const struct sandbox_file null = { .path = "/dev/null", .is_system = true };
	const struct sandbox_wish w = { .uid = 0x5b001234, .files = &null, .nr_files = 1 };

	return sandbox_program(&w, f);
}

/* In a child behind the sandbox. A kernel that kills it has held it. */
static int try(bool (*enter)(struct failure *f), bool (*attack)(void))
{
	struct failure f = { "" };
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (!enter(&f)) {
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

#define ATTACK(what)                                      \
	static void attack_##what(void)                   \
	{                                                 \
		CHECK_EQ(try(enter_backend, what), HELD); \
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

/* Programs of others', which have more freedom. Files are hidden by a root of its own, and processes by its uid: only root can have that made. */
static void program_is_held(void)
{
	static bool (*const attacks[])(void) = {
		connects, forks,        clones,   traces,         reads_another,
		mounts,   makes_a_ring, unshares, has_no_threads,
	};
	static bool (*const with_root[])(void) = { opens_ours, fills_its_root, kills, becomes_root,
		                                   has_an_above };

	for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++)
		CHECK_EQ(try(enter_program, attacks[i]), HELD);
	for (size_t i = 0; i < sizeof(with_root) / sizeof(with_root[0]) && geteuid() == 0; i++)
		CHECK_EQ(try(enter_program, with_root[i]), HELD);
}

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
          UNIT(attack_serves), UNIT(attack_thread_cannot_begin), UNIT(program_is_held),
          UNIT(without_a_sandbox))
