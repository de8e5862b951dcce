#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Stands before each script that runs in the control domain of `make run`: what they share. They print PASS and FAIL lines, then END.
passed=0 failed=0
pass() { passed=$((passed + 1)); echo "PASS $1"; }
fail() { failed=$((failed + 1)); echo "FAIL $1: $2"; }
check() # NAME COMMAND...
{
	checked=$1
	shift
	if "$@" > /tmp/out 2>&1; then pass "$checked"; else fail "$checked" "$(tail -n 2 /tmp/out | tr '\n' ' ')"; fi
}
equal() { if [ "$2" = "$3" ]; then pass "$1"; else fail "$1" "it is \"$2\", wanted \"$3\""; fi; } # NAME IS WANTED
# What takes at most SECONDS on a usual computer; on one that is slow, or does much else, five times as long.
wait_for() # SECONDS COMMAND...
{
	left=$(($1 * 25))
	shift
	while ! "$@" > /dev/null 2>&1; do
		[ $left -gt 0 ] || return 1
		left=$((left - 1))
		usleep 200000
	done
}
said() { xl log "$1" | grep -q -- "$2"; }
count() { xl log "$1" | grep -c -- "$2"; }
said_times() { [ "$(count "$1" "$2")" -ge "$3" ]; }
comes() # NAME SECONDS GUEST PATTERN [TIMES]
{
	wait_for "$2" said_times "$3" "$4" "${5:-1}" && pass "$1" || fail "$1" "$(xl log "$3" | tail -n 3 | tr '\n' '|')"
}
# Typed through xl console; what it is given ends with ^].
tell() { { printf '%s\r' "$2"; sleep 1; printf '\035'; } | xl console "$1" > /dev/null 2>&1; }
state() { xl list "$1" | awk 'NR == 2 { print $5 }'; }
gone() { ! xl domid "$1"; }
end() { echo "END $passed $failed"; }
