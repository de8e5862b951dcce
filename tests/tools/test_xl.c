/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands of xl on a hypervisor and a store in memory: what they change, what they print, what they refuse. */
#include "unit.h"

#include "cmd.h"
#include "hypervisor_fake.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/procfs.h>
#include <sys/user.h>
#include <time.h>
#include <unistd.h>

#include <xen/sched.h>

static struct xl x;
static char *out, *err;

/* Whoever waits for a guest does not wait here. */
int nanosleep(const struct timespec *t, struct timespec *left)
{
	return 0;
}

static bool run(const char *line)
{
	FILE *stdout_before = stdout, *stderr_before = stderr;
	char words[200], *argv[16] = { NULL };
	size_t out_size, err_size;
	int argc = 0;
	bool done;

	snprintf(words, sizeof(words), "%s", line);
	for (char *w = strtok(words, " "); w; w = strtok(NULL, " "))
		argv[argc++] = w;
	free(out);
	free(err);
	memset(&x, 0, sizeof(x));
	stdout = open_memstream(&out, &out_size);
	stderr = open_memstream(&err, &err_size);
	optind = 0;
	done = command_find(argv[0]) ? command_find(argv[0])->run(&x, argc, argv)
	                             : command_missing(&x, argv[0]);
	fclose(stdout);
	fclose(stderr);
	stdout = stdout_before;
	stderr = stderr_before;
	return done;
}

static bool says(const char *text)
{
	return strstr(out, text) || strstr(err, text) || strstr(x.failure.text, text);
}

static bool node_is(const char *path, const char *value)
{
	const char *v = fake_store_value(path);

	return v && strcmp(v, value) == 0;
}

/* A guest with a balloon driver, and a kernel that takes vcpus in and out. */
static void obedient(uint32_t domid)
{
	unsigned n = 0;
	char path[64];

	if (domid != 1)
		return;
	fake_guests[1].pages =
		strtoull(fake_store_value("/local/domain/1/memory/target"), NULL, 10) / 4;
	for (unsigned i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), "/local/domain/1/cpu/%u/availability", i);
		n += node_is(path, "online");
	}
	if (n)
		fake_guests[1].vcpus = n;
}

/* ---- memory ---- */

static void mem_set(void)
{
	fake_world();
	fake_on_look = obedient;
	CHECK(run("mem-set win 768"));
	CHECK(node_is("/local/domain/1/memory/target", "786432"));
	CHECK(fake_guests[1].max_kib >= 786432 && fake_guests[1].max_kib < 786432 + 32768);
	CHECK(!says("followed"));
	CHECK(run("mem-set win 1g"));
	CHECK(node_is("/local/domain/1/memory/target", "1048576"));
	CHECK(run("mem-set 1 300000k"));
	CHECK(node_is("/local/domain/1/memory/target", "300000"));
	CHECK(!run("mem-set win 1025"));
	CHECK(says("maxmem="));
	CHECK(node_is("/local/domain/1/memory/target", "300000"));
	CHECK(!run("mem-set win 12x"));
	CHECK(!run("mem-set win -5"));
	CHECK(!run("mem-set win 1"));
	CHECK(!run("mem-set none 512"));
	CHECK(!run("mem-set win"));
	CHECK(says("usage: xl mem-set"));
}

static void mem_set_is_not_followed(void)
{
	fake_world();
	CHECK(run("mem-set win 256"));
	CHECK(node_is("/local/domain/1/memory/target", "262144"));
	CHECK(says("its target is 256 MiB, but it has 512 MiB"));
}

static void mem_set_of_the_control_domain(void)
{
	uint64_t limit;

	fake_world();
	limit = fake_guests[0].max_kib;
	CHECK(run("mem-set 0 256"));
	CHECK(node_is("/local/domain/0/memory/target", "262144"));
	CHECK_EQ(fake_guests[0].max_kib, limit);
	CHECK(!run("mem-max 0 256"));
	CHECK(says("dom0_mem"));
}

static void mem_max(void)
{
	fake_world();
	CHECK(run("mem-max win 600"));
	CHECK(fake_guests[1].max_kib >= 600 * 1024);
	CHECK(!run("mem-max win 500"));
	CHECK(says("xl mem-set win"));
}

/* ---- vcpus and shares ---- */

