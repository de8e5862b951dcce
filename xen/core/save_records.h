/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files save_*.c: a record's row, and where its state comes from and goes to. */
#ifndef CORE_SAVE_RECORDS_H
#define CORE_SAVE_RECORDS_H

#include "domain.h"
#include "errno.h"
#include "save_state.h"

struct restore {
	struct domain *d;
	uint64_t tsc_shift; /* the counter of the machine it comes from, less ours. RECORD_CLOCK */
	const char *why;
};
static inline int must_check restore_refuse(struct restore *r, const char *why)
{
	r->why = why;
	return -EINVAL;
}

struct save_row {
	const char *name;
	uint16_t version; /* newest */
	bool is_complete; /* each one that the domain has must have a record */
	const struct save_field *fields;
	uint32_t size; /* of the state that the fields are in */
	/* Records are numbered below this. */
	uint32_t (*limit)(const struct domain *d);
	/* State n, in *state (zeroed) or where it is; NULL: there is none. */
	const void *(*get)(struct domain *d, uint32_t n, void *state);
	/* Checks it and takes it over. n: 0 where there is one only, or a vcpu's; else any. -EINVAL by restore_refuse(), -ENOMEM. */
	int (*put)(struct restore *r, uint32_t n, const void *state);
};

#define SAVE_STATE(type, table) .fields = (table), .size = sizeof(type)

/* save_domain.c */
extern const struct save_row save_policy, save_clock, save_domain, save_memory_map, save_params,
	save_shared_info, save_grants, save_grant_frame, save_watchdogs;
uint32_t save_limit_one(const struct domain *d);
/* save_events.c */
extern const struct save_row save_places, save_fifo_page, save_port;
/* save_vcpu.c */
extern const struct save_row save_vcpu, save_areas, save_apic, save_timers;
uint32_t save_limit_vcpus(const struct domain *d);
/* save_devices.c */
extern const struct save_row save_ioapic, save_pic, save_wires, save_pit, save_rtc, save_hpet,
	save_pm_timer;
/* save_registers.c */
extern const struct save_row save_msrs, save_hardware, save_fpu;

/* Fields of the live structs that are saved as they are; the other records' states are made for saving. */
extern const struct save_field domain_saved[], vcpu_saved[];

/* Why no vcpu can have such an event on its way, or such registers; NULL: it can. */
const char *vcpu_event_refused(const struct event *e);
const char *vcpu_registers_refused(uint64_t cr4, uint64_t rip, uint64_t rflags);

/* The FPU area as FXSAVE and XSAVE leave it (SDM 13.4); what the CPU would refuse to load is refused. */
#define FPU_AREA_MAX    4096
#define FPU_LEGACY_SIZE 512
#define XSAVE_HEADER    64
#define XSTATE_LEGACY   3ull /* x87 and SSE, always there */
struct fpu_state {
	uint32_t size;
	struct {
		uint8_t x87[24];
		uint32_t mxcsr;
		uint8_t registers[FPU_LEGACY_SIZE - 28];
		uint64_t xstate_bv, xcomp_bv, reserved[XSAVE_HEADER / 8 - 2];
		uint8_t components[FPU_AREA_MAX - FPU_LEGACY_SIZE - XSAVE_HEADER];
	} area;
};

/* What the backend holds of a vcpu. Those registers that follow from MSRs or the APIC are set from there. */
struct vcpu_hardware_state {
	uint64_t cr0, cr2, cr3, cr4, efer, dr6, dr7;
	uint64_t star, lstar, cstar, fmask, kernel_gs_base;
	uint64_t sysenter_cs, sysenter_esp, sysenter_eip;
	struct segment segment[NR_SEGS];
	uint32_t interrupt_shadow;
};
/* Registers of struct vcpu_hardware_state, in the order in which they are set. */
struct vcpu_hardware_row {
	enum vcpu_reg reg;
	uint32_t offset;
};
#define NR_HARDWARE_ROWS 15
extern const struct vcpu_hardware_row vcpu_hardware_rows[NR_HARDWARE_ROWS];

#endif
