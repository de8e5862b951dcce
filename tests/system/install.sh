#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# install.sh: what `make install` and `make deb` put together: files and rights, an uninstall that leaves nothing, the package's contents, manual pages beside the tables in the sources, completion, and the
# order in which guests start and end. Prints "PASS name" and "FAIL name: text", and at the end "END passed failed". Changes nothing outside of its own folder.
set -u
cd "$(dirname "$0")/../.." || exit 2
top=$PWD
BUILD=${BUILD:-build}
dir=$(mktemp -d "${TMPDIR:-/tmp}/zazen-install-test.XXXXXX") || exit 2
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM HUP
passed=0 failed=0
pass() { passed=$((passed + 1)); echo "PASS $1"; }
fail() { failed=$((failed + 1)); echo "FAIL $1: $2"; }
# NAME FILE: passes when the file is empty; its lines are what is wrong
judge() { if [ -s "$2" ]; then fail "$1" "$(head -n 12 "$2" | tr '\n' '|')"; else pass "$1"; fi; }
version=$(sed -n 's/^VERSION := //p' Makefile)
deb=$BUILD/zazen_${version}_amd64.deb

# Lines "rights path" of a tree's files and links.
listing() { (cd "$1" && find . ! -type d -printf '%m %p\n' | sed 's/^777 \(.*\)/link \1/' | sort -k 2); }

# ---- files ----
umask 077
tools/install/install.sh install "$BUILD" "$version" "$dir/root" > "$dir/out" 2>&1 || fail install "$(tail -n 3 "$dir/out")"
listing "$dir/root" > "$dir/listing"
sed 's/[ \t]*#.*//; /^[ \t]*$/d; /^dir /d' tools/install/files | sed "s/@VERSION@/$version/g" | while read -r mode source to; do
	for file in $source; do
		case $to in */) path=$to${file##*/} ;; *) path=$to ;; esac
		grep -qxF "${mode#0} .$path" "$dir/listing" || echo "$mode $path is not there"
	done
done > "$dir/wrong"
judge files "$dir/wrong"
find "$dir/root" -type l ! -exec test -e {} \; -print > "$dir/wrong"
judge links-lead-somewhere "$dir/wrong"
tools/install/install.sh install "$BUILD" "$version" "$dir/root" > "$dir/out" 2>&1 || fail install-again "$(tail -n 3 "$dir/out")"
listing "$dir/root" | diff "$dir/listing" - > "$dir/wrong"
judge install-again "$dir/wrong"
mkdir -p "$dir/root/usr/share/other"
tools/install/install.sh uninstall "$BUILD" "$version" "$dir/root" > "$dir/out" 2>&1 || fail uninstall "$(tail -n 3 "$dir/out")"
(cd "$dir/root" && find . -mindepth 1 | grep -vx './usr\|./usr/share\|./usr/share/other') > "$dir/wrong"
judge uninstall-leaves-nothing "$dir/wrong"
umask 022

# What is yours stays.
tools/install/install.sh install "$BUILD" "$version" "$dir/own" > "$dir/out" 2>&1
echo "SHUTDOWN_SECONDS=7" > "$dir/own/etc/default/zazen"
echo "name='a'" > "$dir/own/etc/xen/auto/a.cfg"
tools/install/install.sh uninstall "$BUILD" "$version" "$dir/own" > "$dir/out" 2>&1
(cd "$dir/own" && find . -type f | sort | tr '\n' ' ') > "$dir/left"
if [ "$(cat "$dir/left")" = "./etc/default/zazen ./etc/xen/auto/a.cfg " ] && grep -q 'stays: it was changed' "$dir/out"; then
	pass uninstall-keeps-yours
else
	fail uninstall-keeps-yours "$(cat "$dir/left")"
fi

# ---- the package ----
if [ -f "$deb" ]; then
	dpkg-deb -x "$deb" "$dir/deb"
	listing "$dir/deb" | sed 's/\(man[158]\/.*\)\.gz$/\1/' | grep -v 'changelog.gz\|/lintian/' | diff "$dir/listing" - > "$dir/wrong"
	judge package-has-the-same-files "$dir/wrong"
	(dpkg-deb -e "$deb" "$dir/control" && cd "$dir/deb" && md5sum --quiet -c "$dir/control/md5sums") > "$dir/wrong" 2>&1
	judge package-sums "$dir/wrong"
	find "$dir/deb/etc" -type f | sed "s|^$dir/deb||" | sort | diff - "$dir/control/conffiles" > "$dir/wrong"
	judge package-settings "$dir/wrong"
	for field in Depends Built-Using; do
		value=$(dpkg-deb -f "$deb" $field)
		case $value in *libc6*|ipxe*seabios*) pass "package-$field" ;; *) fail "package-$field" "is \"$value\"" ;; esac
	done
	for script in postinst prerm postrm; do sh -n "$dir/control/$script" || echo "$script"; done > "$dir/wrong" 2>&1
	judge package-scripts "$dir/wrong"
	lintian --no-cfg --allow-root --fail-on none "$deb" 2>&1 | grep -v '^N:' > "$dir/wrong"
	judge lintian "$dir/wrong"
