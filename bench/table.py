#!/usr/bin/env python3
"""The table of a benchmark's JSON file: for a terminal, or with --markdown en|zh for README.md and README.zh-CN.md. Computes nothing: goals, ratios and medians are in the file."""
import json
import sys

CHINESE = {  # row names and goals; what is missing here stays English
    "single": "逐笔核销，一个客户端", "signed_file": "逐笔签名的核销，一个文件", "signed_clients": "逐笔签名的核销，一百个客户端", "batch_items": "批量请求（一次签名数百笔）",
    "hot": "同一资金池、同一服务机构（热点）", "uniform": "各资金池、各服务机构（均匀）", "phases": "先预约后核销，一成过期、一成退款", "seal": "封存并导出，期间照常核销",
    "replays": "三成重复提交", "verify_signed": "全量验证，逐笔签名", "verify_batches": "全量验证，批量请求", "growth": "账本增大",
    "of the Ed25519 limit": "占验签上限", "of the hashing limit (libcrypto)": "占哈希上限（libcrypto）",
    "of the hashing limit (libsodium)": "占哈希上限（libsodium）", "times PostgreSQL with 16 clients": "为 PostgreSQL（16 客户端）的倍数",
    "times PostgreSQL with one client": "为 PostgreSQL（1 客户端）的倍数", "of a bare SQLite insert of the same bytes": "占裸 SQLite 写入同样字节的速率",
    "items a second on two cores (orientation)": "双核每秒笔数（参考）", "of the uniform rate": "占均匀负载的速率", "median latency during, times before": "期间延迟中位数为之前的倍数",
    "longest pause, ms": "最长停顿（毫秒）",
}


def number(value):
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= 0.1 else f"{value:.3f}"


def spread(series):
    return f"{number(series['median'])} ({number(series['least'])}–{number(series['most'])})" if series["runs"] else "NOT MEASURED"


def verdict(goal, words=("met", "MISSED", "NOT JUDGED")):
    return words[2] if goal["met"] is None else words[0] if goal["met"] else words[1]


def head(report):
    machine = report["machine"]
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
        return CHINESE.get(name, english) if chinese else english

    titles = ["", "负载", "速率，中位数（最小–最大）", "参照", "比值", "参照不做的事"] if chinese else ["", "workload", "rate, median (least–most)", "beside", "ratio", "which"]
    print("\n".join(head(report)) + "\n")
    print("| " + " | ".join(titles) + " |\n|" + "---|" * len(titles))
    for row in report["rows"]:
        first = [row["workload"], word(row["name"], row["shown"]), f"{spread(row['rate'])} {row['unit']}" if row["rate"]["runs"] else row["not_measured"] or ""]
        for peer in row["peers"] or [None]:
            cells = first + (["", "", ""] if peer is None else [f"{peer['name']}: {spread(peer['rate'])} {peer['unit']}" if peer["rate"]["runs"] else f"{peer['name']}: {peer['not_run']}",
                                                                  f"{peer['ratio']:.2f}" if peer["rate"]["runs"] else "", peer["leaves_out"]])
            print("| " + " | ".join(cells) + " |")
            first = ["", "", ""]
    titles = ["", "目标", "要求", "实测", ""] if chinese else ["", "goal", "wanted", "reached", ""]
    words = ("达到", "**未达到**", "未测") if chinese else ("met", "**missed**", "not judged")
    print("\n| " + " | ".join(titles) + " |\n|" + "---|" * len(titles))
    for row in report["rows"]:
        for goal in row["goals"]:
            sign = "≥" if goal["is"] == "at least" else "≤"
            print(f"| {row['workload']} | {word(row['name'], row['shown'])}: {word(goal['what'], goal['what'])} | {sign} {number(goal['bound'])} | {number(goal['value'])} | {verdict(goal, words)} |")
    figures = [(row, figure) for row in report["rows"] for figure in row["figures"]]
    if figures:
        titles = ["", "负载", "其他", "数值"] if chinese else ["", "workload", "further", "value"]
        print("\n| " + " | ".join(titles) + " |\n|" + "---|" * len(titles))
        for row, figure in figures:
            print(f"| {row['workload']} | {word(row['name'], row['shown'])} | {figure['name']} | {spread(figure['values'])} {figure['unit']} |")


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
