#!/usr/bin/env bash
# Installs RouteGuard on macOS: the program with its man page and completions, its launchd job, and the
# rotation of its log. Doing it again updates.
set -euo pipefail

usage() {
    cat <<'TEXT'
Usage: install.sh [--prefix DIR] [--destdir DIR] [--no-start] [BINARY]

  BINARY         the published program; by default ./routeguard beside this script, or the newest one under artifacts/
  --prefix DIR   where bin/ is (default "/Library/Application Support/RouteGuard")
  --destdir DIR  put everything below DIR instead of /, and do not touch launchd (for packages and tests)
  --no-start     install, but do not hand the job to launchd
TEXT
}

fail() {
    echo "Cannot install: $*" >&2
    exit "${code:-1}"
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
label=com.routeguard.routeguard
# launchd forgets a job only some seconds after bootout has returned, after ExitTimeOut (20 s) at the latest; until then
# bootstrap is refused with error 5 or 37.
gone_seconds_max=30
bootstrap_tries_max=15
home="/Library/Application Support/RouteGuard"
prefix=$home
destdir=
start=yes
binary=
while [ $# -gt 0 ]; do
    case $1 in
    --prefix | --destdir)
        [ $# -ge 2 ] || code=2 fail "$1 needs a directory. See --help."
        if [ "$1" = --prefix ]; then prefix=$2; else destdir=$2; fi
        shift
        ;;
    --no-start) start=no ;;
    -h | --help)
        usage
        exit 0
        ;;
    -*) code=2 fail "$1 is no option. See --help." ;;
    *) binary=$1 ;;
    esac
    shift
done

case $prefix in
/*) ;;
*) code=2 fail "the prefix '$prefix' does not start with a slash. Give a full path." ;;
esac
case $prefix in
*[!A-Za-z0-9/._\ -]*) code=2 fail "the prefix '$prefix' has a character that a property list would read otherwise. Choose another." ;;
esac
if [ -z "$destdir" ] && [ "$(id -u)" -ne 0 ]; then
    code=3 fail "this needs root. Run it with sudo."
fi
if [ -z "$destdir" ] && [ "$(uname -s)" != Darwin ]; then
    fail "this is not macOS. Use packaging/linux/install.sh, or give --destdir."
fi

if [ -z "$binary" ]; then
    for candidate in "$here/routeguard" "$here"/../../artifacts/publish/RouteGuard/release_osx*/routeguard; do
        if [ -f "$candidate" ]; then binary=$candidate; fi
    done
    [ -n "$binary" ] || fail "there is no program to install. Publish it first (see README.md) or name it."
fi
[ -f "$binary" ] || fail "there is no program at $binary. Name the published routeguard."

# Put beside and renamed: a running daemon keeps its old file, and no half program is ever in the path.
place() { # MODE FROM TO
    mkdir -p "$(dirname "$3")"
    install -m "$1" "$2" "$3.new"
    mv -f "$3.new" "$3"
}

# Whoever may replace the program, or rename a directory above it, becomes root through launchd.
check_owners() { # DIRECTORY
    local directory=$1
    while [ "$directory" != / ]; do
        if [ -e "$directory" ] && [ -z "$(find "$directory" -maxdepth 0 -user root ! -perm -002 ! -perm -020)" ]; then
            fail "$directory belongs to another user, or others may write to it. Repair that (chown root, chmod go-w), or choose another --prefix."
        fi
        directory=$(dirname "$directory")
    done
}

# The state is as good as the program: whoever may replace it says what is written into the routing table.
if [ -z "$destdir" ]; then
    check_owners "$prefix/bin"
    check_owners "$home/state"
fi

job=$here/$label.plist
[ -f "$job" ] || job=$here/../../launchd/$label.plist
plist=$(mktemp)
trap 'rm -f "$plist"' EXIT
sed "s|>$home/bin/|>$prefix/bin/|" "$job" >"$plist"

umask 022
place 0755 "$binary" "$destdir$prefix/bin/routeguard"
place 0644 "$plist" "$destdir/Library/LaunchDaemons/$label.plist"
place 0644 "$here/newsyslog.conf" "$destdir/etc/newsyslog.d/routeguard.conf"
mkdir -p "$destdir/Library/Logs/RouteGuard" "$destdir$home/state" "$destdir/usr/local/bin"
chmod 0755 "$destdir/Library/Logs/RouteGuard"
chmod 0700 "$destdir$home/state"
ln -sfn "$prefix/bin/routeguard" "$destdir/usr/local/bin/routeguard"

# The manual comes out of the program itself. One that does not run here (another system's, into --destdir) has none to
# give, and is installed without.
manual=$(mktemp -d)
trap 'rm -rf "$plist" "$manual"' EXIT
program=$destdir$prefix/bin/routeguard
if "$program" man >"$manual/routeguard.8" 2>/dev/null &&
    "$program" completion bash >"$manual/bash" 2>/dev/null &&
    "$program" completion zsh >"$manual/zsh" 2>/dev/null &&
    "$program" completion fish >"$manual/fish" 2>/dev/null; then
    place 0644 "$manual/routeguard.8" "$destdir/usr/local/share/man/man8/routeguard.8"
    place 0644 "$manual/bash" "$destdir/usr/local/share/bash-completion/completions/routeguard"
    place 0644 "$manual/zsh" "$destdir/usr/local/share/zsh/site-functions/_routeguard"
    place 0644 "$manual/fish" "$destdir/usr/local/share/fish/vendor_completions.d/routeguard.fish"
else
    echo "The man page and the completions are left out: the program does not run here." >&2
fi

if [ -n "$destdir" ]; then
    echo "Installed below $destdir."
    exit 0
fi

stop_job() {
    local waited
    launchctl bootout "system/$label" 2>/dev/null || true
    for ((waited = 0; waited < gone_seconds_max; waited++)); do
        launchctl print "system/$label" >/dev/null 2>&1 || return 0
        sleep 1
    done
    fail "launchd did not let go of the old daemon within $gone_seconds_max s. Look at: launchctl print system/$label"
}

start_job() {
    local tries refusal
    for ((tries = 0; tries < bootstrap_tries_max; tries++)); do
        refusal=$(launchctl bootstrap system "/Library/LaunchDaemons/$label.plist" 2>&1) && return 0
        sleep 1
    done
    fail "launchd does not take the job: $refusal. Everything is in its place; start it with: sudo launchctl bootstrap system /Library/LaunchDaemons/$label.plist"
}

# New files have the group of their directory on macOS, which is admin in some of these.
chown root:wheel "$home" /Library/Logs/RouteGuard
chown -R root:wheel "$prefix/bin" "$home/state" "/Library/LaunchDaemons/$label.plist" /etc/newsyslog.d/routeguard.conf
stop_job
launchctl enable "system/$label"
if [ "$start" = yes ]; then
    start_job
    echo "Installed and started. See: sudo launchctl print system/$label, routeguard status"
else
    echo "Installed. Start it with: sudo launchctl bootstrap system /Library/LaunchDaemons/$label.plist"
fi
