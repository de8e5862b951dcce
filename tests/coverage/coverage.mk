# SPDX-License-Identifier: GPL-2.0-or-later
# Line coverage of the chips from unit tests and kept corpora: another build of the same programs, in $(BUILD)/coverage.

COVERAGE_UNITS   := $(DEVICE_UNIT_BIN) $(patsubst %,$(BUILD)/unit/test_%,hvm_platform vhpet vioapic vpic vpit vpmtimer vrtc vtick)
COVERAGE_REPLAY  := $(patsubst $(BUILD)/fuzzers/%,$(BUILD)/corpus-%,$(DEVICE_FUZZ_BIN) $(BUILD)/fuzzers/fuzz_board)

$(BUILD)/host/tests/fuzz/%.c.o: tests/fuzz/%.c
	$(Q)mkdir -p $(dir $@)
	$(Q)$(CC) $(HOST_LIBC) $(call includes,$<) -w -MMD -MP -c -o $@ $<
$(BUILD)/host/tests/coverage/%.c.o: tests/coverage/%.c
	$(Q)mkdir -p $(dir $@)
	$(Q)$(CC) $(HOST_LIBC) -c -o $@ $<
$(BUILD)/corpus-fuzz_board: $(call obj,host,tests/fuzz/fuzz_board.c tests/coverage/replay.c) $(BUILD)/libhost.a
	$(Q)$(CC) $(SAN) -o $@ $^ -lpthread
$(BUILD)/corpus-%: $(BUILD)/host/tests/device/%.c.o $(BUILD)/host/tests/coverage/replay.c.o $(BUILD)/libdevice.a
	$(Q)$(CC) $(SAN) -o $@ $^

.PHONY: coverage-chips coverage-run
coverage-chips:
	$(Q)$(MAKE) --no-print-directory BUILD=$(BUILD)/coverage SAN="--coverage -O0" coverage-run
coverage-run: $(COVERAGE_UNITS) $(COVERAGE_REPLAY)
	$(Q)tests/coverage/chips.sh $(BUILD) $(COVERAGE_UNITS)
