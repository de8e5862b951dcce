#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What the scripts that run in the control domain share; sourced.
passed=0 failed=0
pass() { passed=$((passed + 1)); echo "PASS $1"; }
fail() { failed=$((failed + 1)); echo "FAIL $1: $2"; }
check() # NAME COMMAND...
{
	checked=$1
	shift
	if "$@" > /tmp/out 2>&1; then pass "$checked"; else fail "$checked" "$(tail -n 2 /tmp/out | tr '\n' ' ')"; fi
}
equal() { if [ "$2" = "$3" ]; then pass "$1"; else fail "$1" "it is \"$2\", wanted \"$3\""; fi; }
wait_for() # SECONDS COMMAND...
{
	left=$(($1 * 5))
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
# Typed through xl console; what it is given ends with ^].
tell() { { printf '%s\r' "$2"; sleep 1; printf '\035'; } | xl console "$1" > /dev/null 2>&1; }
state() { xl list "$1" | awk 'NR == 2 { print $5 }'; }
free_memory() { xl info | sed -n 's/^free_memory *: //p'; }
gone() { ! xl domid "$1"; }
