/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ELF core files of guests. */
#include "core_file.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/procfs.h>
#include <sys/user.h>
#include <unistd.h>

#define PAGE        4096ull
#define LOADS_MAX   60000u /* e_phnum has 16 bits, and its last values mean something else */
#define QEMU_FORMAT 1u

/* ---- notes ---- */

/* What a note "QEMU" of type 0 has: a format of its own for the state of a processor. */
struct qemu_segment {
	uint32_t selector, limit, flags, zero;
	uint64_t base;
};
struct qemu_note {
	uint32_t version, size;
	uint64_t rax, rbx, rcx, rdx, rsi, rdi, rsp, rbp, r8, r9, r10, r11, r12, r13, r14, r15;
	uint64_t rip, rflags;
	struct qemu_segment cs, ds, es, fs, gs, ss, ldt, tr, gdt, idt;
	uint64_t cr[5];
	uint64_t kernel_gs_base;
};
_Static_assert(sizeof(struct qemu_note) == 8 + 18 * 8 + 10 * 24 + 6 * 8, "as its readers know it");

/* Notes stand on words, not on 64 bits. */
struct note_of_vcpu {
	Elf64_Nhdr status_head;
	char status_name[8]; /* "CORE", filled up */
	uint8_t status[sizeof(struct elf_prstatus)];
	Elf64_Nhdr state_head;
	char state_name[8]; /* "QEMU" */
	uint8_t state[sizeof(struct qemu_note)];
};
_Static_assert(sizeof(struct note_of_vcpu) ==
                       2 * 20 + sizeof(struct elf_prstatus) + sizeof(struct qemu_note),
               "no gaps");
_Static_assert(sizeof(struct elf_prstatus) % 4 == 0 && sizeof(struct qemu_note) % 4 == 0,
               "notes are filled up to words");

static struct qemu_segment segment(const struct core_segment *s)
{
	/* Present bits, type and so on stand eight bits higher there, as in a descriptor's second word. */
	return (struct qemu_segment){ s->selector, s->limit, s->attributes << 8, 0, s->base };
}

static void state_fill(struct qemu_note *n, const struct core_vcpu *v)
{
	*n = (struct qemu_note){
		.version = QEMU_FORMAT,
		.size = sizeof(*n),
		.rax = v->rax,
		.rbx = v->rbx,
		.rcx = v->rcx,
		.rdx = v->rdx,
		.rsi = v->rsi,
		.rdi = v->rdi,
		.rsp = v->rsp,
		.rbp = v->rbp,
		.r8 = v->r8,
		.r9 = v->r9,
		.r10 = v->r10,
		.r11 = v->r11,
		.r12 = v->r12,
		.r13 = v->r13,
		.r14 = v->r14,
		.r15 = v->r15,
		.rip = v->rip,
		.rflags = v->rflags,
		.cs = segment(&v->cs),
		.ds = segment(&v->ds),
		.es = segment(&v->es),
		.fs = segment(&v->fs),
		.gs = segment(&v->gs),
		.ss = segment(&v->ss),
		.ldt = segment(&v->ldt),
		.tr = segment(&v->tr),
		.gdt = segment(&v->gdt),
		.idt = segment(&v->idt),
		.cr = { v->cr0, 0, v->cr2, v->cr3, v->cr4 },
		.kernel_gs_base = v->kernel_gs_base,
	};
}

static void status_fill(struct elf_prstatus *s, const struct core_vcpu *v, size_t number)
{
	const struct user_regs_struct r = {
		.r15 = v->r15,
		.r14 = v->r14,
		.r13 = v->r13,
		.r12 = v->r12,
		.rbp = v->rbp,
		.rbx = v->rbx,
		.r11 = v->r11,
		.r10 = v->r10,
		.r9 = v->r9,
		.r8 = v->r8,
		.rax = v->rax,
		.rcx = v->rcx,
		.rdx = v->rdx,
		.rsi = v->rsi,
		.rdi = v->rdi,
		.orig_rax = ~0ull, /* in no system call */
		.rip = v->rip,
		.cs = v->cs.selector,
		.eflags = v->rflags,
		.rsp = v->rsp,
		.ss = v->ss.selector,
		.fs_base = v->fs.base,
		.gs_base = v->gs.base,
		.ds = v->ds.selector,
		.es = v->es.selector,
		.fs = v->fs.selector,
		.gs = v->gs.selector,
	};

	_Static_assert(sizeof(r) == sizeof(s->pr_reg), "all registers");
	memset(s, 0, sizeof(*s));
	s->pr_pid = (int)number + 1; /* gdb's threads are told apart by it */
	memcpy(&s->pr_reg, &r, sizeof(r));
}

