#!/usr/bin/env python3
"""The table of a benchmark's JSON file: for a terminal, or with --markdown en|zh for README.md and README.zh-CN.md. Computes nothing: goals, ratios and medians are in the file."""
import json
import sys

CHINESE = {  # whole texts of the file; what is missing here stays English
    "single": "逐笔核销，一个客户端", "signed_file": "逐笔签名的核销，一个文件", "signed_clients": "逐笔签名的核销，一百个客户端", "batch_items": "批量请求（一次签名一百余笔）",
    "hot": "发券与核销：同一资金池、同一服务机构", "uniform": "发券与核销：均匀分布", "phases": "先预约后核销，一成过期、一成退款", "seal_export": "封存并导出，期间照常核销",
    "replays": "三成为重复提交", "verify_signed": "全量验证，逐笔签名", "verify_batches": "全量验证，批量请求",
    "of the Ed25519 limit": "占验签上限", "of the hashing limit (libcrypto)": "占哈希上限（libcrypto）", "of the hashing limit (libsodium)": "占哈希上限（libsodium）",
    "times PostgreSQL with 16 clients": "为 PostgreSQL（16 客户端）的倍数", "times PostgreSQL with one client": "为 PostgreSQL（1 客户端）的倍数",
    "of a bare SQLite insert of the same bytes": "占裸 SQLite 写入同样字节的速率", "items a second on two cores (orientation)": "双核每秒笔数（参考）",
    "of the uniform rate": "占均匀分布的速率", "median latency during, times before": "期间延迟中位数为之前的倍数", "longest pause, ms": "最长等待（毫秒）",
    "memory of that command, MiB": "该命令占用内存（MiB）", "memory of the verifier, MiB": "验证程序占用内存（MiB）",
    "database, times the bytes of the leaves": "数据库为账目字节的倍数", "git clone, times the bytes of the leaves": "git 克隆为账目字节的倍数",
    "checks no signature, parses nothing, decides nothing, keeps no balance, builds no tree, writes no record, can be verified by nobody":
        "不验签、不解析、不判定、不记余额、不建哈希树、不写记录，任何人都无法验证",
    "a limit and no ledger: verifies one signature for each and does nothing else": "只是上限：每笔验一次签名，别无其他",
    "a limit and no verifier: hashes leaves and tree, reads nothing, decides nothing": "只是上限：只算哈希，不读内容，不作判定",
    "checks no signature, applies no rule, keeps no history that an outsider could verify, forgets what was asked and refused":
        "不验签、不适用规则、不留可供外人验证的历史，不记录被拒绝的请求",
    "redemptions/s": "笔/秒", "items/s": "笔/秒", "acts/s": "笔/秒", "notes/s": "份/秒", "entries/s": "条/秒", "signed requests/s": "份/秒", "transactions/s": "事务/秒",
    "redemptions sealed/s": "笔/秒", "times before": "倍（与之前相比）", "items": "笔", "parts": "部分", "us/entry": "微秒/条", "bytes/entry": "字节/条", "ms": "毫秒", "s": "秒",
    "latency, median": "延迟中位数", "latency, 99 of 100": "延迟 99 百分位", "items under one signature": "一次签名的笔数", "latency before, median": "之前延迟中位数",
    "median while sealing": "封存期间延迟中位数", "median while exporting": "导出期间延迟中位数", "the worse of both": "两者中较差者", "longest wait": "最长等待", "seal": "封存",
    "longest wait while exporting": "导出期间最长等待", "longest wait before": "之前最长等待", "one redemption's own call before": "之前每笔核销本身用时",
    "one redemption's own call while sealing": "封存期间每笔核销本身用时", "one redemption's processor time before": "之前每笔核销处理器时间",
    "one redemption's processor time while sealing": "封存期间每笔核销处理器时间", "first part": "第一部分", "first part, processor time": "第一部分（处理器时间）",
    "longest wait behind the first part": "等第一部分最长", "part, median": "每部分中位数", "part, longest": "最长的部分", "part, processor time, median": "每部分处理器时间中位数",
    "longest wait behind a part": "等一部分最长", "last part": "最后部分", "longest wait behind the last part": "等最后部分最长", "approval": "复核", "release": "放行",
    "longest wait behind the approval": "等复核最长", "longest wait behind the release": "等放行最长", "turn of the publisher, median": "发布占用账本中位数",
    "turn of the publisher, longest": "发布占用账本最长", "longest wait behind the publisher": "等发布最长", "longest wait behind other redemptions": "等其他核销最长",
    "publication, all of it": "发布全程", "peak memory up to the seal, with the benchmark's own": "至封存结束的内存峰值（含测试程序）",
    "peak memory up to the export, with the benchmark's own": "至导出结束的内存峰值（含测试程序）",
    "parts of the seal": "封存分为", "export": "导出", "memory": "占用内存", "opening the ledger": "打开账本", "one redemption by the command": "命令行单笔核销",
    "memory of that command": "该命令占用内存", "verification": "验证", "verification, CPU": "验证（处理器时间）", "memory of the verifier": "验证程序占用内存",
    "200 redemptions by a command, each": "命令行提交 200 笔，每笔", "memory of that command with 200": "该命令占用内存（200 笔）", "bytes: leaf": "账目字节",
    "bytes: database": "数据库字节", "bytes: git clone": "git 克隆字节", "payees/s": "收款人/秒", "export, memory": "导出占用内存", "a further signature": "追加一次签名",
    "a further signature, memory": "追加签名占用内存", "zhidui-audit package": "核验结算包", "zhidui-audit package, CPU": "核验结算包（处理器时间）",
    "zhidui-audit package, memory": "核验结算包占用内存", "package": "结算包", "memory of the export, MiB": "导出占用内存（MiB）",
    "memory of zhidui-audit package, MiB": "核验结算包占用内存（MiB）",
}
CHINESE_BEGINNINGS = {"growth_": "账本条数为 {} 时逐笔签名的核销", "cost of a signed redemption, times that at ": "逐笔签名核销的成本，为 {} 条时的倍数",
                      "cost of verifying an entry, times that at ": "逐条验证的成本，为 {} 条时的倍数", "one redemption by the command, times that at ": "命令行单笔核销，为 {} 条时的倍数"}


