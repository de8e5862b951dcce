// SPDX-License-Identifier: GPL-2.0-or-later
// The toolstack's half of hvmguest: what hvmloader/README.md says that a builder does, each step a raw call.
#pragma once
#include <elf.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <xen/arch-x86/hvm/start_info.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>
#include <xen/hvm/save.h>

#define GUEST_MEMORY (64ull << 20)
#define GUEST_VRAM   (8ull << 20)
#define LOADER_EXTRA (2ull << 20)
#define WORDS        "vcpus=1 acpi=1"

static struct xen_domctl *op; // a buffer for calls

static int domctl(uint32_t cmd)
{
	op->cmd = cmd;
	op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
	op->domain = (domid_t)guest.domid;
	return xencall1(guest.xen, __HYPERVISOR_domctl, (uint64_t)op);
}

static void *file_map(const char *path, uint64_t *size, int flags)
{
	int fd = open(path, flags);
	struct stat s;
	void *p;

	if (fd < 0 || fstat(fd, &s))
		return NULL;
	*size = (uint64_t)s.st_size;
	p = mmap(NULL, *size, flags == O_RDWR ? PROT_READ | PROT_WRITE : PROT_READ,
	         flags == O_RDWR ? MAP_SHARED : MAP_PRIVATE, fd, 0);
	close(fd);
	return p == MAP_FAILED ? NULL : p;
}

static void domain_make(void)
{
	op->u.createdomain = (struct xen_domctl_createdomain){
		.flags = XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap,
		.max_vcpus = 1,
		.max_evtchn_port = 1023,
		.max_grant_frames = 64,
		.max_maptrack_frames = 1024,
		.grant_opts = XEN_DOMCTL_GRANT_version(2),
		.arch.emulation_flags =
			XEN_X86_EMU_ALL & ~(XEN_X86_EMU_VPCI | XEN_X86_EMU_USE_PIRQ),
	};
	need(!domctl(XEN_DOMCTL_createdomain), "hvm-createdomain");
	guest.domid = op->domain;
	op->u.max_vcpus.max = 1;
	need(!domctl(XEN_DOMCTL_max_vcpus), "hvm-max-vcpus");
	op->u.max_mem.max_memkb =
		(GUEST_MEMORY + GUEST_VRAM + DEVMODEL_VRAM_HIDDEN + LOADER_EXTRA) >> 10;
	need(!domctl(XEN_DOMCTL_max_mem), "hvm-max-mem");
}

static void populate(uint64_t from, uint64_t to)
{
	uint64_t n = (to - from) / PAGE;
	xen_pfn_t *frames = xencall_alloc_buffer(guest.xen, n * sizeof(*frames));
	struct xen_memory_reservation *r = xencall_alloc_buffer(guest.xen, sizeof(*r));
	long done;

	need(frames && r, "hvm-buffers");
	for (uint64_t i = 0; i < n; i++)
		frames[i] = from / PAGE + i;
	*r = (struct xen_memory_reservation){ .nr_extents = n, .domid = (domid_t)guest.domid };
	set_xen_guest_handle(r->extent_start, frames);
	done = xencall2(guest.xen, __HYPERVISOR_memory_op, XENMEM_populate_physmap, (uint64_t)r);
	check(done == (long)n, "hvm-populate", "%ld of %lu", done, (unsigned long)n);
	xencall_free_buffer(guest.xen, frames);
	xencall_free_buffer(guest.xen, r);
}

static void memory_map_set(void)
{
	static const struct {
		uint64_t addr, size;
		uint32_t type;
	} __attribute__((packed)) rows[] = {
		{ 0, 0xa0000, XEN_HVM_MEMMAP_TYPE_RAM },
		{ 0xa0000, 0x60000, XEN_HVM_MEMMAP_TYPE_RESERVED },
		{ 0x100000, GUEST_MEMORY - 0x100000, XEN_HVM_MEMMAP_TYPE_RAM },
	};
	struct xen_foreign_memory_map *m = xencall_alloc_buffer(guest.xen, sizeof(*m));
	void *copy = xencall_alloc_buffer(guest.xen, sizeof(rows));

	need(m && copy, "hvm-buffers");
	memcpy(copy, rows, sizeof(rows));
	*m = (struct xen_foreign_memory_map){ .domid = (domid_t)guest.domid, .map.nr_entries = 3 };
	set_xen_guest_handle_raw(m->map.buffer, copy);
	need(!xencall2(guest.xen, __HYPERVISOR_memory_op, XENMEM_set_memory_map, (uint64_t)m),
	     "hvm-memory-map");
	xencall_free_buffer(guest.xen, m);
	xencall_free_buffer(guest.xen, copy);
}