else
	fail package "$deb is not there: make deb"
fi

# ---- manual pages ----
for page in tools/man/*.[158]; do mandoc -T lint -W warning "$page"; done > "$dir/wrong" 2>&1
judge manual-by-mandoc "$dir/wrong"
for page in tools/man/*.[158]; do LC_ALL=C.UTF-8 MANROFFSEQ='' MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 -Z "$PWD/$page" 2>&1 > "$dir/out"; done > "$dir/wrong"
judge manual-by-man "$dir/wrong"
# PAGE: its words
words() { mandoc -T ascii -O width=500 "tools/man/$1" | col -b | grep -oE '[a-z0-9][a-z0-9_-]*' | sort -u; }
words xl.1 > "$dir/words"
sed -n '/commands\[\] = {/,/^};/s/^\t{ "\([a-z0-9-]*\)".*/\1/p' tools/xl/commands.c | sort -u > "$dir/commands"
"$BUILD/tools/xl" help | sed -n 's/^ \([a-z0-9-]*\) .*/\1/p' | sort -u | diff "$dir/commands" - > "$dir/wrong"
[ "$(wc -l < "$dir/commands")" -gt 30 ] || echo "the table of commands was not found" >> "$dir/wrong"
comm -23 "$dir/commands" "$dir/words" >> "$dir/wrong"
judge manual-has-each-command "$dir/wrong"
words xl.cfg.5 > "$dir/words"
sed -n '/^static const char \*const names\[\] = {/,/^};/p' tools/config/key_names.c | grep -oE '"[a-z0-9_]+"' | tr -d '"' | sort -u > "$dir/keys"
comm -23 "$dir/keys" "$dir/words" > "$dir/wrong"
[ "$(wc -l < "$dir/keys")" -gt 100 ] || echo "the table of keys was not found" >> "$dir/wrong"
judge manual-has-each-key "$dir/wrong"
# Those that are served have a text of their own; the list of those without effect has none of them.
sed -n '/^static const struct key_row rows\[\] = {/,/^};/s/^\t\(ROW\|ALONE\)("\([a-z0-9_]*\)".*/\2/p' tools/config/guest_config.c | sort -u > "$dir/served"
sed -n '/^\.SH KEYS WITHOUT EFFECT/,/^\.hy/p' tools/man/xl.cfg.5 | grep -oE '^[a-z0-9_]+[,.]$' | tr -d ',.' | sort -u > "$dir/unserved"
{ comm -12 "$dir/served" "$dir/unserved"; comm -23 "$dir/unserved" "$dir/keys"; [ -s "$dir/served" ] || echo "the table of served keys was not found"; } > "$dir/wrong"
judge manual-says-what-is-served "$dir/wrong"
"$BUILD/xenstored" --help | grep -oE -- '--[a-z][a-z-]*' | sort -u | while read -r option; do grep -qF -- "$option" tools/man/xenstored.8 || echo "$option"; done > "$dir/wrong"
judge manual-has-each-option "$dir/wrong"

