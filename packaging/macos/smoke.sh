#!/usr/bin/env bash
# Tries RouteGuard on this machine without changing anything: a daemon in the foreground with directories of its own, asked
# for its status, a snapshot, and what a restore would do. Fails when an answer is missing or a default route has moved.
# It runs on Linux too, where it was written.
set -euo pipefail

usage() {
    cat <<'TEXT'
Usage: sudo smoke.sh [BINARY]

  BINARY   the published program; by default it is published for this machine first (needs the .NET 10 SDK)
TEXT
}

fail() {
    echo "Smoke test failed: $*" >&2
    if [ -n "$folder" ] && [ -s "$folder/log" ]; then
        echo "The daemon's log:" >&2
        tail -n 40 "$folder/log" >&2
    fi
    exit 1
}

# Bounds, in seconds.
answer_max=30
stop_max=30

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
folder=
daemon=
case ${1:-} in
-h | --help)
    usage
    exit 0
    ;;
-*)
    echo "Cannot run the smoke test: $1 is no option. See --help." >&2
    exit 2
    ;;
esac
[ "$(id -u)" -eq 0 ] || fail "this needs root, as the daemon does. Run it with sudo."

system=$(uname -s)
case $system-$(uname -m) in
Darwin-arm64) runtime=osx-arm64 ;;
Darwin-x86_64) runtime=osx-x64 ;;
Linux-x86_64) runtime=linux-x64 ;;
*) fail "$system on $(uname -m) is none of the systems that it is published for." ;;
esac

binary=${1:-}
if [ -z "$binary" ]; then
    dotnet publish "$root/src/RouteGuard" --runtime "$runtime" --artifacts-path "$root/artifacts/smoke" --nologo --verbosity quiet
    binary=$root/artifacts/smoke/publish/RouteGuard/release_$runtime/routeguard
fi
[ -x "$binary" ] || fail "there is no program at $binary."

clean() {
    # Only the process that was started here, by its number.
    if [ -n "$daemon" ] && kill -0 "$daemon" 2>/dev/null; then
        kill -KILL "$daemon" 2>/dev/null || true
        wait "$daemon" 2>/dev/null || true
    fi
    rm -rf "$folder"
}
# Short, because the path of a Unix socket has 104 bytes on macOS.
folder=$(mktemp -d /tmp/routeguard.XXXXXX)
trap clean EXIT

# The defaults of both families; expiry and use counters are none of our business.
defaults() {
    if [ "$system" = Darwin ]; then
        netstat -rn | awk '$1 == "default" { print $1, $2, $4 }' | sort
    else
        cat /proc/net/route
    fi
}

if [ "$system" = Darwin ]; then
    codesign --verify --strict --verbose=2 "$binary" || fail "codesign does not accept the signature."
    plutil -lint "$root/launchd/com.routeguard.routeguard.plist"
fi

ask() {
    echo "+ routeguard $*"
    "$binary" "$@" --state-dir "$folder/state" --runtime-dir "$folder/run"
}

"$binary" version
before=$(defaults)

# Without a daemon: the table is read by this process alone.
ask snapshot >"$folder/snapshot" || fail "snapshot: see above."
tail -n +2 "$folder/snapshot" | head -n 20
[ -s "$folder/snapshot" ] || fail "the snapshot is empty."
ask snapshot --output "$folder/baseline.json" || fail "snapshot --output: see above."
ask restore --dry-run --offline || fail "restore --dry-run --offline: see above."

"$binary" daemon --state-dir "$folder/state" --runtime-dir "$folder/run" 2>"$folder/log" &
daemon=$!
for ((waited = 0; ; waited++)); do
    [ ! -S "$folder/run/routeguard.sock" ] || ! "$binary" status --runtime-dir "$folder/run" >/dev/null 2>&1 || break
    kill -0 "$daemon" 2>/dev/null || fail "the daemon ended by itself."
    [ "$waited" -lt "$answer_max" ] || fail "the daemon did not answer within $answer_max s."
    sleep 1
done
ask status || fail "status: see above."
ask routes >/dev/null || fail "routes: see above."
ask plan || fail "plan: see above."
ask restore --dry-run || fail "restore --dry-run: see above."

kill -TERM "$daemon"
for ((waited = 0; waited < stop_max; waited++)); do
    kill -0 "$daemon" 2>/dev/null || break
    sleep 1
done
code=0
wait "$daemon" || code=$?
daemon=
[ "$code" -eq 0 ] || fail "the daemon ended with $code after SIGTERM."

after=$(defaults)
[ "$before" = "$after" ] || fail "a default route is not what it was. Before: $before. After: $after."
echo "Smoke test passed: the daemon starts, answers, and stops; no default route has moved."
