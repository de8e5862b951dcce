/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Namespaces, root, ids, capabilities, limits; then seccomp. */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define THREADS_MAX 64 /* with those that the kernel makes for the ring of requests, and those of a predecessor that is about to end */
#define FILES_MAX 128 /* descriptors: viewers of the screen come and go */

static bool gave_up(const char *what, struct failure *f)
{
	return fail(f, "backend: its privileges cannot be given up (%s): %s. Start it as root, on a kernel with "
	               "namespaces and seccomp", what, strerror(errno));
}

/* ---- an empty root ---- */

static void resolv_copy(const char *from)
{
	char text[4096];
	int in = open(from, O_RDONLY | O_CLOEXEC), out;
	ssize_t n = in < 0 ? -1 : read(in, text, sizeof(text));

	if (in >= 0)
		close(in);
	if (n <= 0 || mkdir("etc", 0755) != 0)
		return;
	out = open("etc/resolv.conf", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (out < 0)
		return;
	if (write(out, text, (size_t)n) != n)
		(void)ftruncate(out, 0);
	close(out);
}

/* A file system in memory with nothing in it, which is in no other process's view. The old root is put away where that is possible (an initramfs cannot be). */
static bool root_leave(const char *resolv, struct failure *f)
{
	static const char place[] = "/tmp";

	if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
		return gave_up("a view of files of its own", f);
	if (mount("none", place, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=16k,nr_inodes=8,mode=0555") != 0 ||
	    chdir(place) != 0)
		return gave_up("an empty root", f);
	if (resolv)
		resolv_copy(resolv);
	(void)mount(NULL, place, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC,
	            NULL);
	if (syscall(SYS_pivot_root, ".", ".") == 0)
		(void)umount2(".", MNT_DETACH);
	else if (chroot(".") != 0)
		return gave_up("an empty root", f);
	return chdir("/") == 0 || gave_up("an empty root", f);
}

/* ---- ids and capabilities ---- */

static bool ids_drop(uint32_t uid, struct failure *f)
{
	for (int i = 0; prctl(PR_CAPBSET_READ, i, 0, 0, 0) >= 0; i++)
		if (prctl(PR_CAPBSET_DROP, i, 0, 0, 0) != 0)
			return gave_up("capabilities", f);
	if (setgroups(0, NULL) != 0 || setresgid(uid, uid, uid) != 0 || setresuid(uid, uid, uid) != 0)
		return gave_up("an id of its own", f);
	return true;
}

static bool capabilities_clear(struct failure *f)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct none[2];

	memset(none, 0, sizeof(none));
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	return syscall(SYS_capset, &head, none) == 0 || gave_up("capabilities", f);
}

static bool limit_set(int what, rlim_t most, struct failure *f)
{
	struct rlimit r = { most, most };

	return setrlimit((__rlimit_resource_t)what, &r) == 0 || gave_up("limits", f);
}

static bool limits_set(struct failure *f)
{
	/* The kernel's own workers for io_uring count: with 0 every write that has to wait would fail. The list of system calls has no way to make others. */
	return limit_set(RLIMIT_NPROC, THREADS_MAX, f) && limit_set(RLIMIT_CORE, 0, f) &&
	       limit_set(RLIMIT_NOFILE, FILES_MAX, f);
}

bool sandbox_drop(uint32_t uid, bool keeps_network, const char *resolv, struct failure *f)
{
	if (geteuid() == 0) {
		/* A kernel need not have all kinds; without them the list of system calls stands alone. */
		(void)unshare(CLONE_NEWIPC);
		(void)unshare(CLONE_NEWUTS);
		if (!keeps_network)
			(void)unshare(CLONE_NEWNET);
		if (!root_leave(resolv, f) || !ids_drop(uid, f))
			return false;
	}
	if (!capabilities_clear(f) || !limits_set(f))
		return false;
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 || gave_up("no new privileges", f);
}

/* ---- system calls ---- */

/* Of which any arguments are harmless: they touch what is open. */
static const int allowed[] = {
	SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(readv), SCMP_SYS(writev), SCMP_SYS(pread64),
	SCMP_SYS(lseek), SCMP_SYS(ftruncate), SCMP_SYS(close), SCMP_SYS(fstat),
	SCMP_SYS(recvmsg), SCMP_SYS(recvfrom), SCMP_SYS(sendmsg), SCMP_SYS(sendto), SCMP_SYS(shutdown),
	SCMP_SYS(accept), SCMP_SYS(accept4), SCMP_SYS(getsockopt), SCMP_SYS(setsockopt),
	SCMP_SYS(getsockname), SCMP_SYS(getpeername), SCMP_SYS(dup),
	SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait), SCMP_SYS(epoll_ctl), SCMP_SYS(poll), SCMP_SYS(ppoll),
	SCMP_SYS(select), SCMP_SYS(pselect6),
	SCMP_SYS(io_uring_enter), SCMP_SYS(io_uring_register),
	SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(brk), SCMP_SYS(futex),
	SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(nanosleep),
	SCMP_SYS(clock_nanosleep), SCMP_SYS(restart_syscall), SCMP_SYS(getrandom),
	SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack),
	SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(getuid), SCMP_SYS(geteuid), SCMP_SYS(sched_yield),
	SCMP_SYS(exit), SCMP_SYS(exit_group),
	SCMP_SYS(rseq), SCMP_SYS(set_robust_list), /* the first that a thread does; libc ends the process if it may not */
};

