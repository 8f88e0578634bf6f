#!/usr/bin/env bash
# Builds, packs and tests everything. The last line counts the tests; the exit code is 0 only if all of them ran and passed.
set -euo pipefail
cd "$(dirname "$0")"

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
node_side=tests/Link.Interop/node
results=artifacts/test-results
packages=artifacts/packages

# Runs a command; shows what it wrote only if it fails.
quietly() {
    local report
    if ! report=$("$@" 2>&1 < /dev/null); then
        echo "$report"
        echo "Failed: $*"
        return 1
    fi
}

# How many tests of the result files are counted under a name.
count() {
    { grep --no-filename --only-matching "<Counters [^>]*" "$results"/*.trx || true; } |
        { grep --only-matching " $1=\"[0-9]*\"" || true; } |
        awk -F '"' '{ sum += $2 } END { print sum + 0 }'
}

# Installs the Debian package of a command that is missing.
require() {
    if ! command -v "$1" > /dev/null; then
        local as_root=()
        if ((EUID != 0)); then
            as_root=(sudo)
        fi

        quietly "${as_root[@]}" apt-get update --quiet
        quietly "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install --quiet --yes --no-install-recommends "$2"
    fi
}

# The tests of lost peers make networks of their own; those of TLS have openssl as a peer.
require ip iproute2
require openssl openssl

rm -rf "$results" "$packages"

if [[ -f $node_side/package-lock.json ]]; then
    (cd "$node_side" && quietly npm ci --no-audit --no-fund --no-update-notifier)
fi

quietly dotnet build Link.sln --configuration Release --verbosity quiet --nologo --disable-build-servers
quietly dotnet pack Link.sln --configuration Release --no-build --output "$packages" --nologo --disable-build-servers

# One project after the other: some tests measure, and each project uses all cores by itself.
status=0
dotnet test Link.sln --configuration Release --no-build --nologo --verbosity quiet --disable-build-servers -m:1 \
    --logger "console;verbosity=minimal" --logger trx --results-directory "$results" \
    --blame-hang-timeout 5m --blame-hang-dump-type none < /dev/null |
    sed --unbuffered -E '/^(Test run for|A total of|Data collector|Results File|Additionally, path)|^ *$/d' || status=1

for project in tests/*/*.csproj; do
    name=$(basename "$project" .csproj)
    if ! grep --quiet "IsTestProject>false<" "$project" &&
        ! grep --files-with-matches --ignore-case "/$name\.dll\"" "$results"/*.trx > /dev/null 2>&1; then
        echo "No test of $name ran."
        status=1
    fi
done

total=$(count total)
executed=$(count executed)
passed=$(count passed)
if ((executed < total)); then
    echo "Skipped: $((total - executed))."
    status=1
fi

if ((executed == 0)); then
    status=1
fi

failed=$((executed - passed))
if ((failed > 0)); then
    status=1
fi

echo "$passed passed, $failed failed"
exit "$status"
