/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Namespaces, ids, capabilities, limits; then seccomp. */
#include "sandbox.h"

#include "sandbox_root.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define THREADS_MAX \
	64 /* with those that the kernel makes for the ring of requests, and those of a predecessor that is about to end */
#define HELPER_THREADS 512 /* a program that cannot make one more ends */
#define FILES_MAX      128 /* descriptors: viewers of the screen come and go */

static bool gave_up(const char *what, struct failure *f)
{
	return fail(
		f,
		"backend: its privileges cannot be given up (%s): %s. Start it as root, on a kernel with "
		"namespaces and seccomp",
		what, strerror(errno));
}

/* ---- ids and capabilities ---- */

/* Whose root has files in it opens them whoever owns them. */
static bool is_kept(const struct sandbox_wish *w, int capability)
{
	return w->nr_files && capability == CAP_DAC_OVERRIDE;
}

static bool ids_drop(const struct sandbox_wish *w, struct failure *f)
{
	uint32_t uid = w->uid;

	for (int i = 0; prctl(PR_CAPBSET_READ, i, 0, 0, 0) >= 0; i++)
		if (!is_kept(w, i) && prctl(PR_CAPBSET_DROP, i, 0, 0, 0) != 0)
			return gave_up("capabilities", f);
	(void)prctl(PR_SET_KEEPCAPS, w->nr_files != 0, 0, 0, 0);
	if (setgroups(0, NULL) != 0 || setresgid(uid, uid, uid) != 0 ||
	    setresuid(uid, uid, uid) != 0)
		return gave_up("an id of its own", f);
	return true;
}

static bool capabilities_clear(const struct sandbox_wish *w, bool is_root, struct failure *f)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct rest[2];

	memset(rest, 0, sizeof(rest));
	if (is_root && is_kept(w, CAP_DAC_OVERRIDE))
		rest[0].effective = rest[0].permitted = rest[0].inheritable = 1u
		                                                              << CAP_DAC_OVERRIDE;
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	if (syscall(SYS_capset, &head, rest) != 0)
		return gave_up("capabilities", f);
	/* A program that is executed has it, too. */
	return !rest[0].effective ||
	       prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0) == 0 ||
	       gave_up("capabilities", f);
}

static bool limit_set(int what, rlim_t most, struct failure *f)
{
	struct rlimit r = { most, most };

	return setrlimit((__rlimit_resource_t)what, &r) == 0 || gave_up("limits", f);
}

static bool limits_set(rlim_t threads, struct failure *f)
{
	/* The kernel's own workers for io_uring count: with 0 every write that has to wait would fail. The list of system calls has no way to make others. */
	return limit_set(RLIMIT_NPROC, threads, f) && limit_set(RLIMIT_CORE, 0, f) &&
	       limit_set(RLIMIT_NOFILE, FILES_MAX, f);
}

bool sandbox_drop(const struct sandbox_wish *w, struct failure *f)
{
	bool is_root = geteuid() == 0;
	const char *what;

	if (is_root) {
		/* A kernel need not have all kinds; without them the list of system calls stands alone. */
		(void)unshare(CLONE_NEWIPC);
		(void)unshare(CLONE_NEWUTS);
		if (!w->keeps_network)
			(void)unshare(CLONE_NEWNET);
		if (!sandbox_root_enter(w, &what))
			return gave_up(what, f);
		if (!ids_drop(w, f))
			return false;
	}
	if (!capabilities_clear(w, is_root, f) ||
	    !limits_set(w->nr_files ? HELPER_THREADS : THREADS_MAX, f))
		return false;
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 || gave_up("no new privileges", f);
}

/* ---- system calls ---- */

/* Of which any arguments are harmless: they touch what is open. */
static const int allowed[] = {
	SCMP_SYS(read),
	SCMP_SYS(write),
	SCMP_SYS(readv),
	SCMP_SYS(writev),
	SCMP_SYS(pread64),
	SCMP_SYS(lseek),
	SCMP_SYS(ftruncate),
	SCMP_SYS(close),
	SCMP_SYS(fstat),
	SCMP_SYS(recvmsg),
	SCMP_SYS(recvfrom),
	SCMP_SYS(sendmsg),
	SCMP_SYS(sendto),
	SCMP_SYS(shutdown),
	SCMP_SYS(accept),
	SCMP_SYS(accept4),
	SCMP_SYS(getsockopt),
	SCMP_SYS(setsockopt),
	SCMP_SYS(getsockname),
	SCMP_SYS(getpeername),
	SCMP_SYS(dup),
	SCMP_SYS(epoll_wait),
	SCMP_SYS(epoll_pwait),
	SCMP_SYS(epoll_ctl),
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(select),
	SCMP_SYS(pselect6),
	SCMP_SYS(io_uring_enter),
	SCMP_SYS(io_uring_register),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(madvise),
	SCMP_SYS(brk),
	SCMP_SYS(futex),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(time),
	SCMP_SYS(nanosleep),
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(getrandom),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(sigaltstack),
	SCMP_SYS(getpid),
	SCMP_SYS(gettid),
	SCMP_SYS(getuid),
	SCMP_SYS(geteuid),
	SCMP_SYS(sched_yield),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
	SCMP_SYS(rseq),
	SCMP_SYS(
		set_robust_list), /* the first that a thread does; libc ends the process if it may not */
};

