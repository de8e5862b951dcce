#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# run.sh [all] [unit BIN...] [fuzz BIN...] [guest BIN...] [system SCRIPT...] - run tests, two at a time.
#
# Says what failed, with the end of its console and the command that repeats it, and names it once more at the end. The last line is
# "N passed, N failed" (", N skipped" where some were). Fails when one failed.
#
# Environment:
#   XEN=build/xen        the hypervisor under the micro-VMs
#   REFERENCE=FILE       run the micro-VMs on this image of real Xen 4.17 instead (tests/guest/reference-differs)
#   GUEST_ARGS=          more for every micro-VM's command line, e.g. "only=NAME" or "calls=1000000 seed=7"
#   EMULATOR_WRAPPER=    a command to run QEMU under
#   JOBS=2 VERBOSE=      emulators at once; VERBOSE=N shows the last N lines of every micro-VM that failed
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/qemu.sh"
xen=${REFERENCE:-${XEN:-build/xen}}
dir=$(mktemp -d "${TMPDIR:-/tmp}/zazen-test.XXXXXX") || exit 2

clean_up()
{
	for p in "$dir"/*.pid; do
		[ -f "$p" ] && kill "$(cat "$p")" 2> /dev/null
	done
	rm -rf "$dir"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

now() { read -r seconds rest < /proc/uptime; echo "$seconds"; }
since() { echo "$1 $(now)" | awk '{ printf "%.1f s", $2 - $1 }'; }

# result JOB PASSED FAILED SKIPPED NAME TIME: counts, and says it in one line with the report that was made
result()
{
	echo "$2 $3 $4" > "$dir/$1.sum"
	if [ "$3" = 0 ]; then
		printf 'ok    %-32s %s passed%s, %s\n' "$5" "$2" "$([ "$4" = 0 ] || echo ", $4 skipped")" "$6"
	else
		{ printf 'FAIL  %-32s %s passed, %s failed, %s\n' "$5" "$2" "$3" "$6"
		  sed 's/^/      /' "$dir/$1.report"; } > "$dir/$1.text"
		cat "$dir/$1.text"
	fi
}

# ---- unit tests: lines "ok NAME" and "FAIL NAME: text"; the status says whether one failed --------------
run_unit() # JOB BIN
{
	start=$(now)
	timeout 600 "$2" > "$dir/$1.log" 2>&1 < /dev/null
	status=$?
	passed=$(grep -c '^ok ' "$dir/$1.log")
	failed=$(grep -c '^FAIL ' "$dir/$1.log")
	[ $status = 0 ] || [ "$failed" != 0 ] || failed=1
	if [ "$failed" = 0 ] && [ "$passed" = 0 ]; then
		failed=1
		echo "no test ran" >> "$dir/$1.log"
	fi
	{ grep '^FAIL ' "$dir/$1.log"
	  echo "status $status; the last 30 lines:"; tail -n 30 "$dir/$1.log"; echo "again: $2"; } > "$dir/$1.report"
	result "$1" "$passed" "$failed" 0 "${2##*/}" "$(since "$start")"
}

# ---- fuzzers: a smoke run over a copy of the corpus -------------------------------------------------------
fuzz_runs() # NAME: a daemon that starts and ends takes its time
{
	case $1 in
	fuzz_store_ring) echo 2000 ;;
	*)               echo 20000 ;;
	esac
}

run_fuzz() # JOB BIN
{
	start=$(now)
	name=${2##*/}
	corpus=$here/fuzz/corpus/${name#fuzz_}
	mkdir "$dir/$1.corpus"
	[ ! -d "$corpus" ] || cp -R "$corpus/." "$dir/$1.corpus/"
	options="-runs=$(fuzz_runs "$name") -seed=1 -max_total_time=100 -timeout=60"
	if timeout 600 "$2" $options -artifact_prefix="$dir/$1." "$dir/$1.corpus" > "$dir/$1.log" 2>&1 < /dev/null; then
		result "$1" 1 0 0 "$name" "$(since "$start")"
		return
	fi
	for f in "$dir/$1".crash-* "$dir/$1".timeout-* "$dir/$1".oom-*; do
		[ ! -f "$f" ] || { mkdir -p build/fuzz-failures; cp "$f" build/fuzz-failures/; }
	done
	{ tail -n 30 "$dir/$1.log"; echo "the input, if any, is in build/fuzz-failures"
	  echo "again: $2 $options CORPUS"; } > "$dir/$1.report"
	result "$1" 0 1 0 "$name" "$(since "$start")"
}

# ---- micro-VMs --------------------------------------------------------------------------------------------
# What the hypervisor says at each end of the first domain: ours, and real Xen's.
ending_pattern()
{
	case $1 in
	end)      echo '^END [0-9]' ;;
	poweroff) echo 'd0: shutdown: poweroff|Hardware Dom0 halted' ;;
	reboot)   echo 'd0: shutdown: reboot|Hardware Dom0 shutdown: rebooting' ;;
	suspend)  echo 'd0: shutdown: suspend|Hardware Dom0 shutdown .unknown reason 2' ;;
	crash)    echo 'd0: shutdown: crash|Hardware Dom0 crashed' ;;
	watchdog) echo 'd0: shutdown: watchdog|Hardware Dom0 shutdown: watchdog' ;;
	*)        echo "run: no such ending: $1" >&2; exit 2 ;;
	esac
}

