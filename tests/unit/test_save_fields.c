/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * No field is forgotten: of each struct that a guest can see something of, the saved fields and those left out for a reason, listed here, take as many bytes as the
 * whole. The structs are seen without padding for that, so that a bool in a hole counts too; their tables are those of the real ones.
 */
#include <string.h>

#include "save.h"
#include "unit.h"

#include <xen/event_channel.h>
#include <xen/hvm/params.h>
#include <xen/vcpu.h>
#include <xen/xen.h>

#pragma GCC diagnostic ignored "-Waddress-of-packed-member"
#pragma pack(push, 1)
#include "domain.h"
#include "hvm_platform.h"
#include "save_records.h"
#pragma pack(pop)

#define OUT(type, field) sizeof(((type *)0)->field)
/* What an alignment that packing leaves alone makes empty: between two neighbours, and behind the last one. */
#define GAP(type, field, next) (offsetof(type, next) - offsetof(type, field) - OUT(type, field))
#define TAIL(type, last)       (sizeof(type) - offsetof(type, last) - OUT(type, last))

static void covers(const char *name, size_t size, const struct save_field *fields,
                   const size_t *out, size_t nr_out)
{
	size_t known = save_size(fields, UINT16_MAX);

	for (size_t i = 0; i < nr_out; i++)
		known += out[i];
	if (known != size)
		printf("%s: a field is neither saved nor left out for a reason\n", name);
	CHECK_EQ(known, size);
}
#define COVERS(type, fields, ...)                                           \
	do {                                                                \
		static const size_t out_[] = { __VA_ARGS__ };               \
		covers(#type, sizeof(type), fields, out_, ARRAY_LEN(out_)); \
	} while (0)

static void forgotten_in_vcpu(void)
{
	COVERS(struct vcpu, vcpu_saved,
	       /* between an exit and the next entry only */
	       OUT(struct vcpu, exit), OUT(struct vcpu, walk), OUT(struct vcpu, insn_memo),
	       OUT(struct vcpu, flush_generation),
	       /* whose it is and where it runs */
	       OUT(struct vcpu, domain), OUT(struct vcpu, virt), OUT(struct vcpu, id),
	       OUT(struct vcpu, timers_cpu), OUT(struct vcpu, paused_for_shutdown),
	       OUT(struct vcpu, is_pinned), OUT(struct vcpu, unpinned_affinity),
	       OUT(struct vcpu, unknown_msr_logged), OUT(struct vcpu, history),
	       /* a poll may end early */
	       OUT(struct vcpu, poll_timer), OUT(struct vcpu, poll_port), OUT(struct vcpu, polling),
	       /* records of their own */
	       OUT(struct vcpu, info), OUT(struct vcpu, info_page), OUT(struct vcpu, info_gfn),
	       OUT(struct vcpu, fifo_control), OUT(struct vcpu, fifo_control_gfn),
	       OUT(struct vcpu, fifo), OUT(struct vcpu, lapic), OUT(struct vcpu, time),
	       OUT(struct vcpu, msrs), OUT(struct vcpu, fpu_area), OUT(struct vcpu, singleshot),
	       OUT(struct vcpu, periodic), OUT(struct vcpu, sched), GAP(struct vcpu, sched, lapic),
	       TAIL(struct vcpu, history));
	COVERS(struct vlapic, vlapic_saved, OUT(struct vlapic, vcpu), OUT(struct vlapic, timer),
	       OUT(struct vlapic, highest_isr), OUT(struct vlapic, deadline_cut),
	       /* this CPU's business */
	       OUT(struct vlapic, posted_control), OUT(struct vlapic, by_cpu),
	       OUT(struct vlapic, is_changed), TAIL(struct vlapic, timer));
	COVERS(struct guest_msrs, guest_msrs_saved, 0);
	COVERS(struct vcpu_time, vcpu_time_saved, 0);
}

static void forgotten_in_domain(void)
{
	COVERS(struct domain, domain_saved,
	       /* who it is, its life, limits: the toolstack's */
	       OUT(struct domain, id), OUT(struct domain, state), OUT(struct domain, refs),
	       OUT(struct domain, lock), OUT(struct domain, node), OUT(struct domain, hash_next),
	       OUT(struct domain, is_privileged), OUT(struct domain, tool_pauses),
	       OUT(struct domain, is_direct_mapped), OUT(struct domain, direct),
	       OUT(struct domain, pic), OUT(struct domain, emulation_flags),
	       OUT(struct domain, suspend_port), OUT(struct domain, pause_count),
	       OUT(struct domain, uuid), OUT(struct domain, name), OUT(struct domain, max_vcpus),
	       OUT(struct domain, package_vcpus), OUT(struct domain, vcpus),
	       OUT(struct domain, max_pages), OUT(struct domain, claimed_pages),
	       OUT(struct domain, share), OUT(struct domain, pool),
	       /* what the tools have said */
	       OUT(struct domain, settings),
	       /* a domain that was suspended is restored to run again */
	       OUT(struct domain, is_shut_down), OUT(struct domain, shutdown_code),
	       OUT(struct domain, sleep), /* the board's record has it */
	       OUT(struct domain, ending),
	       /* memory goes by itself */
	       OUT(struct domain, nr_pages), OUT(struct domain, page_slot), OUT(struct domain, p2m),
	       /* follows from how it is made */
	       OUT(struct domain, pio), OUT(struct domain, mmio), OUT(struct domain, ioapics),
	       OUT(struct domain, nr_ioapics), OUT(struct domain, vpci),
	       OUT(struct domain, platform), OUT(struct domain, devmodel),
	       OUT(struct domain, ended), OUT(struct domain, lowest_priority_next),
	       OUT(struct domain, virt), OUT(struct domain, teardown),
	       OUT(struct domain, teardown_step),
	       /* the log's */
	       OUT(struct domain, log_tokens_ns), OUT(struct domain, log_dropped),
	       OUT(struct domain, console_line), OUT(struct domain, console_length),
	       /* records of their own */
	       OUT(struct domain, shared_info), OUT(struct domain, cpuid),
	       OUT(struct domain, hvm_params), OUT(struct domain, events),
	       OUT(struct domain, grants), OUT(struct domain, time_offset_ns),
	       OUT(struct domain, e820), OUT(struct domain, nr_e820),
	       OUT(struct domain, watchdog_armed), OUT(struct domain, watchdog));
	COVERS(struct irq_routing, irq_routing_saved, OUT(struct irq_routing, lock),
	       OUT(struct irq_routing, is_stopped), OUT(struct irq_routing, link_count),
	       OUT(struct irq_routing, line_count));
	COVERS(struct vpic_chip, vpic_saved, 0);
	COVERS(struct vrtc, vrtc_saved, OUT(struct vrtc, ports), OUT(struct vrtc, domain),
	       OUT(struct vrtc, lock), OUT(struct vrtc, base_s), OUT(struct vrtc, base_ns),
	       OUT(struct vrtc, is_stopped), OUT(struct vrtc, alarm_told),
	       OUT(struct vrtc, tick.waits), OUT(struct vrtc, tick.raised_ns),
	       OUT(struct vrtc, tick.stolen_ns), OUT(struct vrtc, timer));
	COVERS(struct vpmtimer, vpmtimer_saved, OUT(struct vpmtimer, region),
	       OUT(struct vpmtimer, domain), OUT(struct vpmtimer, lock),
	       OUT(struct vpmtimer, moves));
	COVERS(struct hvm_params, hvm_params_saved, OUT(struct hvm_params, callback),
	       OUT(struct hvm_params, callback_vector), OUT(struct hvm_params, callback_gsi));
	COVERS(struct event_channel, event_channel_saved, OUT(struct event_channel, remote),
	       OUT(struct event_channel, fn));
	COVERS(struct grant_table, grant_table_saved, OUT(struct grant_table, lock),
	       OUT(struct grant_table, max_frames), OUT(struct grant_table, frames),
	       OUT(struct grant_table, active), OUT(struct grant_table, nr_active_blocks),
	       OUT(struct grant_table, mappings), OUT(struct grant_table, nr_handles),
	       OUT(struct grant_table, max_handles), OUT(struct grant_table, max_mapping_blocks),
	       OUT(struct grant_table, free_handle), OUT(struct grant_table, teardown_handle));
}

UNIT_MAIN(UNIT(forgotten_in_vcpu), UNIT(forgotten_in_domain))
