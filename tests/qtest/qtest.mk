# SPDX-License-Identifier: GPL-2.0-or-later
# Our chips behind QEMU's qtest protocol, and the program that compares them with QEMU's.

INCLUDE_tests/qtest := tests/qtest tests/device devmodel/hw devmodel $(INCLUDE_tests/unit)
QTEST_BOARDS      := tests/qtest/qtest_board.c tests/qtest/qtest_vdev.c
QTEST_COMPARE_SRC := $(filter-out $(QTEST_BOARDS) tests/qtest/protocol.c,$(call sources,*.c,tests/qtest))
QTEST_BIN         := $(BUILD)/qtest-board $(BUILD)/qtest-vdev $(BUILD)/qtest-compare

$(BUILD)/qtest-board: $(call obj,host,tests/qtest/qtest_board.c tests/qtest/protocol.c) $(BUILD)/libdevice.a
	$(Q)$(CC) $(SAN) -o $@ $^
$(BUILD)/qtest-vdev: $(call obj,host,tests/qtest/qtest_vdev.c tests/qtest/protocol.c) $(BUILD)/libhost.a
	$(Q)$(CC) $(SAN) -o $@ $^ -lpthread
$(BUILD)/qtest-compare: $(call obj,host,$(QTEST_COMPARE_SRC))
	$(Q)$(CC) $(SAN) -o $@ $^

# 100,000 operations a chip; a short run is part of make test.
.PHONY: test-qtest
test test-system: $(QTEST_BIN)
test-qtest: $(QTEST_BIN)
	$(Q)OPERATIONS=100000 tests/run.sh system tests/system/qtest.sh
-include $(wildcard $(BUILD)/host/tests/qtest/*.d)
