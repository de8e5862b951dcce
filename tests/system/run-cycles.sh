#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# run-cycles.sh: HVM and PVH guests created and destroyed, in turn, CYCLES times (20), and nothing is left of them. Prints "PASS name" and "FAIL name: text", and at the end "END passed failed".
PORT=${PORT:-5980}
. "$(dirname "$0")/appliance/host.sh"
DOM0=$(cd "${DOM0:-$BUILD/dom0}" && pwd)

cat > "$dir/first.cfg" <<END
name = "first"
type = "pvh"
kernel = "$DOM0/vmlinuz"
ramdisk = "$DOM0/guest.cpio.gz"
extra = "console=hvc0 panic=1 mitigations=off"
memory = 128
disk = [ '$(cd "$BUILD" && pwd)/appliance/example.iso,raw,xvda,r' ]
vif = [ 'bridge=xenbr0' ]
END
variables="CYCLES=${CYCLES:-20}"
machine_start "${SECONDS_MOST:-2000}" cycles.sh "$dir/first.cfg"
machine_results run-cycles.sh
