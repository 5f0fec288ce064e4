#!/usr/bin/env python3
"""What every provider's statement gained against what the bank paid to its account. usage: compare.py BEFORE AFTER PAID PAIN.001...: folders of statements as JSON, the bank's own list
(account TAB fen), and the payment files, which say whose account is whose. Prints each difference; the last line sums up. Exit 1 when anything differs."""
import json
import pathlib
import re
import sys
import xml.etree.ElementTree as ET

before, after, paid = (pathlib.Path(p) for p in sys.argv[1:4])
owner = {}
for path in sys.argv[4:]:
    for node in ET.parse(path).getroot().iter():
        if node.tag.endswith("}CdtTrfTxInf"):
            space = {"p": re.match(r"\{(.*)\}", node.tag).group(1)}
            account = node.find("p:CdtrAcct/p:Id/p:Othr/p:Id", space).text
            code = node.find("p:Cdtr/p:Id/p:OrgId/p:Othr/p:Id", space).text
            assert owner.setdefault(account, code) == code, "an account of two providers"
kept = {}
for line in paid.read_text().splitlines():
    account, amount = line.split("\t")
    kept[owner[account]] = kept.get(owner[account], 0) + int(amount)


def total(folder, code):
    return json.loads((folder / f"{code}.json").read_text())["pools"]["total"]["paid_fen"]


wrong = 0
for code in sorted(set(owner.values())):
    gained = total(after, code) - total(before, code)
    if gained != kept.get(code, 0):
        wrong += 1
        print(f"{code}: the statement gained {gained}, the bank paid {kept.get(code, 0)}")
print(f"{len(set(owner.values()))} providers, {sum(kept.values())} fen paid by the bank, {wrong} differences")
sys.exit(1 if wrong or not kept else 0)