static uint8_t *guest_map(uint64_t gpa, uint64_t size)
{
	uint64_t n = (size + PAGE - 1) / PAGE;
	xen_pfn_t *frames = calloc(n, sizeof(*frames));
	uint8_t *p;

	for (uint64_t i = 0; i < n; i++)
		frames[i] = gpa / PAGE + i;
	p = xenforeignmemory_map(guest.memory, guest.domid, PROT_READ | PROT_WRITE, n, frames,
	                         NULL);
	free(frames);
	return p;
}

// hvmloader, and behind it what it is told. The start info's address and the entry.
static uint32_t loader_load(const char *path, uint32_t *entry)
{
	uint64_t size, end = 0;
	uint8_t *file = file_map(path, &size, O_RDONLY), *to;
	const Elf32_Ehdr *h = (const void *)file;
	const Elf32_Phdr *p;
	struct hvm_start_info info = { .magic = XEN_HVM_START_MAGIC_VALUE, .version = 1 };

	need(file && !memcmp(file, ELFMAG, 4), "hvm-loader-file");
	p = (const void *)(file + h->e_phoff);
	for (unsigned i = 0; i < h->e_phnum; i++) {
		if (p[i].p_type != PT_LOAD)
			continue;
		to = guest_map(p[i].p_paddr & ~(PAGE - 1u), p[i].p_memsz + p[i].p_paddr % PAGE);
		need(to != NULL, "hvm-loader-place");
		memcpy(to + p[i].p_paddr % PAGE, file + p[i].p_offset, p[i].p_filesz);
		if (end < p[i].p_paddr + p[i].p_memsz)
			end = p[i].p_paddr + p[i].p_memsz;
	}
	*entry = h->e_entry;
	end = (end + PAGE - 1) & ~(uint64_t)(PAGE - 1);
	to = guest_map(end, PAGE);
	need(to != NULL, "hvm-start-info");
	info.cmdline_paddr = end + sizeof(info);
	memcpy(to, &info, sizeof(info));
	strcpy((char *)to + sizeof(info), WORDS);
	return (uint32_t)end;
}

struct record {
	struct hvm_save_descriptor descriptor;
	union {
		struct hvm_save_header header;
		struct hvm_hw_cpu cpu;
	};
};

static uint8_t *record_add(uint8_t *at, uint16_t type, const void *body, uint32_t size)
{
	struct hvm_save_descriptor d = { .typecode = type, .length = size };

	memcpy(at, &d, sizeof(d));
	memcpy(at + sizeof(d), body, size);
	return at + sizeof(d) + size;
}

static void vcpu_set(uint32_t entry, uint32_t start_info)
{
	struct hvm_hw_cpu cpu = {
		.rip = entry,
		.rbx = start_info,
		.rflags = 2,
		.cr0 = 0x11,
		.cs_limit = ~0u,
		.ds_limit = ~0u,
		.es_limit = ~0u,
		.ss_limit = ~0u,
		.tr_limit = 0x67,
		.cs_arbytes = 0xc9b,
		.ds_arbytes = 0xc93,
		.es_arbytes = 0xc93,
		.ss_arbytes = 0xc93,
		.tr_arbytes = 0x8b,
	};
	uint8_t *b = xencall_alloc_buffer(guest.xen, 65536), *end = b;
	struct hvm_save_header header;

	need(b != NULL, "hvm-buffers");
	op->u.hvmcontext.size = 65536;
	set_xen_guest_handle(op->u.hvmcontext.buffer, b);
	need(!domctl(XEN_DOMCTL_gethvmcontext), "hvm-get-context");
	memcpy(&header, b + sizeof(struct hvm_save_descriptor), sizeof(header));
	end = record_add(end, HVM_SAVE_CODE(HEADER), &header, sizeof(header));
	end = record_add(end, HVM_SAVE_CODE(CPU), &cpu, sizeof(cpu));
	end = record_add(end, HVM_SAVE_CODE(END), NULL, 0);
	op->u.hvmcontext.size = (uint32_t)(end - b);
	set_xen_guest_handle(op->u.hvmcontext.buffer, b);
	need(!domctl(XEN_DOMCTL_sethvmcontext), "hvm-set-context");
	xencall_free_buffer(guest.xen, b);
}

static void *resource_map(unsigned type, size_t *size)
{
	void *p = NULL;

	if (xenforeignmemory_resource_size(guest.memory, guest.domid, type, 0, size))
		return NULL;
	return xenforeignmemory_map_resource(guest.memory, guest.domid, type, 0, 0, *size / PAGE,
	                                     &p, PROT_READ | PROT_WRITE, 0)
	               ? p
	               : NULL;
}

