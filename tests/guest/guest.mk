# SPDX-License-Identifier: GPL-2.0-or-later
# The micro-VMs: sets GUEST_BIN and says how each is built.
GUEST_BIN :=
