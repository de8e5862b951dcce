#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# run.sh: what `make run` starts: an emulated machine with a control domain of Zazen's own tools and an HVM guest, which an outside viewer sees. Prints "PASS name" and "FAIL name: text", and
# at the end "END passed failed".
#
# Environment: BUILD=build, KEEP=1 keeps the console and says where.
set -u
here=$(cd "$(dirname "$0")" && pwd)
BUILD=${BUILD:-build}
port=5930
dir=$(mktemp -d "${TMPDIR:-/tmp}/zazen-run-test.XXXXXX") || exit 2
machine=
clean_up()
{
	[ -z "$machine" ] || kill $machine 2> /dev/null
	[ -n "${KEEP:-}" ] && echo "kept: $dir" || rm -rf "$dir"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

passed=0 failed=0
pass() { passed=$((passed + 1)); echo "PASS $1"; }
fail() { failed=$((failed + 1)); echo "FAIL $1: $2"; }
console() { tr -d '\r' < "$dir/log" | sed 's/^(d0) //'; }

timeout 900 "$BUILD/appliance/run" -b "$BUILD" -p $port -t "$here/appliance/guest.sh" < /dev/null > "$dir/log" 2>&1 &
machine=$!
until console | grep -q '^zazen: ready'; do
	kill -0 $machine 2> /dev/null || break
	sleep 0.5
done
until console | grep -q '^\(PASS\|FAIL\) welcome'; do
	kill -0 $machine 2> /dev/null || break
	sleep 0.5
done
# The guest's screen, by a viewer that is not ours.
if timeout 60 gvnccapture localhost:$((port - 5900)) "$dir/screen.png" > "$dir/viewer" 2>&1 && [ "$(head -c 4 "$dir/screen.png" | tail -c 3)" = PNG ]; then
	pass viewer
else
	fail viewer "$(cat "$dir/viewer")"
fi
wait $machine
machine=
console | grep '^\(PASS\|FAIL\) '
told_passed=$(console | grep -c '^PASS ')
told_failed=$(console | grep -c '^FAIL ')
passed=$((passed + told_passed)) failed=$((failed + told_failed))
if [ "$(console | grep -E '^END [0-9]+ [0-9]+$')" != "END $told_passed $told_failed" ] || [ "$told_passed" = 0 ]; then
	fail results "the control domain's END line does not agree with its results"
fi
if [ $failed != 0 ]; then
	echo "     the last lines of the console:"
	console | tail -n 40 | sed 's/^/     /'
	echo "     again: sh tests/system/run.sh"
fi
echo "END $passed $failed"
[ $failed = 0 ]
