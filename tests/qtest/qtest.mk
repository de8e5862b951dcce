# SPDX-License-Identifier: GPL-2.0-or-later
# Our chips behind QEMU's qtest protocol, and the program that compares them with QEMU's.

INCLUDE_tests/qtest := tests/qtest tests/device devmodel/hw devmodel xen/bus xen/lib
QTEST_BOARD_SRC   := tests/qtest/qtest_board.c tests/qtest/board.c
QTEST_COMPARE_SRC := $(filter-out $(QTEST_BOARD_SRC),$(call sources,*.c,tests/qtest))

$(BUILD)/qtest-board: $(call obj,host,$(QTEST_BOARD_SRC)) $(BUILD)/libdevice.a
	$(Q)$(CC) $(SAN) -o $@ $^
$(BUILD)/qtest-compare: $(call obj,host,$(QTEST_COMPARE_SRC))
	$(Q)$(CC) $(SAN) -o $@ $^

# The big run: 100,000 operations a chip.
.PHONY: test-qtest
test-qtest: $(BUILD)/qtest-board $(BUILD)/qtest-compare
	$(Q)$(BUILD)/qtest-compare -n 100000
-include $(wildcard $(BUILD)/host/tests/qtest/*.d)
