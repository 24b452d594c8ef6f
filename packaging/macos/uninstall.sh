#!/usr/bin/env bash
# Removes RouteGuard from macOS. Routes are not touched, and state and logs stay unless --purge is given.
set -euo pipefail

usage() {
    cat <<'TEXT'
Usage: uninstall.sh [--prefix DIR] [--destdir DIR] [--purge]

  --prefix DIR   where bin/ is (default "/Library/Application Support/RouteGuard")
  --destdir DIR  remove below DIR instead of /, and do not touch launchd (for packages and tests)
  --purge        remove baselines, journal and logs too
TEXT
}

fail() {
    echo "Cannot uninstall: $*" >&2
    exit "${code:-1}"
}

label=com.routeguard.routeguard
# The daemon ends its last step first: ExitTimeOut is 20 s.
gone_seconds_max=30
home="/Library/Application Support/RouteGuard"
prefix=$home
destdir=
purge=no
while [ $# -gt 0 ]; do
    case $1 in
    --prefix | --destdir)
        [ $# -ge 2 ] || code=2 fail "$1 needs a directory. See --help."
        if [ "$1" = --prefix ]; then prefix=$2; else destdir=$2; fi
        shift
        ;;
    --purge) purge=yes ;;
    -h | --help)
        usage
        exit 0
        ;;
    *) code=2 fail "$1 is no option. See --help." ;;
    esac
    shift
done

if [ -z "$destdir" ] && [ "$(id -u)" -ne 0 ]; then
    code=3 fail "this needs root. Run it with sudo."
fi
if [ -z "$destdir" ] && [ "$(uname -s)" != Darwin ]; then
    fail "this is not macOS. Use packaging/linux/uninstall.sh, or give --destdir."
fi

if [ -z "$destdir" ]; then
    launchctl bootout "system/$label" 2>/dev/null || true
    for ((waited = 0; waited < gone_seconds_max; waited++)); do
        launchctl print "system/$label" >/dev/null 2>&1 || break
        sleep 1
    done
fi

rm -f "$destdir/Library/LaunchDaemons/$label.plist" "$destdir/etc/newsyslog.d/routeguard.conf" "$destdir$prefix/bin/routeguard"
rm -f "$destdir/usr/local/share/man/man8/routeguard.8" \
    "$destdir/usr/local/share/bash-completion/completions/routeguard" \
    "$destdir/usr/local/share/zsh/site-functions/_routeguard" \
    "$destdir/usr/local/share/fish/vendor_completions.d/routeguard.fish"
# Only our own link: somebody else's program of that name stays.
link=$destdir/usr/local/bin/routeguard
if [ -L "$link" ] && [ "$(readlink "$link")" = "$prefix/bin/routeguard" ]; then
    rm -f "$link"
fi
rmdir "$destdir$prefix/bin" 2>/dev/null || true
rm -f "$destdir/var/run/routeguard/routeguard.sock"
rmdir "$destdir/var/run/routeguard" 2>/dev/null || true

state=$destdir$home/state
if [ "$purge" = yes ]; then
    rm -rf "$state" "$destdir/Library/Logs/RouteGuard"
    rmdir "$destdir$home" 2>/dev/null || true
    echo "Uninstalled, with all state."
elif [ -d "$state" ]; then
    echo "Uninstalled. Baselines and the journal stay in $state; --purge removes them."
else
    echo "Uninstalled."
fi
