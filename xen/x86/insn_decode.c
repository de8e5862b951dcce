/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Instruction decoding. A cursor hands out the bytes and remembers when they ran out, so that only the end looks at it.
 * It runs at each exit whose length the CPU does not tell (CPUID, RDMSR, VMMCALL, ...): plain opcodes take a short way,
 * and all that is rare hangs on one attribute bit (INSN_CHECK).
 */
#include "insn_decode.h"
#include "insn_tables.h"
#include "errno.h"

#define NO_REGISTER 0xff

struct cursor {
	const uint8_t *bytes;
	unsigned at, end;
	bool over; /* more was asked than there is */
};

static inline uint8_t next_byte(struct cursor *c)
{
	if (unlikely(c->at >= c->end)) {
		c->over = true;
		return 0;
	}
	return c->bytes[c->at++];
}

/* Little-endian, at most 8 bytes. */
static uint64_t next_bytes(struct cursor *c, unsigned size)
{
	uint64_t v = 0;

	if (size > c->end - c->at) {
		c->over = true;
		return 0;
	}
	for (unsigned i = 0; i < size; i++)
		v |= (uint64_t)c->bytes[c->at++] << (8 * i);
	return v;
}

static inline int64_t sign_extend(uint64_t v, unsigned size)
{
	unsigned shift = 64 - 8 * size;

	return (int64_t)(v << shift) >> shift;
}

static void take_segment(struct insn *i, enum insn_mode mode, enum segment_name segment)
{
	/* In 64-bit mode the older four are without effect (APM 1.2.4). */
	if (mode == INSN_64BIT && segment < SEG_FS)
		return;
	i->segment = segment;
	i->segment_override = true;
}

static cold_fn void take_prefix(struct insn *i, enum insn_mode mode, uint8_t byte)
{
	i->rex = 0; /* counts only just before the opcode */
	switch (byte) {
	case 0x26: take_segment(i, mode, SEG_ES); break;
	case 0x2e: take_segment(i, mode, SEG_CS); break;
	case 0x36: take_segment(i, mode, SEG_SS); break;
	case 0x3e: take_segment(i, mode, SEG_DS); break;
	case 0x64: take_segment(i, mode, SEG_FS); break;
	case 0x65: take_segment(i, mode, SEG_GS); break;
	case 0x66: i->opsize_prefix = true; break;
	case 0x67: i->addr_size = mode == INSN_32BIT ? 2 : 4; break;
	case 0xf0: i->lock = true; break;
	case 0xf2:
		i->repne = true;
		i->rep = false;
		break;
	case 0xf3:
		i->rep = true;
		i->repne = false;
		break;
	default: i->rex = byte;
	}
}

static void decode_memory_16(struct cursor *c, struct insn *i)
{
	static const uint8_t bases[8] = { GPR_RBX, GPR_RBX, GPR_RBP, GPR_RBP,
		                          GPR_RSI, GPR_RDI, GPR_RBP, GPR_RBX };
	static const uint8_t indexes[4] = { GPR_RSI, GPR_RDI, GPR_RSI, GPR_RDI };
	unsigned mod = i->modrm >> 6, rm = i->modrm & 7;
	unsigned disp_size = mod == 0 && rm == 6 ? 2 : mod;

	if (mod != 0 || rm != 6)
		i->base = bases[rm];
	if (rm < 4)
		i->index = indexes[rm];
	i->disp = disp_size ? sign_extend(next_bytes(c, disp_size), disp_size) : 0;
}

static void decode_memory_32(struct cursor *c, struct insn *i, enum insn_mode mode)
{
	unsigned mod = i->modrm >> 6, rm = i->modrm & 7;
	unsigned disp_size = mod == 1 ? 1 : mod == 2 ? 4 : 0;

	if (rm == 4) {
		uint8_t sib = next_byte(c);
		uint8_t index = (sib >> 3 & 7) | (i->rex & 2) << 2;

		rm = sib & 7;
		if (index != 4) {
			i->index = index;
			i->scale = 1 << (sib >> 6);
		}
		if (rm == 5 && mod == 0)
			disp_size = 4;
		else
			i->base = rm | (i->rex & 1) << 3;
	} else if (rm == 5 && mod == 0) {
		disp_size = 4;
		i->rip_relative = mode == INSN_64BIT;
	} else {
		i->base = rm | (i->rex & 1) << 3;
	}
	i->disp = disp_size ? sign_extend(next_bytes(c, disp_size), disp_size) : 0;
}

