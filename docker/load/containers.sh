# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # variables are shared with load-test.sh
# The server and its peers as containers, for load-test.sh.

declare -A ids=()
project=bowstring-load-$$

# Compose 2, or 1.29.
compose() {
    if docker compose version >/dev/null 2>&1; then
        docker compose -p "$project" -f "$compose_file" --profile load "$@"
    else
        docker-compose -p "$project" -f "$compose_file" --profile load "$@"
    fi
}

# A port that nobody has: that of a server may be in use.
free_port() {
    local port
    while :; do
        port=$((20000 + RANDOM % 20000))
        (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
    done
    echo "$port"
}

up() {
    local name
    BOWSTRING_HOST_PORT=${BOWSTRING_HOST_PORT:-$(free_port)}
    export BOWSTRING_HOST_PORT
    if [ -z "${BOWSTRING_IMAGE:-}" ]; then
        compose build server >&2
    fi
    compose up -d --no-build --scale "stalled=$((LOAD_STALLED > 0))" --scale "garbage=$((LOAD_GARBAGE > 0))" >&2
    for name in server "${peers[@]}"; do
        ids[$name]=$(compose ps -a -q "$name")
    done
    has_server=true
}

down() {
    [ -z "${ids[server]:-}" ] || output server >/dev/null || true
    compose down -v --timeout 1 >/dev/null 2>&1 || true
}

# As the health check does, which needs little of the server's memory.
topics() {
    local command
    mapfile -t command < <(docker inspect -f '{{range .Config.Healthcheck.Test}}{{println .}}{{end}}' "${ids[server]}" | grep .)
    docker exec "${ids[server]}" "${command[@]:1}"
}

is_running() {
    [ "$(docker inspect -f '{{.State.Running}}' "${ids[$1]}")" = true ]
}

# Sets exit_code.
read_exit_code() {
    exit_code=$(docker inspect -f '{{.State.ExitCode}}' "${ids[$1]}")
}

signal() {
    docker kill --signal "$2" "${ids[$1]}" >/dev/null 2>&1 || true
}

start_again() {
    docker start "${ids[$1]}" >/dev/null
}

output() {
    docker logs "${ids[$1]}" 2>"$report/$1.err" | tee "$report/$1.out"
}

# The last line of what a peer has written for people.
complaint() {
    { docker logs --tail 1 "${ids[$1]}" >/dev/null; } 2>&1
}

make_report() {
    docker run --rm -i --read-only --network none "$(docker inspect -f '{{.Image}}' "${ids[server]}")" load-report "$@"
}