static void vcpu_set(void)
{
	fake_world();
	fake_on_look = obedient;
	CHECK(run("vcpu-set win 1"));
	CHECK(node_is("/local/domain/1/cpu/0/availability", "online"));
	CHECK(node_is("/local/domain/1/cpu/1/availability", "offline"));
	CHECK(node_is("/local/domain/1/cpu/3/availability", "offline"));
	CHECK(!says("followed"));
	CHECK(!run("vcpu-set win 5"));
	CHECK(says("maxvcpus="));
	CHECK(!run("vcpu-set win 0"));
	CHECK(!run("vcpu-set win 4")); /* the machine has 2 */
	CHECK(run("vcpu-set -i win 4"));
	CHECK(node_is("/local/domain/1/cpu/3/availability", "online"));
	fake_on_look = NULL;
	CHECK(run("vcpu-set win 2"));
	CHECK(says("asked for 2 vcpus and uses 4"));
}

static void shares(void)
{
	fake_world();
	CHECK(run("sched-credit2"));
	CHECK(says("Cpupool Pool-0: ratelimit="));
	CHECK(says("win                                  1    256    0\n"));
	CHECK(run("sched-credit2 -d win -w 512 -c 50"));
	CHECK_EQ(fake_guests[1].weight, 512);
	CHECK_EQ(fake_guests[1].cap, 50);
	CHECK(run("sched-credit2 -d win -w 100"));
	CHECK_EQ(fake_guests[1].cap, 50);
	CHECK(run("sched-credit2 -d win"));
	CHECK(says("100   50"));
	CHECK(!run("sched-credit2 -d win -w 0"));
	CHECK_EQ(fake_guests[1].weight, 100);
	CHECK(!run("sched-credit2 -d win -w 70000"));
	CHECK(!run("sched-credit2 -w 5"));
	CHECK(run("sched-credit2 -s -r 500"));
	CHECK(run("sched-credit2 -s"));
	CHECK(says("ratelimit=500us"));
	CHECK(!run("sched-credit2 -p 7"));
	CHECK(!run("sched-credit -d win -w 512"));
	CHECK(says("xl sched-credit2"));
}

/* ---- looking ---- */

static void top(void)
{
	fake_world();
	CHECK(run("top -b -i 1 -d 1"));
	CHECK(says("NAME"));
	CHECK(says("win"));
	CHECK(says("no limit"));
	CHECK(run("top --json"));
	CHECK(says("\"name\": \"win\""));
	CHECK(says("\"memory_kib\": 524288"));
	CHECK(!run("top -d x"));
	CHECK(!run("top win"));
}

static void list(void)
{
	fake_world();
	CHECK(run("list"));
	CHECK(says(
		"Name                                        ID   Mem VCPUs\tState    Time(s)\n"));
	CHECK(says(
		"win                                          1   512     2     ------      12.3\n"));
	CHECK(says("Domain-0"));
	CHECK(run("list win win"));
	CHECK(!says("Domain-0"));
	CHECK(!run("list win none"));
	CHECK(run("list -v"));
	CHECK(says("Reason-Code"));
	CHECK(run("list --json win"));
	CHECK(says("\"name\": \"win\""));
}

static void devices(void)
{
	static const char *const rows[][2] = {
		{ "vbd/51712/backend", "/local/domain/0/backend/vbd/1/51712" },
		{ "vbd/51712/backend-id", "0" },
		{ "vbd/51712/state", "4" },
		{ "vbd/51712/event-channel", "11" },
		{ "vbd/51712/ring-ref", "8" },
		{ "vif/0/backend", "/local/domain/0/backend/vif/1/0" },
		{ "vif/0/mac", "00:16:3e:01:02:03" },
		{ "vif/0/state", "4" },
		{ "vif/0/handle", "0" },
		{ "vif/0/tx-ring-ref", "768" },
		{ "vif/0/rx-ring-ref", "769" },
	};

	fake_world();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		CHECK(store_write(NULL, rows[i][1], "/local/domain/1/device/%s", rows[i][0]));
	CHECK(run("block-list win"));
	CHECK(says("Vdev  BE  handle state evt-ch ring-ref BE-path"));
	CHECK(says("51712 0   1      4     11     8        /local/domain/0/backend/vbd/1/51712"));
	CHECK(run("network-list win"));
	CHECK(says("Idx BE Mac Addr.         handle state evt-ch   tx-/rx-ring-ref BE-path"));
	CHECK(says("00:16:3e:01:02:03 0      4"));
	CHECK(says("768/769"));
	CHECK(!run("block-list"));
}

