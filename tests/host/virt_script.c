/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The scripted backend: virt_ops answered from plain memory. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain.h"
#include "log.h"
#include "virt_script.h"

#include <xen/errno.h>

/* ---- tests' side ---- */

void script_push(struct vcpu *v, const struct script_step *s)
{
	struct script_vcpu *c = script_of(v);

	if (c->nr_steps == SCRIPT_MAX_STEPS)
		abort();
	c->steps[(c->step_first + c->nr_steps++) % SCRIPT_MAX_STEPS] = *s;
}

void script_push_exit(struct vcpu *v, const struct vcpu_exit *e)
{
	struct script_step s = { .exit = *e };

	script_push(v, &s);
}

static void set_flat_segments(struct script_vcpu *c, uint16_t code_attr)
{
	for (unsigned i = 0; i <= SEG_GS; i++)
		c->segment[i] =
			(struct segment){ .selector = 0x18, .attr = 0xc93, .limit = 0xffffffffu };
	c->segment[SEG_CS].selector = 0x10;
	c->segment[SEG_CS].attr = code_attr;
}

void script_set_long_mode(struct vcpu *v, uint64_t cr3)
{
	struct script_vcpu *c = script_of(v);

	set_flat_segments(c, 0xa9b);
	c->reg[REG_CR0] = CR0_PE | CR0_ET | CR0_NE | CR0_WP | CR0_PG;
	c->reg[REG_CR3] = cr3;
	c->reg[REG_CR4] = CR4_PAE | CR4_OSFXSR | CR4_OSXMMEXCPT;
	c->reg[REG_EFER] = EFER_LME | EFER_LMA | EFER_NXE | EFER_SCE;
}

void script_set_flat32(struct vcpu *v)
{
	struct script_vcpu *c = script_of(v);

	set_flat_segments(c, 0xc9b);
	c->reg[REG_CR0] = CR0_PE | CR0_ET;
	c->reg[REG_CR3] = c->reg[REG_CR4] = c->reg[REG_EFER] = 0;
}

void script_set_cpl(struct vcpu *v, uint8_t cpl)
{
	struct segment *ss = &script_of(v)->segment[SEG_SS];

	ss->attr = (uint16_t)((ss->attr & ~0x60) | cpl << 5);
}

/* ---- machine ---- */

static bool script_probe(const char **why)
{
	*why = "";
	return true;
}

static int script_cpu_enable(unsigned cpu)
{
	return 0;
}

static void script_cpu_disable(void)
{
}

/* ---- vcpu ---- */

static void script_vcpu_reset(struct vcpu *v)
{
	struct script_vcpu *c = script_of(v);

	for (unsigned i = 0; i <= SEG_GS; i++)
		c->segment[i] = (struct segment){ .attr = 0x093, .limit = 0xffff };
	c->segment[SEG_CS] = (struct segment){
		.selector = 0xf000, .attr = 0x09b, .limit = 0xffff, .base = 0xffff0000
	};
	c->segment[SEG_LDTR] = (struct segment){ .attr = 0x082, .limit = 0xffff };
	c->segment[SEG_TR] = (struct segment){ .attr = 0x08b, .limit = 0xffff };
	c->segment[SEG_GDTR] = c->segment[SEG_IDTR] = (struct segment){ .limit = 0xffff };
	memset(c->reg, 0, sizeof(c->reg));
	c->reg[REG_CR0] = CR0_CD | CR0_NW | CR0_ET;
	c->reg[REG_DR6] = 0xffff0ff0;
	c->reg[REG_DR7] = 0x400;
	c->reg[REG_PAT] = 0x0007040600070406ull;
	c->shadow = 0;
	c->injected.type = EVENT_NONE;
	c->window = WINDOW_NONE;
	c->nr_resets++;
}

static int script_vcpu_create(struct vcpu *v)
{
	v->virt = calloc(1, sizeof(struct script_vcpu));
	if (!v->virt)
		return -XEN_ENOMEM;
	script_vcpu_reset(v);
	return 0;
}

static void script_vcpu_destroy(struct vcpu *v)
{
	free(v->virt);
	v->virt = NULL;
}

static void script_vcpu_load(struct vcpu *v)
{
	if (script_of(v)->loaded)
		abort();
	script_of(v)->loaded = true;
	script_of(v)->nr_loads++;
}