static __attribute__((noinline)) void decode_memory(struct cursor *c, struct insn *i,
                                                    enum insn_mode mode)
{
	i->has_mem = true;
	i->scale = 1;
	if (i->addr_size == 2)
		decode_memory_16(c, i);
	else
		decode_memory_32(c, i, mode);
	if (!i->segment_override && (i->base == GPR_RBP || i->base == GPR_RSP))
		i->segment = SEG_SS;
}

static unsigned imm_size(const struct insn *i, enum insn_mode mode, unsigned kind)
{
	unsigned z = i->op_size == 2 ? 2 : 4;
	bool test = !(i->modrm & 0x30);

	switch (kind) {
	case IMM_B: return 1;
	case IMM_W: return 2;
	case IMM_Z: return z;
	case IMM_V: return i->op_size;
	case IMM_ENTER: return 3;
	case IMM_FAR: return z + 2;
	case IMM_REL: return mode == INSN_64BIT ? 4 : z;
	case IMM_TEST_B: return test ? 1 : 0;
	case IMM_TEST_Z: return test ? z : 0;
	case IMM_SSE4A: return i->opsize_prefix || i->repne ? 2 : 0;
	default: return 0;
	}
}

static __attribute__((noinline)) void decode_imm(struct cursor *c, struct insn *i,
                                                 enum insn_mode mode, unsigned kind)
{
	if (kind == IMM_OFFSET) {
		i->has_mem = true;
		i->disp = (int64_t)next_bytes(c, i->addr_size);
		return;
	}
	i->imm_size = imm_size(i, mode, kind);
	i->imm = next_bytes(c, i->imm_size);
}

static unsigned operand_size(const struct insn *i, enum insn_mode mode, unsigned attr)
{
	if (mode == INSN_64BIT) {
		if ((attr & (INSN_F64 | INSN_REG)) || (i->rex & 8))
			return 8;
		if (i->opsize_prefix)
			return 2;
		return attr & INSN_D64 ? 8 : 4;
	}
	if (attr & INSN_REG)
		return 4;
	return i->opsize_prefix == (mode == INSN_16BIT) ? 4 : 2;
}

/*
 * C4, C5 and 62 are VEX and EVEX in 64-bit mode, and elsewhere when a ModRM in their place would name a register, which
 * LES, LDS and BOUND do not allow. All VEX opcodes but VZEROUPPER have a ModRM. Returns the attributes.
 */
static unsigned decode_vex(struct cursor *c, struct insn *i, enum insn_mode mode)
{
	unsigned attr = insn_attr_one[i->opcode] & ~(INSN_NO64 | INSN_CHECK);
	bool three = i->opcode == 0xc4;
	uint8_t next = c->at < c->end ? c->bytes[c->at] : 0, last;

	if (c->at >= c->end)
		c->over = true;
	if (mode != INSN_64BIT && next < 0xc0)
		return attr;
	if (i->opcode == 0x62 || i->rex || i->lock || i->rep || i->repne || i->opsize_prefix)
		return INSN_BAD;
	c->at++;
	last = three ? next_byte(c) : next;
	i->vex = true;
	i->map = three ? next & 0x1f : MAP_0F;
	/* The bits are stored inverted. They stand where REX has them; W only in the longer form. */
	i->rex = 0x40 | (next & 0x80 ? 0 : 4);
	if (three)
		i->rex |= (next & 0x40 ? 0 : 2) | (next & 0x20 ? 0 : 1) | (last & 0x80 ? 8 : 0);
	if (mode != INSN_64BIT)
		i->rex = 0;
	i->opsize_prefix = (last & 3) == 1;
	i->rep = (last & 3) == 2;
	i->repne = (last & 3) == 3;
	i->opcode = next_byte(c);
	switch (i->map) {
	case MAP_0F: attr = insn_attr_0f[i->opcode]; break;
	case MAP_0F38: attr = INSN_MODRM; break;
	case MAP_0F3A: attr = INSN_MODRM | IMM_B; break;
	default: return INSN_BAD;
	}
	if (i->opcode == 0x77 && i->map == MAP_0F)
		return attr;
	return (attr & (INSN_MODRM | INSN_REG)) == INSN_MODRM ? attr & (INSN_MODRM | IMM_B)
	                                                      : INSN_BAD;
}

