# SPDX-License-Identifier: GPL-2.0-or-later
# Zazen: one make, no recursion. Three flavours of the same sources:
#   bare   the hypervisor image and the micro-VMs (no libc, no floating point)
#   host   unit tests and host programs, with AddressSanitizer and UBSan
#   fuzz   libFuzzer targets, with the same sanitizers
# Each folder sees only the folders named in its INCLUDE list: that is the layering.

VERSION := 0.1
CC      := gcc
FUZZ_CC := clang
# FUZZ_MORE=-fno-sanitize-coverage=trace-cmp for runs of 10^7: half again as many a second.
FUZZ_MORE :=
LD      := ld
OBJCOPY := objcopy
BUILD   := build
Q       := @

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:
MAKEFLAGS += --no-builtin-rules

# ---- who may include whom ------------------------------------------------------------------------
INCLUDE_xen/lib     := xen/lib
INCLUDE_xen/unpack  := xen/unpack xen/lib
INCLUDE_xen/bus     := xen/bus xen/lib
INCLUDE_xen/x86     := xen/x86 xen/lib
INCLUDE_xen/core    := xen/core xen/vdev xen/virt xen/x86 xen/bus xen/lib
INCLUDE_xen/vdev    := xen/vdev xen/core xen/virt xen/x86 xen/bus xen/lib
INCLUDE_xen/virt    := xen/virt xen/core xen/vdev xen/x86 xen/bus xen/lib
INCLUDE_xen/virt/svm := xen/virt/svm $(INCLUDE_xen/virt)
INCLUDE_xen/virt/vmx := xen/virt/vmx $(INCLUDE_xen/virt)
INCLUDE_xen/machine := xen/machine xen/core xen/vdev xen/virt xen/x86 xen/bus xen/lib
INCLUDE_xen/boot    := xen/boot xen/unpack $(INCLUDE_xen/machine)
INCLUDE_tests/host  := tests/host xen/boot xen/unpack xen/core xen/vdev xen/virt xen/x86 xen/bus xen/lib xen/virt/vmx
INCLUDE_tests/unit  := tests/unit $(INCLUDE_tests/host) xen/machine xen/virt/svm
INCLUDE_tests/fuzz  := tests/fuzz $(INCLUDE_tests/unit)
INCLUDE_tests/guest := tests/guest tests/guest/lib xen/lib
INCLUDE_tests/guest/lib := $(INCLUDE_tests/guest)

# The folder of $(1), as a list of -iquote flags. The ABI headers (libxen-dev) come through $(BUILD)/abi.
includes = $(addprefix -iquote ,$(INCLUDE_$(patsubst %/,%,$(dir $(1)))))

# ---- flags -----------------------------------------------------------------------------------------
WARN   := -Wall -Wextra -Werror -Wmissing-prototypes -Wstrict-prototypes -Wundef -Wvla -Wwrite-strings \
          -Wno-unused-parameter -Wno-missing-field-initializers
COMMON  = -std=gnu11 -g -fno-strict-aliasing -fno-common -fwrapv -nostdinc \
          -isystem $(GCC_INCLUDE) -isystem $(BUILD)/abi \
          -D__XEN_INTERFACE_VERSION__=0x00041100 -D__XEN_TOOLS__ -DZAZEN_VERSION='"$(VERSION)"'
# LTO: the hot road goes through many small files.
BARE    = $(COMMON) -ffreestanding -O2 -mcmodel=kernel -mno-red-zone -mgeneral-regs-only -fno-pic -no-pie \
          -flto=2 -fno-stack-protector -fno-asynchronous-unwind-tables -fno-omit-frame-pointer \
          -momit-leaf-frame-pointer -fno-jump-tables -fcf-protection=none -fno-tree-loop-distribute-patterns
SAN    := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
HOST    = $(COMMON) -O1 $(SAN) -ffreestanding
# Tests themselves use the host's libc beside our headers.
HOST_LIBC := -std=gnu11 -g -O1 -fno-strict-aliasing -fwrapv $(SAN) -idirafter $(BUILD)/abi \
          -D__XEN_INTERFACE_VERSION__=0x00041100 -D__XEN_TOOLS__ -DZAZEN_VERSION='"$(VERSION)"'

