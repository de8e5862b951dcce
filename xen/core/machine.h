/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Everything that the core asks of the iron. Bare metal: xen/machine answers. Unit tests and fuzzers: tests/host answers. All of it is
 * called with interrupts off; nothing here sleeps.
 */
#ifndef CORE_MACHINE_H
#define CORE_MACHINE_H

#include "types.h"

struct percpu;
struct vcpu;

#define MAX_CPUS 64

/* Host physical memory is mapped at direct_map: all RAM, cached, never executable. */
extern uint8_t *direct_map;

static inline void *hpa_to_virt(hpa_t a)
{
	return direct_map + a.v;
}
static inline void *mfn_to_virt(mfn_t m)
{
	return direct_map + (m.v << PAGE_SHIFT);
}
/* Only for addresses inside the direct map. */
static inline mfn_t virt_to_mfn(const void *p)
{
	return (mfn_t){ (uint64_t)((const uint8_t *)p - direct_map) >> PAGE_SHIFT };
}
static inline hpa_t virt_to_hpa(const void *p)
{
	return (hpa_t){ (uint64_t)((const uint8_t *)p - direct_map) };
}

/* CPUs are numbered 0 .. machine_nr_cpus() - 1, all online once start-up is over. */
unsigned machine_nr_cpus(void);
struct percpu *percpu(void);
struct percpu *percpu_of(unsigned cpu);
/* Makes that CPU leave guest mode or idle and look at its pending work; no-op for this CPU. Returns at once. */
void machine_kick_cpu(unsigned cpu);
/* Sends a CPU an interrupt that does nothing: to a guest it may mean something (virt_ops.post), and it ends the stay in one. Also this CPU, which takes it as soon as it can. */
#define MACHINE_NOTIFY_VECTOR 0xf2
void machine_notify_cpu(unsigned cpu);
/* Runs the handler of an interrupt of this CPU that was acknowledged already, and ends it. Interrupts are off. */
void machine_take_interrupt(uint8_t vector);

/* Nanoseconds since start, the same on all CPUs, never backwards; and the counter it comes from. */
uint64_t machine_now_ns(void);
uint64_t machine_tsc(void);
uint32_t machine_tsc_khz(void);
bool machine_tsc_reliable(void);
/* pvclock's factors: ns = ((tsc << shift (or >> -shift)) * mul) >> 32 */
void machine_tsc_scale(uint32_t *mul, int8_t *shift);
/* now_ns for a given TSC value of this CPU. */
uint64_t machine_tsc_to_ns(uint64_t tsc);
/* A span of the TSC, below 2^63 ticks. */
uint64_t machine_ticks_to_ns(uint64_t ticks);
/* UTC nanoseconds at system time 0, and its setting (dom0's settime). */
uint64_t machine_wallclock_ns(void);
void machine_set_wallclock_ns(uint64_t utc_at_zero);

/* This CPU's timer interrupt, at or soon after at_ns; UINT64_MAX: none. Sets PENDING_TIMER in percpu()->pending. */
void machine_arm_timer(uint64_t at_ns);
/* Lets pending interrupts in for a moment and comes back with them off again. */
void machine_irq_window(void);
/* Halts with interrupts on until one came, unless percpu()->pending is set already (checked without a race). */
void machine_idle(void);
/* Interrupts are off: the local APIC tells its CPU once more of what waits. For emulators, which lose that now and then (QEMU's translator: VMRUN and #VMEXIT change a word that its devices' threads write, too). */
void machine_interrupts_look(void);

/* The vcpu's FPU, SSE and extended state: bytes an area takes, its power-on contents, and the two moves. xcr0 is loaded with it. */
size_t machine_fpu_size(void);
void machine_fpu_init(void *area);
void machine_fpu_save(void *area, uint64_t xcr0);
void machine_fpu_load(const void *area, uint64_t xcr0);
/* This CPU gets a guest's command (PRED_CMD, FLUSH_CMD: a one is written to that MSR); nothing happens on a CPU without it. */
void machine_command_msr(uint32_t index);

/* Console output, raw; input arrives through console_input() (console.h). */
void machine_console_put(const char *s, size_t n);

/* The hardware's ports; size 1, 2 or 4. */
uint32_t machine_port_read(uint16_t port, unsigned size);
void machine_port_write(uint16_t port, uint32_t value, unsigned size);

/* Ends or restarts the computer. */
void machine_power_off(void) noreturn_fn;
void machine_reboot(void) noreturn_fn;
/* Crash dump of this CPU (registers, call trace, current domain), then reboot or halt as noreboot says. */
void machine_panic(void) noreturn_fn;

/* Function n of the hypervisor's image, from 0: its name and address. NULL: there are no more. */
const char *machine_symbol(uint32_t n, uint64_t *address);
uint32_t machine_nr_symbols(void);

/*
 * Interrupts of devices. A CPU takes them at vectors of this range; each arrives at host_irq_interrupt() (host_irq.h) with no lock held, and is at its end for the local
 * APIC when that returns: a level-triggered line must be masked by then.
 */
#define MACHINE_VECTOR_FIRST 0x30
#define MACHINE_VECTOR_LAST  0xee
/* Can messages of devices reach that CPU? (Their address holds 8 bits of APIC id.) CPU 0 always. */
bool machine_cpu_takes_irqs(unsigned cpu);

struct machine_ioapic {
	uint64_t address;
	uint32_t id, gsi_base, nr_pins;
};
/* The IO-APICs that answer, by number; NULL: no more. */
const struct machine_ioapic *machine_ioapic(unsigned n);
/* May somebody else have that line? -ENOENT: no IO-APIC has it; -EBUSY: the hypervisor uses it. */
int must_check machine_gsi_check(uint32_t gsi);
/* For lines that machine_gsi_check() allows. route: to a vector of a CPU from now on, and masked; an interrupt that is on its way may still come at the old place. */
void machine_gsi_route(uint32_t gsi, unsigned cpu, uint8_t vector, bool level, bool active_low);
void machine_gsi_mask(uint32_t gsi, bool masked);

/* What a device writes, and where, for an interrupt at that vector; blocks of MSI vectors count up in data. */
struct machine_msi {
	uint64_t address;
	uint32_t data;
};
struct machine_msi machine_msi(unsigned cpu, uint8_t vector);

/* PCI: segment << 16 | bus << 8 | device << 3 | function. size 1, 2 or 4, naturally aligned; reg below 4096. What cannot be reached reads as ones. */
uint32_t machine_pci_read(uint32_t sbdf, unsigned reg, unsigned size);
void machine_pci_write(uint32_t sbdf, unsigned reg, unsigned size, uint32_t value);
struct machine_mcfg {
	uint64_t base; /* of bus 0, whether that is there or not */
	uint16_t segment;
	uint8_t first_bus, last_bus;
};
/* The windows on configuration space that the firmware tells of; NULL: no more. */
const struct machine_mcfg *machine_mcfg(unsigned n);
/* Device registers, size 1, 2, 4 or 8, naturally aligned. Where nothing can be mapped: ones, and lost. */
uint64_t machine_mmio_read(hpa_t at, unsigned size);
void machine_mmio_write(hpa_t at, unsigned size, uint64_t value);

/* What names this build of the image: bytes that differ where its contents differ, and their number. 0: it has none. */
size_t machine_build_id(const void **id);

/* Hardware entropy or the best there is, for uuids and storms; not for keys. */
uint64_t machine_random(void);

#endif
