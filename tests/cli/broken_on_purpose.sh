#!/usr/bin/env bash
# The program broken on purpose: a wrong rule in engine and verifier alike is found by the verifier's own limits, and a slice of the mutants of rules
# and postings each turn a test red (all of them: ./run mutate).
set -u
cd "$(dirname "$0")/../.."
failed=0
python3 tests/mutation/wrong_rule.py || failed=1
# Another slice each day, so that all are seen in the course of a month.
if python3 tests/mutation/mutate.py --slice "$(( 10#$(date +%j) % 58 ))/58"; then echo "ok mutation_slice"; else echo "not ok mutation_slice"; failed=1; fi
exit $failed
