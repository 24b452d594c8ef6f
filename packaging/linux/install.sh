#!/usr/bin/env bash
# Installs RouteGuard on Linux: the program with its man page and completions, its systemd unit, and the
# group that may use it. Doing it again updates.
set -euo pipefail

usage() {
    cat <<'TEXT'
Usage: install.sh [--prefix DIR] [--destdir DIR] [--no-start] [BINARY]

  BINARY         the published program; by default ./routeguard beside this script, or the newest one under artifacts/
  --prefix DIR   where bin/ is (default /usr/local)
  --destdir DIR  put everything below DIR instead of /, touch neither systemd nor groups (for packages and tests)
  --no-start     install and enable, but do not start
TEXT
}

fail() {
    echo "Cannot install: $*" >&2
    exit "${code:-1}"
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
prefix=/usr/local
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
*[!A-Za-z0-9/._-]*) code=2 fail "the prefix '$prefix' has a character that a systemd unit would read otherwise. Choose another." ;;
esac
if [ -z "$destdir" ] && [ "$(id -u)" -ne 0 ]; then
    code=3 fail "this needs root. Run it with sudo."
fi

if [ -z "$binary" ]; then
    for candidate in "$here/routeguard" "$here"/../../artifacts/publish/RouteGuard/release*/routeguard; do
        if [ -f "$candidate" ]; then binary=$candidate; fi
    done
    [ -n "$binary" ] || fail "there is no program to install. Publish it first (see README.md) or name it."
fi
[ -f "$binary" ] || fail "there is no program at $binary. Name the published routeguard."

# Put beside and renamed: a running daemon keeps its old file, and no half program is ever in the path.
place() { # MODE FROM TO
    install -d -m 0755 "$(dirname "$3")"
    install -m "$1" "$2" "$3.new"
    mv -f "$3.new" "$3"
}

unit=$(mktemp)
trap 'rm -f "$unit"' EXIT
sed "s|^ExecStart=/usr/local/bin/|ExecStart=$prefix/bin/|" "$here/routeguard.service" >"$unit"
place 0755 "$binary" "$destdir$prefix/bin/routeguard"
place 0644 "$unit" "$destdir/etc/systemd/system/routeguard.service"

# The manual comes out of the program itself. One that does not run here (another system's, into --destdir) has none to
# give, and is installed without.
manual=$(mktemp -d)
trap 'rm -rf "$unit" "$manual"' EXIT
program=$destdir$prefix/bin/routeguard
if "$program" man >"$manual/routeguard.8" 2>/dev/null &&
    "$program" completion bash >"$manual/bash" 2>/dev/null &&
    "$program" completion zsh >"$manual/zsh" 2>/dev/null &&
    "$program" completion fish >"$manual/fish" 2>/dev/null; then
    place 0644 "$manual/routeguard.8" "$destdir$prefix/share/man/man8/routeguard.8"
    place 0644 "$manual/bash" "$destdir$prefix/share/bash-completion/completions/routeguard"
    place 0644 "$manual/zsh" "$destdir$prefix/share/zsh/site-functions/_routeguard"
    place 0644 "$manual/fish" "$destdir$prefix/share/fish/vendor_completions.d/routeguard.fish"
else
    echo "The man page and the completions are left out: the program does not run here." >&2
fi

if [ -n "$destdir" ]; then
    echo "Installed below $destdir."
    exit 0
fi

if ! getent group routeguard >/dev/null; then
    groupadd --system routeguard
fi

if [ ! -d /run/systemd/system ]; then
    echo "Installed. systemd does not run here: start \"$prefix/bin/routeguard daemon\" from your own supervisor."
    exit 0
fi

systemctl daemon-reload
systemctl enable --quiet routeguard.service
if [ "$start" = yes ]; then
    systemctl restart routeguard.service
    echo "Installed and started. See: routeguard status"
else
    echo "Installed. Start it with: systemctl start routeguard"
fi
