#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# run-cycles.sh: guests created and destroyed CYCLES times (20), and nothing is left of them. Prints "PASS name" and "FAIL name: text", and at the end "END passed failed".
PORT=${PORT:-5980}
. "$(dirname "$0")/appliance/host.sh"

variables="CYCLES=${CYCLES:-20}"
machine_start 1800 cycles.sh
machine_results run-cycles.sh
