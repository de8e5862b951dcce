#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# run-xl.sh: commands of our own xl on a guest that lives, in the emulated machine of `make run`. Prints "PASS name" and "FAIL name: text", and at the end "END passed failed".
#
# Environment: BUILD=build, KEEP=1 keeps the console and says where.
set -u
here=$(cd "$(dirname "$0")" && pwd)
BUILD=${BUILD:-build}
dir=$(mktemp -d "${TMPDIR:-/tmp}/zazen-xl-test.XXXXXX") || exit 2
machine=
clean_up()
{
	[ -z "$machine" ] || kill $machine 2> /dev/null
	[ -n "${KEEP:-}" ] && echo "kept: $dir" || rm -rf "$dir"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP
console() { tr -d '\r' < "$dir/log" | sed 's/^(d0) //'; }

timeout 900 "$BUILD/appliance/run" -b "$BUILD" -p 5940 -t "$here/appliance/commands.sh" < /dev/null > "$dir/log" 2>&1 &
machine=$!
wait $machine
machine=
console | grep '^\(PASS\|FAIL\) '
passed=$(console | grep -c '^PASS ')
failed=$(console | grep -c '^FAIL ')
if [ "$(console | grep -E '^END [0-9]+ [0-9]+$')" != "END $passed $failed" ] || [ "$passed" = 0 ]; then
	failed=$((failed + 1))
	echo "FAIL results: the control domain's END line does not agree with its results"
fi
if [ "$failed" != 0 ]; then
	echo "     the last lines of the console:"
	console | tail -n 40 | sed 's/^/     /'
	echo "     again: sh tests/system/run-xl.sh"
fi
echo "END $passed $failed"
[ "$failed" = 0 ]
