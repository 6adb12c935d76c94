#!/usr/bin/env bash
# Runs a load of publishers and subscribers on a server, beside a subscriber that stalls, a publisher that is killed and started
# again, and a peer that sends garbage. Writes a report, and fails where anything was lost or a threshold is missed.
#   docker/load-test.sh [--host | --local [--url URL]] [--report DIR] [SCENARIO]
# SCENARIO: the name of a file in docker/scenarios, or a path; default: default.
# --host: containers on the network of this machine (compose.host.yaml) instead of one of their own.
# --local: processes instead of containers. BOWSTRING is the command, by default ./bowstring of this clone.
# --url: a server that is there, instead of one that is started and stopped.
# --report: the folder of the report, by default docker/reports/SCENARIO. Files in it are removed first.
# BOWSTRING_IMAGE: an image that is there, instead of one that is built.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
peers=(publishers subscribers restarted-publisher restarted-subscriber stalled garbage)
keys=(PUBLISHERS SUBSCRIBERS TOPICS BODY COLUMNS RATE DURATION STALLED GARBAGE
    RESTARTED_RATE RESTARTED_AFTER)

# The settings of the server that a scenario may have; services.yaml hands them on.
server_keys=(REQUEST_TIMEOUT BLOCK_TIMEOUT MIN_BLOCK_RATE MIN_RATE)

# The topics of a server that is there are those of this run alone.
load_topic=load
restarted_topic=restarted

# Seconds that a process may need to end by itself, after the duration of the load, and to end when it is asked to.
patience=600
stop_patience=60

die() {
    printf 'load-test: %s\n' "$1" >&2
    exit 2
}

say() {
    printf 'load-test: %s\n' "$1" >&2
}

usage() {
    sed -n '2,/^set /s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
}

read_arguments() {
    backend=containers
    compose_file=$here/compose.yaml
    url=
    report=
    scenario=default
    while [ $# -gt 0 ]; do
        case $1 in
            --local) backend=processes ;;
            --host) compose_file=$here/compose.host.yaml ;;
            --url | --report)
                [ $# -gt 1 ] || die "$1 needs a value"
                if [ "$1" = --url ]; then url=$2; else report=$2; fi
                shift
                ;;
            -h | --help)
                usage
                exit 0
                ;;
            -*) die "unknown option $1 (try --help)" ;;
            *) scenario=$1 ;;
        esac
        shift
    done
    [ -z "$url" ] || [ "$backend" = processes ] || die "--url: $url (expected: with --local)"
    if [ -n "$url" ]; then
        # shellcheck disable=SC2034 # for processes.sh
        load_topic=load-$$
        restarted_topic=restarted-$$
    fi
}

read_scenario() {
    file=$scenario
    [ -f "$file" ] || file=$here/scenarios/$scenario.env
    [ -f "$file" ] || die "scenario: $scenario (expected: a file, or a name in $here/scenarios)"
    unset "${!LOAD_@}" "${!BOWSTRING_SERVER_@}"
    set -a
    # shellcheck disable=SC1090 # it is the argument
    . "$(realpath "$file")"
    set +a
    for key in "${keys[@]}"; do
        name=LOAD_$key
        [ -n "${!name:-}" ] || die "$file: no $name"
    done
    for name in "${!BOWSTRING_SERVER_@}"; do
        case " ${server_keys[*]} " in
            *" ${name#BOWSTRING_SERVER_} "*) [ -z "$url" ] || die "$file: $name (expected: nothing of a server that is there)" ;;
            *) die "$file: $name (expected: one of ${server_keys[*]/#/BOWSTRING_SERVER_})" ;;
        esac
    done
    for key in PUBLISHERS SUBSCRIBERS TOPICS STALLED GARBAGE; do
        name=LOAD_$key
        [[ ${!name} =~ ^(0|[1-9][0-9]{0,5})$ ]] || die "$file: $name: ${!name} (expected: a whole number)"
    done
    [[ $LOAD_DURATION =~ ^([1-9][0-9]{0,5})(ms|s|m)$ ]] ||
        die "$file: LOAD_DURATION: $LOAD_DURATION (expected: such as 500ms, 90s or 10m)"
    case ${BASH_REMATCH[2]} in
        s) patience=$((patience + BASH_REMATCH[1])) ;;
        m) patience=$((patience + 60 * BASH_REMATCH[1])) ;;
    esac
    report=${report:-$here/reports/$(basename "$file" .env)}
    mkdir -p "$report"
    rm -f "$report"/{*.out,*.err,results.txt,report.md,latency.svg}
    for name in "${!LOAD_@}" "${!BOWSTRING_SERVER_@}"; do
        printf '%s=%s\n' "$name" "${!name}" >>"$report/results.txt"
    done
}

