#!/usr/bin/env bash
# Every check of the verifier has a fixture that makes exactly this check fail. The tests of the verifier say what they produced (tests/support/seen.h); here each row of
# audit/verify/findings.def must have been produced alone. Where two checks always fail together, the pair is listed with its reason, and that pair must have been produced
# with nothing else.
set -u
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
DEV=$(dirname "${ZD_FORGE:-$ROOT/build/dev/forge}")
cd "$ROOT" || exit 1
SEEN=$(mktemp) || exit 1
trap 'rm -f "$SEEN"' EXIT

# check, what always comes with it, why
together=(
  "entry-number decision the line that is decided again holds its number"
  "request-key admission whoever may not sign is not admitted either"
  "annual-cap posting-side the balance of the quota says the same with arithmetic of its own"
  "voucher-amount posting-side the balance of the voucher says the same"
  "order-amount posting-side the balance of the order says the same"
  "pool-total posting-side the balance of the pool says the same"
  "paid-over leg-twice what is paid twice was in two batches before"
  "package-sum package-paper,package-published the manifest's figures stand on the approval sheet and in the history as well"
  "package-published package-seal,package-paper what the history publishes is held against its entries first (projection); what is left are manifests of another head, which the sheet does not name"
)

for source in tests/test_verify_*.c; do
  name=$(basename "$source" .c)
  [ "$name" = test_verify_honest ] && continue # it finds nothing, which is its point
  ZD_FINDINGS_SEEN=$SEEN "$DEV/$name" >/dev/null 2>&1 || { echo "not ok $name: fails, or is not built"; exit 1; }
done

# The package's checks are made to fail by a script, each against exactly what it expects (`finds`, which fails otherwise).
sed -n 's/^finds "\([a-z -]*\)".*/\1/p' tests/cli/package.sh >>"$SEEN"

only() { # has a report with exactly these findings, in any order, been produced?
  local wanted
  wanted=$(printf '%s\n' "$@" | sort | tr '\n' ' ')
  while read -r -a found; do
    [ "$(printf '%s\n' "${found[@]}" | sort | tr '\n' ' ')" = "$wanted" ] && return 0
  done <"$SEEN"
  return 1
}

missing=0
total=0
while read -r check; do
  total=$((total + 1))
  with=
  for row in "${together[@]}"; do
    read -r one other _ <<<"$row"
    [ "$one" = "$check" ] && with=${other//,/ }
  done
  if ! only "$check" $with; then
    echo "   wrong: no fixture makes $check${with:+ (with $with)} fail and nothing else"
    missing=$((missing + 1))
  fi
done < <(sed -n 's/^ZD_FINDING([A-Z_]*, "\([a-z-]*\)".*/\1/p' audit/verify/findings.def)
[ "$total" -ge 50 ] || { echo "   wrong: only $total checks were read from findings.def"; missing=$((missing + 1)); }
if [ "$missing" -eq 0 ]; then echo "ok each of $total checks of the verifier has a fixture of its own"; else
  echo "not ok each check of the verifier has a fixture of its own"
  exit 1
fi
