#!/usr/bin/env bash
# Builds both examples and runs them as two processes, in a socket directory of their own.
# Each line of output begins with the process that wrote it. Ends by itself.
set -euo pipefail
cd "$(dirname "$0")"

for example in one two; do
    if ! report=$(dotnet build "$example" --configuration Release --nologo --verbosity quiet --disable-build-servers 2>&1); then
        echo "$report" >&2
        exit 1
    fi
done

run() {
    dotnet "$1/bin/Release/net10.0/$1.dll" "$root" 2>&1 | sed --unbuffered "s/^/$1 | /"
}

clean_up() {
    exec 2> /dev/null
    # Each process is the leader of a group, together with what prefixes its lines.
    for group in $(jobs -p); do
        kill -- "-$group" || true
    done
    wait || true
    rm -rf "$root"
}

root=$(mktemp --directory /tmp/link-XXXXXX)/
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Groups of their own: Ctrl-C reaches this script alone, which then ends both.
set -m
mkfifo "$root/two.input"
run two < "$root/two.input" &
two=$!
exec 3> "$root/two.input"
run one < /dev/null 3>&- &
wait $!

# two serves until its input ends.
exec 3>&-
wait "$two"
