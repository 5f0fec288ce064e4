#!/usr/bin/env python3
"""A bank for tests. It speaks files only: takes a settlement package as an office would upload it, keeps accounts, and answers as banks and treasuries do. Python's standard
library and nothing of the ledger: what it says about money is a second opinion.

  bank.py take STATE PACKAGE --mode MODE --day D --out DIR [--as pain|treasury]   execute a package; writes the day's messages into DIR
  bank.py back STATE --day D --out DIR       late returns and reversals that are due: a camt.054
  bank.py wake STATE --day D --out DIR       what was swallowed silently is rejected at last: a pain.002
  bank.py close STATE --day D --out DIR      the statement since the last one: camt.053
  bank.py paid STATE                         account TAB fen, what each payee kept in the end
  bank.py balance STATE                      fen left on the payer's account

Modes: accept; reject (the whole file); partial (every second line fails); late-return (accepted, and the first line comes back later); duplicate (the first line is debited twice,
the second debit is reversed later); silent (nothing is said and nothing done)."""
import argparse
import csv
import decimal
import io
import json
import pathlib
import re
import zipfile
import xml.etree.ElementTree as ET
from xml.sax.saxutils import escape

ISO = "urn:iso:std:iso:20022:tech:xsd:"


def fen(text):
    return int(decimal.Decimal(text) * 100)


def yuan(amount):
    return f"{amount // 100}.{amount % 100:02d}"


class State:
    def __init__(self, path):
        self.path = pathlib.Path(path)
        if self.path.exists():
            self.d = json.loads(self.path.read_text())
        else:
            self.d = {"balance": 10_000_000_00, "closed": 10_000_000_00, "number": 0, "entries": [], "told": 0, "orders": [], "paid": {}, "seen": [], "next": 1}

    def save(self):
        self.path.write_text(json.dumps(self.d, ensure_ascii=False, indent=1))

    def book(self, day, side, amount, order, code, reason=""):
        entry = {"day": day, "side": side, "amount": amount, "ref": f"BK{self.d['next']:08d}", "e2e": order["e2e"], "account": order["account"], "name": order["name"],
                 "code": code, "reason": reason}
        self.d["next"] += 1
        self.d["balance"] += -amount if side == "DBIT" else amount
        self.d["paid"][order["account"]] = self.d["paid"].get(order["account"], 0) + (amount if side == "DBIT" else -amount)
        self.d["entries"].append(entry)
        return entry


def read_pain(package):
    root = ET.parse(package / "pain.001.001.09.xml").getroot()
    space = {"p": re.match(r"\{(.*)\}", root.tag).group(1)}
    text = lambda node, path: node.find("/".join("p:" + p for p in path.split("/")), space).text
    message = root.find(".//p:GrpHdr", space)
    payment = root.find(".//p:PmtInf", space)
    orders = [{"e2e": text(t, "PmtId/EndToEndId"), "amount": fen(text(t, "Amt/InstdAmt")), "account": text(t, "CdtrAcct/Id/Othr/Id"), "name": text(t, "Cdtr/Nm")}
              for t in payment.findall("p:CdtTrfTxInf", space)]
    assert int(text(message, "NbOfTxs")) == len(orders) and fen(text(message, "CtrlSum")) == sum(o["amount"] for o in orders), "sums of the file"
    return text(message, "MsgId"), text(payment, "PmtInfId"), text(payment, "DbtrAcct/Id/Othr/Id"), orders


def read_treasury(package):
    rows = list(csv.DictReader(io.StringIO((package / "treasury/支付申请明细.csv").read_bytes().decode("gb18030"))))
    return [{"e2e": r["业务流水号"], "amount": fen(r["金额(元)"]), "account": r["账号"], "name": r["收款人全称"]} for r in rows]