# ---- sources ---------------------------------------------------------------------------------------
CORE_DIRS := xen/lib xen/unpack xen/bus xen/x86 xen/core xen/vdev
BARE_DIRS := $(CORE_DIRS) xen/virt xen/virt/svm xen/virt/vmx xen/machine xen/boot
sources    = $(sort $(wildcard $(addsuffix /$(1),$(2))))
# Programs that must be small, or of 32 bits (hvmloader, micro-VMs), have two of their own in the place of memory_iso.c.
SMALL_ONLY := xen/lib/memory_small.c xen/lib/divide_32.c
SMALL_LIB  := $(SMALL_ONLY) xen/lib/string_iso.c
BARE_SRC  := $(filter-out %.lds.S $(SMALL_ONLY),$(call sources,*.c,$(BARE_DIRS)) $(call sources,*.S,$(BARE_DIRS)))
CORE_SRC  := $(filter-out $(SMALL_ONLY),$(call sources,*.c,$(CORE_DIRS)))
# Pure parsers of xen/machine and xen/boot that are host-compilable too.
HOST_EXTRA_SRC := $(wildcard xen/boot/multiboot.c xen/boot/boot_ranges.c xen/boot/gaps.c xen/boot/elf.c xen/machine/acpi.c \
          xen/boot/guest_config.c xen/boot/dom0_build.c xen/boot/dom0_memory.c xen/boot/dom0_acpi.c xen/boot/pvh_*.c) \
          $(addprefix xen/virt/virt_,ports.c msrs.c describe.c rules.c apic.c barriers.c) $(addprefix xen/virt/svm/,vmcb.c npt.c svm_state.c svm_event.c svm_exit.c svm_run.c) \
          $(addprefix xen/virt/vmx/,vmcs.c vmcs_check.c vmx_controls.c ept.c vmx_state.c vmx_event.c vmx_exit.c vmx_run.c vmx_trap.c vmx_apic.c vmx_log.c)
