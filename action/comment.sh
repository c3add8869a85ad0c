#!/usr/bin/env bash
# One comment with the report, made once and updated afterwards. What comes from the first workflow is not trusted: its
# number has to be that of a pull request whose head the run was of, and its report is text.
set -euo pipefail

mark='<!-- agentmerge drift review -->'
most=60000
repo=${GITHUB_REPOSITORY:?}

fail() {
    echo "::error title=agentmerge::$1"
    exit 2
}

number=${INPUT_NUMBER:?}
case "$number" in
"" | *[!0-9]*) fail "that is no number of a pull request" ;;
esac
head=$(gh api "repos/$repo/pulls/$number" --jq .head.sha)
[ "$head" = "${RUN_SHA:?}" ] || fail "the run was not of the head of pull request $number"
[ -f "$INPUT_REPORT" ] || fail "there is no report"

body=$(mktemp)
{
    echo "$mark"
    # A mention in it would call people.
    head -c "$most" "$INPUT_REPORT" | sed 's/@/@\xe2\x81\xa0/g'
    if [ "$(wc -c <"$INPUT_REPORT")" -gt "$most" ]; then
        printf '\n\n... the rest is in the summary of the run.\n'
    fi
} >"$body"

found=$(gh api --paginate "repos/$repo/issues/$number/comments" \
    --jq ".[] | select(.user.login == \"github-actions[bot]\" and (.body | startswith(\"$mark\"))) | .id" | head -n 1)
if [ -n "$found" ]; then
    gh api --method PATCH "repos/$repo/issues/comments/$found" -F "body=@$body" --silent
    echo "comment $found updated"
else
    gh api --method POST "repos/$repo/issues/$number/comments" -F "body=@$body" --silent
    echo "comment written"
fi