any_ending="d0: shutdown: |Hardware Dom0 "

# differs PROGRAM ENV WHAT: the tests that reference-differs lists
differs()
{
	[ -z "${REFERENCE:-}" ] || awk -v p="$1" -v e="$2" -v w="$3" \
		'($1 == p || $1 == "*") && ($2 == e || $2 == "*") && $4 == w { printf "%s%s", n++ ? "," : "", $3 }' \
		"$here/guest/reference-differs"
}

console() # JOB: the console with line ends and prefixes made plain
{
	tr -d '\r' < "$dir/$1.log" | sed '/TCG doesn.t support/d; s/^(XEN) //; s/^\[[^]]*\] //; s/^(d0) //; s/^d0: \(PASS\|FAIL\|END\|NOTE\) /\1 /'
}

# wait_for_end JOB PATTERN SECONDS: until the console has it, QEMU is gone or the time is over
wait_for_end()
{
	while [ ! -f "$dir/$1.pid" ] && kill -0 $! 2> /dev/null; do sleep 0.1; done
	polls=$(($3 * 10))
	while [ $polls -gt 0 ]; do
		console "$1" | grep -Eq "$2" && return 0
		console "$1" | grep -Eq "$any_ending" && break
		[ -f "$dir/$1.pid" ] && kill -0 "$(cat "$dir/$1.pid" 2> /dev/null)" 2> /dev/null || break
		sleep 0.1
		polls=$((polls - 1))
	done
	console "$1" | grep -Eq "$2"
}

run_guest() # JOB BIN CASE PROGRAM ENV ARGUMENTS QEMU-OPTIONS HYPERVISOR-ARGUMENTS ENDING SECONDS
{
	job=$1 bin=$2 case=$3 skip=$(differs "$4" "$5" skip) ending=${9:-end}
	expected=$(differs "$4" "$5" fail)
	case ,$skip, in *,\*,*)
		result "$job" 0 0 1 "$case" "all of it"
		return ;;
	esac
	args="$6 ${GUEST_ARGS:-}${skip:+ skip=$skip}"
	case " $7" in *" -smp"*) smp= ;; *) smp="-smp 2" ;; esac
	case " $8" in *dom0_max_vcpus*) vcpus= ;; *) vcpus=dom0_max_vcpus=4 ;; esac
	append="$XEN_ARGS $vcpus $8${REFERENCE:+ $XEN_REFERENCE_ARGS}"
	module="$bin $(echo "$args" | sed 's/,/,,/g')"
	start=$(now)
	${EMULATOR_WRAPPER:-} "$QEMU" $QEMU_FAST $QEMU_COMMON $smp $7 -pidfile "$dir/$job.pid" \
		-kernel "$xen" -append "$append" -initrd "$module" > "$dir/$job.log" 2>&1 < /dev/null &
	if wait_for_end "$job" "$(ending_pattern "$ending")" "${10:-300}"; then ended=1; else ended=0; fi
	kill "$(cat "$dir/$job.pid" 2> /dev/null)" 2> /dev/null
	wait $!
	console "$job" | awk -v ended=$ended -v ending="$ending" -v expected="$expected" -v skip="$skip" '
	BEGIN { n = split(expected, e, ","); for (i = 1; i <= n; i++) known[e[i]] = 1; skipped = split(skip, e, ",") }
	/^PASS / { passed++ }
	/^FAIL / { name = $2; sub(/:$/, "", name)
		if (name in known) { if (!(name in seen)) skipped++ }
		else { if (!(name in seen)) failed++; print }
		seen[name] = 1 }
	/^END / { end = 1; if ($2 + $3 == 0) { failed++; print "no test ran" } }
	END {
		if (!ended) { failed++; print ending == "end" ? "no END line: crash or time out" : "not the ending wanted: " ending }
		else if (ending != "end" && !failed) passed++
		print passed + 0, failed + 0, skipped + 0 > "/dev/stderr"
	}' > "$dir/$job.report" 2> "$dir/$job.counts"
	read -r passed failed skipped < "$dir/$job.counts"
	{ if [ -n "${VERBOSE:-}" ] || ! console "$job" | grep -q "^END "; then
		echo "the last lines of the console:"
		console "$job" | tail -n "${VERBOSE:-30}"
	  fi
	  echo "again: $QEMU $QEMU_FAST $QEMU_COMMON $smp $7 -kernel $xen -append \"$append\" -initrd \"$module\""
	} >> "$dir/$job.report"
	result "$job" "$passed" "$failed" "$skipped" "$case" "$(since "$start")"
}

