#!/usr/bin/env bash
# Runs two processes: one asks, the other answers. The argument says what lies between them:
#   unix  Unix sockets, in a directory of their own (the default)
#   tcp   TCP on loopback
#   tls   mutual TLS on loopback, with the certificates of a test CA made for the run
#   udp4  UDP on loopback
#   flic  a bridge on loopback, the one of the command line
#   mesh  a connection of a mesh on loopback
#   node  Unix sockets again, and the one that answers is a Node.js program with node-ipc
# The C# programs are the same each time. Each line of output begins with the process that wrote it. Ends by itself.
set -euo pipefail
cd "$(dirname "$0")"

transport=${1:-unix}
case $transport in
    unix | tcp | tls | udp4 | flic | mesh | node) ;;
    *)
        echo "Usage: $0 [unix|tcp|tls|udp4|flic|mesh|node]" >&2
        exit 2
        ;;
esac

# Runs a command; shows what it wrote only if it fails.
quietly() {
    local report
    if ! report=$("$@" 2>&1 < /dev/null); then
        echo "$report" >&2
        exit 1
    fi
}

echo "Building..." >&2
projects=(one two)
if [[ $transport == flic ]]; then
    projects+=(../src/Link.Cli)
fi

for project in "${projects[@]}"; do
    quietly dotnet build "$project" --configuration Release --nologo --verbosity quiet --disable-build-servers
done

# A port on which nobody listens, below those that the operating system hands out by itself.
free_port() {
    local port
    while port=$((10000 + (RANDOM * 32768 + RANDOM) % 22000)) && (: < "/dev/tcp/127.0.0.1/$port") 2> /dev/null; do :; done
    echo "$port"
}

run() {
    local example=$1
    shift
    "$@" 2>&1 | sed --unbuffered "s/^/$example | /"
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

one=(dotnet one/bin/Release/net10.0/one.dll)
two=(dotnet two/bin/Release/net10.0/two.dll)
case $transport in
    unix | node)
        places=("test-one=unix:${root}app.test-one" "test-two=unix:${root}app.test-two")
        ;;
    tcp | tls | udp4)
        places=("test-one=$transport://127.0.0.1:$(free_port)" "test-two=$transport://127.0.0.1:$(free_port)")
        ;;
esac
case $transport in
    flic)
        bridge=127.0.0.1:$(free_port)
        places=("flic://$bridge")
        ;;
    mesh)
        places=(mesh "test-one=tcp://127.0.0.1:$(free_port)" "test-two=tcp://127.0.0.1:$(free_port)")
        ;;
    tls)
        quietly ./certificates.sh "$root"
        places+=("$root")
        ;;
    node)
        quietly flock node sh -c '[ -f node/node_modules/.package-lock.json ] || npm ci --prefix node'
        two=(node node/two.js "$root")
        ;;
esac

# Groups of their own: Ctrl-C reaches this script alone, which then ends both.
set -m
if [[ $transport == flic ]]; then
    run bridge dotnet ../src/Link.Cli/bin/Release/net10.0/Link.Cli.dll bridge "$bridge" < /dev/null &
    serving=$!
    until (: < "/dev/tcp/${bridge/://}") 2> /dev/null; do
        # Ends the script when the bridge has ended.
        kill -0 "$serving"
        sleep 0.1
    done
fi

mkfifo "$root/two.input"
run two "${two[@]}" "${places[@]}" < "$root/two.input" &
answering=$!
exec 3> "$root/two.input"
run one "${one[@]}" "${places[@]}" < /dev/null 3>&- &
wait $!

# two serves until its input ends.
exec 3>&-
wait "$answering"
