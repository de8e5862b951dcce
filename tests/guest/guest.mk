# SPDX-License-Identifier: GPL-2.0-or-later
# The micro-VMs: sets GUEST_BIN and says how each is built. Every tests/guest/NAME.c is one micro-VM, built
# for the environments that GUEST_ENV_NAME names (all three when there is no such line).
GUEST_ENVS := hvm32 hvm32pae hvm64
GUEST_ENV_fpu := hvm32 hvm64
GUEST_ENV_storm := hvm32pae hvm64
GUEST_ENV_ending := hvm64
GUEST_ENV_dirty_log := hvm64
GUEST_ENV_loops := hvm32 hvm64
GUEST_ENV_task_switch := hvm32 hvm32pae
GUEST_ENV_x2apic := hvm64
GUEST_ENV_xstate := hvm64

GUEST_NAMES := $(patsubst tests/guest/%.c,%,$(wildcard tests/guest/*.c))
guest_envs   = $(or $(GUEST_ENV_$(1)),$(GUEST_ENVS))
GUEST_BIN   := $(foreach n,$(GUEST_NAMES),$(addprefix $(BUILD)/guest/$(n)-,$(call guest_envs,$(n))))

INCLUDE_tests/guest/lib/x32 := tests/guest/lib/x32 $(INCLUDE_tests/guest/lib)
INCLUDE_tests/guest/lib/x64 := tests/guest/lib/x64 $(INCLUDE_tests/guest/lib)
GUEST_ARCH_hvm32    := x32
GUEST_ARCH_hvm32pae := x32
GUEST_ARCH_hvm64    := x64
GUEST_BITS_x32 := -m32
GUEST_BITS_x64 := -m64 -mno-red-zone
GUEST_LD_x32   := -m elf_i386
GUEST_LD_x64   := -m elf_x86_64

guest_include = -iquote tests/guest/lib/$(1) -iquote tests/guest/lib -iquote tests/guest -iquote xen/lib
GUEST_FLAGS = $(COMMON) -ffreestanding -O2 -mgeneral-regs-only -fno-pic -no-pie -fno-stack-protector \
          -fno-asynchronous-unwind-tables -fcf-protection=none -fno-tree-loop-distribute-patterns \
          -fno-delete-null-pointer-checks --param=min-pagesize=0
GUEST_LIB_SRC := $(wildcard tests/guest/lib/*.c) $(SMALL_LIB) tests/guest/lib/start.S

# The parts that one architecture needs, for $(1) = x32 or x64: objects in $(BUILD)/guest/$(1).
define guest_arch_rules
GUEST_LIB_OBJ_$(1) := $$(patsubst %,$$(BUILD)/guest/$(1)/%.o,$$(GUEST_LIB_SRC) tests/guest/lib/$(1)/traps.S)
$$(BUILD)/guest/$(1)/%.c.o: %.c Makefile tests/guest/guest.mk | $$(ABI)
	$$(Q)mkdir -p $$(dir $$@)
	$$(Q)$$(CC) $$(GUEST_FLAGS) $$(GUEST_BITS_$(1)) $$(WARN) $$(call guest_include,$(1)) -MMD -MP -c -o $$@ $$<
$$(BUILD)/guest/$(1)/%.S.o: %.S Makefile tests/guest/guest.mk | $$(ABI)
	$$(Q)mkdir -p $$(dir $$@)
	$$(Q)$$(CC) $$(GUEST_FLAGS) $$(GUEST_BITS_$(1)) $$(call guest_include,$(1)) -D__ASSEMBLY__ -MMD -MP -c -o $$@ $$<
endef
$(foreach a,x32 x64,$(eval $(call guest_arch_rules,$(a))))

# One environment: $(BUILD)/guest/NAME-ENV from the test, the library and the environment's start.
define guest_env_rules
$$(BUILD)/guest/%-$(1): $$(BUILD)/guest/$$(GUEST_ARCH_$(1))/tests/guest/%.c.o $$(GUEST_LIB_OBJ_$$(GUEST_ARCH_$(1))) \
		$$(BUILD)/guest/$$(GUEST_ARCH_$(1))/tests/guest/lib/mode_$(1).S.o tests/guest/lib/guest.lds
	$$(Q)$$(LD) $$(GUEST_LD_$$(GUEST_ARCH_$(1))) -nostdlib -z max-page-size=4096 --no-warn-rwx-segments \
		-T tests/guest/lib/guest.lds -o $$@ $$(filter %.o,$$^)
endef
$(foreach e,$(GUEST_ENVS),$(eval $(call guest_env_rules,$(e))))

$(BUILD)/guest/bench $(BUILD)/guest/board: $(BUILD)/guest/%: $(BUILD)/guest/x64/tests/bench/%.c.o $(GUEST_LIB_OBJ_x64) \
		$(BUILD)/guest/x64/tests/guest/lib/mode_hvm64.S.o tests/guest/lib/guest.lds
	$(Q)$(LD) $(GUEST_LD_x64) -nostdlib -z max-page-size=4096 --no-warn-rwx-segments \
		-T tests/guest/lib/guest.lds -o $@ $(filter %.o,$^)

-include $(wildcard $(BUILD)/guest/x*/tests/guest/*.d $(BUILD)/guest/x*/tests/guest/lib/*.d \
          $(BUILD)/guest/x*/tests/guest/lib/x*/*.d $(BUILD)/guest/x*/tests/bench/*.d)

.PHONY: guests
guests: $(GUEST_BIN) $(BUILD)/guest/bench