# ---- system tests: scripts that print PASS, FAIL, SKIP and END lines themselves --------------------------
run_system() # JOB SCRIPT
{
	start=$(now)
	JOBS=1 timeout 2400 sh "$2" > "$dir/$1.log" 2>&1 < /dev/null
	status=$?
	passed=$(grep -c '^PASS ' "$dir/$1.log")
	failed=$(grep -c '^FAIL ' "$dir/$1.log")
	skipped=$(grep -c '^SKIP ' "$dir/$1.log")
	if ! grep -q '^END ' "$dir/$1.log" || { [ $status != 0 ] && [ "$failed" = 0 ]; }; then
		failed=$((failed + 1))
		echo "no END line, or status $status without a failure" >> "$dir/$1.log"
	fi
	{ grep -v '^PASS ' "$dir/$1.log" | tail -n 60; echo "again: sh $2"; } > "$dir/$1.report"
	grep '^SKIP ' "$dir/$1.log"
	result "$1" "$passed" "$failed" "$skipped" "${2##*/}" "$(since "$start")"
}

# ---- jobs: files $dir/N.job, each a line of arguments divided by "|" ----------------------------------------
jobs=0
add_job() { jobs=$((jobs + 1)); echo "$*" > "$dir/$jobs.job"; }

add_guest() # BIN: a job for each of its rows in the table of machines
{
	base=${1##*/} program=${1##*/} env=
	case $base in *-*) program=${base%-*} env=${base##*-} ;; esac
	rows=$(awk -F'|' -v program="$program" -v bin="$1" -v env="$env" -v OFS='|' '
		/^#/ || NF < 2 { next }
		{ for (i = 1; i <= 7; i++) gsub(/^[ \t]+|[ \t]+$/, "", $i) }
		$2 == program { print "guest", bin, $1 "-" env, program, env, $3, $4, $5, $6, $7 }' "$here/guest/machines")
	[ -n "$rows" ] || rows="guest|$1|$base|$program|$env|||||"
	while IFS= read -r row; do
		add_job "$row"
	done <<-END
	$rows
	END
}

run_job() # JOB
{
	IFS='|' read -r kind bin case program env args qemu hypervisor ending seconds < "$dir/$1.job"
	if [ ! -x "$bin" ]; then
		echo "no such program: $bin" > "$dir/$1.report"
		result "$1" 0 1 0 "$bin" "0 s"
		return
	fi
	case $kind in
	unit)  run_unit "$1" "$bin" ;;
	fuzz)  run_fuzz "$1" "$bin" ;;
	system) run_system "$1" "$bin" ;;
	guest) run_guest "$1" "$bin" "$case" "$program" "$env" "$args" "$qemu" "$hypervisor" "$ending" "$seconds" ;;
	esac
}

worker() # takes the next job that no other worker has
{
	i=1
	while [ $i -le $jobs ]; do
		mkdir "$dir/$i.taken" 2> /dev/null && run_job $i
		i=$((i + 1))
	done
}

kind=
for word; do
	case $word in
	all) ;;
	unit|fuzz|guest|system) kind=$word ;;
	*)
		case $kind in
		unit|fuzz|system) add_job "$kind|$word" ;;
		guest) add_guest "$word" ;;
		*) sed -n '3,/^set/{/^#/s/^# \{0,1\}//p}' "$0" >&2; exit 2 ;;
		esac ;;
	esac
done

w=0
workers=
while [ $w -lt "${JOBS:-2}" ]; do
	worker &
	workers="$workers $!"
	w=$((w + 1))
done
wait $workers

# What failed is said once more: in a long output the reports are far above.
if [ $jobs -gt 1 ] && ls "$dir"/*.text > /dev/null 2>&1; then
	echo "what failed, again; the reports are above:"
	awk '/^FAIL  / { print; split("", said) }
	     sub(/^ +FAIL /, "      ") && !said[$0]++ { print substr($0, 1, 300) }' "$dir"/*.text
fi
cat "$dir"/*.sum 2> /dev/null | awk -v jobs=$jobs '
	{ n++; passed += $1; failed += $2; skipped += $3 }
	END {
		if (n < jobs) failed += jobs - n
		if (!jobs) { print "nothing to run"; failed++ }
		printf "%d passed, %d failed%s\n", passed, failed, skipped ? ", " skipped " skipped" : ""
		exit failed != 0
	}'
