#!/usr/bin/env bash
# Removes RouteGuard from Linux. Routes are not touched, and the state directory stays unless --purge is given.
set -euo pipefail

usage() {
    cat <<'TEXT'
Usage: uninstall.sh [--prefix DIR] [--destdir DIR] [--purge]

  --prefix DIR   where bin/ is (default /usr/local)
  --destdir DIR  remove below DIR instead of /, touch neither systemd nor groups (for packages and tests)
  --purge        remove baselines, journal and the routeguard group too
TEXT
}

fail() {
    echo "Cannot uninstall: $*" >&2
    exit "${code:-1}"
}

prefix=/usr/local
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

if [ -z "$destdir" ] && [ -d /run/systemd/system ] && [ -e /etc/systemd/system/routeguard.service ]; then
    systemctl disable --now --quiet routeguard.service
fi

rm -f "$destdir/etc/systemd/system/routeguard.service" "$destdir$prefix/bin/routeguard"
rm -f "$destdir$prefix/share/man/man8/routeguard.8" \
    "$destdir$prefix/share/bash-completion/completions/routeguard" \
    "$destdir$prefix/share/zsh/site-functions/_routeguard" \
    "$destdir$prefix/share/fish/vendor_completions.d/routeguard.fish"
if [ -z "$destdir" ] && [ -d /run/systemd/system ]; then
    systemctl daemon-reload
fi

state=$destdir/var/lib/routeguard
if [ "$purge" = yes ]; then
    rm -rf "$state"
    if [ -z "$destdir" ] && getent group routeguard >/dev/null; then
        groupdel routeguard
    fi
    echo "Uninstalled, with all state."
elif [ -d "$state" ]; then
    echo "Uninstalled. Baselines and the journal stay in $state; --purge removes them."
else
    echo "Uninstalled."
fi
