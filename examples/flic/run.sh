#!/usr/bin/env bash
# Runs flic's first example in two processes. The arguments say what the halves are written in: cs (the default) or js.
#   first   a bridge, and the node node1
#   second  a node without a name that tells node1
# Each line of output begins with the process that wrote it. Ends by itself.
set -euo pipefail
cd "$(dirname "$0")"

first=${1:-cs}
second=${2:-cs}
for language in "$first" "$second"; do
    case $language in
        cs | js) ;;
        *)
            echo "Usage: $0 [cs|js] [cs|js]" >&2
            exit 2
            ;;
    esac
done

# Runs a command; shows what it wrote only if it fails.
quietly() {
    local report
    if ! report=$("$@" 2>&1 < /dev/null); then
        echo "$report" >&2
        exit 1
    fi
}

# Makes a half ready to run, and sets the array command to what runs it.
prepare() {
    local half=$1 language=$2
    if [ "$language" = cs ]; then
        quietly dotnet build "$half" --configuration Release --nologo --verbosity quiet --disable-build-servers
        command=(dotnet "$half/bin/Release/net10.0/$half.dll")
    else
        quietly flock . sh -c '[ -f node_modules/.package-lock.json ] || npm ci --ignore-scripts'
        command=(node "$half.js")
    fi
}

# A port on which nobody listens, below those that the operating system hands out by itself.
port=10000
while port=$((10000 + (RANDOM * 32768 + RANDOM) % 22000)) && (: < "/dev/tcp/127.0.0.1/$port") 2> /dev/null; do :; done

echo "Building..." >&2
prepare first "$first"
one=("${command[@]}" "$port")
prepare second "$second"
two=("${command[@]}" "$port")

coproc FIRST { exec "${one[@]}"; }
exec 3<&"${FIRST[0]}" 4>&"${FIRST[1]}" {FIRST[0]}<&- {FIRST[1]}>&-
serving=$FIRST_PID
trap 'kill "$serving" 2> /dev/null || true' EXIT
read -r line <&3
echo "first | $line"

if [ "$first$second" != jsjs ]; then
    "${two[@]}" 3<&- 4>&- | sed --unbuffered "s/^/second | /"
else
    # flic alone loses the answer now and then: a node that tells before it is connected has no name yet, and nobody to send the answer to.
    for attempt in 1 2 3 4 5; do
        ! output=$(timeout 5 "${two[@]}" 3<&- 4>&-) || break
    done
    sed "s/^/second | /" <<< "$output"
fi

# first serves until its input ends.
exec 4>&-
sed "s/^/first | /" <&3