def pain002(message, payment, group, lines, day):
    tx = "".join(f"<TxInfAndSts><OrgnlEndToEndId>{o['e2e']}</OrgnlEndToEndId><TxSts>{s}</TxSts>" + (f"<StsRsnInf><Rsn><Cd>{r}</Cd></Rsn></StsRsnInf>" if r else "") +
                 "</TxInfAndSts>" for o, s, r in lines)
    return (f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{ISO}pain.002.001.10"><CstmrPmtStsRpt><GrpHdr><MsgId>ST-{message}-{day}</MsgId><CreDtTm>{day}T12:00:00+08:00</CreDtTm>'
            f"</GrpHdr><OrgnlGrpInfAndSts><OrgnlMsgId>{message}</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId><GrpSts>{group}</GrpSts></OrgnlGrpInfAndSts>"
            f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>{payment}</OrgnlPmtInfId>{tx}</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>\n")


def entry_xml(e):
    sub = {"pay": "DMCT", "return": "RRTN", "reverse": "RRTN"}[e["code"]]
    reason = f"<RtrInf><Rsn><Cd>{e['reason']}</Cd></Rsn></RtrInf>" if e["reason"] else ""
    return (f'<Ntry><Amt Ccy="CNY">{yuan(e["amount"])}</Amt><CdtDbtInd>{e["side"]}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{e["day"]}</Dt></BookgDt><AcctSvcrRef>{e["ref"]}</AcctSvcrRef>'
            f"<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>ICDT</Cd><SubFmlyCd>{sub}</SubFmlyCd></Fmly></Domn></BkTxCd><NtryDtls><TxDtls><Refs><EndToEndId>{e['e2e']}</EndToEndId></Refs>"
            f"<RltdPties><Cdtr><Pty><Nm>{escape(e['name'])}</Nm></Pty></Cdtr><CdtrAcct><Id><Othr><Id>{e['account']}</Id></Othr></Id></CdtrAcct></RltdPties>{reason}</TxDtls></NtryDtls></Ntry>")


def camt(kind, root, holder, ident, account, day, body):
    return (f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{ISO}{kind}"><{root}><GrpHdr><MsgId>{ident}</MsgId><CreDtTm>{day}T20:00:00+08:00</CreDtTm></GrpHdr>'
            f"<{holder}><Id>{ident}</Id>{body[0]}<CreDtTm>{day}T20:00:00+08:00</CreDtTm><Acct><Id><Othr><Id>{account}</Id></Othr></Id></Acct>{body[1]}</{holder}></{root}></Document>\n")


def notification(state, entries, day, name):
    return camt("camt.054.001.08", "BkToCstmrDbtCdtNtfctn", "Ntfctn", name, state.d["account"], day, ("", "".join(map(entry_xml, entries))))


def column(index):
    return "ABCDEFGHIJ"[index]


def workbook(rows):
    """支付结果.xlsx as an office program writes it: shared strings for texts, numbers for amounts."""
    strings = []

    def cell(reference, value):
        if isinstance(value, int):
            return f'<c r="{reference}"><v>{yuan(value)}</v></c>'
        if value not in strings:
            strings.append(value)
        return f'<c r="{reference}" t="s"><v>{strings.index(value)}</v></c>'

    data = "".join(f'<row r="{i}">' + "".join(cell(f"{column(k)}{i}", v) for k, v in enumerate(row)) + "</row>" for i, row in enumerate(rows, 1))
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("[Content_Types].xml", '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>')
        z.writestr("xl/workbook.xml", f'<workbook {main} xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="支付结果" sheetId="1" r:id="rId1"/></sheets></workbook>')
        z.writestr("xl/_rels/workbook.xml.rels", '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="x" Target="worksheets/sheet1.xml"/></Relationships>')
        z.writestr("xl/worksheets/sheet1.xml", f"<worksheet {main}><sheetData>{data}</sheetData></worksheet>")
        z.writestr("xl/sharedStrings.xml", f"<sst {main}>" + "".join(f"<si><t>{escape(s)}</t></si>" for s in strings) + "</sst>")
    return out.getvalue()


def take(state, a):
    package, out = pathlib.Path(a.package), pathlib.Path(a.out)
    message, payment, account, orders = read_pain(package)
    assert message not in state.d["seen"], "a bank takes a message once"
    state.d["seen"].append(message)
    state.d["account"] = account
    if a.way == "treasury":
        assert sorted(o["e2e"] for o in read_treasury(package)) == sorted(o["e2e"] for o in orders), "both forms name the same payments"
        orders = read_treasury(package)
    if a.mode == "silent":
        state.d["orders"].append({"message": message, "payment": payment, "lines": orders})
        return
    fails = [a.mode == "reject" or (a.mode == "partial" and i % 2 == 1) for i in range(len(orders))]
    entries = [state.book(a.day, "DBIT", o["amount"], o, "pay") for o, f in zip(orders, fails) if not f]
    if a.mode == "late-return":
        state.d.setdefault("due", []).append({"code": "return", "order": orders[0]})
    if a.mode == "duplicate":
        entries.append(state.book(a.day, "DBIT", orders[0]["amount"], orders[0], "pay"))
        state.d.setdefault("due", []).append({"code": "reverse", "order": orders[0]})
    if a.way == "treasury":
        rows = [["样例市财政局支付结果"], ["业务流水号", "支付状态", "金额(元)", "账号", "支付日期", "失败原因"]]
        rows += [[o["e2e"], "支付失败" if f else "支付成功", o["amount"], o["account"], a.day, "账号户名不符" if f else "无"] for o, f in zip(orders, fails)]
        rows += [["合计", "", sum(o["amount"] for o in orders)]]
        (out / f"支付结果-{message}.xlsx").write_bytes(workbook(rows))
        return
    group = "RJCT" if a.mode == "reject" else "PART" if any(fails) else "ACSP"
    lines = [] if a.mode == "reject" else [(o, "RJCT" if f else "ACSP", "AC04" if f else "") for o, f in zip(orders, fails)]
    (out / f"pain.002-{message}.xml").write_text(pain002(message, payment, group, lines, a.day))
    if entries:
        (out / f"camt.054-{message}.xml").write_text(notification(state, entries, a.day, f"NT-{message}"))


def back(state, a):
    entries = [state.book(a.day, "CRDT", due["order"]["amount"], due["order"], due["code"], "AC04" if due["code"] == "return" else "DUPL") for due in state.d.pop("due", [])]
    if entries:
        (pathlib.Path(a.out) / f"camt.054-back-{a.day}.xml").write_text(notification(state, entries, a.day, f"BACK-{a.day}"))


def wake(state, a):
    for order in state.d["orders"]:
        text = pain002(order["message"], order["payment"], "RJCT", [(o, "RJCT", "TM01") for o in order["lines"]], a.day)
        (pathlib.Path(a.out) / f"pain.002-late-{order['message']}.xml").write_text(text)
    state.d["orders"] = []


def close(state, a):
    entries = state.d["entries"][state.d["told"]:]
    state.d["told"] = len(state.d["entries"])
    state.d["number"] += 1
    balances = "".join(f'<Bal><Tp><CdOrPrtry><Cd>{c}</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">{yuan(abs(v))}</Amt><CdtDbtInd>{"DBIT" if v < 0 else "CRDT"}</CdtDbtInd><Dt><Dt>{a.day}</Dt></Dt></Bal>'
                       for c, v in (("OPBD", state.d["closed"]), ("CLBD", state.d["balance"])))
    state.d["closed"] = state.d["balance"]
    number = f"<ElctrncSeqNb>{state.d['number']}</ElctrncSeqNb>"
    text = camt("camt.053.001.08", "BkToCstmrStmt", "Stmt", f"STM-{state.d['number']}", state.d["account"], a.day, (number, balances + "".join(map(entry_xml, entries))))
    (pathlib.Path(a.out) / f"camt.053-{state.d['number']:04d}.xml").write_text(text)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("verb", choices=["take", "back", "wake", "close", "paid", "balance"])
    parser.add_argument("state")
    parser.add_argument("package", nargs="?")
    parser.add_argument("--mode", choices=["accept", "reject", "partial", "late-return", "duplicate", "silent"], default="accept")
    parser.add_argument("--as", dest="way", choices=["pain", "treasury"], default="pain")
    parser.add_argument("--day")
    parser.add_argument("--out", default=".")
    a = parser.parse_args()
    state = State(a.state)
    if a.verb == "paid":
        print("".join(f"{k}\t{v}\n" for k, v in sorted(state.d["paid"].items())), end="")
    elif a.verb == "balance":
        print(state.d["balance"])
    else:
        {"take": take, "back": back, "wake": wake, "close": close}[a.verb](state, a)
        state.save()


main()
