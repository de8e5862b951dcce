/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys by name. */
#include "key_names.h"

#include <stddef.h>
#include <string.h>

static const char *const names[] = {
	"acpi",
	"acpi_firmware",
	"acpi_laptop_slate",
	"acpi_s3",
	"acpi_s4",
	"altp2m",
	"altp2mhvm",
	"apic",
	"arch",
	"argo",
	"bios",
	"bios_path_override",
	"blkdev_start",
	"boot",
	"bootargs",
	"bootentry",
	"bootloader",
	"bootloader_args",
	"builder",
	"cap",
	"channel",
	"claim_mode",
	"cmdline",
	"cpu",
	"cpu_weight",
	"cpuid",
	"cpus",
	"cpus_soft",
	"device_model",
	"device_model_args",
	"device_model_args_hvm",
	"device_model_args_pv",
	"device_model_override",
	"device_model_stubdomain_override",
	"device_model_stubdomain_seclabel",
	"device_model_user",
	"device_model_version",
	"device_tree",
	"disable_migrate",
	"disk",
	"dm_restrict",
	"driver_domain",
	"dtdev",
	"e820_host",
	"extra",
	"features",
	"firmware",
	"firmware_override",
	"force_assign_without_iommu",
	"gateway",
	"gfx_passthru",
	"gic_version",
	"guest_os",
	"guest_os_type",
	"hap",
	"hdtype",
	"hostname",
	"hpet",
	"hvm_pirq",
	"init_seclabel",
	"iomem",
	"ioports",
	"ip",
	"irqs",
	"isa",
	"kernel",
	"keymap",
	"llc_colors",
	"localtime",
	"max_event_channels",
	"max_grant_frames",
	"max_grant_version",
	"max_maptrack_frames",
	"maxmem",
	"maxvcpus",
	"mca_caps",
	"memory",
	"mmio_hole",
	"ms_vm_genid",
	"msr_relaxed",
	"name",
	"nestedhvm",
	"netmask",
	"nic",
	"nodes",
	"nographic",
	"nomigrate",
	"nx",
	"on_crash",
	"on_poweroff",
	"on_reboot",
	"on_soft_reset",
	"on_watchdog",
	"on_xend_start",
	"on_xend_stop",
	"opengl",
	"p9",
	"pae",
	"passthrough",
	"pci",
	"pci_msitranslate",
	"pci_permissive",
	"pci_power_mgmt",
	"pci_seize",
	"pool",
	"processor_trace_buf_kb",
	"pvcalls",
	"pvh",
	"pvshim",
	"pvshim_cmdline",
	"pvshim_extra",
	"pvshim_path",
	"ramdisk",
	"rdm",
	"rdm_mem_boundary",
	"root",
	"rtc_timeoffset",
	"sched",
	"sched_credit",
	"sdl",
	"seclabel",
	"serial",
	"shadow_memory",
	"smbios",
	"smbios_firmware",
	"soundhw",
	"spice",
	"spice_image_compression",
	"spice_streaming_video",
	"spiceagent_mouse",
	"spiceclipboard_sharing",
	"spicedisable_ticketing",
	"spicehost",
	"spicepasswd",
	"spiceport",
	"spicetls_port",
	"spiceusbredirection",
	"spicevdagent",
	"spicevga",
	"stdvga",
	"suppress_spurious_page_faults",
	"system_firmware",
	"tee",
	"timer_mode",
	"trap_unmapped_accesses",
	"tsc_mode",
	"type",
	"usb",
	"usbctrl",
	"usbdev",
	"usbdevice",
	"usbversion",
	"uuid",
	"vcpus",
	"vdispl",
	"vendor_device",
	"vfb",
	"vga",
	"video_ram",
	"videoram",
	"vif",
	"viridian",
	"virtio",
	"vkb",
	"vkb_device",
	"vmtrace_buf_kb",
	"vnc",
	"vncconsole",
	"vncdisplay",
	"vnclisten",
	"vncpasswd",
	"vncunused",
	"vncwebsocket",
	"vncviewer",
	"vnuma",
	"vpt_align",
	"vsnd",
	"vtpm",
	"vuart",
	"xen_platform_pci",
	"xend_suspend_evtchn_compat",
};
#define NR_NAMES (sizeof(names) / sizeof(names[0]))
#define LONGEST  40

bool key_is_known(const char *name)
{
	for (size_t i = 0; i < NR_NAMES; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static unsigned least(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;

	return m < c ? m : c;
}

/* How many letters must be put in, taken out, changed, or changed places with their neighbours ("optimal string alignment"). Both are at most LONGEST long. */
static unsigned distance(const char *a, const char *b)
{
	unsigned rows[3][LONGEST + 1], n = (unsigned)strlen(b);
	unsigned *before = rows[0], *last = rows[1], *row = rows[2];

	for (unsigned j = 0; j <= n; j++)
		last[j] = j;
	for (unsigned i = 0; a[i]; i++) {
		unsigned *oldest = before;

		row[0] = i + 1;
		for (unsigned j = 0; j < n; j++) {
			row[j + 1] = least(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] != b[j]));
			if (i && j && a[i] == b[j - 1] && a[i - 1] == b[j] &&
			    before[j - 1] + 1 < row[j + 1])
				row[j + 1] = before[j - 1] + 1;
		}
		before = last;
		last = row;
		row = oldest;
	}
	return last[n];
}

const char *name_nearest(const char *name, const char *const *names_known, size_t nr)
{
	const char *best = NULL;
	unsigned best_distance = strlen(name) > 4 ? 3 : 2; /* from there on it is another word */

	if (strlen(name) > LONGEST)
		return NULL;
	for (size_t i = 0; i < nr; i++) {
		unsigned d = distance(name, names_known[i]);

		if (d < best_distance) {
			best_distance = d;
			best = names_known[i];
		}
	}
	return best;
}

const char *key_nearest(const char *name)
{
	return name_nearest(name, names, NR_NAMES);
}
