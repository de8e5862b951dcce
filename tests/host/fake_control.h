/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A machine with a control domain, and the calls of its tools. */
#ifndef TESTS_FAKE_CONTROL_H
#define TESTS_FAKE_CONTROL_H

#include "domctl.h"

/* A page of the control domain for arrays and buffers: so many bytes from here on. */
#define FAKE_BUFFER      0x20000u
#define FAKE_BUFFER_SIZE 0x20000u

extern struct domain *fake_control; /* domain 0, privileged, one vcpu, 64-bit */

/* The machine with nr_cpus CPUs and fake_control on it. The policies of fake_cpuid() are the machine's. */
void fake_control_machine(unsigned nr_cpus);
/* Host address of the buffer page at n bytes into the buffer. */
void *fake_buffer(uint32_t n);
void fake_buffer_write(uint32_t n, const void *from, size_t size);
void fake_buffer_read(uint32_t n, void *to, size_t size);

/* A call by a vcpu, made again until it is through; pending work is done meanwhile. op->interface_version is set. */
long fake_domctl_by(struct vcpu *v, struct xen_domctl *op);
/* By the control domain. */
long fake_domctl(struct xen_domctl *op);
/* With one domain and a command only. */
long fake_domctl_plain(uint32_t cmd, uint16_t domid);
/* A PVH domain of one vcpu as libxl makes it, with memory from gfn 0, as built so far by createdomain, max_mem and max_vcpus. */
struct domain *fake_tool_domain(unsigned nr_vcpus, unsigned pages);

#endif