HOST_FAKE_SRC := $(call sources,*.c,tests/host)
UNIT_SRC  := $(call sources,test_*.c,tests/unit)
# Those with Debian's kernel as dom0 have a target of their own as well; they want Debian packages from the network.
DOM0_TESTS := $(filter-out tests/system/dom0-pv-devices.sh,$(wildcard tests/system/dom0-*.sh))
# VT-x, which only bochs has; the longest begin first. Those that are in make test-vtx only.
VTX_ONLY  := $(addprefix tests/system/,vtx-pvh.sh vtx-more.sh vtx-tlb.sh)
VTX_TESTS := $(addprefix tests/system/,vtx-pvh.sh vtx.sh vtx-dom0.sh vtx-more.sh vtx-tlb.sh)
# Apart from make test, as they take long or need more than Debian 12.
LONG_TESTS := $(VTX_ONLY) tests/system/install-boot.sh tests/system/run-debian-installer.sh tests/system/hvm-fwts.sh
# Those of minutes begin first, so that none of them runs alone at the end.
FIRST_TESTS := $(addprefix tests/system/,dom0-tools.sh vtx.sh hvm.sh dom0-pv-devices.sh run-install.sh run-guests.sh run-window.sh hvm-long.sh dom0-memory.sh run.sh)
SYSTEM_TESTS := $(FIRST_TESTS) $(filter-out $(LONG_TESTS) $(FIRST_TESTS),$(wildcard tests/system/*.sh))
FUZZ_SRC  := $(call sources,fuzz_*.c,tests/fuzz)

obj = $(patsubst %,$(BUILD)/$(1)/%.o,$(2))
BARE_OBJ := $(call obj,bare,$(BARE_SRC))
# A host program has these from its libc (with AddressSanitizer's eyes); their test includes the source under other names.
HOST_LEFT_OUT := xen/lib/string_iso.c xen/lib/memory_iso.c $(SMALL_ONLY)
HOST_CORE_SRC := $(filter-out $(HOST_LEFT_OUT),$(CORE_SRC)) $(HOST_EXTRA_SRC) $(HOST_FAKE_SRC)
HOST_OBJ := $(call obj,host,$(HOST_CORE_SRC))
FUZZ_OBJ := $(call obj,fuzz,$(HOST_CORE_SRC))
UNIT_BIN := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(UNIT_SRC))
FUZZ_BIN := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzzers/%,$(FUZZ_SRC))

ABI := $(BUILD)/abi/xen

.PHONY: all setup test test-unit test-fuzz test-guest test-system test-dom0 test-vtx test-hvm-long test-install test-debian-installer test-fwts test-kill bench bench-dom0 bench-hvm check clean format print-includes print-flags
all: $(BUILD)/xen $(BUILD)/xen.gz $(BUILD)/hvmloader

include devmodel/devmodel.mk
include vnc/vnc.mk
include vnc/window/window.mk
include devmodel/backend/backend.mk
include tools/xenstored/xenstored.mk
include tests/qtest/qtest.mk
include tests/coverage/coverage.mk
include hvmloader/hvmloader.mk
include tests/guest/guest.mk
include tests/pc/pc.mk
include tests/bochs/bochs.mk
include tests/system/dom0/dom0.mk
include tests/system/hvm/hvm.mk
include tests/system/debian/debian.mk
include tools/tools.mk
include tools/install/install.mk
include tools/appliance/appliance.mk
include tests/system/appliance/appliance.mk

# ---- setup -----------------------------------------------------------------------------------------
# What is missing is installed before anything else: make builds the files that it includes first, and starts again with them.
# They hold what has to be asked of the tools once they are there.
$(BUILD)/setup.mk: tools/setup.sh
	$(Q)mkdir -p $(BUILD)
	$(Q)tools/setup.sh
	$(Q)echo "GCC_INCLUDE := $$($(CC) -print-file-name=include)" > $@
	$(Q)echo "CLANG_INCLUDE := $$($(FUZZ_CC) -print-resource-dir)/include" >> $@
setup:
	$(Q)mkdir -p $(BUILD)
	$(Q)tools/setup.sh
ifneq ($(MAKECMDGOALS),clean)
include $(BUILD)/setup.mk
endif

$(ABI):
	$(Q)mkdir -p $(dir $@)
	$(Q)ln -sfn /usr/include/xen $@

# ---- compile ---------------------------------------------------------------------------------------
$(BUILD)/bare/%.c.o: %.c Makefile | $(ABI)
	$(Q)mkdir -p $(dir $@)
	$(Q)$(CC) $(BARE) $(WARN) $(call includes,$<) -MMD -MP -c -o $@ $<
$(BUILD)/bare/xen/boot/images.S.o: $(BUILD)/hvmloader $(BUILD)/devmodel
$(BUILD)/bare/xen/boot/images.S.o: IMAGE_NAMES := -DIMAGE_HVMLOADER='"$(BUILD)/hvmloader"' -DIMAGE_DEVMODEL='"$(BUILD)/devmodel"'
$(BUILD)/bare/%.S.o: %.S Makefile | $(ABI)
	$(Q)mkdir -p $(dir $@)
	$(Q)$(CC) $(BARE) $(call includes,$<) $(IMAGE_NAMES) -D__ASSEMBLY__ -MMD -MP -c -o $@ $<
$(BUILD)/host/xen/%.c.o: xen/%.c Makefile | $(ABI)
	$(Q)mkdir -p $(dir $@)
	$(Q)$(CC) $(HOST) $(WARN) $(call includes,$<) -MMD -MP -c -o $@ $<
$(BUILD)/host/tests/%.c.o: tests/%.c Makefile | $(ABI)
	$(Q)mkdir -p $(dir $@)
	$(Q)$(CC) $(HOST_LIBC) $(WARN) $(call includes,$<) -MMD -MP -c -o $@ $<
$(BUILD)/fuzz/xen/%.c.o: xen/%.c Makefile | $(ABI)
	$(Q)mkdir -p $(dir $@)
	$(Q)$(FUZZ_CC) $(subst -isystem $(GCC_INCLUDE),-isystem $(CLANG_INCLUDE),$(HOST)) \
		-fsanitize=fuzzer-no-link $(FUZZ_MORE) $(call includes,$<) -w -MMD -MP -c -o $@ $<
$(BUILD)/fuzz/tests/%.c.o: tests/%.c Makefile | $(ABI)
	$(Q)mkdir -p $(dir $@)
	$(Q)$(FUZZ_CC) $(HOST_LIBC) -fsanitize=fuzzer-no-link $(FUZZ_MORE) $(call includes,$<) -w -MMD -MP -c -o $@ $<

-include $(patsubst %.o,%.d,$(BARE_OBJ) $(HOST_OBJ) $(FUZZ_OBJ))
-include $(wildcard $(BUILD)/host/tests/unit/*.d $(BUILD)/fuzz/tests/fuzz/*.d)

# ---- the image -------------------------------------------------------------------------------------
# Linked twice: the second time with the table of its own symbols, for the call traces of crash dumps.
$(BUILD)/xen.lds: xen/boot/xen.lds.S Makefile
	$(Q)mkdir -p $(dir $@)
	$(Q)$(CC) -E -P -x assembler-with-cpp -D__ASSEMBLY__ $(call includes,$<) -o $@ $<
$(BUILD)/xen.syms0: $(BARE_OBJ) $(BUILD)/xen.lds tools/symbols.sh
	$(Q)tools/symbols.sh /dev/null > $(BUILD)/symbols0.S
	$(Q)$(CC) -c -o $(BUILD)/symbols0.o $(BUILD)/symbols0.S
	$(Q)$(CC) $(BARE) -nostdlib -static -Wl,--build-id=sha1,-z,max-page-size=4096,--no-warn-rwx-segments -Wl,-T,$(BUILD)/xen.lds -o $@ $(BARE_OBJ) $(BUILD)/symbols0.o
$(BUILD)/xen.elf64: $(BUILD)/xen.syms0
	$(Q)tools/symbols.sh $< > $(BUILD)/symbols.S
	$(Q)$(CC) -c -o $(BUILD)/symbols.o $(BUILD)/symbols.S
	$(Q)$(CC) $(BARE) -nostdlib -static -Wl,--build-id=sha1,-z,max-page-size=4096,--no-warn-rwx-segments -Wl,-T,$(BUILD)/xen.lds -o $@ $(BARE_OBJ) $(BUILD)/symbols.o
$(BUILD)/xen: $(BUILD)/xen.elf64 $(BUILD)/mkelf32
	$(Q)$(BUILD)/mkelf32 $< $@
	@echo "built $@: $$(stat -c %s $@) bytes"
$(BUILD)/xen.gz: $(BUILD)/xen
	$(Q)gzip -9nc $< > $@
$(BUILD)/mkelf32: tools/mkelf32.c 
	$(Q)$(CC) -std=gnu11 -O1 -g -Wall -Wextra -Werror -o $@ $<

# ---- unit tests and fuzzers --------------------------------------------------------------------------
$(BUILD)/libhost.a: $(HOST_OBJ)
	$(Q)rm -f $@ && ar rcs $@ $^
$(BUILD)/libfuzz.a: $(FUZZ_OBJ)
	$(Q)rm -f $@ && ar rcs $@ $^
$(BUILD)/unit/%: $(BUILD)/host/tests/unit/%.c.o $(BUILD)/libhost.a
	$(Q)mkdir -p $(dir $@)
	$(Q)$(CC) $(SAN) -o $@ $< $(BUILD)/libhost.a -lpthread
$(BUILD)/fuzzers/%: $(BUILD)/fuzz/tests/fuzz/%.c.o $(BUILD)/libfuzz.a
	$(Q)mkdir -p $(dir $@)
	$(Q)$(FUZZ_CC) $(SAN) -fsanitize=fuzzer -o $@ $< $(BUILD)/libfuzz.a -lpthread

test-unit: $(UNIT_BIN)
	$(Q)tests/run.sh unit $(UNIT_BIN)
test-fuzz: $(FUZZ_BIN)
	$(Q)tests/run.sh fuzz $(FUZZ_BIN)
test-guest: $(BUILD)/xen $(GUEST_BIN)
	$(Q)tests/run.sh guest $(GUEST_BIN)
test-system: $(BUILD)/xen $(BUILD)/xen.gz $(GUEST_BIN) $(DOM0_FILES) $(BUILD)/hvmsector $(PC_IMAGE) $(BOCHS_FILES) $(HVM_FILES) $(HVM_32BIT) $(RUN_FILES) $(ZAZEN_DEB) $(DEBIAN_ROOT)
	$(Q)tests/run.sh system $(SYSTEM_TESTS)
test-dom0: $(BUILD)/xen $(DOM0_FILES)
	$(Q)tests/run.sh system $(DOM0_TESTS)
test-vtx: $(BUILD)/xen $(GUEST_BIN) $(DOM0_FILES) $(BUILD)/hvmsector $(PC_IMAGE) $(BOCHS_FILES)
	$(Q)tests/run.sh system $(VTX_TESTS)
test-hvm-long: $(BUILD)/xen $(DOM0_FILES) $(HVM_32BIT)
	$(Q)tests/run.sh system tests/system/hvm-long.sh
test-fwts: $(BUILD)/xen $(DOM0_FILES) $(HVM_FWTS)
	$(Q)tests/run.sh system tests/system/hvm-fwts.sh
test-debian-installer: $(BUILD)/xen $(RUN_FILES) $(HVM_FILES)
	$(Q)tests/run.sh system tests/system/run-debian-installer.sh
test-install: $(DEBIAN_TEST_FILES)
	$(Q)tests/run.sh system $(DEBIAN_TESTS)
# All that cannot work, each kind of process killed a hundred times, and two hundred guests created and destroyed.
test-kill: $(BUILD)/xen $(DOM0_FILES) $(RUN_FILES)
	$(Q)EVERY=1 tests/system/run-broken.sh
	$(Q)KILLS=100 SECONDS_MOST=20000 tests/system/run-guests.sh
	$(Q)CYCLES=200 SECONDS_MOST=20000 tests/system/run-cycles.sh
test: $(UNIT_BIN) $(FUZZ_BIN) $(BUILD)/xen $(BUILD)/xen.gz $(GUEST_BIN) $(DOM0_FILES) $(BUILD)/hvmsector $(PC_IMAGE) $(BOCHS_FILES) $(HVM_FILES) $(HVM_32BIT) $(RUN_FILES) $(ZAZEN_DEB) $(DEBIAN_ROOT)
	$(Q)tests/run.sh all system $(SYSTEM_TESTS) unit $(UNIT_BIN) fuzz $(FUZZ_BIN) guest $(GUEST_BIN)
bench: $(BUILD)/xen $(BUILD)/guest/bench $(BUILD)/guest/board
	$(Q)tests/bench/bench.sh $(if $(REF),"$(REF)")
bench-hvm: $(BUILD)/xen $(DOM0)/vmlinux $(APPLIANCE)/dom0.cpio
	$(Q)tests/bench/hvm.sh $(if $(REF),"$(REF)")
bench-dom0: $(BUILD)/xen $(DOM0_FILES)
	$(Q)tests/bench/dom0.sh
check: $(ABI)
	$(Q)tools/check.sh
# For tools/check.sh: a folder's INCLUDE list, and the flags of the hypervisor's sources.
print-includes:
	@echo $(INCLUDE_$(DIR))
print-flags:
	@echo '$(BARE) $(WARN)'
format:
	$(Q)find xen hvmloader devmodel vnc tests tools -name '*.[ch]' | xargs clang-format -i
clean:
	rm -rf $(BUILD)