def in_chinese(text, english):
    for beginning, chinese in CHINESE_BEGINNINGS.items():
        if text.startswith(beginning):
            return chinese.format(f"{int(text[len(beginning):]):,}")
    return CHINESE.get(text, english)


def number(value):
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= 0.1 else f"{value:.3f}"


def spread(series):
    return f"{number(series['median'])} ({number(series['least'])}–{number(series['most'])})" if series["runs"] else "NOT MEASURED"


def verdict(goal, words=("met", "MISSED", "NOT JUDGED")):
    return words[2] if goal["met"] is None else words[0] if goal["met"] else words[1]


def head(report, chinese=False):
    machine = report["machine"]
    if chinese:
        lines = [f"{report['date']}：{machine['cores']} 核（{machine['processor']}），Linux {machine['kernel']}，负载：之前 {machine['load_before']}，之后 {machine['load_after']}；"
                 f"{report['runs']} 次，取中位数（最小–最大）。全部在 fsync 之后才确认，同一磁盘。", f"PostgreSQL：{report['postgres']}"]
        return lines + (["--quick：只说明表格完整，以下数字没有意义。"] if report["quick"] else [])
    lines = [f"{report['date']}: {machine['cores']} cores ({machine['processor']}), Linux {machine['kernel']}, load {machine['load_before']} before and {machine['load_after']} after; "
             f"{report['runs']} runs, median (least–most). Everything is acknowledged only after fsync, on one disk.",
             f"PostgreSQL: {report['postgres']}"]
    if report["quick"]:
        lines.append("--quick: sizes that show that the table is whole. NO FIGURE BELOW MEANS ANYTHING.")
    return lines


