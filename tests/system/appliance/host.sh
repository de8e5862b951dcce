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
	wait # they write there still
	[ -n "${KEEP:-}" ] && echo "kept: $dir" || rm -rf "$dir"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

passed=0 failed=0
pass() { passed=$((passed + 1)); echo "PASS $1"; }
fail() { failed=$((failed + 1)); echo "FAIL $1: $2"; }
console() { tr -d '\r' < "$dir/log" | sed 's/^(d0) //'; }

# SECONDS SCRIPTS [GUEST.cfg KEY=VALUE...]: the machine, with those scripts (of appliance/) in its control domain, and shell variables for them from $variables
machine_start()
{
	{ cat "$appliance/checks.sh"; echo "${variables:-}"; for part in $2; do cat "$appliance/$part"; done; } > "$dir/script"
	seconds=$1
	shift 2
	: > "$dir/log"
	timeout "$seconds" "$BUILD/appliance/run" -b "$BUILD" -p "$port" -t "$dir/script" "$@" < /dev/null > "$dir/log" 2>&1 &
	machine=$!
}

# Programs of this computer with the libraries that they need, and what is in TREE, as a raw image, which the control domain unpacks by cpio: TREE FILE PROGRAM...
medium_make()
{
	tree=$1 medium=$2
	shift 2
	for program; do install -D -m 755 "$program" "$tree$program"; done
	(. "$appliance/../../../tools/appliance/root.sh" && libraries "$tree" && pack "$tree" "$medium") || exit 1
}

wait_console() # PATTERN: until a line of the console matches, or the machine has ended
{
	until console | grep -q "$1"; do
		running || return 1
		sleep 0.3
	done
}

# One picture of the screen by gvnccapture, a viewer that is not ours. NAME FILE [PORT]
viewer_check()
{
	if timeout 600 gvnccapture "localhost:$((${3:-$port} - 5900))" "$2" > "$dir/viewer" 2>&1 && [ "$(head -c 4 "$2" | tail -c 3)" = PNG ]; then
		pass "$1"
	else
		fail "$1" "$(cat "$dir/viewer")"
	fi
}

# A display that others do not have: $DISPLAY. Its keyboard does not repeat: on a slow computer a key that is let go at once seems to be held. OPTION...
display_start()
{
	Xvfb -displayfd 3 -screen 0 1600x1200x24 -r "$@" 3> "$dir/display" 2> "$dir/xvfb" &
	others="$others $!"
	for i in $(seq 600); do [ -s "$dir/display" ] && break; sleep 0.1; done
	DISPLAY=:$(cat "$dir/display")
	export DISPLAY
}

# The number of the window whose title begins so.
window_of() { xdotool search --name "^$1" 2> /dev/null | head -n 1; }
# Into it; there is no window manager to give it the keyboard. TITLE WORD...
key() { xdotool windowfocus "$(window_of "$1")" && sleep 1 && shift && xdotool key --delay 200 "$@"; }
typed() { xdotool windowfocus "$(window_of "$1")" && sleep 1 && xdotool type --delay "${3:-60}" "$2" && xdotool key --delay "${3:-60}" Return; } # TITLE TEXT [MILLISECONDS]

# A viewer with keys, TigerVNC's, of the screen with this title, on a display of its own.
viewer_start()
{
	display_start -nolisten tcp
	xtigervncviewer -Shared "localhost::$port" > "$dir/tigervnc" 2>&1 &
	others="$others $!"
	for i in $(seq 1200); do [ -n "$(window_of "$1")" ] && break; sleep 0.1; done
}

# What two pictures are like (picture.c): PICTURE WHAT [OTHER]
fact() { "$BUILD/appliance/picture" "$dir/$1.png" ${3:+"$dir/$3.png"} 2> /dev/null | sed -n "s/.*$2=\([0-9]*\).*/\1/p"; }
facts() { "$BUILD/appliance/picture" "$dir/$1.png" ${2:+"$dir/$2.png"} 2>&1; }
running() { kill -0 $machine 2> /dev/null; }

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
