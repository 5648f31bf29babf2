#!/usr/bin/env bash
# test.sh [--no-build] [NAME...]   builds once, runs every test project (or those named), two at a time, and adds up the results.
# The last line is "N passed, N failed, N skipped"; the exit code is 0 only if every project ran tests and none failed.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
require_sdk

# Far above what any project needs; only a hanging one gets there.
limit=${TEST_TIMEOUT:-45m}
results=artifacts/test-results
rm -rf "$results"
mkdir -p "$results"

build=1
if [ "${1:-}" = --no-build ]; then
  build=0
  shift
fi
if [ $# -gt 0 ]; then
  projects=("$@")
else
  mapfile -t projects < <(find test -name '*.Tests.csproj' -o -name 'NangoOrleans.Scenarios.csproj' | sed 's:.*/::; s:\.csproj$::' | sort)
fi

[ "$build" = 0 ] || dotnet build NangoOrleans.sln --configuration "$configuration" --verbosity quiet

run_project() { # name
  local bin=artifacts/bin/$1/release/$1 code=0
  timeout --kill-after=30s "$limit" "$bin" -noLogo -noColor -noAutoReporters -result-junit "$results/$1.xml" \
    >"$results/$1.log" 2>&1 </dev/null || code=$?
  echo "$code" >"$results/$1.exit"
  echo "ran $1"
}
export -f run_project
export results limit
printf '%s\n' "${projects[@]}" | xargs -P 2 -I '{}' bash -c 'run_project "$1"' _ '{}'

unescape() { sed 's/&lt;/</g; s/&gt;/>/g; s/&quot;/"/g; s/&apos;/'"'"'/g; s/&#x[AaDd];/ /g; s/&amp;/\&/g'; }

# One line per test case that holds the given element: its name, and its message (an attribute of failures, the text of skips).
cases_with() { # file element
  sed 's/<testcase /\n<testcase /g' "$1" | tr '\r' ' ' | grep "<$2" |
    sed -E -e 's/^<testcase name="([^"]*)".*<'"$2"'[^>]* message="([^"]*)".*$/\1: \2/' \
      -e 's/^<testcase name="([^"]*)".*<'"$2"'>(<!\[CDATA\[)?([^<]*[^]<]).*$/\1: \3/' | unescape
}

passed=0 failed=0 skipped=0 broken=0
for name in "${projects[@]}"; do
  report=$results/$name.xml code=$(cat "$results/$name.exit" 2>/dev/null || echo none)
  suite=$(grep -o '<testsuite [^>]*>' "$report" 2>/dev/null | head -1 || true)
  count() { local n; n=$(sed -nE "s/.* $1=\"([0-9]+)\".*/\1/p" <<<"$suite"); echo "${n:-0}"; }
  tests=$(count tests) bad=$(($(count failures) + $(count errors))) without=$(count skipped)
  passed=$((passed + tests - bad - without)) failed=$((failed + bad)) skipped=$((skipped + without))

  # What had to be repeated is seen even though it passed then.
  if [ -f "$results/$name.log" ]; then sed -nE "s/^(Begun anew.{0,300}).*/$name: \1/p" "$results/$name.log"; fi
  [ "$without" -eq 0 ] || { cases_with "$report" skipped || true; } | sed 's/^/skipped: /'
  [ "$bad" -eq 0 ] || { echo "--- $name"; { cases_with "$report" failure || true; } | sed 's/^/FAILED: /'; grep -vE '^ *(Discover|Start|Finish)' "$results/$name.log" || true; }
  if [ -z "$suite" ] || [ "$tests" -eq 0 ] || { [ "$code" != 0 ] && [ "$bad" -eq 0 ]; }; then
    broken=$((broken + 1))
    echo "--- $name did not run its tests properly ($tests tests, exit code $code); the end of its output:"
    tail -n 40 "$results/$name.log" || true
  fi
done

[ "$broken" -eq 0 ] || echo "$broken test project(s) crashed, hung or ran no tests."
echo "$passed passed, $failed failed, $skipped skipped" | tee "$results/summary.txt"
[ "$failed" -eq 0 ] && [ "$broken" -eq 0 ]
