/* SPDX-License-Identifier: GPL-2.0-or-later */
/* QEMU's command line. */
#include "machine.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/*
 * TCG gives AMD-V with nested paging. Taken away from the model is what TCG gets wrong under it: SMAP with IRETQ at CPL 3, RDTSCP, MWAIT's interrupt break, and XSETBV, which
 * it does not intercept, with what hangs on it.
 */
#define TCG_CPU "EPYC-v1,-smap,-rdtscp,-monitor,-xsave,-xsaveopt,-avx,-avx2,-fma,-f16c"

#define WORDS 128
struct words {
	char *word[WORDS + 1];
	size_t nr;
	bool is_full;
};

__attribute__((format(printf, 2, 3))) static void add(struct words *w, const char *format, ...)
{
	va_list list;

	if (w->nr == WORDS) {
		w->is_full = true;
		return;
	}
	va_start(list, format);
	if (vasprintf(&w->word[w->nr], format, list) < 0)
		w->is_full = true;
	else
		w->nr++;
	va_end(list);
}

/* A path as a part of an option, whose parts are divided by commas. */
static void add_path(struct words *w, const char *before, const char *path, const char *after)
{
	char quoted[2 * PATH_MAX];
	size_t n = 0;

	for (; *path && n < sizeof(quoted) - 2; path++) {
		if (*path == ',')
			quoted[n++] = ',';
		quoted[n++] = *path;
	}
	quoted[n] = 0;
	add(w, "%s%s%s", before, quoted, after);
}

static bool nested(const char *module)
{
	char path[80], answer = 'N';
	FILE *f;

	snprintf(path, sizeof(path), "/sys/module/%s/parameters/nested", module);
	f = fopen(path, "r");
	if (!f)
		return false;
	if (fread(&answer, 1, 1, f) != 1)
		answer = 'N';
	fclose(f);
	return answer == 'Y' || answer == '1';
}

/* Another module behind /dev/kvm may promise nesting and not keep it. */
bool machine_has_kvm(void)
{
	return (nested("kvm_intel") || nested("kvm_amd")) && access("/dev/kvm", R_OK | W_OK) == 0;
}

/* The control domain is 10.0.2.15; guests on its bridge get other addresses. */
static void add_network(struct words *w, const struct machine *m)
{
	char forwards[MACHINE_PORTS * 2 * 64];
	int n = 0;

	for (unsigned i = 0; i < MACHINE_PORTS; i++)
		n += snprintf(
			forwards + n, sizeof(forwards) - (size_t)n,
			",hostfwd=tcp:127.0.0.1:%u-10.0.2.15:%u,hostfwd=tcp:127.0.0.1:%u-10.0.2.15:%u",
			m->vnc_port + i, 5900 + i, m->web_port + i, 5800 + i);
	add(w, "-netdev");
	add(w, "user,id=wire,dhcpstart=10.0.2.50%s", forwards);
	add(w, "-device");
	add(w, "virtio-net-pci,netdev=wire,romfile=");
}

static void add_media(struct words *w, const struct machine *m)
{
	for (size_t i = 0; i < m->nr_media; i++) {
		const struct machine_medium *medium = &m->media[i];
		char text[80];

		add(w, "-drive");
		snprintf(text, sizeof(text), "if=none,id=medium%zu,format=%s,file=", i,
		         medium->format);
		add_path(w, text, medium->path,
		         medium->read_only ? ",readonly=on" : ",discard=unmap");
		add(w, "-device");
		add(w, "virtio-blk-pci,drive=medium%zu,serial=medium%zu", i, i);
	}
}

char **machine_command(const struct machine *m)
{
	struct words *w = calloc(1, sizeof(*w));
	bool has_kvm = machine_has_kvm();

	if (!w)
		return NULL;
	add(w, "qemu-system-x86_64");
	add(w, "-machine");
	add(w, "q35");
	add(w, "-accel");
	add(w, has_kvm ? "kvm" : "tcg,thread=multi");
	add(w, "-cpu");
	add(w, has_kvm ? "host" : TCG_CPU);
	add(w, "-smp");
	/*
	 * QEMU's translator has a fault that spoils what the first CPU knows of the guest that it runs (tests/system/dom0/README.md): so that one runs none.
	 */
	add(w, "%u", has_kvm ? m->cpus : m->cpus + 1);
	add(w, "-m");
	add(w, "%u", m->memory_mib);
	add(w, "-no-reboot");
	add(w, "-display");
	add(w, "none");
	add(w, "-monitor");
	add(w, "none");
	add(w, "-serial");
	add(w, "stdio");
	add_network(w, m);
	add_media(w, m);
	add(w, "-kernel");
	add(w, "%s", m->xen);
	add(w, "-append");
	add(w, "console=com1 com1=115200 dom0=pvh dom0_mem=768M%s", has_kvm ? "" : " spare_cpus=1");
	add(w, "-initrd");
	add(w, "%s console=hvc0 quiet mitigations=off no_timer_check panic=5 %s,%s", m->kernel,
	    m->kernel_arguments, m->initrd);
	return w->is_full ? NULL : w->word;
}
