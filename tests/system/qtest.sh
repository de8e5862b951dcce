#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# qtest.sh: the same scripts for our chips and for those of QEMU's machine "pc"; every difference must be explained in ../qtest/differences. Prints "PASS chip" or "FAIL chip: text", and at
# the end "END passed failed".
#
# Environment: OPERATIONS=4000 of each chip, SEED=1 of the random ones, EMULATOR_WRAPPER= a command to run QEMU under
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../qemu.sh"
OPERATIONS=${OPERATIONS:-4000}
${EMULATOR_WRAPPER:-} timeout $((300 + OPERATIONS / 50)) "${BUILD:-build}/qtest-compare" -q "$QEMU" -b "${BUILD:-build}" -t "$here/../qtest/differences" -n "$OPERATIONS" -s "${SEED:-1}"