def print_row(row):
    print(f"\n{row['workload']}  {row['shown']}: {spread(row['rate'])} {row['unit']}")
    if row["not_measured"]:
        print(f"    NOT MEASURED: {row['not_measured']}")
    if row["rate"]["runs"]:
        print(f"    {row['items']:,} items and {row['leaves']:,} leaves a run, {number(row['leaf_rate']['median'])} leaves/s, CPU {number(row['cpu_us']['median'])} us each, "
              f"other processes used {number(row['others_cores']['median'])} cores")
    print(f"    how: {row['how']}")
    for figure in row["figures"]:
        print(f"    {figure['name']}: {spread(figure['values'])} {figure['unit']}")
    for peer in row["peers"]:
        if peer["not_run"] or not peer["rate"]["runs"]:
            print(f"    beside {peer['name']}: NOT RUN: {peer['not_run']}")
        else:
            print(f"    beside {peer['name']}: {spread(peer['rate'])} {peer['unit']}, ratio {peer['ratio']:.3f}")
            print(f"        which {peer['leaves_out']} ({peer['settings']})")
    for goal in row["goals"]:
        print(f"    goal: {goal['what']} {goal['is']} {number(goal['bound'])}: {number(goal['value'])} {verdict(goal)}")


def print_text(report):
    print("\n".join(head(report)))
    for row in report["rows"]:
        print_row(row)
    print("\ngoals")
    for row in report["rows"]:
        for goal in row["goals"]:
            print(f"  {verdict(goal):<10} {row['workload']} {row['shown']}: {goal['what']}: {number(goal['value'])} ({goal['is']} {number(goal['bound'])})")


def print_markdown(report, chinese):
    def word(name, english):
        return in_chinese(name, english) if chinese else english

    def same(text):
        return word(text, text)

    titles = ["", "负载", "速率，中位数（最小–最大）", "参照", "比值", "参照不做的事"] if chinese else ["", "workload", "rate, median (least–most)", "beside", "ratio", "which"]
    print("\n".join(head(report, chinese)) + "\n")
    print("| " + " | ".join(titles) + " |\n|" + "---|" * len(titles))
    for row in report["rows"]:
        first = [row["workload"], word(row["name"], row["shown"]), f"{spread(row['rate'])} {same(row['unit'])}" if row["rate"]["runs"] else row["not_measured"] or ""]
        for peer in row["peers"] or [None]:
            cells = first + (["", "", ""] if peer is None else [f"{peer['name']}: {spread(peer['rate'])} {same(peer['unit'])}" if peer["rate"]["runs"] else f"{peer['name']}: {peer['not_run']}",
                                                                  f"{peer['ratio']:.2f}" if peer["rate"]["runs"] else "", same(peer["leaves_out"])])
            print("| " + " | ".join(cells) + " |")
            first = ["", "", ""]
    titles = ["", "目标", "要求", "实测", ""] if chinese else ["", "goal", "wanted", "reached", ""]
    words = ("达到", "**未达到**", "未测") if chinese else ("met", "**missed**", "not judged")
    print("\n| " + " | ".join(titles) + " |\n|" + "---|" * len(titles))
    for row in report["rows"]:
        for goal in row["goals"]:
            sign = "≥" if goal["is"] == "at least" else "≤"
            print(f"| {row['workload']} | {word(row['name'], row['shown'])}: {same(goal['what'])} | {sign} {number(goal['bound'])} | {number(goal['value'])} | {verdict(goal, words)} |")
    figures = [(row, figure) for row in report["rows"] for figure in row["figures"]]
    if figures:
        titles = ["", "负载", "其他", "数值"] if chinese else ["", "workload", "further", "value"]
        print("\n| " + " | ".join(titles) + " |\n|" + "---|" * len(titles))
        for row, figure in figures:
            print(f"| {row['workload']} | {word(row['name'], row['shown'])} | {same(figure['name'])} | {spread(figure['values'])} {same(figure['unit'])} |")


def main():
    arguments = sys.argv[1:]
    language = arguments[1] if arguments[:1] == ["--markdown"] else None
    path = arguments[-1]
    try:
        report = json.load(open(path, encoding="utf-8"))
    except FileNotFoundError:
        sys.exit(f"{path} is not there: run ./run bench first")
    if report["schema"] != 2:
        sys.exit(f"{path} has schema {report['schema']}, this program reads 2")
    if language is None:
        print_text(report)
    else:
        print_markdown(report, language == "zh")


main()
