#!/usr/bin/env bash
# Review what an event changes: annotations to the log, a summary, SARIF, outputs. Everything comes in by variables.
#
#   AGENTMERGE         the program
#   INPUT_*            the inputs of action.yml
#   GITHUB_EVENT_*     the event, as GitHub records it
set -euo pipefail

agentmerge=${AGENTMERGE:-agentmerge}
temp=${RUNNER_TEMP:-$(mktemp -d)}
report=$temp/agentmerge-report.md

fail() {
    echo "::error title=agentmerge::$1"
    output result failed
    exit 2
}

output() {
    echo "$1=$2" >>"${GITHUB_OUTPUT:-/dev/null}"
}

# A field of the event, such as pull_request.base.sha; nothing where it is not there.
event() {
    python3 - "$GITHUB_EVENT_PATH" "$1" <<'PY'
import json
import sys

value = json.load(open(sys.argv[1], encoding="utf-8"))
for key in sys.argv[2].split("."):
    value = value.get(key) if isinstance(value, dict) else None
print(value if isinstance(value, str) else "")
PY
}

lines() {
    printf '%s\n' "$1" | tr ',' '\n' | sed 's/^[[:space:]]*//; s/[[:space:]]*$//' | sed '/^$/d'
}

has() {
    git rev-parse --quiet --verify --end-of-options "$1^{commit}" >/dev/null
}

base_of_event() {
    case "${GITHUB_EVENT_NAME:-}" in
    pull_request | pull_request_review) event pull_request.base.sha ;;
    merge_group) event merge_group.base_sha ;;
    push) event before ;;
    *) echo "" ;;
    esac
}

if [ "${GITHUB_EVENT_NAME:-}" = pull_request_target ]; then
    # It runs with the rights of the base on whatever the change brings along.
    fail "run it on pull_request, not on pull_request_target"
fi
case "${INPUT_BASE:-}" in
-*) fail "the base '$INPUT_BASE' is no revision" ;;
esac
base=${INPUT_BASE:-$(base_of_event)}
if [ -z "$base" ] || [ -z "${base//0/}" ]; then
    echo "::notice title=agentmerge::there is nothing to compare with: name a base"
    output result skipped
    exit 0
fi
has "$base" || fail "the revision $base is not in this checkout: use actions/checkout with fetch-depth: 0"
base=$(git merge-base -- "$base" HEAD) || fail "no common ancestor in this checkout: use actions/checkout with fetch-depth: 0"

options=()
while IFS= read -r one; do
    [ "$one" = never ] || options+=(--fail-on "$one")
done < <(lines "${INPUT_FAIL_ON:-}")
if [ -n "${INPUT_BASELINE:-}" ]; then
    options+=("--baseline=$INPUT_BASELINE")
fi
paths=()
while IFS= read -r one; do
    paths+=("$one")
done < <(lines "${INPUT_PATHS:-}")
change=("$base..HEAD" --)
if [ ${#paths[@]} -gt 0 ]; then
    change+=("${paths[@]}")
fi

review() {
    local form=$1
    shift
    "$agentmerge" drift "${options[@]}" --format "$form" "$@" "${change[@]}"
}

# Annotations first: their exit code is the verdict.
code=0
review github || code=$?
[ "$code" -le 1 ] || fail "the review could not be made; the log says why"

told=0
review markdown -o "$report" 2>/dev/null || told=$?
[ "$told" -le 1 ] || fail "the report could not be made"
cat "$report" >>"${GITHUB_STEP_SUMMARY:-/dev/null}"
output report "$report"

sarif=${INPUT_SARIF:-}
counted=${sarif:-$temp/agentmerge.sarif}
review sarif -o "$counted" 2>/dev/null || true
python3 - "$counted" >>"${GITHUB_OUTPUT:-/dev/null}" <<'PY'
import json
import sys

runs = json.load(open(sys.argv[1], encoding="utf-8"))["runs"]
levels = [one.get("level") for run in runs for one in run["results"] if not one.get("suppressions")]
print(f"breaking={levels.count('error')}")
print(f"warnings={levels.count('warning')}")
PY
[ -z "$sarif" ] || output sarif "$sarif"

if [ "$code" -eq 0 ]; then
    output result passed
else
    output result failed
fi
exit "$code"
