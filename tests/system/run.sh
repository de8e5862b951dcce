#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# run.sh: what `make run` starts: an emulated machine with a control domain of Zazen's own tools and an HVM guest, which an outside viewer sees, and the commands of xl. Prints "PASS name" and "FAIL name: text", and
# at the end "END passed failed".
. "$(dirname "$0")/appliance/host.sh"

machine_start 2000 'example.sh commands.sh'
wait_console '^VIEWER' && viewer_check viewer "$dir/screen.png"
machine_results run.sh
