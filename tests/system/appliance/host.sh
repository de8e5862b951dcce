# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by tests that start the machine of `make run` (tools/appliance): the machine, its console, viewers of its screen, and the results that its control domain prints.
#
# Environment: BUILD=build, PORT=5930 (the first screen's port here; scripts that may run at the same time have one of their own), KEEP=1 keeps the console and says where.
set -u
appliance=$(cd "$(dirname "$0")" && pwd)/appliance
BUILD=${BUILD:-build}
port=${PORT:-5930}
dir=$(mktemp -d "${TMPDIR:-/tmp}/zazen-run-test.XXXXXX") || exit 2
machine=
others= # processes beside it
clean_up()
{
	for p in $machine $others; do kill "$p" 2> /dev/null; done
	[ -n "${KEEP:-}" ] && echo "kept: $dir" || rm -rf "$dir"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

passed=0 failed=0
pass() { passed=$((passed + 1)); echo "PASS $1"; }
fail() { failed=$((failed + 1)); echo "FAIL $1: $2"; }
console() { tr -d '\r' < "$dir/log" | sed 's/^(d0) //'; }

# SECONDS SCRIPT [GUEST.cfg KEY=VALUE...]: the machine, with that script (of appliance/) in its control domain, and shell variables for it from $variables
machine_start()
{
	{ cat "$appliance/checks.sh"; echo "${variables:-}"; cat "$appliance/$2"; } > "$dir/script"
	seconds=$1
	shift 2
	: > "$dir/log"
	timeout "$seconds" "$BUILD/appliance/run" -b "$BUILD" -p "$port" -t "$dir/script" "$@" < /dev/null > "$dir/log" 2>&1 &
	machine=$!
}

wait_console() # PATTERN: until a line of the console matches, or the machine has ended
{
	until console | grep -q "$1"; do
		kill -0 $machine 2> /dev/null || return 1
		sleep 0.3
	done
}

# One picture of the screen by gvnccapture, a viewer that is not ours. NAME FILE [PORT]
viewer_check()
{
	if timeout 120 gvnccapture "localhost:$((${3:-$port} - 5900))" "$2" > "$dir/viewer" 2>&1 && [ "$(head -c 4 "$2" | tail -c 3)" = PNG ]; then
		pass "$1"
	else
		fail "$1" "$(cat "$dir/viewer")"
	fi
}

# Waits for the machine's end; what its control domain found, and ours. NAME of the test for repeating it.
machine_results()
{
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
		echo "     again: tests/system/$1"
	fi
	echo "END $passed $failed"
	[ $failed = 0 ]
}