# Says what is wrong with a scenario before an hour has passed.
check_scenario() {
    local page
    page=$(make_report <"$report/results.txt" 2>"$report/scenario.err") || true
    [ -n "$page" ] || die "$file: $(tail -n 1 "$report/scenario.err" | sed 's/^bowstring: //')"
}

# Adds a failure to the results, and so to the report.
failed() {
    say "$1"
    printf 'failed: %s\n' "$1" >>"$report/results.txt"
}

# True if the scenario has such a peer.
is_wanted() {
    case $1 in
        stalled) [ "$LOAD_STALLED" -gt 0 ] ;;
        garbage) [ "$LOAD_GARBAGE" -gt 0 ] ;;
    esac
}

# Waits until a peer has ended; fails if that takes too long.
await() {
    local end=$((SECONDS + $2))
    while is_running "$1"; do
        [ "$SECONDS" -lt "$end" ] || return 1
        sleep 0.2
    done
}

# Lets a peer end by itself; sets exit_code.
await_end() {
    if ! await "$1" "$patience"; then
        failed "$1: runs after $patience s (expected: an end)"
        stop "$1"
        return
    fi
    read_exit_code "$1"
    if [ "$exit_code" != 0 ]; then
        failed "$1: exit code $exit_code (expected: 0): $(complaint "$1")"
    fi
}

# Asks a peer to end; sets exit_code. 143 is what a JVM ends with that was asked to, in order.
stop() {
    signal "$1" TERM
    if ! await "$1" "$stop_patience"; then
        failed "$1: runs $stop_patience s after SIGTERM (expected: an end)"
        signal "$1" KILL
        await "$1" "$stop_patience" || die "$1: cannot be killed"
    fi
    read_exit_code "$1"
    if [ "$exit_code" != 0 ] && { [ "$1" = server ] || [ "$exit_code" != 143 ]; }; then
        failed "$1: exit code $exit_code after SIGTERM (expected: 0, or 143 of a peer): $(complaint "$1")"
    fi
}

# The number of batches that the publisher that is killed has published; nothing before the first one.
restarted_batches() {
    topics 2>/dev/null | sed -n 's/.*"'"$restarted_topic"'\.0".*"next_offset": *\([1-9][0-9]*\).*/\1/p'
}

# Waits until it has published more batches than these; fails if it ends before.
await_batches() {
    local end=$((SECONDS + patience))
    until [ "$(restarted_batches || true)" -gt "$1" ] 2>/dev/null; do
        if ! is_running restarted-publisher; then
            failed "restarted-publisher: has ended (expected: batches): $(complaint restarted-publisher)"
            return 1
        fi
        if [ "$SECONDS" -ge "$end" ]; then
            failed "restarted-publisher: no more than $1 batches after $patience s"
            return 1
        fi
        sleep 2 # each question is a process
    done
}

# Kills the publisher some time after its first batch, starts it again and lets it publish.
kill_and_restart() {
    await_batches 0 || return 0
    sleep "$LOAD_RESTARTED_AFTER"
    signal restarted-publisher KILL
    await restarted-publisher "$stop_patience" || die "restarted-publisher: cannot be killed"
    local batches
    batches=$(restarted_batches || true)
    start_again restarted-publisher
    say "killed a publisher and started it again"
    await_batches "${batches:-0}" || return 0
}

# Waits for subscribers, which end when their topics are complete: that is when their publishers have ended in order.
await_subscribers() {
    if [ -n "$(output "$1" | sed -n '/^{/p')" ]; then
        await_end "$2"
    else
        failed "$1: no result"
        stop "$2"
    fi
}

collect() {
    for peer in "${peers[@]}"; do
        if is_wanted "$peer"; then
            output "$peer" | sed -n "s/^{/$peer: {/p" | tail -n 1 >>"$report/results.txt"
        fi
    done
}

write_report() {
    verdict=0
    make_report --svg <"$report/results.txt" >"$report/latency.svg" || verdict=1
    make_report <"$report/results.txt" >"$report/report.md" || verdict=1
    cat "$report/report.md"
    say "report: $report/report.md"
}

read_arguments "$@"
read_scenario
has_server=false
# shellcheck source=docker/load/containers.sh
. "$here/load/$backend.sh"
trap down EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
say "$scenario: starting"
up
check_scenario
say "running"
kill_and_restart
await_end publishers
await_subscribers publishers subscribers
stop restarted-publisher
await_subscribers restarted-publisher restarted-subscriber
printf 'restarted-topic: {"batches": %s}\n' "$(restarted_batches || true)" >>"$report/results.txt"
for peer in stalled garbage; do
    ! is_wanted "$peer" || stop "$peer"
done
if [ "$has_server" = true ]; then
    stop server
fi
collect
write_report
exit "$verdict"