static void why(void)
{
	struct domain_history *h = &fake_guests[1].history;

	fake_world();
	fake_guests[1].flags |= XEN_DOMINF_shutdown | SHUTDOWN_crash << XEN_DOMINF_shutdownshift;
	fake_guests[1].registers = (struct core_vcpu){ .rip = 0xffffffff81000000 };
	*h = (struct domain_history){ .now_ns = 9000000000,
		                      .ended_ns = 5000000000,
		                      .why = "vcpu 0: page tables where no memory is",
		                      .ended_vcpu = 0,
		                      .nr_records = 3 };
	h->records[0] = (struct history_record){ .rip = 0x100,
		                                 .kind = HISTORY_PORT,
		                                 .address = 0x1f7,
		                                 .value = 0x12ec,
		                                 .size = 1,
		                                 .is_write = 1,
		                                 .count = 1 };
	h->records[1] = (struct history_record){
		.rip = 0x104, .kind = HISTORY_MEMORY, .address = 0xfee00020, .count = 7
	};
	h->records[2] = (struct history_record){
		.rip = 0x108, .kind = HISTORY_RAISED, .address = 14, .count = 1
	};
	CHECK(run("why win"));
	CHECK(says("win (domain 1) has crashed, 4.0 s ago"));
	CHECK(says("cause: vcpu 0: page tables where no memory is"));
	CHECK(says("vcpu 0, which ended it"));
	CHECK(says("port 0x1f7 written, 0xec (primary IDE channel)"));
	CHECK(says("last I/O: memory 0xfee00020 read (local APIC), at 0x104"));
	CHECK(says("7 times in a row"));
	CHECK(says("page fault"));
	CHECK(says("0xffffffff81000000"));
	CHECK(!run("why nobody"));
	CHECK(!run("why ../etc/passwd"));
	CHECK(!run("why Domain-0"));
}

/* ---- dump-core ---- */

static void *file_read(const char *path, size_t *size)
{
	FILE *f = fopen(path, "re");
	void *bytes;

	CHECK(f);
	CHECK_EQ(fseek(f, 0, SEEK_END), 0);
	*size = (size_t)ftell(f);
	rewind(f);
	bytes = malloc(*size);
	CHECK_EQ(fread(bytes, 1, *size, f), *size);
	fclose(f);
	return bytes;
}

static void dump_core(void)
{
	char path[] = "/tmp/zazen-core-XXXXXX", line[100];
	const Elf64_Phdr *p;
	const Elf64_Nhdr *n;
	const Elf64_Ehdr *e;
	struct user_regs_struct r;
	const uint8_t *at;
	uint8_t *bytes;
	size_t size;
	int fd = mkstemp(path);

	fake_world();
	close(fd);
	for (unsigned i = 0; i < 10; i++)
		fake_guests[1].has_page[i] = i != 5;
	fake_guests[1].has_page[FAKE_PAGES - 1] = true;
	memset(fake_guests[1].memory[6], 0xaa, 4096);
	memset(fake_guests[1].memory[FAKE_PAGES - 1], 0xbb, 4096);
	fake_guests[1].registers =
		(struct core_vcpu){ .rip = 0x7c00, .rsp = 0x7000, .cr3 = 0x1000 };
	snprintf(line, sizeof(line), "dump-core win %s", path);
	CHECK(run(line));
	CHECK_EQ(fake_guests[1].pauses, 0);
	bytes = file_read(path, &size);
	e = (const Elf64_Ehdr *)bytes;
	p = (const Elf64_Phdr *)(bytes + e->e_phoff);
	CHECK_EQ(memcmp(e->e_ident, ELFMAG, SELFMAG), 0);
	CHECK_EQ(e->e_type, ET_CORE);
	CHECK_EQ(e->e_phnum, 4); /* notes, 0-4, 6-9, 63 */
	CHECK_EQ(p[0].p_type, PT_NOTE);
	CHECK_EQ(p[1].p_paddr, 0);
	CHECK_EQ(p[1].p_filesz, 5 * 4096);
	CHECK_EQ(p[1].p_align, 0);
	CHECK_EQ(p[2].p_paddr, 6 * 4096);
	CHECK_EQ(bytes[p[2].p_offset], 0xaa);
	CHECK_EQ(bytes[p[2].p_offset + 4096], 0);
	CHECK_EQ(bytes[p[3].p_offset + 4095], 0xbb);
	CHECK_EQ(size, p[3].p_offset + 4096);
	n = (const Elf64_Nhdr *)(bytes + p[0].p_offset);
	CHECK_EQ(n->n_type, NT_PRSTATUS);
	CHECK_EQ(n->n_descsz, sizeof(struct elf_prstatus));
	at = (const uint8_t *)(n + 1) + 8;
	memcpy(&r, at + offsetof(struct elf_prstatus, pr_reg), sizeof(r));
	CHECK_EQ(r.rip, 0x7c00);
	CHECK_EQ(r.rsp, 0x7000);
	n = (const Elf64_Nhdr *)(at + sizeof(struct elf_prstatus));
	CHECK_EQ(memcmp(n + 1, "QEMU", 5), 0);
	free(bytes);
	CHECK(!run("dump-core win /nowhere/core"));
	CHECK(says("/nowhere/core"));
	CHECK_EQ(fake_guests[1].pauses, 0);
	CHECK(!run("dump-core 0 /tmp/x"));
	remove(path);
}

