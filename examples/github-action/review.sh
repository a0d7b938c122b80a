#!/bin/sh
# Reviews a Terraform plan of a pull request with `iam review`, and writes the report as a comment that
# each later review updates.
#
#   review.sh github|gitlab PLAN.json [FLAG...]
#
# Further FLAGs go to `iam review`, such as --source DIR, --account-file FILE or --write html=FILE. The
# exit status is that of `iam review`: 0, 1 if the review fails, 2 if there is no answer.
#
# The script needs iam, git, curl and jq. It runs nothing of the pull request, and reads the review's
# policy from the branch that the pull request targets. Environment, beside the variables of the CI system:
#
#   IAM_REVIEW_POLICY  the policy file in the target branch; iam-review.yaml if it is not set
#   IAM_REVIEW_AUTHOR  the login that writes the comment on GitHub; github-actions[bot] if it is not set
#   GITHUB_TOKEN       on GitHub: may write pull requests (pull-requests: write)
#   GITLAB_TOKEN       on GitLab: a project access token with the scope api
set -eu

marker='<!-- iam review -->'
policy=${IAM_REVIEW_POLICY:-iam-review.yaml}

say() { printf 'iam review: %s\n' "$*" >&2; }

# fail ends the script without an answer.
fail() {
	say "$*"
	exit 2
}

# check_token NAME VALUE makes sure that curl's configuration can contain a token.
check_token() {
	case $2 in
	'')
		say "$1 is not set"
		return 1
		;;
	*[!A-Za-z0-9._=-]*)
		say "$1 has a character that no token has"
		return 1
		;;
	esac
}

# api METHOD URL [BODY_FILE] calls the API. The answer is in $tmp/answer. The token is not an argument of
# curl, so that other processes do not see it. curl follows no redirect, so the token goes nowhere else.
api() {
	set -- "$1" "$2" ${3:+--data-binary "@$3"}
	method=$1 url=$2
	shift 2
	: >"$tmp/answer"
	code=$(printf 'header = "%s"\n' "$authorization" |
		curl -q -sS --config - --max-time 60 -X "$method" -H 'Content-Type: application/json' "$@" \
			-o "$tmp/answer" -w '%{http_code}' -- "$url" 2>"$tmp/curl.log") || {
		say "$method $url: $(head -n 1 "$tmp/curl.log")"
		return 1
	}
	case $code in
	2??) ;;
	*)
		say "$method $url: HTTP status $code"
		return 1
		;;
	esac
}

