# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # variables are shared with load-test.sh
# The server and its peers as processes, for load-test.sh --local.

declare -A pids=()

bowstring() {
    "${BOWSTRING:-$here/../bowstring}" "$@"
}

start() {
    local name=$1
    shift
    # Becomes the command, so that the process that is known is the one that is killed.
    (exec "${BOWSTRING:-$here/../bowstring}" "$@") >>"$report/$name.out" 2>>"$report/$name.err" </dev/null &
    pids[$name]=$!
}

# The command is that of services.yaml, with the server and the topics of this run.
start_peer() {
    local command
    # shellcheck disable=SC2016 # eval expands them
    command=$(sed -n "/^  $1:\$/,/^\$/s/^      //p" "$here/services.yaml" |
        sed -E 's|bowstring://server:[^ ]+|"$url"|; s/--topic (load|restarted)/--topic "$\1_topic"/')
    [ -n "$command" ] || die "services.yaml: no command of $1"
    set -f # a value that it expands is no pattern
    eval "start $1 ${command//$'\n'/ }"
    set +f
}

up() {
    local peer
    bowstring --version >/dev/null # builds it once where that is to be done
    if [ -z "$url" ]; then
        start server serve --host 127.0.0.1 --port 0 --unix none
        has_server=true
        : >>"$report/server.out" # the process may be slow to begin
        local end=$((SECONDS + patience))
        while [ -z "$url" ]; do
            is_running server || die "no server: $(tail -n 1 "$report/server.err")"
            [ "$SECONDS" -lt "$end" ] || die "no server after $patience s"
            sleep 0.2
            url=$(sed -n 's/^bowstring ready on /bowstring:\/\//p' "$report/server.out")
        done
    fi
    for peer in "${peers[@]}"; do
        ! is_wanted "$peer" || start_peer "$peer"
    done
}

down() {
    local name topic
    for name in "${!pids[@]}"; do
        signal "$name" KILL
    done
    if [ "$has_server" = false ] && [ -n "$url" ]; then
        for ((topic = 0; topic < LOAD_TOPICS; topic++)); do
            bowstring delete "$load_topic.$topic" --url "$url" 2>/dev/null || true
        done
        bowstring delete "$restarted_topic.0" --url "$url" 2>/dev/null || true
    fi
}

topics() {
    bowstring topics --url "$url" --format json
}

is_running() {
    [ -n "${pids[$1]:-}" ] && kill -0 "${pids[$1]}" 2>/dev/null
}

# Sets exit_code: only this shell may wait for its children. Then the number may be another process's.
read_exit_code() {
    exit_code=0
    wait "${pids[$1]}" 2>/dev/null || exit_code=$?
    unset "pids[$1]"
}

signal() {
    [ -z "${pids[$1]:-}" ] || kill "-$2" "${pids[$1]}" 2>/dev/null || true
}

start_again() {
    start_peer "$1"
}

output() {
    cat "$report/$1.out"
}

# The last line of what a peer has written for people.
complaint() {
    tail -n 1 "$report/$1.err"
}

make_report() {
    bowstring load-report "$@"
}
