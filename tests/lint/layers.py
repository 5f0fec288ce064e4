#!/usr/bin/env python3
"""The one-way rule, read from the includes: a layer includes only itself and layers that cmake/layers.cmake links to it,
and each third-party header stands in one module only. Fails with the file, the line and what it may not include."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
THIRD_PARTY = {
    "jansson.h": ["ledger/json"],
    "sodium.h": ["ledger/seal"],
    "openssl/sha.h": ["ledger/seal"],
    "sqlite3.h": ["ledger/store", "ledger/report"],
    "git2": ["audit/trail"],
    "libxml": ["ledger/settle", "audit/package"],
    "xlsxwriter.h": ["ledger/settle"],
    "zip.h": ["ledger/settle/answers", "audit/package"],
    "iconv.h": ["ledger/settle", "ledger/table"],
    "zlib.h": ["audit/trail/write"],
    "curl": ["ledger/net"],
    "microhttpd.h": ["audit/witness"],
    "cmocka.h": ["tests/support"],
}


def layers():
    """folder -> (name, direct dependencies) in the order of cmake/layers.cmake."""
    text = (ROOT / "cmake/layers.cmake").read_text()
    found = {}
    for name, folder, rest in re.findall(r"zd_layer\((\w+) ([\w/]+)([^)]*)\)", text):
        found[folder] = (name, [d[3:] for d in rest.split() if d.startswith("zd_")])
    return found


def reachable(name, by_name):
    seen, todo = set(), [name]
    while todo:
        at = todo.pop()
        if at not in seen:
            seen.add(at)
            todo += by_name[at]
    return seen


def folder_of(path, folders):
    best = [f for f in folders if path == f or path.startswith(f + "/")]
    return max(best, key=len) if best else None


def main():
    table = layers()
    by_name = {name: deps for name, deps in table.values()}
    order = [name for name, _ in table.values()]
    problems = []
    for name, deps in table.values():
        for dep in deps:
            if dep not in order or order.index(dep) >= order.index(name):
                problems.append(f"cmake/layers.cmake: {name} links {dep}, which does not stand below it")
    sources = sorted(p for top in ("ledger", "audit", "cli") for p in (ROOT / top).rglob("*.[ch]"))
    for path in sources:
        rel = path.relative_to(ROOT).as_posix()
        folder = folder_of(rel.rsplit("/", 1)[0], table)
        allowed = reachable(table[folder][0], by_name) if folder else set(order)
        for number, line in enumerate(path.read_text().splitlines(), 1):
            own = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
            if own:
                target = folder_of(own.group(1).rsplit("/", 1)[0], table)
                if not (ROOT / own.group(1)).exists() and "/" in own.group(1) and not own.group(1).endswith("_sql.h"):
                    problems.append(f"{rel}:{number}: {own.group(1)} does not exist")
                elif target and table[target][0] not in allowed:
                    problems.append(f"{rel}:{number}: {folder} may not include {own.group(1)}")
            system = re.match(r"\s*#\s*include\s+<([^>]+)>", line)
            if system:
                for header, homes in THIRD_PARTY.items():
                    if (system.group(1) == header or system.group(1).startswith(header + "/") or system.group(1) == header + ".h") and not any(
                            rel.startswith(home + "/") for home in homes):
                        problems.append(f"{rel}:{number}: <{system.group(1)}> belongs into {' or '.join(homes)}")
    for problem in problems:
        print(problem)
    print(f"layers: {len(sources)} files, {len(table)} layers, {len(problems)} problems")
    return 1 if problems else 0


sys.exit(main())
