#!/usr/bin/env bash
# ./run bench --quick gives a whole table: every workload, each run of it, its peers and goals, and a JSON file that says the same. No time is asserted, because machines
# and their neighbours differ.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
command -v python3 >/dev/null || { echo "SKIPPED: bench_quick needs python3, which is not installed"; exit 77; }
output=$(bench/run.sh --quick 2>&1) || { printf '%s\n' "$output"; echo "not ok bench_quick"; exit 1; }
markdown=$(python3 bench/table.py --markdown zh build/bench-quick.json) || { echo "not ok bench_quick"; exit 1; }
if printf '%s\n%s\n' "$output" "$markdown" | python3 -c '
import json, sys
text = sys.stdin.read()
report = json.load(open("build/bench-quick.json"))
rows = {row["name"]: row for row in report["rows"]}
wanted = {  # row: peers that must have run, goals that it must be judged by on a real run
    "single": ("bare SQLite", 1), "signed_file": ("libsodium Ed25519,bare SQLite", 2), "signed_clients": ("libsodium Ed25519,bare SQLite", 2), "batch_items": ("bare SQLite", 2),
    "uniform": ("", 0), "hot": ("", 1), "phases": ("bare SQLite", 0), "seal_export": ("", 2), "replays": ("libsodium Ed25519", 0), "verify_signed": ("libsodium Ed25519", 1),
    "verify_batches": ("libsodium SHA-256,libcrypto SHA-256", 2), "growth_1500": ("libsodium Ed25519", 0), "growth_3000": ("libsodium Ed25519", 7),
    "package": ("", 2),
}
wrong = [f"no row {name}" for name in wanted if name not in rows] + [f"row {name} is not expected" for name in rows if name not in wanted]
for name, row in rows.items():
    peers, goals = wanted.get(name, ("", 0))
    ran = {peer["name"]: peer for peer in row["peers"]}
    if row["not_measured"] is not None or len(row["rate"]["runs"]) == 0 or row["rate"]["least"] <= 0:
        wrong.append(f"{name} was not measured")
    for peer in filter(None, peers.split(",")):
        if peer not in ran or len(ran[peer]["rate"]["runs"]) == 0 or ran[peer]["ratio"] <= 0:
            wrong.append(f"{name} has no figure of {peer}")
    for peer, about in ran.items():
        if not about["leaves_out"] or (peer.startswith("PostgreSQL") and about["not_run"] is None):
            wrong.append(f"{name} does not say what {peer} leaves out, or that it was left out")
    if len(row["goals"]) < goals or any(goal["met"] is not None for goal in row["goals"]):
        wrong.append(f"{name} lacks a goal, or judges one by quick sizes")
    if name not in ("replays", "package") and not name.startswith("verify") and row["leaves"] < row["items"]:
        wrong.append(f"{name} has fewer leaves than items")
    for figure in row["figures"]:
        if not figure["values"]["runs"] or figure["values"]["least"] <= 0:
            wrong.append(name + " has no figure of: " + figure["name"])
    for shown in (row["shown"], row["how"]):
        if shown not in text:
            wrong.append(f"the table does not show: {shown}")
figures = sum(len(row["figures"]) for row in rows.values())
if figures < 2 + 1 + 8 + 1 + 1 + 2 * 11:
    wrong.append(f"only {figures} further figures")
if report["schema"] != 2 or "NO FIGURE BELOW MEANS ANYTHING" not in text or "\nNOT MEASURED" in text or "| W2 | 逐笔签名的核销，一个文件" not in text:
    wrong.append("the table is not whole")
print("\n".join("   wrong: " + line for line in wrong))
sys.exit(1 if wrong else 0)'; then
  echo "ok bench_quick"
else
  printf '%s\n' "$output"
  echo "not ok bench_quick"
  exit 1
fi
