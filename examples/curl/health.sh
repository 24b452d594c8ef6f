#!/usr/bin/env bash
# Says every second how the routing table is: health.sh [SOCKET [TIMES]]
set -u
socket=${1:-/run/routeguard/routeguard.sock}
left=${2:--1}
code=000

while [ "$left" -ne 0 ]; do
    # 200: guarded, or nothing to guard. 503: something is wrong, and the body says what. 000: no daemon.
    answer=$(curl -sS --max-time 2 --unix-socket "$socket" -w '\n%{http_code}' http://localhost/health)
    code=${answer##*$'\n'}
    verdict=$(sed -n 's/.*"verdict": *"\([a-z]*\)".*/\1/p' <<<"$answer" | head -n 1)
    echo "$code ${verdict:-no daemon}"
    left=$((left - 1))
    [ "$left" -eq 0 ] || sleep 1
done
[ "$code" = 200 ]
