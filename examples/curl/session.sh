#!/usr/bin/env bash
# A session around a VPN's run, as root or in the group routeguard: session.sh SOCKET COMMAND…
# The command brings the VPN up, and returns when it is up.
set -eu
socket=$1
shift

# Prints a good answer, or says on the error stream why there is none.
ask() {
    local answer
    answer=$(curl -sS --fail-with-body --max-time 5 --unix-socket "$socket" "$@") || {
        echo "$answer" >&2
        return 1
    }
    echo "$answer"
}

# The body of 202 names the operation that will have the answer.
api() {
    local answer operation
    answer=$(ask -H 'Content-Type: application/json' "$@") || return
    for _ in {1..35}; do
        operation=$(sed -n 's/.*"operation": *"\([A-Za-z0-9_-]*\)".*/\1/p' <<<"$answer")
        [ -n "$operation" ] || break
        answer=$(ask "http://localhost/v1/operations/$operation") || return
    done
    echo "$answer"
}

# Before the VPN touches anything. When this shell dies, the daemon puts the table back.
session=$(api http://localhost/v1/sessions -d "{\"label\":\"example\",\"ownerPid\":$$}")
id=$(sed -n 's/.*"id": *"\([a-z0-9-]*\)".*/\1/p' <<<"$session" | head -n 1)
echo "begun $id"

"$@"
api -X POST "http://localhost/v1/sessions/$id/up" >/dev/null
echo up

# Here it runs; then it takes its routes away, and what it leaves is removed.
api -X DELETE "http://localhost/v1/sessions/$id" >/dev/null
echo ended
