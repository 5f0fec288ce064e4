#!/usr/bin/env python3
"""Runs every test of the project and ends with one line of counts. A test is a cmocka case of a program in build/dev, or a script of tests/cli. Two
programs run at once (the machines have two cores). Whatever cannot run is a failure; what is skipped says so and is counted."""
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
DEV = ROOT / os.environ.get("ZD_TEST_BUILD", "build/dev")
TIMEOUT_S = 900


def run(name, command):
    env = dict(os.environ, ZHIDUI=str(ROOT / "build/zhidui"), ZHIDUI_AUDIT=str(ROOT / "build/zhidui-audit"), ZD_FORGE=str(DEV / "forge"), LC_ALL="C.UTF-8",
               ASAN_OPTIONS="detect_leaks=1:abort_on_error=0", UBSAN_OPTIONS="print_stacktrace=1")
    started = time.monotonic()
    try:
        done = subprocess.run(command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=TIMEOUT_S)
        output, code = done.stdout.decode(errors="replace"), done.returncode
    except subprocess.TimeoutExpired as late:
        output, code = (late.stdout or b"").decode(errors="replace") + f"\n{name}: no end after {TIMEOUT_S} s\n", 124
    except FileNotFoundError:
        output, code = f"{command[0]} is not built\n", 127
    return name, output, code, time.monotonic() - started


def count(name, output, code):
    passed = len(re.findall(r"^\[\s+OK \]", output, re.M))
    failed = len(re.findall(r"^\[  FAILED  \] \S+$", output, re.M))
    skipped = len(re.findall(r"^\[  SKIPPED \] \S+$", output, re.M)) + len(re.findall(r"^SKIPPED", output, re.M))
    if name.endswith(".sh") or name.endswith(".py"):
        passed, failed = len(re.findall(r"^ok ", output, re.M)), len(re.findall(r"^not ok ", output, re.M))
        if code == 77 and passed == 0 and failed == 0:
            return 0, 0, 1
    if code != 0 and failed == 0:
        failed = 1
    if code == 0 and passed == 0 and skipped == 0:
        failed = 1
    return passed, failed, skipped


def main():
    wanted = sys.argv[1:]
    jobs = [(p.stem, [str(DEV / p.stem)]) for p in sorted((ROOT / "tests").glob("test_*.c"))]
    jobs += [("cli/" + p.name, ["bash", str(p)]) for p in sorted((ROOT / "tests/cli").glob("*.sh")) if p.name not in ("session.sh", "outsiders.sh")]
    jobs = [job for job in jobs if not wanted or any(w in job[0] for w in wanted)]
    # The longest first, so that the end is not one slow program alone.
    jobs.sort(key=lambda job: 0 if "random" in job[0] or "crash" in job[0] or "end_to_end" in job[0] or "demo" in job[0] else 1)
    totals = [0, 0, 0]
    bad = []
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        for done in concurrent.futures.as_completed([pool.submit(run, *job) for job in jobs]):
            name, output, code, seconds = done.result()
            passed, failed, skipped = count(name, output, code)
            totals = [t + n for t, n in zip(totals, (passed, failed, skipped))]
            print(f"{'ok  ' if failed == 0 else 'FAIL'} {name:<34} {passed:4d} passed {failed:3d} failed {skipped:3d} skipped {seconds:7.1f} s", flush=True)
            for line in output.splitlines():
                if "SKIP" in line or "NOT CHECKED" in line:
                    print("     " + line.strip()[:160])
            if failed:
                bad.append(name)
                print("\n".join("     | " + line for line in output.splitlines()[-60:]))
    if bad:
        print("failed: " + " ".join(bad))
    print(f"{totals[0]} passed, {totals[1]} failed, {totals[2]} skipped")
    return 1 if totals[1] or totals[0] == 0 else 0


sys.exit(main())
