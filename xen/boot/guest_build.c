/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Guests that start without a control domain. */
#include "guest_build.h"

#include "dom0_build.h"
#include "errno.h"
#include "format.h"
#include "guest_hvm.h"
#include "images.h"
#include "log.h"
#include "string.h"
#include "virt_ops.h"
#include <xen/arch-x86/xen.h>
#include <xen/sched.h>

#define EMULATION_HVM (XEN_X86_EMU_ALL & ~(XEN_X86_EMU_VPCI | XEN_X86_EMU_USE_PIRQ))

/* What hvmloader takes beyond the memory: option ROMs. */
#define LOADER_MEMORY MIB(2)

/* ---- modules by name ---- */

struct module_name {
	char text[128];
};

static struct module_name module_name(const struct boot_module *m)
{
	struct module_name name;
	const char *from = m->command_line, *base;
	size_t n = 0;

	while (*from == ' ')
		from++;
	for (base = from; *from && *from != ' '; from++)
		if (*from == '/')
			base = from + 1;
	for (; base < from && n + 1 < sizeof(name.text); base++)
		name.text[n++] = *base;
	name.text[n] = 0;
	return name;
}

static bool is_description(const struct boot_module *m)
{
	struct module_name name = module_name(m);
	size_t n = strlen(name.text);

	return n > 4 && !strcmp(name.text + n - 4, ".cfg");
}

static const struct boot_module *module_find(const struct boot_info *info, const char *name)
{
	for (uint32_t i = 0; i < info->nr_modules; i++) {
		struct module_name have = module_name(&info->modules[i]);

		if (!strcmp(have.text, name))
			return &info->modules[i];
	}
	return NULL;
}

bool guests_are_described(const struct boot_info *info)
{
	return info->nr_modules && is_description(&info->modules[0]);
}

/* ---- one guest ---- */

struct guest {
	const struct boot_info *info;
	struct guest_config config;
	struct guest_hvm hvm;
	char command_line[900];
};

static int missing(const char *guest, const char *what, const char *file)
{
	log_error("guest %s: %s %s is no boot module", guest, what, file);
	return -ENOENT;
}

static int disk_find(struct guest *g, unsigned n)
{
	const struct guest_disk *from = &g->config.disks[n];
	struct devmodel_drive *drive = &g->hvm.devmodel.board.drives[n];
	const struct boot_module *m;

	if (!from->is_present)
		return 0;
	drive->kind = from->is_cdrom ? DEVMODEL_DRIVE_CDROM : DEVMODEL_DRIVE_DISK;
	drive->read_only = from->is_read_only;
	if (!from->file[0])
		return 0;
	m = module_find(g->info, from->file);
	if (!m)
		return missing(g->config.name, "its disk", from->file);
	if (!is_aligned(m->base, PAGE_SIZE)) {
		log_error("guest %s: the loader put %s where no page begins", g->config.name,
		          from->file);
		return -EINVAL;
	}
	drive->size = m->size;
	g->hvm.devmodel.disks[n] = hpa_to_virt(hpa(m->base));
	return 0;
}

/* Interfaces without an address get one of Xen's range, by guest and number. */
static void nics_fill(struct guest *g, uint16_t number)
{
	for (unsigned i = 0; i < GUEST_NICS; i++) {
		const struct guest_nic *from = &g->config.nics[i];
		struct devmodel_nic *nic = &g->hvm.devmodel.board.nics[i];
		const uint8_t own[6] = { 0x00, 0x16, 0x3e, 0x7a, (uint8_t)number, (uint8_t)i };

		nic->present = from->is_present;
		memcpy(nic->mac, from->has_mac ? from->mac : own, 6);
	}
}

static int devmodel_prepare(struct guest *g, uint16_t number)
{
	struct devmodel_config *c = &g->hvm.devmodel;
	const struct guest_config *from = &g->config;
	const struct boot_module *m = NULL;
	uint64_t memory = MIB(from->memory);
	int err = 0;

	c->image_name = "the device model";
	c->image = image_devmodel;
	c->image_size = image_devmodel_size;
	if (from->device_model[0]) {
		m = module_find(g->info, from->device_model);
		if (!m)
			return missing(from->name, "its device model", from->device_model);
		c->image = hpa_to_virt(hpa(m->base));
		c->image_size = m->size;
		c->image_name = from->device_model;
	}
	c->board = (struct devmodel_board){ .version = DEVMODEL_ABI_VERSION,
		                            .vram_size = (uint32_t)MIB(from->videoram) +
		                                         DEVMODEL_VRAM_HIDDEN,
		                            .nr_serials = from->nr_serials,
		                            .has_tablet = from->usb_tablet };
	c->board.guest_end = memory > GUEST_HVM_HOLE ? GIB(4) + memory - GUEST_HVM_HOLE : memory;
	nics_fill(g, number);
	for (unsigned i = 0; i < GUEST_DISKS && !err; i++)
		err = disk_find(g, i);
	return err;
}

