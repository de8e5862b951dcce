#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# run-xl.sh: commands of our own xl on a guest that lives. Prints "PASS name" and "FAIL name: text", and at the end "END passed failed".
PORT=${PORT:-5940}
. "$(dirname "$0")/appliance/host.sh"

machine_start 2000 commands.sh
machine_results run-xl.sh