static bool nothing_read(void *context, uint64_t gfn, size_t pages, void *to)
{
	memset(to, 0, pages * 4096);
	return true;
}

/* More pieces than a file can name: the smallest gaps close. */
static void many_ranges(void)
{
	static struct core_range ranges[200000];
	char path[] = "/tmp/zazen-core-XXXXXX";
	struct core_plan p = { .ranges = ranges, .nr_ranges = 200000, .read = nothing_read };
	int fd = mkstemp(path);
	uint64_t gfn = 0;

	for (size_t i = 0; i < p.nr_ranges; i++) {
		ranges[i] = (struct core_range){ gfn, 1 };
		gfn += 2 + (i % 4) * 4;
	}
	CHECK(core_file_write(fd, &p));
	CHECK(p.nr_ranges <= 60000);
	CHECK_EQ(ranges[0].gfn, 0);
	close(fd);
	remove(path);
}

/* A CD as disk= would name it. (Nobody keeps this guest: that is what is said then.) */
static void media(void)
{
	fake_world();
	CHECK(!run("cd-insert win hdc /nowhere.iso"));
	CHECK(says("/nowhere.iso: No such file or directory. Say the path"));
	CHECK(!run("cd-insert win hdc file:/nowhere.iso"));
	CHECK(says("file:/nowhere.iso: No such file or directory. Say the path"));
	CHECK(!run("cd-insert win hdc file:/etc/hostname"));
	CHECK(!says("Say the path"));
	CHECK(!run("cd-insert win hdc phy:null"));
	CHECK(!says("Say the path"));
}

/* What cannot be done with the control domain is not said to be possible. */
static void control_domain(void)
{
	fake_world();
	CHECK(!run("pause Domain-0") && says("nobody could let it go on"));
	CHECK(!run("shutdown Domain-0") && says("shut it down from within"));
	CHECK(!says("destroy"));
	CHECK(!run("reboot 0") && says("shut it down from within"));
	CHECK(!run("console Domain-0") && says("its console is the machine's"));
	CHECK(!run("console -e abc win") && says("abc: what leaves the console"));
}

static void vm_list(void)
{
	fake_world();
	CHECK(run("vm-list"));
	CHECK(says("UUID                                  ID    name\n"
	           "00000000-0000-0000-0000-000000000000  0     Domain-0\n"
	           "00000000-0000-0000-0000-000000000000  1     win\n"));
	CHECK(!run("vm-list win"));
}

/* ---- pools of CPUs ---- */

