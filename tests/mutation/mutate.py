#!/usr/bin/env python3
"""Breaks the program on purpose, one place at a time, and demands that a test turns red: every verdict of a check removed and every condition before one
inverted (ledger/rules), every posting removed and turned round (ledger/act). Works on a copy below build/. Prints the mutants that live.

usage: mutate.py [--slice K/N] [--only rules|act] [--list]    exit 0: none lives (or those that do are in survivors.tsv with their reason)"""
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
COPY = ROOT / "build/mutation"
RULES = ["test_rules_checks", "test_rules_sweep", "test_act_orders", "test_act_captures", "test_act_seals", "test_act_vouchers", "test_act_batches"]
ACTS = ["test_act_captures", "test_act_orders", "test_act_refunds", "test_act_voids", "test_act_seals", "test_act_batches", "test_act_sweeps", "test_act_year_end",
        "test_act_vouchers", "test_act_facts", "test_act_openings", "test_act_pools", "test_act_parties", "test_act_keys"]


def end_of_call(text, start):
    """Index after the parenthesis that closes the one at text[start]."""
    depth, quoted = 0, False
    for i in range(start, len(text)):
        c = text[i]
        if c == '"' and text[i - 1] != "\\":
            quoted = not quoted
        if quoted:
            continue
        depth += (c == "(") - (c == ")")
        if depth == 0:
            return i + 1
    raise ValueError("unbalanced")


def arguments(call):
    inner, parts, depth, last, quoted = call[1:-1], [], 0, 0, False
    for i, c in enumerate(inner):
        if c == '"':
            quoted = not quoted
        if not quoted:
            depth += (c in "([{") - (c in ")]}")
            if c == "," and depth == 0:
                parts.append(inner[last:i])
                last = i + 1
    return parts + [inner[last:]]


def posting_mutants(path, text):
    for match in re.finditer(r"\bzd_act_post(_to)?\(", text):
        if text[:match.start()].rsplit("\n", 1)[-1].startswith(("bool ", "static bool ")) or path.name == "act_frame.c":
            continue
        end = end_of_call(text, match.end() - 1)
        call = text[match.end() - 1:end]
        parts = arguments(call)
        line = text.count("\n", 0, match.start()) + 1
        yield path, line, "posting removed", text[:match.start()] + "true" + text[end:]
        turned = "(" + ",".join(parts[:-2] + [parts[-1], parts[-2]]) + ")"
        yield path, line, "posting turned round", text[:match.end() - 1] + turned + text[end:]


def verdict_mutants(path, text):
    for match in re.finditer(r"\bzd_find_that\(", text):
        if text[:match.start()].rsplit("\n", 1)[-1].startswith("void "):
            continue
        end = end_of_call(text, match.end() - 1)
        line = text.count("\n", 0, match.start()) + 1
        yield path, line, "verdict removed", text[:match.start()] + "(void)0" + text[end:]
    for match in re.finditer(r"\bif \(", text):
        end = end_of_call(text, match.end() - 1)
        if not re.match(r"\s*\{\s*zd_find_that\(", text[end:]):
            continue
        line = text.count("\n", 0, match.start()) + 1
        yield path, line, "condition inverted", text[:match.end()] + "!(" + text[match.end():end - 1] + "))" + text[end:]


def mutants(only):
    if only in (None, "rules"):
        for path in sorted((ROOT / "ledger/rules").glob("checks_*.c")):
            for m in verdict_mutants(path, path.read_text()):
                yield m + (RULES,)
    if only in (None, "act"):
        for path in sorted((ROOT / "ledger/act").glob("*.c")):
            for m in posting_mutants(path, path.read_text()):
                yield m + (ACTS,)


def build(target):
    return subprocess.run(["ninja", "-C", str(COPY / "build"), target], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def killed_by(tests):
    for test in tests:
        if not (COPY / f"tests/{test}.c").exists():
            continue
        if not build(test):
            return "does not compile"
        try:
            env = {"PATH": "/usr/bin:/bin", "ZD_MODEL_SEEDS": "1", "ZD_MODEL_EVENTS": "3000", "LC_ALL": "C.UTF-8"}
            code = subprocess.run([str(COPY / "build" / test)], cwd=COPY, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120).returncode
        except subprocess.TimeoutExpired:
            code = 124
        if code != 0:
            return test
    return None


def prepare():
    COPY.mkdir(parents=True, exist_ok=True)
    for part in ("ledger", "audit", "cli", "tests", "cmake", "bench", "fixtures", "CMakeLists.txt"):
        source, target = ROOT / part, COPY / part
        if source.is_dir():
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(source, target)
        elif source.exists():
            shutil.copy2(source, target)
    subprocess.run(["cmake", "-S", str(COPY), "-B", str(COPY / "build"), "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Debug"], check=True, stdout=subprocess.DEVNULL)
    for test in sorted(set(RULES + ACTS)):
        if (COPY / f"tests/{test}.c").exists() and not build(test):
            raise SystemExit(f"{test} does not build before anything is broken")


def known_survivors():
    known = {}
    path = ROOT / "tests/mutation/survivors.tsv"
    for row in path.read_text().splitlines() if path.exists() else []:
        if row and not row.startswith("#"):
            file, what, snippet, reason = row.split("\t")
            known[(file, what, snippet)] = reason
    return known


def main():
    arg = dict(zip(sys.argv[1::2], sys.argv[2::2]))
    all_mutants = list(mutants(arg.get("--only")))
    k, n = (int(x) for x in arg.get("--slice", "0/1").split("/"))
    chosen = [m for i, m in enumerate(all_mutants) if i % n == k]
    known, alive = known_survivors(), 0
    prepare()
    for path, line, what, text, tests in chosen:
        rel = path.relative_to(ROOT)
        snippet = path.read_text().splitlines()[line - 1].strip()
        (COPY / rel).write_text(text)
        killer = killed_by(tests)
        (COPY / rel).write_text(path.read_text())
        if killer is None and (str(rel), what, snippet) in known:
            print(f"known  {rel}:{line} {what}: {known[(str(rel), what, snippet)]}", flush=True)
        elif killer is None:
            alive += 1
            print(f"ALIVE  {rel}:{line} {what}: {snippet}", flush=True)
    print(f"mutants: {len(chosen)} of {len(all_mutants)}, {alive} alive")
    return 1 if alive else 0


sys.exit(main())