/* What hvmloader is told; a kernel of the guest's own gets its own words only. */
static void command_line_make(struct guest *g)
{
	const struct guest_config *c = &g->config;
	const uint8_t *u = c->uuid;

	if (c->kernel[0]) {
		format(g->command_line, sizeof(g->command_line), "%s", c->extra);
		return;
	}
	format(g->command_line, sizeof(g->command_line),
	       "vcpus=%u acpi=%u apic=%u hpet=%u uuid=%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x %s",
	       c->vcpus, c->acpi, c->apic, c->hpet, u[0], u[1], u[2], u[3], u[4], u[5], u[6], u[7],
	       u[8], u[9], u[10], u[11], u[12], u[13], u[14], u[15], c->extra);
}

static int kernel_find(struct guest *g, struct pvh_module *kernel)
{
	const struct boot_module *m;

	kernel->command_line = g->command_line;
	kernel->data = image_hvmloader;
	kernel->size = image_hvmloader_size;
	if (!g->config.kernel[0] || !strcmp(g->config.kernel, "hvmloader")) {
		g->config.kernel[0] = 0;
		return 0;
	}
	m = module_find(g->info, g->config.kernel);
	if (!m)
		return missing(g->config.name, "its kernel", g->config.kernel);
	kernel->data = hpa_to_virt(hpa(m->base));
	kernel->size = m->size;
	return 0;
}

static int guest_build(struct guest *g, uint16_t number, const struct cpuid_policy *cpuid,
                       struct domain **out)
{
	struct pvh_config config = {
		.name = g->config.name,
		.memory = MIB(g->config.memory),
		.extra_memory = MIB(g->config.videoram) + DEVMODEL_VRAM_HIDDEN + LOADER_MEMORY,
		.max_vcpus = g->config.vcpus,
		.package_vcpus = guest_config_has_nodes(&g->config) ? 1 : 0,
		.emulation_flags = EMULATION_HVM,
		.cpuid = cpuid,
		.layout = &guest_hvm_layout,
		.machine = &g->hvm,
	};
	int err = kernel_find(g, &config.kernel);

	config.is_loader = !g->config.kernel[0];
	if (!err)
		err = devmodel_prepare(g, number);
	if (err)
		return err;
	g->hvm.config = &g->config;
	command_line_make(g);
	log_info("guest %s: %u vcpus, %u MiB, %u MiB of VRAM, boot order %s", g->config.name,
	         g->config.vcpus, g->config.memory, g->config.videoram, g->config.boot);
	return pvh_build(&config, out);
}

/* ---- all guests ---- */

/* A guest's description, and the domain that it is now. */
static struct running {
	const struct boot_info *info;
	const struct cpuid_policy *cpuid;
	uint32_t module;
	uint16_t domid;
	bool starts_again;  /* when the domain is gone */
	struct timer timer; /* looks whether it is gone */
} running[BOOT_MAX_MODULES];

#define LOOK_AGAIN_NS 10000000ull

static void report(void *arg, unsigned line, const char *text)
{
	log_warning("%s, line %u: %s", (const char *)arg, line, text);
}

/* No lock is held: what ends the domain may be one of its own calls. So its end begins with the timer. */
static void guest_ended(struct domain *d, uint32_t code)
{
	for (unsigned i = 0; i < ARRAY_LEN(running); i++) {
		struct running *r = &running[i];

		if (!r->info || r->domid != d->id)
			continue;
		r->starts_again = code == SHUTDOWN_reboot;
		timer_set(&r->timer, machine_now_ns());
		return;
	}
}

static bool guest_start(struct running *r)
{
	static struct guest g; /* large; one at a time: at start, then all on one CPU */
	const struct boot_module *m = &r->info->modules[r->module];
	struct module_name name = module_name(m);
	struct domain *d;

	memset(&g, 0, sizeof(g));
	g.info = r->info;
	if (guest_config_parse(hpa_to_virt(hpa(m->base)), m->size, report, name.text, &g.config) ||
	    guest_build(&g, (uint16_t)(r->module + 1), r->cpuid, &d)) {
		log_error("%s: this guest does not start", name.text);
		return false;
	}
	r->domid = d->id;
	d->ended = guest_ended;
	if (domain_start(d))
		bug("%s: a guest that is built does not start", name.text);
	domain_put(d);
	return true;
}

/* First the domain goes, then the next one is made. */
static void guest_look(struct timer *t)
{
	struct running *r = container_of(t, struct running, timer);
	struct domain *d = domain_get_any(r->domid);

	if (d) {
		domain_destroy(d);
		domain_put(d);
		timer_set(t, machine_now_ns() + LOOK_AGAIN_NS);
	} else if (r->starts_again) {
		(void)guest_start(r);
	}
}

unsigned guests_start(const struct boot_info *info, const struct cpuid_policy *cpuid)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < info->nr_modules; i++) {
		struct running *r = &running[i];

		if (!is_description(&info->modules[i]))
			continue;
		*r = (struct running){ .info = info, .cpuid = cpuid, .module = i };
		if (timer_init(&r->timer, guest_look, 0))
			bug("no memory for a guest's timer");
		n += guest_start(r);
	}
	return n;
}
