/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest's plan against the machine that it shall run on, before anything is made: files, images, disks in use, bridges, memory,
 * ports, names. The machine is asked through callbacks, so that tests have one of their own.
 */
#ifndef CONFIG_ENVIRONMENT_H
#define CONFIG_ENVIRONMENT_H

#include "guest_config.h"
#include "image.h"

enum file_kind { FILE_REGULAR, FILE_BLOCK, FILE_CHAR, FILE_FOLDER, FILE_OTHER };
struct file_facts {
	enum file_kind kind;
	uint64_t size; /* bytes */
	bool is_writable;
};

/* A callback that is NULL: not known, and not checked. */
struct config_environment {
	void *context;
	/* 0, or a positive errno. */
	int (*file)(void *context, const char *path, struct file_facts *f);
	/* What is in a file or device. False: it cannot be read. */
	bool (*image)(void *context, const char *path, struct image_facts *f);
	/* Somebody uses it so that this guest cannot; who, in words. */
	bool (*is_in_use)(void *context, const char *path, bool is_read_only, char *who,
	                  size_t size);
	/* Can a PVH guest start from this file? False: why not, in words. It is unpacked for that: seconds. */
	bool (*is_kernel)(void *context, const char *path, char *why, size_t size);
	bool (*is_bridge)(void *context, const char *name);
	bool (*is_port_free)(void *context, const char *address, unsigned port);
	/* The guest of this name, or, name NULL, of this uuid. False: there is none. */
	bool (*guest)(void *context, const char *name, const uint8_t uuid[16], unsigned *domid);
	uint64_t (*free_kib)(void *context); /* memory for guests */
	unsigned (*cpus)(void *context);
};

/* Beside its memory: screen, and what the hypervisor keeps for it. KiB. */
uint64_t guest_overhead_kib(const struct guest_config *g);
/* False: m has errors. */
bool guest_config_check(const struct guest_config *g, const struct config_environment *e,
                        struct messages *m);
/* Files, bridges and ports of this system; names, memory and CPUs are the caller's to fill in. */
void environment_host(struct config_environment *e);

#endif
