#!/usr/bin/env bash
# ./run bench --quick prints a whole table and a JSON file that says the same; no time is asserted, because machines and their neighbours differ.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
command -v python3 >/dev/null || { echo "SKIPPED: bench_quick needs python3, which is not installed"; exit 77; }
output=$(bench/run.sh --quick 2>&1) || { printf '%s\n' "$output"; echo "not ok bench_quick"; exit 1; }
if printf '%s\n' "$output" | python3 -c '
import json, sys
text = sys.stdin.read()
report = json.load(open("build/bench-quick.json"))
rows = {row["name"]: row for row in report["rows"]}
wanted = ["orders_one_by_one", "orders_calls_of_100", "orders_calls_of_1000", "batch_items", "open_submit_close", "publish", "audit_clone"]
wrong = [f"no row {name}" for name in wanted if name not in rows]
for name in rows:
    row = rows[name]
    if row["not_measured"] is not None:
        wrong.append(name + " was not measured: " + row["not_measured"])
    elif len(row["rate"]["runs"]) != report["runs"] or row["rate"]["least"] <= 0:
        wrong.append(name + " has not one figure for each run")
for name in wanted[:5]:
    if name in rows and not rows[name]["to_sqlite"] > 0:
        wrong.append(name + " has no peer")
for name in wanted[:4] + ["audit_clone"]:
    if name in rows and not rows[name]["to_ed25519"] > 0:
        wrong.append(name + " has no bound")
if min(report["storage"].values()) <= 0:
    wrong.append("no bytes per entry")
if text.count("orders/s") != 3 or "bytes per entry" not in text or "NOT MEASURED" in text:
    wrong.append("the table is not whole")
print("\n".join("   wrong: " + line for line in wrong))
sys.exit(1 if wrong else 0)'; then
  echo "ok bench_quick"
else
  printf '%s\n' "$output"
  echo "not ok bench_quick"
  exit 1
fi
