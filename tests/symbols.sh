#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# symbols.sh LIBRARY PATTERN [HEADER]: LIBRARY exports nothing that PATTERN does
# not match, and everything that HEADER declares with DAN_API.
set -euo pipefail

library=$1 pattern=$2 header=${3-}
failed=0

# AddressSanitizer adds markers of its own.
exported=$(nm -D --defined-only "$library" | awk '{ print $NF }' |
  sed 's/@.*//' | grep -v '^__odr_asan' | sort -u)

if foreign=$(grep -Ev "$pattern" <<<"$exported"); then
  printf 'exported, but not matched by %s:\n%s\n' "$pattern" "$foreign"
  failed=1
fi

if [[ -n $header ]]; then
  declared=$(grep -E '^DAN_API' "$header" | grep -oE 'dan_[a-z0-9_]+ \(' | tr -d ' (' | sort -u)
  missing=$(comm -13 <(echo "$exported") <(echo "$declared"))
  if [[ -n $missing ]]; then
    printf 'declared in %s, but not exported:\n%s\n' "$header" "$missing"
    failed=1
  fi
  undeclared=$(comm -23 <(echo "$exported") <(echo "$declared"))
  if [[ -n $undeclared ]]; then
    printf 'exported, but not declared in %s:\n%s\n' "$header" "$undeclared"
    failed=1
  fi
fi

echo "$(wc -l <<<"$exported") symbols exported"
exit $failed