static void script_vcpu_unload(struct vcpu *v)
{
	if (!script_of(v)->loaded)
		abort();
	script_of(v)->loaded = false;
}

static void deliver(struct script_vcpu *c)
{
	if (c->injected.type == EVENT_NONE)
		return;
	if (c->nr_delivered < SCRIPT_MAX_EVENTS)
		c->delivered[c->nr_delivered] = c->injected;
	c->nr_delivered++;
	if (c->injected.type == EVENT_EXCEPTION && c->injected.vector == X86_PF)
		c->reg[REG_CR2] = c->injected.cr2;
	c->injected.type = EVENT_NONE;
}

static void script_run(struct vcpu *v)
{
	struct script_vcpu *c = script_of(v);
	struct percpu *p = percpu();
	struct script_step step = c->idle;

	c->nr_runs++;
	__atomic_store_n(&p->in_guest, true, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&p->pending, __ATOMIC_SEQ_CST)) {
		v->exit = (struct vcpu_exit){ .kind = EXIT_HOST_EVENT };
		goto out;
	}
	if (v->domain && v->flush_generation != read_once(v->domain->p2m.generation)) {
		v->flush_generation = read_once(v->domain->p2m.generation);
		c->nr_flushes++;
	}
	c->nr_entries++;
	deliver(c);
	c->shadow &= ~(unsigned)SHADOW_STI_MOV_SS;
	if (c->nr_steps) {
		step = c->steps[c->step_first];
		c->step_first = (c->step_first + 1) % SCRIPT_MAX_STEPS;
		c->nr_steps--;
	}
	v->exit = step.exit;
	if (step.fn)
		step.fn(v, step.arg);
out:
	__atomic_store_n(&p->in_guest, false, __ATOMIC_SEQ_CST);
}

/* ---- state ---- */

static uint8_t script_get_cpl(struct vcpu *v)
{
	return SEG_ATTR_DPL(script_of(v)->segment[SEG_SS].attr);
}

static void script_get_paging(struct vcpu *v, struct paging_mode *out)
{
	struct script_vcpu *c = script_of(v);

	*out = (struct paging_mode){
		.cr0 = c->reg[REG_CR0],
		.cr3 = c->reg[REG_CR3],
		.cr4 = c->reg[REG_CR4],
		.efer = c->reg[REG_EFER],
		.rflags = v->regs.rflags,
		.cpl = script_get_cpl(v),
		.cs_attr_l = !!(c->segment[SEG_CS].attr & SEG_ATTR_L),
		.cs_attr_d = !!(c->segment[SEG_CS].attr & SEG_ATTR_DB),
	};
}

static uint64_t script_get_reg(struct vcpu *v, enum vcpu_reg r)
{
	return script_of(v)->reg[r];
}

static void script_set_reg(struct vcpu *v, enum vcpu_reg r, uint64_t value)
{
	script_of(v)->reg[r] = value;
}

static void script_get_segment(struct vcpu *v, enum segment_name s, struct segment *out)
{
	*out = script_of(v)->segment[s];
}

static void script_set_segment(struct vcpu *v, enum segment_name s, const struct segment *in)
{
	script_of(v)->segment[s] = *in;
}

/* ---- events ---- */

static bool script_inject(struct vcpu *v, const struct event *e)
{
	struct script_vcpu *c = script_of(v);

	if (c->injected.type != EVENT_NONE)
		return false;
	c->injected = *e;
	return true;
}

static void script_open_window(struct vcpu *v, enum window w, uint8_t priority)
{
	script_of(v)->window = w;
	script_of(v)->window_priority = priority;
}

static unsigned script_interrupt_shadow(struct vcpu *v)
{
	return script_of(v)->shadow;
}

static void script_set_interrupt_shadow(struct vcpu *v, unsigned shadow)
{
	script_of(v)->shadow = shadow;
}

/* ---- intercepts ---- */

static void script_trap_msr(struct vcpu *v, uint32_t index, bool on_read, bool on_write)
{
	struct script_vcpu *c = script_of(v);

	c->msr_index = index;
	c->msr_read_trapped = on_read;
	c->msr_write_trapped = on_write;
}

/* Ports let through, by domain id: one bit a port. */
static uint64_t open_ports[8][65536 / 64];