/* The attributes of an opcode whose row alone does not tell them. */
static cold_fn unsigned decode_check(struct cursor *c, struct insn *i, enum insn_mode mode,
                                     unsigned attr)
{
	uint8_t reg = c->at < c->end ? c->bytes[c->at] >> 3 & 7 : 0;

	if (attr == INSN_BAD)
		return attr;
	if (i->map == MAP_0F) {
		i->map = i->opcode == 0x38 ? MAP_0F38 : MAP_0F3A;
		i->opcode = next_byte(c);
		return i->map == MAP_0F38 ? INSN_MODRM : INSN_MODRM | IMM_B;
	}
	switch (i->opcode) {
	case 0x8f: /* with another number this is XOP */
		return reg ? INSN_BAD : INSN_MODRM | INSN_D64;
	case 0xff: /* near CALL and JMP, PUSH */
		return INSN_MODRM | (reg == 2 || reg == 4 ? INSN_F64 : reg == 6 ? INSN_D64 : 0);
	default: return decode_vex(c, i, mode);
	}
}

static __attribute__((noinline)) int decode_any(const uint8_t *bytes, size_t n, enum insn_mode mode,
                                                struct insn *out)
{
	struct cursor c = { bytes, 0, n < INSN_MAX_LEN ? n : INSN_MAX_LEN, false };
	uint8_t byte;
	unsigned attr;

	*out = (struct insn){
		.addr_size = 2 << mode,
		.segment = SEG_DS,
		.base = NO_REGISTER,
		.index = NO_REGISTER,
	};
	for (;;) {
		byte = next_byte(&c);
		attr = insn_attr_one[byte];
		if (likely(!(attr & INSN_PREFIX)))
			break;
		if ((attr & INSN_REX) && mode != INSN_64BIT) {
			attr = 0; /* INC and DEC of a register */
			break;
		}
		take_prefix(out, mode, byte);
	}
	out->prefix_len = c.at - 1;
	if (byte == 0x0f) {
		out->map = MAP_0F;
		byte = next_byte(&c);
		attr = insn_attr_0f[byte];
	}
	out->opcode = byte;
	if (unlikely(attr & INSN_CHECK))
		attr = decode_check(&c, out, mode, attr);
	out->op_size = operand_size(out, mode, attr);
	if (attr & INSN_MODRM) {
		out->has_modrm = true;
		out->modrm = next_byte(&c);
		if (out->modrm < 0xc0 && !(attr & INSN_REG))
			decode_memory(&c, out, mode);
	}
	if (attr & INSN_IMM)
		decode_imm(&c, out, mode, attr & INSN_IMM);
	out->len = c.at;
	if (unlikely(c.over))
		return n < INSN_MAX_LEN ? -ENODATA : -EINVAL;
	if (unlikely(attr & (INSN_BAD | INSN_NO64)) &&
	    ((attr & INSN_NO64) == 0 || mode == INSN_64BIT))
		return -EINVAL;
	return 0;
}

int insn_decode(const uint8_t *bytes, size_t n, enum insn_mode mode, struct insn *out)
{
	bool two = n >= 3 && bytes[0] == 0x0f;
	uint8_t opcode;
	unsigned attr;

	if (n < 3)
		return decode_any(bytes, n, mode, out);
	opcode = bytes[two];
	attr = two ? insn_attr_0f[opcode] : insn_attr_one[opcode];
	if ((attr & ~(INSN_MODRM | INSN_REG)) || (attr && bytes[1 + two] < 0xc0))
		return decode_any(bytes, n, mode, out);
	out->len = 1 + two + !!attr;
	out->opcode = opcode;
	out->map = two ? MAP_0F : MAP_ONE;
	out->prefix_len = 0;
	out->op_size = mode == INSN_16BIT ? 2 : 4;
	if (attr & INSN_REG)
		out->op_size = mode == INSN_64BIT ? 8 : 4;
	out->addr_size = 2 << mode;
	out->rex = 0;
	out->lock = out->rep = out->repne = out->opsize_prefix = out->vex = false;
	out->has_modrm = attr;
	out->modrm = attr ? bytes[1 + two] : 0;
	out->segment = SEG_DS;
	out->segment_override = false;
	out->base = out->index = NO_REGISTER;
	out->scale = 0;
	out->rip_relative = out->has_mem = false;
	out->disp = 0;
	out->imm = 0;
	out->imm_size = 0;
	return 0;
}

uint64_t insn_mem_offset(const struct insn *i, const struct guest_regs *regs)
{
	uint64_t offset = i->disp;

	if (i->base != NO_REGISTER)
		offset += regs->r[i->base];
	if (i->index != NO_REGISTER)
		offset += regs->r[i->index] * i->scale;
	if (i->rip_relative)
		offset += regs->rip + i->len;
	return i->addr_size == 8 ? offset : i->addr_size == 4 ? (uint32_t)offset : (uint16_t)offset;
}