static void note_fill(struct note_of_vcpu *n, const struct core_vcpu *v, size_t number)
{
	struct elf_prstatus status;
	struct qemu_note state;

	memset(n, 0, sizeof(*n));
	n->status_head = (Elf64_Nhdr){ 5, sizeof(n->status), NT_PRSTATUS };
	memcpy(n->status_name, "CORE", 5);
	status_fill(&status, v, number);
	memcpy(n->status, &status, sizeof(status));
	n->state_head = (Elf64_Nhdr){ 5, sizeof(n->state), 0 };
	memcpy(n->state_name, "QEMU", 5);
	state_fill(&state, v);
	memcpy(n->state, &state, sizeof(state));
}

/* ---- ranges ---- */

/* The smallest gaps close until there are few enough; they are read as holes. */
static void ranges_join(struct core_plan *p)
{
	for (uint64_t gap = 1; p->nr_ranges > LOADS_MAX; gap *= 2) {
		size_t last = 0;

		for (size_t i = 1; i < p->nr_ranges; i++) {
			struct core_range *l = &p->ranges[last];
			const struct core_range *r = &p->ranges[i];

			if (r->gfn - (l->gfn + l->pages) <= gap)
				l->pages = r->gfn + r->pages - l->gfn;
			else
				p->ranges[++last] = *r;
		}
		p->nr_ranges = last + 1;
	}
}

/* ---- the file ---- */

static bool put(int fd, const void *bytes, size_t n, uint64_t at)
{
	while (n) {
		ssize_t done = pwrite(fd, bytes, n, (off_t)at);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		bytes = (const char *)bytes + done;
		at += (uint64_t)done;
		n -= (size_t)done;
	}
	return true;
}

static bool is_zero(const uint8_t *page)
{
	return !page[0] && memcmp(page, page + 1, PAGE - 1) == 0;
}

static bool range_write(int fd, const struct core_plan *p, const struct core_range *r, uint64_t at,
                        uint8_t *buffer)
{
	for (uint64_t done = 0; done < r->pages; done += CORE_PAGES) {
		size_t n = r->pages - done < CORE_PAGES ? (size_t)(r->pages - done) : CORE_PAGES;

		if (!p->read(p->context, r->gfn + done, n, buffer))
			return false;
		for (size_t i = 0; i < n; i++)
			if (!is_zero(buffer + i * PAGE) &&
			    !put(fd, buffer + i * PAGE, PAGE, at + (done + i) * PAGE))
				return false;
	}
	return true;
}

static bool heads_write(int fd, const struct core_plan *p, uint64_t notes_at, uint64_t memory_at)
{
	const Elf64_Ehdr e = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
		             EV_CURRENT, ELFOSABI_SYSV },
		.e_type = ET_CORE,
		.e_machine = EM_X86_64,
		.e_version = EV_CURRENT,
		.e_phoff = sizeof(e),
		.e_ehsize = sizeof(e),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = (Elf64_Half)(p->nr_ranges + 1),
	};
	const Elf64_Phdr note = { .p_type = PT_NOTE,
		                  .p_offset = notes_at,
		                  .p_filesz = p->nr_vcpus * sizeof(struct note_of_vcpu),
		                  .p_memsz = p->nr_vcpus * sizeof(struct note_of_vcpu) };
	bool done = put(fd, &e, sizeof(e), 0) && put(fd, &note, sizeof(note), sizeof(e));

	for (size_t i = 0; i < p->nr_ranges && done; i++) {
		uint64_t size = p->ranges[i].pages * PAGE;
		const Elf64_Phdr load = { .p_type = PT_LOAD,
			                  .p_flags = PF_R | PF_W | PF_X,
			                  .p_offset = memory_at,
			                  .p_vaddr = p->ranges[i].gfn * PAGE,
			                  .p_paddr = p->ranges[i].gfn * PAGE,
			                  .p_filesz = size,
			                  .p_memsz = size };

		done = put(fd, &load, sizeof(load), sizeof(e) + (i + 1) * sizeof(load));
		memory_at += size;
	}
	return done;
}

bool core_file_write(int fd, struct core_plan *p)
{
	uint8_t *buffer = malloc(CORE_PAGES * PAGE);
	uint64_t notes_at, at;
	bool done = buffer != NULL;

	ranges_join(p);
	notes_at = sizeof(Elf64_Ehdr) + (p->nr_ranges + 1) * sizeof(Elf64_Phdr);
	at = (notes_at + p->nr_vcpus * sizeof(struct note_of_vcpu) + PAGE - 1) & ~(PAGE - 1);
	done = done && heads_write(fd, p, notes_at, at);
	for (size_t i = 0; i < p->nr_vcpus && done; i++) {
		struct note_of_vcpu n;

		note_fill(&n, &p->vcpus[i], i);
		done = put(fd, &n, sizeof(n), notes_at + i * sizeof(n));
	}
	for (size_t i = 0; i < p->nr_ranges && done; i++) {
		done = range_write(fd, p, &p->ranges[i], at, buffer);
		at += p->ranges[i].pages * PAGE;
	}
	free(buffer);
	return done && ftruncate(fd, (off_t)at) == 0;
}
