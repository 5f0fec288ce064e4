#!/usr/bin/env bash
# The table of the public bank samples (tests/tables/bank_samples.tsv) against a reader that shares nothing with ours: Python's own XML parser. The files are not ours to ship; without them
# beside the checkout this is skipped.
set -u
cd "$(dirname "$0")/../.."
samples=${ZD_SAMPLES:-../shared/samples}
[ -d "$samples" ] && command -v python3 >/dev/null || { echo "SKIPPED: bank_samples.sh needs python3 and the sample files at $samples"; exit 77; }
# What is refused has another word here than there; the last column (oddities) is ours alone.
expected=$(grep -v '^#' tests/tables/bank_samples.tsv | sed 's/\tanswer-kind$/\tnot-an-answer/; s/\tanswer-xml$/\tnot-xml/' | cut -f 1-11)
found=$(python3 tests/outside/read_samples.py "$samples")
if [ "$(printf '%s\n' "$expected" | wc -l)" -ge 50 ] && [ "$expected" = "$found" ]; then
  echo "ok $(printf '%s\n' "$found" | wc -l) sample files: counts, sums and ids as another reader finds them"
else
  echo "not ok the table and the other reader differ"
  diff <(printf '%s\n' "$expected") <(printf '%s\n' "$found") | head -n 20
  exit 1
fi
