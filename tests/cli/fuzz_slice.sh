#!/usr/bin/env bash
# A short slice of fuzzing, the same inputs each time: every parser of strangers' bytes. ./run fuzz goes on from there.
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
exec "$ROOT/tests/fuzz/run.sh" slice