/* What only an intruder wants: the process ends. All else fails with EPERM. */
static const int deadly[] = {
	SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(fork), SCMP_SYS(vfork), SCMP_SYS(ptrace),
	SCMP_SYS(process_vm_readv), SCMP_SYS(process_vm_writev), SCMP_SYS(unshare), SCMP_SYS(setns),
	SCMP_SYS(mount), SCMP_SYS(bpf), SCMP_SYS(init_module), SCMP_SYS(finit_module),
	SCMP_SYS(kexec_load), SCMP_SYS(userfaultfd), SCMP_SYS(perf_event_open), SCMP_SYS(io_uring_setup),
	SCMP_SYS(keyctl), SCMP_SYS(add_key), SCMP_SYS(pidfd_getfd), SCMP_SYS(personality),
};

static int allow(scmp_filter_ctx c, int call, unsigned nr, const struct scmp_arg_cmp *args)
{
	return seccomp_rule_add_array(c, SCMP_ACT_ALLOW, call, nr, args);
}

/* Memory that is not executable; locks and modes of open files; what is open, asked by its number. */
static int checked_add(scmp_filter_ctx c)
{
	static const int fcntls[] = { F_GETFL, F_SETFL, F_GETFD, F_SETFD, F_OFD_SETLK };
	const struct scmp_arg_cmp not_executable = SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
	const struct scmp_arg_cmp by_number = SCMP_A3(SCMP_CMP_MASKED_EQ, AT_EMPTY_PATH, AT_EMPTY_PATH);
	int err = allow(c, SCMP_SYS(mmap), 1, &not_executable);

	if (!err)
		err = allow(c, SCMP_SYS(mprotect), 1, &not_executable);
	if (!err)
		err = allow(c, SCMP_SYS(newfstatat), 1, &by_number);
	for (size_t i = 0; i < sizeof(fcntls) / sizeof(fcntls[0]) && !err; i++) {
		const struct scmp_arg_cmp is = SCMP_A1(SCMP_CMP_EQ, (scmp_datum_t)fcntls[i]);

		err = allow(c, SCMP_SYS(fcntl), 1, &is);
	}
	return err;
}

static int filter_fill(scmp_filter_ctx c, const struct link_place *place, const struct pv_place *pv)
{
	int err = checked_add(c);

	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]) && !err; i++)
		err = allow(c, allowed[i], 0, NULL);
	for (size_t i = 0; i < sizeof(deadly) / sizeof(deadly[0]) && !err; i++)
		err = seccomp_rule_add(c, SCMP_ACT_KILL_PROCESS, deadly[i], 0);
	if (!err && place)
		err = link_place_allow(place, c);
	if (!err && pv)
		err = pv_place_allow(pv, c);
	return err;
}

bool sandbox_enter(uint32_t uid, const struct link_place *place,
                   const struct pv_place *pv, bool (*start)(void *context, struct failure *f), void *context, struct failure *f)
{
	scmp_filter_ctx c;
	int err;

	if (!sandbox_drop(uid, false, NULL, f) || !start(context, f))
		return false;
	c = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	if (!c)
		return gave_up("system calls", f);
	err = seccomp_attr_set(c, SCMP_FLTATR_CTL_TSYNC, 1);
	if (!err)
		err = filter_fill(c, place, pv);
	if (!err)
		err = seccomp_load(c);
	seccomp_release(c);
	errno = -err;
	return !err || gave_up("system calls", f);
}