# ---- completion, in bash, with an xl whose guests are known ----
mkdir -p "$dir/bin"
cat > "$dir/bin/xl" <<END
#!/bin/sh
[ "\$1" = list ] || exec "$PWD/$BUILD/tools/xl" "\$@"
printf 'Name ID Mem VCPUs State Time(s)\nDomain-0 0 1 1 r 0\nwindows 3 1 1 r 0\nweb 4 1 1 r 0\n'
END
chmod +x "$dir/bin/xl"
mkdir "$dir/here"
touch "$dir/here/win.cfg"
complete_as() # WORDS WANTED: the last word is completed, and leads to these
{
	got=$(cd "$dir/here" && PATH=$dir/bin:$PATH bash -c '. "$1/tools/install/xl.bash"; shift; COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); _xl 2> /dev/null; echo "${COMPREPLY[*]}"' bash "$top" $1 "${3-}")
	if [ "$got" = "$2" ]; then pass "completion:$(echo "$1 ${3-}" | tr ' ' '_')"; else fail "completion:$(echo "$1 ${3-}" | tr ' ' '_')" "leads to \"$got\", not \"$2\""; fi
}
complete_as xl "create" cr
complete_as "xl -f" "destroy" des
complete_as "xl help" "vcpu-list vcpu-pin vcpu-set" vcpu
complete_as "xl destroy" "windows web" w
complete_as "xl shutdown" "Domain-0 windows web"
complete_as "xl create" "win.cfg" w
complete_as "xl cd-insert windows" "hdc" hdc
complete_as "xl cd-insert windows hdc" "win.cfg" win
complete_as "xl trigger web" "reset" re
complete_as "xl create" "--check" --
complete_as "xl shutdown" "-a -w -F" -

# ---- guests of /etc/xen/auto, with an xl that notes what is asked of it ----
cat > "$dir/bin/xl" <<'END'
#!/bin/sh
echo "$*" >> "$STATE/asked"
case $1 in
list) printf 'Name ID\nDomain-0 0\n'; sed 's/$/ 1/' "$STATE/guests" ;;
create) grep -q broken "$3" && exit 1; sed 's/^name=//' "$3" >> "$STATE/guests" ;;
shutdown) case $3 in *stubborn*) ;; *) sed -i "/^$3\$/d" "$STATE/guests" ;; esac ;;
destroy) sed -i "/^$2\$/d" "$STATE/guests" ;;
esac
END
mkdir -p "$dir/auto" "$dir/state"
STATE=$dir/state ZAZEN_AUTO=$dir/auto ZAZEN_RUN=$dir/run SHUTDOWN_SECONDS=1
export STATE ZAZEN_AUTO ZAZEN_RUN SHUTDOWN_SECONDS
: > "$dir/state/asked"
echo "byhand1" > "$dir/state/guests"
echo "name=second" > "$dir/auto/20.cfg"
echo "name=first" > "$dir/auto/10.cfg"
echo "broken" > "$dir/auto/15.cfg"
ln -s ../elsewhere.cfg "$dir/auto/30-link"
echo "name=third-stubborn" > "$dir/elsewhere.cfg"
if PATH=$dir/bin:$PATH tools/install/zazen-guests start > "$dir/out" 2>&1; then fail start-tells-failure "a guest that did not start was not told"; else pass start-tells-failure; fi
created=$(sed -n "s|^create -q $dir/auto/||p" "$dir/state/asked" | tr '\n' ' ')
if [ "$created" = "10.cfg 15.cfg 20.cfg 30-link " ] && grep -q '15.cfg did not start' "$dir/out"; then pass start-in-order; else fail start-in-order "$created: $(cat "$dir/out")"; fi
echo "byhand2" >> "$dir/state/guests"
: > "$dir/state/asked"
PATH=$dir/bin:$PATH tools/install/zazen-guests stop > "$dir/out" 2>&1
asked=$(grep -v list "$dir/state/asked" | tr '\n' ',')
if [ "$asked" = "shutdown -F byhand1,shutdown -F byhand2,shutdown -F third-stubborn,destroy third-stubborn,shutdown -F second,shutdown -F first," ]; then pass stop-in-reverse; else fail stop-in-reverse "$asked"; fi
if [ -s "$dir/state/guests" ] || ! grep -q 'third-stubborn has not shut down in 1 s' "$dir/out"; then fail stop-with-time-out "$(cat "$dir/state/guests" "$dir/out")"; else pass stop-with-time-out; fi
if PATH=$dir/bin:$PATH tools/install/zazen-guests stop > "$dir/out" 2>&1 && [ ! -s "$dir/out" ]; then pass stop-of-nothing; else fail stop-of-nothing "$(cat "$dir/out")"; fi

echo "END $passed $failed"
[ $failed = 0 ]