static void script_trap_port(struct domain *d, uint16_t port, bool on)
{
	uint64_t *w = &open_ports[d->id % ARRAY_LEN(open_ports)][port / 64];

	if (on)
		*w &= ~BIT(port % 64);
	else
		*w |= BIT(port % 64);
}

bool script_port_trapped(struct domain *d, uint16_t port)
{
	return !(open_ports[d->id % ARRAY_LEN(open_ports)][port / 64] & BIT(port % 64));
}

static void script_trap_rdtsc(struct vcpu *v, bool on)
{
	script_of(v)->rdtsc_trapped = on;
}

static void script_set_tsc_offset(struct vcpu *v, uint64_t offset)
{
	script_of(v)->tsc_offset = offset;
}

static size_t script_insn_bytes(struct vcpu *v, uint8_t bytes[15])
{
	memcpy(bytes, script_of(v)->insn, script_of(v)->insn_len);
	return script_of(v)->insn_len;
}

static void script_dump(struct vcpu *v)
{
	log_info("script vcpu: %u steps to go, %u entries", script_of(v)->nr_steps,
	         script_of(v)->nr_entries);
}

bool script_takes_posts;

static bool script_post(struct vcpu *v)
{
	return script_takes_posts;
}

static void script_describe(char *buf, size_t size)
{
	snprintf(buf, size, "script");
}

/* ---- nested page-table entries: x86's bits, the p2m type in bits 52-55 ---- */

#define LEAF_RO(type) (PTE_P | PTE_U | PTE_A | PTE_D | (uint64_t)(type) << 52)
#define LEAF_RW(type) (LEAF_RO(type) | PTE_W)

static const struct nested_format script_nested = {
	.present = PTE_P,
	.large = PTE_PS,
	.address = PTE_ADDR,
	.dirty = PTE_D,
	.table = PTE_P | PTE_W | PTE_U | PTE_A,
	.leaf = {
		[P2M_RAM_RW] = LEAF_RW(P2M_RAM_RW),
		[P2M_RAM_RO] = LEAF_RO(P2M_RAM_RO),
		[P2M_RAM_LOGDIRTY] = LEAF_RW(P2M_RAM_LOGDIRTY) & ~PTE_D, /* marked by the CPU */
		[P2M_MMIO_DIRECT] = LEAF_RW(P2M_MMIO_DIRECT),
		[P2M_GRANT_RW] = LEAF_RW(P2M_GRANT_RW),
		[P2M_GRANT_RO] = LEAF_RO(P2M_GRANT_RO),
		[P2M_FOREIGN] = LEAF_RW(P2M_FOREIGN),
		[P2M_SHARED] = LEAF_RW(P2M_SHARED),
	},
	.type_shift = 52,
	.max_leaf_level = 2,
	.gpa_bits = 48,
};

const struct virt_ops script_ops = {
	.name = "script",
	.probe = script_probe,
	.cpu_enable = script_cpu_enable,
	.cpu_disable = script_cpu_disable,
	.vcpu_create = script_vcpu_create,
	.vcpu_destroy = script_vcpu_destroy,
	.vcpu_reset = script_vcpu_reset,
	.vcpu_load = script_vcpu_load,
	.vcpu_unload = script_vcpu_unload,
	.run = script_run,
	.get_paging = script_get_paging,
	.get_reg = script_get_reg,
	.set_reg = script_set_reg,
	.get_segment = script_get_segment,
	.set_segment = script_set_segment,
	.get_cpl = script_get_cpl,
	.inject = script_inject,
	.open_window = script_open_window,
	.interrupt_shadow = script_interrupt_shadow,
	.set_interrupt_shadow = script_set_interrupt_shadow,
	.trap_msr = script_trap_msr,
	.trap_port = script_trap_port,
	.trap_rdtsc = script_trap_rdtsc,
	.set_tsc_offset = script_set_tsc_offset,
	.insn_bytes = script_insn_bytes,
	.dump = script_dump,
	.describe = script_describe,
	.post = script_post,
	.nested = &script_nested,
	.hypercall_is_vmmcall = true,
};

const struct virt_ops *virt = &script_ops;

int virt_select(char *why, size_t size)
{
	if (size)
		why[0] = 0;
	return 0;
}