/* What only an intruder wants: the process ends. All else fails with EPERM. */
static const int deadly[] = {
	SCMP_SYS(execve),
	SCMP_SYS(execveat),
	SCMP_SYS(fork),
	SCMP_SYS(vfork),
	SCMP_SYS(ptrace),
	SCMP_SYS(process_vm_readv),
	SCMP_SYS(process_vm_writev),
	SCMP_SYS(unshare),
	SCMP_SYS(setns),
	SCMP_SYS(mount),
	SCMP_SYS(bpf),
	SCMP_SYS(init_module),
	SCMP_SYS(finit_module),
	SCMP_SYS(kexec_load),
	SCMP_SYS(userfaultfd),
	SCMP_SYS(perf_event_open),
	SCMP_SYS(io_uring_setup),
	SCMP_SYS(keyctl),
	SCMP_SYS(add_key),
	SCMP_SYS(pidfd_getfd),
	SCMP_SYS(personality),
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
	const struct scmp_arg_cmp by_number =
		SCMP_A3(SCMP_CMP_MASKED_EQ, AT_EMPTY_PATH, AT_EMPTY_PATH);
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

bool sandbox_enter(uint32_t uid, const struct link_place *place, const struct pv_place *pv,
                   bool (*start)(void *context, struct failure *f), void *context,
                   struct failure *f)
{
	const struct sandbox_wish w = { .uid = uid };
	scmp_filter_ctx c;
	int err;

	if (!sandbox_drop(&w, f) || !start(context, f))
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

/* ---- a program of others' ---- */

/* Its own list would change with each of its versions: here is what no server of an image needs. kill() and the like reach those of its uid only: itself. */
static const int denied[] = {
	SCMP_SYS(socket),
	SCMP_SYS(connect),
	SCMP_SYS(bind),
	SCMP_SYS(fork),
	SCMP_SYS(vfork),
	SCMP_SYS(ptrace),
	SCMP_SYS(process_vm_readv),
	SCMP_SYS(process_vm_writev),
	SCMP_SYS(pidfd_getfd),
	SCMP_SYS(unshare),
	SCMP_SYS(setns),
	SCMP_SYS(mount),
	SCMP_SYS(umount2),
	SCMP_SYS(pivot_root),
	SCMP_SYS(chroot),
	SCMP_SYS(open_tree),
	SCMP_SYS(move_mount),
	SCMP_SYS(fsopen),
	SCMP_SYS(open_by_handle_at),
	SCMP_SYS(mknod),
	SCMP_SYS(mknodat),
	SCMP_SYS(bpf),
	SCMP_SYS(perf_event_open),
	SCMP_SYS(userfaultfd),
	SCMP_SYS(io_uring_setup),
	SCMP_SYS(keyctl),
	SCMP_SYS(add_key),
	SCMP_SYS(request_key),
	SCMP_SYS(init_module),
	SCMP_SYS(finit_module),
	SCMP_SYS(delete_module),
	SCMP_SYS(kexec_load),
	SCMP_SYS(kexec_file_load),
	SCMP_SYS(reboot),
	SCMP_SYS(swapon),
	SCMP_SYS(swapoff),
	SCMP_SYS(syslog),
	SCMP_SYS(personality),
	SCMP_SYS(acct),
	SCMP_SYS(quotactl),
	SCMP_SYS(settimeofday),
	SCMP_SYS(clock_settime),
	SCMP_SYS(adjtimex),
	SCMP_SYS(iopl),
	SCMP_SYS(ioperm),
};

/* It makes threads, no processes, which might have users, and so rights, of their own. The arguments of clone3() cannot be looked at: without it libc takes clone(). */
static int threads_only(scmp_filter_ctx c)
{
	const struct scmp_arg_cmp no_thread = SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0);
	int err = seccomp_rule_add_array(c, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1, &no_thread);

	return err ? err : seccomp_rule_add(c, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
}

bool sandbox_program(const struct sandbox_wish *w, struct failure *f)
{
	scmp_filter_ctx c;
	int err;

	if (!sandbox_drop(w, f))
		return false;
	c = seccomp_init(SCMP_ACT_ALLOW);
	if (!c)
		return gave_up("system calls", f);
	err = threads_only(c);
	for (size_t i = 0; i < sizeof(denied) / sizeof(denied[0]) && !err; i++)
		err = seccomp_rule_add(c, SCMP_ACT_ERRNO(EPERM), denied[i], 0);
	if (!err)
		err = seccomp_load(c);
	seccomp_release(c);
	errno = -err;
	return !err || gave_up("system calls", f);
}