# find_comment LIST_URL AUTHOR sets $comment to the id of the earlier comment, and to nothing if there is none.
# AUTHOR is the path of the author in a comment. Others may write comments that begin with the marker.
find_comment() {
	comment='' page=1
	while [ "$page" -le 100 ]; do
		api GET "$1?per_page=100&page=$page" || return 1
		comment=$(jq -r --arg marker "$marker" --arg author "$author" "[.[] | select(($2 | tostring) == \$author)
			| select((.body // \"\") | startswith(\$marker)) | .id][0] // empty" "$tmp/answer" 2>/dev/null) || {
			say "GET $1: the answer is no list of comments"
			return 1
		}
		[ -z "$comment" ] || return 0
		[ "$(jq length "$tmp/answer")" -ge 100 ] || return 0
		page=$((page + 1))
	done
}

# publish_github writes the comment on a pull request of GitHub.
publish_github() {
	if [ -n "$fork" ]; then
		say "the pull request comes from a fork, so its token cannot write a comment"
		return 1
	fi
	check_token GITHUB_TOKEN "${GITHUB_TOKEN:-}" || return 1
	author=${IAM_REVIEW_AUTHOR:-github-actions[bot]}
	authorization="Authorization: Bearer $GITHUB_TOKEN"
	repository="${GITHUB_API_URL:-https://api.github.com}/repos/$GITHUB_REPOSITORY"
	find_comment "$repository/issues/$number/comments" .user.login || return 1
	if [ -n "$comment" ]; then
		api PATCH "$repository/issues/comments/$comment" "$tmp/body.json" || return 1
		say "updated the comment"
	else
		api POST "$repository/issues/$number/comments" "$tmp/body.json" || return 1
		say "wrote a comment"
	fi
}

# publish_gitlab writes the note on a merge request of GitLab.
publish_gitlab() {
	if [ -n "$fork" ]; then
		say "the merge request comes from a fork, whose pipeline has no token for a comment"
		return 1
	fi
	check_token GITLAB_TOKEN "${GITLAB_TOKEN:-}" || return 1
	authorization="PRIVATE-TOKEN: $GITLAB_TOKEN"
	api GET "$CI_API_V4_URL/user" || return 1
	author=$(jq -r '.id // empty' "$tmp/answer") || return 1
	if [ -z "$author" ]; then
		say "GitLab does not say whose token GITLAB_TOKEN is"
		return 1
	fi
	notes="$CI_API_V4_URL/projects/$CI_PROJECT_ID/merge_requests/$number/notes"
	find_comment "$notes" .author.id || return 1
	if [ -n "$comment" ]; then
		api PUT "$notes/$comment" "$tmp/body.json" || return 1
		say "updated the comment"
	else
		api POST "$notes" "$tmp/body.json" || return 1
		say "wrote a comment"
	fi
}

[ $# -ge 2 ] || fail "usage: review.sh github|gitlab PLAN.json [FLAG...]"
ci=$1 plan=$2
shift 2
for program in iam git curl jq; do
	command -v "$program" >/dev/null || fail "$program is not on PATH"
done

finished=''
tmp=$(mktemp -d) || exit 2
# An unexpected error is no answer.
trap 'rm -rf "$tmp"; [ -n "$finished" ] || exit 2' EXIT

fork='' remote=origin
case $ci in
github)
	# With pull_request_target, the plan would run code of the pull request with the rights of the target branch.
	[ "${GITHUB_EVENT_NAME:-}" = pull_request ] ||
		fail "expected the event pull_request, found \"${GITHUB_EVENT_NAME:-}\""
	number=$(jq -r '.pull_request.number // empty' "$GITHUB_EVENT_PATH")
	base=$(jq -r '.pull_request.base.ref // empty' "$GITHUB_EVENT_PATH")
	fork=$(jq -r 'if .pull_request.head.repo.full_name == .pull_request.base.repo.full_name then "" else "yes" end' \
		"$GITHUB_EVENT_PATH")
	;;
gitlab)
	number=${CI_MERGE_REQUEST_IID:-} base=${CI_MERGE_REQUEST_TARGET_BRANCH_NAME:-}
	if [ "${CI_MERGE_REQUEST_PROJECT_ID:-}" != "${CI_PROJECT_ID:-}" ]; then
		fork=yes remote=${CI_MERGE_REQUEST_PROJECT_URL:-}.git
	fi
	;;
*) fail "expected github or gitlab, found \"$ci\"" ;;
esac
case $number in
'' | *[!0-9]*) fail "this is not the pipeline of a pull request" ;;
esac
[ -n "$base" ] || fail "the target branch of the pull request is not known"

# The policy comes from the target branch. The author of the pull request could change any other one.
# On GitHub, the checkout has fetched the branch, and left no credentials to fetch it again.
target=refs/iam-review/target
depth=''
[ "$(git rev-parse --is-shallow-repository)" != true ] || depth=--depth=1
if ! GIT_TERMINAL_PROMPT=0 git fetch -q --no-tags ${depth:+"$depth"} "$remote" "+refs/heads/$base:$target" \
	2>"$tmp/git.log"; then
	[ "$ci" = github ] || fail "cannot fetch the branch \"$base\": $(head -n 1 "$tmp/git.log")"
	target=refs/remotes/origin/$base
fi
git rev-parse -q --verify "$target^{commit}" >/dev/null ||
	fail "the branch \"$base\" is missing in the checkout; check out with fetch-depth: 0"
if git cat-file -e "$target:$policy" 2>/dev/null; then
	git cat-file blob "$target:$policy" >"$tmp/policy.yaml" || fail "cannot read $policy in the branch \"$base\""
	set -- "$@" --policy "$tmp/policy.yaml"
else
	say "the branch \"$base\" has no $policy, so the review has no policy"
fi

status=0
iam review "$plan" "$@" --format markdown >"$tmp/report.md" || status=$?
IFS= read -r first <"$tmp/report.md" || first=''
case $status:$first in
[01]:"$marker") ;;
*) # An old comment must not look as if it were about this plan.
	say "there is no report (status $status)"
	printf '%s\n### Access review: no answer\n\nThe review failed. See the log of the job.\n' "$marker" >"$tmp/report.md"
	status=2
	;;
esac
jq -Rs '{body: .}' "$tmp/report.md" >"$tmp/body.json"

published=yes
case $ci in
github) publish_github || published='' ;;
gitlab) publish_gitlab || published='' ;;
esac
if [ -z "$published" ]; then
	if [ "$ci" = github ] && [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
		cat "$tmp/report.md" >>"$GITHUB_STEP_SUMMARY"
		say "the report is in the summary of the job"
	elif [ "$ci" = gitlab ]; then
		cat "$tmp/report.md"
	fi
fi
finished=yes
exit "$status"
