#!/usr/bin/env python3
"""A wrong rule in the code that engine and verifier share must still be found. For each case one predicate is made blind in a copy of the source, the ledger is built
with it and commits the violation, and the verifier, built with the very same blindness, must refuse the clone by a finding of its limits. Prints "ok" lines."""
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
COPY = ROOT / "build/mutation" # shared with mutate.py, one after the other
PARTS = ("ledger", "audit", "cli", "tests", "cmake", "bench", "fixtures", "CMakeLists.txt")
# case of violate.c, check made blind, finding that limits must make
CASES = [("above-ratio", "R23", "ratio"), ("typed-wrong", "R48", "release-total"), ("invoice-twice", "R32", "invoice-total"), ("maker-approves", "R46", "duties-batch")]


def blind(check):
    """Every verdict of the predicate removed: its body no longer finds anything."""
    for path in sorted((COPY / "ledger/rules").glob("checks_*.c")):
        text = path.read_text()
        start = text.find(f"void zd_check_{check}(")
        if start < 0:
            continue
        end = text.find("\n}\n", start)
        body = text[start:end].replace("zd_find_that(finding, ", "zd_see_text_blind(finding, ")
        head = "static void zd_see_text_blind(zd_finding *finding, zd_verdict verdict, const char *why)\n{\n    (void)finding;\n    (void)verdict;\n    (void)why;\n}\n\n"
        path.write_text(text[:start] + head + body + text[end:])
        return path
    raise SystemExit(f"no predicate {check}")


def run(*command, **options):
    return subprocess.run([str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)


def main():
    wanted = sys.argv[1:]
    bad = 0
    COPY.mkdir(parents=True, exist_ok=True)
    for part in PARTS:
        source, target = ROOT / part, COPY / part
        if source.is_dir():
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(source, target)
        elif source.exists():
            shutil.copy2(source, target)
    run("cmake", "-S", COPY, "-B", COPY / "build", "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Debug")
    for case, check, finding in CASES:
        if wanted and case not in wanted:
            continue
        path = blind(check)
        built = run("ninja", "-C", COPY / "build", "violate", "zhidui-audit")
        path.write_text((ROOT / path.relative_to(COPY)).read_text())
        box = COPY / "box"
        shutil.rmtree(box, ignore_errors=True)
        box.mkdir()
        done = run(COPY / "build/violate", case, box / "ledger", cwd=COPY)
        if built.returncode or done.returncode:
            print(f"not ok {case}: {check} could not be broken\n{built.stdout[-2000:]}\n{done.stdout[-2000:]}")
            bad += 1
            continue
        run("git", "clone", "-q", box / "ledger/audit.git", box / "clone")
        verdict = run(COPY / "build/zhidui-audit", "verify", box / "clone", "--genesis", (box / "ledger/GENESIS").read_text().strip(), "--json")
        found = verdict.returncode == 1 and f"\"{finding}\"" in verdict.stdout
        print(f"{'ok' if found else 'not ok'} {case}: {check} blind in both programs, {'found by ' + finding if found else 'exit %d %s' % (verdict.returncode, verdict.stdout[-1500:])}")
        bad += 0 if found else 1
    return 1 if bad else 0


sys.exit(main())
