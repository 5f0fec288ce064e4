#!/usr/bin/env python3
"""What the repository promises about itself: file names that say something, sizes, an opening comment in every file, banned calls, no floating
point in the core, no numeric literals in rules, no leftovers. Fails with every place."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
MAX_SOURCE, MAX_HEADER = 500, 260
BAD_NAME = re.compile(r"(^|_)(utils?|helpers?|common|misc|manager|stuff)\.[ch]$")
BANNED = re.compile(r"\b(strcpy|strcat|sprintf|vsprintf|gets|strtok|atoi|atol|atof|alloca|setjmp|longjmp)\s*\(")
FLOAT = re.compile(r"\b(double|float)\b")
LEFTOVER = re.compile(r"\b(TODO|FIXME|XXX)\b|not implemented|unimplemented", re.I)
LITERAL = re.compile(r"(?<![\w.\"])(\d+)(?![\w.\"])")


def tracked():
    names = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [n for n in names.splitlines() if (ROOT / n).is_file()]


def code_lines(text):
    """Lines with comments and strings blanked, so that only code is judged."""
    text = re.sub(r"/\*.*?\*/", lambda m: re.sub(r"[^\n]", " ", m.group(0)), text, flags=re.S)
    text = re.sub(r'"(?:\\.|[^"\\])*"', '""', text)
    text = re.sub(r"'(?:\\.|[^'\\])+'", "' '", text)
    return [line.split("//")[0] for line in text.splitlines()]


def main():
    problems = []
    sources = [n for n in tracked() if n.endswith((".c", ".h")) and n.split("/")[0] in ("ledger", "cli", "audit", "tests", "bench", "fixtures")]
    for name in sources:
        text = (ROOT / name).read_text()
        lines = text.splitlines()
        limit = MAX_SOURCE if name.endswith(".c") else MAX_HEADER
        if len(lines) > limit:
            problems.append(f"{name}: {len(lines)} lines, at most {limit}")
        if BAD_NAME.search(name):
            problems.append(f"{name}: the name says nothing")
        if not text.lstrip().startswith("/*"):
            problems.append(f"{name}: does not open with what it is for")
        core = name.startswith(("ledger/", "audit/"))
        for number, line in enumerate(code_lines(text), 1):
            if BANNED.search(line) and not name.startswith("tests/support/"):
                problems.append(f"{name}:{number}: banned call")
            if core and FLOAT.search(line):
                problems.append(f"{name}:{number}: floating point in the core")
            if name.startswith("ledger/rules/") and name.endswith(".c"):
                for literal in LITERAL.findall(line):
                    if int(literal) > 1 and "#define" not in line and "enum" not in line:
                        problems.append(f"{name}:{number}: number {literal} in a rule: policy numbers are data")
        for number, line in enumerate(lines, 1):
            if LEFTOVER.search(line) and not name.startswith("tests/lint/"):
                problems.append(f"{name}:{number}: left open")
    for name in tracked():
        if name.endswith((".c", ".h", ".py", ".sh", ".md", ".txt", ".cmake", ".def", ".sql", ".json")) and "/golden/" not in name:
            for number, line in enumerate((ROOT / name).read_text(errors="replace").splitlines(), 1):
                if re.search(r"(^|[\s\"'(=])/(work|root|home)/", line) and not name.startswith("tests/lint/"):
                    problems.append(f"{name}:{number}: a path of one machine")
    for problem in problems:
        print(problem)
    print(f"repository: {len(sources)} sources, {len(problems)} problems")
    return 1 if problems else 0


sys.exit(main())