static void devmodel_make(const char *path)
{
	struct devmodel_domctl_create *c = (void *)&op->u;
	struct devmodel_board *board = xencall_alloc_buffer(guest.xen, sizeof(*board));
	uint64_t size;
	void *file = file_map(path, &size, O_RDONLY), *image;

	need(file != NULL && board, "hvm-devmodel-file");
	image = xencall_alloc_buffer(guest.xen, size);
	need(image != NULL, "hvm-buffers");
	memcpy(image, file, size);
	*board = (struct devmodel_board){
		.version = DEVMODEL_ABI_VERSION,
		.vram_size = (uint32_t)(GUEST_VRAM + DEVMODEL_VRAM_HIDDEN),
		.guest_end = GUEST_MEMORY,
		.drives = { { DEVMODEL_DRIVE_DISK, 0, guest.disk_size } },
		.nics = { { 1, { 0x00, 0x16, 0x3e, 1, 2, 3 }, { 0 } } },
		.nr_serials = 1,
		.has_link = 1,
		.may_unplug = 1,
	};
	memset(&op->u, 0, sizeof(op->u));
	*c = (struct devmodel_domctl_create){ .image = (uint64_t)image,
		                              .image_size = size,
		                              .board = (uint64_t)board,
		                              .board_size = sizeof(*board),
		                              .cmos_boot = 2 | 1 << 8 };
	need(!domctl(DEVMODEL_DOMCTL_CREATE), "hvm-devmodel");
	guest.remote = c->port;
	xencall_free_buffer(guest.xen, image);
	xencall_free_buffer(guest.xen, board);
}

// What a backend does: by number of domain and port it could be anybody.
static void backend_begin(void)
{
	xenevtchn_port_or_error_t port =
		xenevtchn_bind_interdomain(guest.events, guest.domid, guest.remote);
	size_t bytes;

	need(port > 0, "hvm-event-channel");
	guest.port = (evtchn_port_t)port;
	guest.link = resource_map(DEVMODEL_RESOURCE_LINK, &bytes);
	need(guest.link && bytes == DEVMODEL_LINK_SIZE, "hvm-link");
	guest.vram = resource_map(DEVMODEL_RESOURCE_VRAM, &bytes);
	need(guest.vram && bytes == GUEST_VRAM + DEVMODEL_VRAM_HIDDEN, "hvm-vram");
	check(guest.link->version == DEVMODEL_LINK_VERSION &&
	              guest.link->size == sizeof(struct devmodel_link),
	      "hvm-link-version", "version %u, %u bytes", guest.link->version, guest.link->size);
}

static void hypervisor_open(const char *disk)
{
	guest.xen = xencall_open(NULL, 0);
	guest.events = xenevtchn_open(NULL, 0);
	guest.memory = xenforeignmemory_open(NULL, 0);
	need(guest.xen && guest.events && guest.memory, "hvm-open");
	op = xencall_alloc_buffer(guest.xen, sizeof(*op));
	need(op != NULL, "hvm-buffers");
	guest.disk = file_map(disk, &guest.disk_size, O_RDWR);
	need(guest.disk != NULL, "hvm-disk");
}

static void guest_make(const char *loader, const char *devmodel, const char *disk)
{
	uint32_t entry, start_info;

	hypervisor_open(disk);
	domain_make();
	populate(0, 0xa0000);
	populate(0xc0000, GUEST_MEMORY);
	memory_map_set();
	start_info = loader_load(loader, &entry);
	vcpu_set(entry, start_info);
	devmodel_make(devmodel);
	backend_begin();
}

// One that is there, and whose backend has died.
static void guest_join(unsigned domid, unsigned port, const char *disk)
{
	hypervisor_open(disk);
	guest.domid = domid;
	guest.remote = port;
	backend_begin();
}

static void guest_unpause(void)
{
	need(!domctl(XEN_DOMCTL_unpausedomain), "hvm-unpause");
}

static bool guest_has_ended(uint32_t *reason)
{
	if (domctl(XEN_DOMCTL_getdomaininfo) || op->domain != (domid_t)guest.domid)
		return true;
	*reason = op->u.getdomaininfo.flags >> XEN_DOMINF_shutdownshift & XEN_DOMINF_shutdownmask;
	return op->u.getdomaininfo.flags & XEN_DOMINF_shutdown;
}

static void guest_report(void)
{
	const struct devmodel_domctl_info *i = (const void *)&op->u;

	need(!domctl(DEVMODEL_DOMCTL_INFO), "hvm-info");
	printf("DEVICE MODEL state %u, %lu entries, %lu us, %u pages and %u of VRAM\n", i->state,
	       (unsigned long)i->entries, (unsigned long)i->run_ns / 1000, i->pages, i->vram_pages);
}

static void guest_destroy(void)
{
	int rc;

	do
		rc = domctl(XEN_DOMCTL_destroydomain);
	while (rc < 0 && (errno == EAGAIN || errno == EINTR));
	check(!rc, "hvm-destroy", "%d", rc);
}
