# SPDX-License-Identifier: GPL-2.0-or-later
# What all cases share; sourced.

# mark TEXT: a step, with the seconds since the kernel's start
mark()
{
	read -r up rest < /proc/uptime
	echo "T $up $*"
}

# Results go to the console at once and into the list that init prints at the end.
pass() { echo "PASS $1" | tee -a /tmp/results; }
fail() { echo "FAIL $1: $2" | tee -a /tmp/results; }
note() { echo "NOTE $*" | tee -a /tmp/results; }

# check NAME COMMAND...: PASS when the command succeeds; its output explains a FAIL
check()
{
	checked=$1
	shift
	if "$@" > "/tmp/check.$$" 2>&1; then
		pass "$checked"
	else
		fail "$checked" "$* failed ($?): $(tail -n 3 "/tmp/check.$$" | tr '\n' ' ')"
		return 1
	fi
}

# equal NAME FOUND WANTED
equal()
{
	if [ "$2" = "$3" ]; then
		pass "$1"
	else
		fail "$1" "it is \"$2\", wanted \"$3\""
		return 1
	fi
}

# wait_for SECONDS COMMAND...: until the command succeeds, which takes at most SECONDS on a usual computer; on one that is slow, or does much else, five times as long
wait_for()
{
	read -r until rest < /proc/uptime
	until=$((${until%.*} + $1 * 5))
	shift
	while ! "$@" > /dev/null 2>&1; do
		read -r seconds rest < /proc/uptime
		[ "${seconds%.*}" -lt $until ] || return 1
		usleep 50000
	done
}

# Loads the modules of all devices that there are now, as udev does: a driver's own devices come with the next call.
coldplug()
{
	find /sys/devices -name modalias -exec cat {} + 2> /dev/null | sort -u > "/tmp/aliases.$$"
	[ -f /tmp/aliases.known ] || echo none > /tmp/aliases.known
	new=$(grep -vxFf /tmp/aliases.known "/tmp/aliases.$$") || return 0
	# one modprobe for all: its tables are long, and it reads them each time
	(set -f; modprobe -q -a $new)
	echo "$new" >> /tmp/aliases.known
}

# hardware SECONDS COMMAND...: wait_for, with modules loaded for what comes up meanwhile
hardware_step() { coldplug; "$@"; }
hardware()
{
	seconds=$1
	shift
	wait_for "$seconds" hardware_step "$@"
}
