/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the first domain is started: registers, start info, memory map, command line, tables. */
#include "guest.h"

static void entry_registers(void)
{
	CHECK_EQ(entry_state.cr0 & ~CR0_ET, CR0_PE);
	CHECK_EQ(entry_state.cr4, 0);
	CHECK_EQ(entry_state.eflags & ((1u << 17) | FLAG_IF | FLAG_TF), 0);
	CHECK_EQ(rdmsr(MSR_EFER) & ~(uint64_t)(EFER_LMA | 1u << 8 | EFER_SVME), 0);
}

static void start_info_fields(void)
{
	CHECK_EQ(start_info.magic, XEN_HVM_START_MAGIC_VALUE);
	CHECK(start_info.version >= 1);
	CHECK_EQ(start_info.flags & 3, SIF_PRIVILEGED | SIF_INITDOMAIN);
	CHECK_EQ(start_info.reserved, 0);
	CHECK(start_info.memmap_entries >= 1 && start_info.memmap_entries <= MAX_MEMMAP);
	CHECK(start_info.rsdp_paddr && start_info.rsdp_paddr < GIB(4));
	CHECK(start_info.memmap_paddr && start_info.memmap_paddr < GIB(4));
	CHECK(entry_state.ebx % 4 == 0);
}

static void memory_map_sane(void)
{
	uint64_t ram = 0;
	bool image = false, info = false;

	for (unsigned i = 0; i < memory_map_entries; i++) {
		const struct hvm_memmap_table_entry *m = &memory_map[i];

		CHECK_EQ(m->reserved, 0);
		CHECK(m->size && m->addr + m->size > m->addr);
		CHECK(m->type >= XEN_HVM_MEMMAP_TYPE_RAM && m->type <= XEN_HVM_MEMMAP_TYPE_PMEM);
		if (i)
			CHECK(memory_map[i - 1].addr + memory_map[i - 1].size <= m->addr);
		if (m->type != XEN_HVM_MEMMAP_TYPE_RAM)
			continue;
		ram += m->size;
		image |= (ulong_t)image_start >= m->addr && (ulong_t)image_end <= m->addr + m->size;
		info |= entry_state.ebx >= m->addr && entry_state.ebx < m->addr + m->size;
	}
	CHECK(image);
	CHECK(info);
	/* dom0_mem=256M on the test machine's command line; holes may take a little of it. */
	CHECK(ram <= MIB(256) && ram >= MIB(250));
}

/* The first and last page of each RAM region is there and its own. */
static void memory_is_there(void)
{
	for (unsigned i = 0; i < memory_map_entries; i++) {
		const struct hvm_memmap_table_entry *m = &memory_map[i];
		volatile uint32_t *last = (volatile uint32_t *)(ulong_t)(m->addr + m->size - 4096);
		uint32_t old;

		if (m->type != XEN_HVM_MEMMAP_TYPE_RAM || m->addr < MIB(1) ||
		    m->addr + m->size > GIB(3))
			continue;
		old = *last;
		*last = 0x5a5a1234 + i;
		CHECK_EQ(*last, 0x5a5a1234 + i);
		*last = old;
	}
}

static void command_line_given(void)
{
	CHECK(strstr(command_line, "guest-argument=7"));
	CHECK_EQ(option_number("guest-argument", 0), 7);
}

static void bss_is_zero(void)
{
	static uint32_t zeroes[4096];

	for (unsigned i = 0; i < ARRAY_LEN(zeroes); i++)
		if (zeroes[i])
			test_fail("word %u of bss is %x", i, zeroes[i]);
}

static uint8_t sum(const void *p, unsigned n)
{
	const uint8_t *b = p;
	uint8_t s = 0;

	while (n--)
		s = (uint8_t)(s + *b++);
	return s;
}

static void acpi_tables(void)
{
	const char *rsdp = (const char *)(ulong_t)start_info.rsdp_paddr;
	const char *xsdt;
	uint64_t address;
	uint32_t length;
	bool madt = false, fadt = false;

	if (!CHECK(!memcmp(rsdp, "RSD PTR ", 8)))
		return;
	CHECK_EQ(sum(rsdp, 20), 0);
	CHECK_EQ(sum(rsdp, 36), 0);
	memcpy(&address, rsdp + 24, 8);
	if (!CHECK(address && address < GIB(4)))
		return;
	xsdt = (const char *)(ulong_t)address;
	if (memcmp(xsdt, "XSDT", 4)) {
		test_fail("no XSDT at 0x%lx", (unsigned long)address);
		return;
	}
	memcpy(&length, xsdt + 4, 4);
	CHECK_EQ(sum(xsdt, length), 0);
	for (uint32_t at = 36; at + 8 <= length; at += 8) {
		const char *t;
		uint32_t n;

		memcpy(&address, xsdt + at, 8);
		t = (const char *)(ulong_t)address;
		memcpy(&n, t + 4, 4);
		if (sum(t, n))
			test_fail("table %c%c%c%c: bad checksum", t[0], t[1], t[2], t[3]);
		madt |= !memcmp(t, "APIC", 4);
		fadt |= !memcmp(t, "FACP", 4);
	}
	CHECK(madt);
	CHECK(fadt);
}

static void vcpus_in_madt(void)
{
	CHECK_EQ(cpu_count(), option_number("vcpus", 4));
	for (unsigned i = 0; i < cpu_count(); i++)
		for (unsigned j = 0; j < i; j++)
			CHECK(cpu_apic_id(i) != cpu_apic_id(j));
	CHECK_EQ(cpu_apic_id(0), lapic_id());
}

GUEST_TESTS(TEST(entry_registers), TEST(start_info_fields), TEST(memory_map_sane),
            TEST(memory_is_there), TEST(command_line_given), TEST(bss_is_zero), TEST(acpi_tables),
            TEST(vcpus_in_madt));
