#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# vtx-tlb.sh: those cases of bochs.sh that change nested tables and take tags again, on AMD-V with flushes by ASID, with few ASIDs and without either, which QEMU has not
# (what bochs itself hides: bochs.sh). Part of make test-vtx only; make test has them in bochs.sh.
exec sh "$(dirname "$0")/bochs.sh" memory mmio grants-pae storm smp-pae old-memory few-asids