static void pools(void)
{
	fake_world();
	CHECK(run("cpupool-list"));
	CHECK(says(
		"Name               CPUs   Sched     Active   Domain count\nPool-0               2   credit2       y          2\n"));
	/* no CPU is free */
	CHECK(!run("cpupool-create name=guests"));
	CHECK(says("no CPU is free for a pool: xl cpupool-cpu-remove Pool-0 CPU"));
	CHECK(!run("cpupool-cpu-add Pool-0 1"));
	CHECK(says("CPU 1 does not come into Pool-0: "));
	CHECK(run("cpupool-cpu-remove Pool-0 1"));
	CHECK(!run("cpupool-cpu-remove Pool-0 all"));
	CHECK(says("A pool with domains keeps one"));
	CHECK(!run("cpupool-cpu-remove Pool-0 7"));
	CHECK(!run("cpupool-cpu-remove Pool-0 x"));
	CHECK(says("like 0-3,^2, or all"));
	CHECK(run("cpupool-create name=guests"));
	CHECK(says("cpupool name:   guests\nscheduler:      credit2\nnumber of cpus: 1\n"));
	CHECK(node_is("/local/pool/1/name", "guests"));
	CHECK(run("cpupool-list -c"));
	CHECK(says("Name               CPU list\nPool-0             0\nguests             1\n"));
	CHECK(run("cpupool-list guests") && says("guests               1 "));
	CHECK(!run("cpupool-list nobody") && says("xl cpupool-list shows all"));
	CHECK(!run("cpupool-create name=guests") && says("pool 1 has the name guests already"));
	CHECK(!run("cpupool-create name=7") && says("no number"));
	CHECK(!run("cpupool-create name=x sched=rtds") && says("credit2 only"));
	CHECK(!run("cpupool-create /nowhere/pool.cfg") && says("/nowhere/pool.cfg: No such file"));
	CHECK(run("cpupool-migrate win guests"));
	CHECK_EQ(fake_guests[1].pool, 1);
	CHECK(!run("cpupool-migrate Domain-0 guests") &&
	      says("the control domain stays in the first one"));
	CHECK(!run("cpupool-destroy guests") && says("guests has 1 domains: xl cpupool-migrate"));
	CHECK(run("cpupool-rename guests zwei") && run("cpupool-migrate win 0") &&
	      run("cpupool-destroy zwei"));
	CHECK(!fake_store_value("/local/pool/1/name"));
	CHECK(run("cpupool-cpu-add Pool-0 all"));
	CHECK(run("cpupool-list -c") && says("Pool-0             0-1\n"));
}

/* Without hypervisor calls for it in this world: what is said of words. */
static void pins(void)
{
	fake_world();
	CHECK(!run("vcpu-pin win 9 1") && says("win has no vcpu 9: its last one is "));
	CHECK(!run("vcpu-pin win 0 x") && says("like 0-3,^2, or all"));
	CHECK(!run("vcpu-pin win 0") && says("usage: xl vcpu-pin"));
	CHECK(run("vcpu-pin win 0 - -"));
}

/* ---- what is not there ---- */

static void absent_commands(void)
{
	fake_world();
	CHECK(!run("migrate win there"));
	CHECK(says("xl migrate is not there yet. Instead: "));
	CHECK(!run("save win file"));
	CHECK(says("is not there yet"));
	CHECK(!run("block-attach win x"));
	CHECK(says("xl cd-insert"));
	CHECK(!run("frobnicate"));
	CHECK(says("xl has no command frobnicate: xl help shows all"));
	CHECK(!run("lsit"));
	CHECK(says("xl has no command lsit; did you mean list: xl help shows all"));
	CHECK(!run("vkb-attach win"));
	CHECK(says("xl vkb-attach is not there yet. Instead: "));
	CHECK(run("help dump-core"));
	CHECK(says("xl dump-core DOMAIN FILE"));
	CHECK(!run("help save"));
	CHECK(says("not there yet"));
}

/* sdl=1 and xl window without a desktop: what is missing, and what to say instead. */
static void no_desktop(void)
{
	fake_world();
	unsetenv("DISPLAY");
	unsetenv("WAYLAND_DISPLAY");
	unsetenv("SDL_VIDEODRIVER");
	CHECK(!run("window win"));
	CHECK(says("there is no desktop here (neither DISPLAY nor WAYLAND_DISPLAY is set)"));
	CHECK(says("xl vncviewer win"));
	CHECK(!run("window"));
	CHECK(!window_is_possible());
	setenv("WAYLAND_DISPLAY", "wayland-0", 1);
	CHECK(window_is_possible());
	CHECK(!run("window win"));
	CHECK(says("has no keeper"));
	unsetenv("WAYLAND_DISPLAY");
}

UNIT_MAIN(UNIT(mem_set), UNIT(mem_set_is_not_followed), UNIT(mem_set_of_the_control_domain),
          UNIT(mem_max), UNIT(vcpu_set), UNIT(shares), UNIT(top), UNIT(list), UNIT(devices),
          UNIT(why), UNIT(dump_core), UNIT(many_ranges), UNIT(media), UNIT(control_domain),
          UNIT(vm_list), UNIT(pools), UNIT(pins), UNIT(absent_commands), UNIT(no_desktop))
