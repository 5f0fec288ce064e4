/*
 * The one table of commands, sorted by noun and verb (the test of this file checks it). A request command is a row with its type; everything else names its
 * own function and its options.
 */
#include <string.h>

#include "cli/command.h"

#define REQUEST(noun, verb, type, english, chinese) {noun, verb, zd_cmd_request, ZD_REQ_##type, NULL, english, chinese}
#define OWN(noun, verb, function, usage, english, chinese) {noun, verb, function, -1, usage, english, chinese}
#define READ "--ledger DIR [--json]"
#define WRITE "--ledger DIR --key FILE [--id ID] [--expires DAYS] [--json] [--dry-run]"
#define PAGE "[--format text|csv|html|xlsx|json] [--out FILE [--key FILE]]"
#define LOAD "FILE --ledger DIR --key FILE [--partial] [--dry-run] [--json] [--expires DAYS]"

static const zd_command commands[] = {
    OWN("backup", "", zd_cmd_backup, "--ledger DIR --to FILE", "copy the database consistently, and the bank files beside it as FILE.evidence", "备份数据库，并将银行回执文件备份为 FILE.evidence"),
    OWN("demo", "", zd_cmd_demo, "--data DIR --policy FILE --settle-data DIR --out DIR [--json]", "run a whole synthetic programme year", "演示一个完整的合成年度"),
    OWN("doctor", "", zd_cmd_doctor, READ, "rebuild all records from the leaves and compare; look at the bank files in evidence/", "由账目重建全部记录并比对，并核对 evidence/ 中的银行回执文件"),
    REQUEST("erratum", "", ERRATUM, "correct an earlier decision (two officers)", "更正先前决定（两名人员）"),
    OWN("exception", "list", zd_cmd_record_list, "[CODE] " READ, "codes on the exception list", "例外名单"),
    REQUEST("exception", "propose", EXCEPTION, "put a code that fails the rule on the exception list (two officers)", "将不合校验规则的代码列入例外名单（两名人员）"),
    REQUEST("fact", "attest", FACT_ATTEST, "attest an outside fact", "确认外部事实"),
    OWN("fact", "import", zd_cmd_import, "KIND " LOAD, "attest facts from a file", "由文件批量确认事实"),
    OWN("fact", "list", zd_cmd_record_list, "[PREFIX] " READ, "attested facts", "已确认事实"),
    REQUEST("holder", "ban", HOLDER_BAN, "ban a holder until a day", "对持券人设定禁入期"),
    OWN("holder", "import", zd_cmd_import, LOAD, "register holders from a file", "由文件登记持券人"),
    OWN("holder", "list", zd_cmd_record_list, "[PREFIX] " READ, "registered holders", "已登记持券人"),
    REQUEST("holder", "register", HOLDER_REGISTER, "register a holder", "登记持券人"),
    OWN("holder", "show", zd_cmd_record_show, "ID " READ, "one holder", "查看持券人"),
    OWN("import", "", zd_cmd_import, "KIND " LOAD, "load a file of any kind", "导入任意类别文件"),
    OWN("init", "", zd_cmd_init, "--ledger DIR --origin NAME --keys FILE --key FILE [--threshold K]", "make a new ledger", "新建账本"),
    OWN("instrument", "import", zd_cmd_import, LOAD, "register instruments from a file", "由文件登记仪器"),
    OWN("instrument", "list", zd_cmd_record_list, "[PREFIX] " READ, "registered instruments", "已登记仪器"),
    REQUEST("instrument", "register", INSTRUMENT_REGISTER, "register or change an instrument", "登记或变更仪器"),
    OWN("instrument", "show", zd_cmd_record_show, "PROVIDER/ID " READ, "one instrument", "查看仪器"),
    REQUEST("key", "grant", KEY_GRANT, "put a key on the roster", "将密钥列入名册"),
    OWN("key", "list", zd_cmd_record_list, "[PREFIX] " READ, "the roster", "密钥名册"),
    OWN("key", "new", zd_cmd_key_new, "FILE [--comment TEXT]", "make an OpenSSH key", "生成 OpenSSH 密钥"),
    REQUEST("key", "revoke", KEY_REVOKE, "end a key's interval", "终止密钥有效区间"),
    REQUEST("key", "rotate", KEY_ROTATE, "replace the signing key by a new one", "更换签名密钥"),
    REQUEST("key", "rotate-root", ROOT_ROTATE, "replace a root key, the log key or the git key (k of n)", "更换根密钥、日志密钥或 git 密钥（n 选 k）"),
    OWN("key", "show", zd_cmd_key_show, "FILE|agent:FINGERPRINT [--json]", "public half and fingerprint", "公钥与指纹"),
    OWN("log", "checkpoint", zd_cmd_log_checkpoint, "--ledger DIR", "the published checkpoint", "已发布检查点"),
    OWN("log", "mirror", zd_cmd_mirror_add, "URL|/PATH --ledger DIR [--json]", "push audit.git there from now on; a path where nothing is becomes a repository", "增加镜像：此后推送审计库至该处"),
    OWN("log", "mirrors", zd_cmd_mirrors, READ, "what each mirror holds", "各镜像状态"),
    OWN("log", "proof", zd_cmd_log_proof, "ENTRY --ledger DIR", "an entry's receipt (.tlog-proof)", "账目凭证"),
    OWN("log", "publish", zd_cmd_log_publish, "--ledger DIR [--log-key FILE] [--git-key FILE] [--refresh-hours N] [--witness-timeout SECONDS]",
        "publish the present head, asking the witnesses of <ledger>/witness-policy", "发布当前检查点，并请 witness-policy 所列见证人联署"),
    OWN("log", "rebuild", zd_cmd_rebuild, "--ledger DIR --to DIR", "write the repository again from the store", "由存储重建仓库"),
    OWN("log", "show", zd_cmd_log_show, "ENTRY [BEFORE] --ledger DIR", "entries as they are stored", "查看账目原文"),
    REQUEST("mandate", "grant", MANDATE_GRANT, "a holder's standing consent", "持券人授权"),
    OWN("mandate", "list", zd_cmd_record_list, "[PREFIX] " READ, "standing consents", "授权列表"),
    REQUEST("mandate", "withdraw", MANDATE_WITHDRAW, "end a standing consent", "撤回授权"),
    OWN("order", "list", zd_cmd_record_list, "[PREFIX] " READ, "orders", "预约列表"),
    OWN("order", "show", zd_cmd_record_show, "ID " READ, "one order", "查看预约"),
    OWN("policy", "check", zd_cmd_policy_check, "FILE", "is a policy file complete and consistent?", "检查政策文件"),
    OWN("policy", "list", zd_cmd_record_list, READ, "published policies", "已发布政策"),
    REQUEST("policy", "publish", POLICY_PUBLISH, "publish a policy (two officers)", "发布政策（两名人员）"),
    OWN("policy", "show", zd_cmd_record_show, "NUMBER " READ, "one policy", "查看政策"),
    REQUEST("pool", "appropriate", POOL_APPROPRIATE, "add money by an indicator document", "下达指标"),
    REQUEST("pool", "carry", POOL_CARRY, "carry to the next year's pool (two officers)", "结转到下年度资金池（两名人员）"),
    REQUEST("pool", "close-year", POOL_CLOSE, "close a pool's budget year (two officers)", "关闭预算年度（两名人员）"),
    REQUEST("pool", "cut", POOL_CUT, "take free money back", "核减指标"),
    OWN("pool", "import", zd_cmd_import, LOAD, "open pools from a file", "由文件建立资金池"),
    OWN("pool", "list", zd_cmd_record_list, "[PREFIX] " READ, "pools", "资金池列表"),
    REQUEST("pool", "move", POOL_MOVE, "move free money between pools", "资金池间调剂"),
    REQUEST("pool", "open", POOL_OPEN, "open a pool for an indicator", "按指标建立资金池"),
    OWN("pool", "show", zd_cmd_pool_show, "[POOL] " READ, "balances of a pool", "资金池余额"),
    OWN("private", "erase", zd_cmd_private_erase, "COMMITMENT --ledger DIR", "erase the account behind a commitment after its retention", "保管期满后清除承诺所对应的账户数据"),
    OWN("private", "openings", zd_cmd_private_openings, "--to FILE " READ, "what opens the commitments, for an auditor (account data)", "为审计方导出承诺开启数据（含账户）"),
    REQUEST("provider", "account", PROVIDER_ACCOUNT, "propose an account by its commitment (two officers)", "提出收款账户（两名人员）"),
    OWN("provider", "accounts", zd_cmd_provider_accounts, "[PREFIX] " READ, "accounts of providers: shared, of a holder, changed back, first payment", "服务机构账户核对：共用、属持券人、改回、首次付款"),
    REQUEST("provider", "admit", PROVIDER_ADMIT, "admit a provider", "服务机构准入"),
    OWN("provider", "import", zd_cmd_import, LOAD, "admit providers from a file", "由文件办理准入"),
    OWN("provider", "list", zd_cmd_record_list, "[PREFIX] " READ, "providers", "服务机构列表"),
    REQUEST("provider", "remove", PROVIDER_REMOVE, "remove a provider", "取消服务机构资格"),
    OWN("provider", "show", zd_cmd_record_show, "ID " READ, "one provider", "查看服务机构"),
    REQUEST("provider", "suspend", PROVIDER_SUSPEND, "suspend a provider until a day", "暂停服务机构"),
    REQUEST("redeem", "capture", CAPTURE, "redeem a service that was done", "核销"),
    REQUEST("redeem", "confirm", CONFIRM, "a holder's consent to an order", "持券人确认预约"),
    REQUEST("redeem", "direct", DIRECT, "order and capture in one act", "直兑"),
    OWN("redeem", "explain", zd_cmd_explain, "NOTE-FILE " READ, "dry run: every check with what it saw", "试算：逐项显示检查结果"),
    REQUEST("redeem", "extend", EXTEND, "extend an order's deadline", "延长预约期限"),
    OWN("redeem", "import", zd_cmd_import, "KIND " LOAD, "load orders, captures, refunds", "由文件导入预约、核销、退款"),
    OWN("redeem", "list", zd_cmd_record_list, "[PREFIX] " READ, "captures", "核销列表"),
    REQUEST("redeem", "order", ORDER, "book a service against a voucher", "预约"),
    REQUEST("redeem", "refund", REFUND, "refund a capture, wholly or in part", "退款"),
    OWN("redeem", "show", zd_cmd_record_show, "ITEM " READ, "one capture", "查看核销"),
    REQUEST("redeem", "void", VOID, "void an order or a capture", "撤销预约或核销"),
    OWN("report", "aging", zd_cmd_report_page, PAGE " " READ, "open, held and receivable money by age", "账龄分析"),
    OWN("report", "close", zd_cmd_report_page, "POOL " PAGE " " READ, "the year-close statement of a pool, signed with --key", "资金池年度决算表（可签名）"),
    OWN("report", "export", zd_cmd_report_export, "--out DIR [--repo CLONE | --ledger DIR] [--json]", "tidy tables as one SQLite file and CSV, with a dictionary, from the published history",
        "由已发布历史导出数据表（SQLite 与 CSV，附数据字典）"),
    OWN("report", "journal", zd_cmd_report_journal, "[--format hledger|ledger|beancount] [--out FILE] [--repo CLONE | --ledger DIR] [--json]",
        "the whole double entry as plain-text accounting, with balance assertions", "以纯文本会计格式输出全部复式账（含余额断言）"),
    OWN("report", "pool", zd_cmd_report_page, "[POOL] " PAGE " " READ, "where the money of each pool is", "资金池状态"),
    OWN("report", "progress", zd_cmd_report_page, "[--targets FILE] [--repo CLONE] " PAGE " " READ, "issued, redeemed and paid by month, and payout targets", "政策兑付进度与目标"),
    OWN("report", "quarter", zd_cmd_report_page, "2026Q1 [--repo CLONE] " PAGE " " READ, "everything that happened in a quarter", "季度报告"),
    OWN("report", "statement", zd_cmd_report_page, "PROVIDER " PAGE " " READ, "what a provider is owed and was paid, over all pools", "服务机构对账单（各资金池合并）"),
    OWN("report", "totals", zd_cmd_report_page, "[BATCH] " PAGE " " READ, "control totals of the batches: sealed, released, answered", "结算批次控制总额"),
    OWN("request", "show", zd_cmd_request_show, "ENTRY --ledger DIR", "a request as it stands in the log", "查看请求原文"),
    OWN("request", "sign", zd_cmd_request_sign, "--type TYPE --id ID [--body FILE] --ledger DIR --key FILE", "sign a request body", "签署请求"),
    OWN("request", "submit", zd_cmd_request_submit, "[FILE|-] " READ, "submit signed notes", "提交签名文书"),
    OWN("restore", "", zd_cmd_restore, "--to DIR (--from-trail REPO [--genesis FINGERPRINT] | --from BACKUP.db --trail REPO) [--private OLD-private.db] [--evidence DIR] [--json]",
        "a ledger from its audit repository, or from a backup that the repository does not contradict", "由审计库恢复账本，或由未被审计库超越的备份恢复"),
    REQUEST("review", "clawback", REVIEW_CLAWBACK, "claim money back from a holder (two officers)", "向持券人追回（两名人员）"),
    OWN("review", "list", zd_cmd_record_list, "[DAY] " READ, "held redemptions by deadline", "待复核列表（按期限）"),
    REQUEST("review", "recover", RECOVER, "record cash that came back", "登记收回现金"),
    REQUEST("review", "reject", REVIEW_REJECT, "reject a held redemption", "驳回暂缓核销"),
    REQUEST("review", "release", REVIEW_RELEASE, "release a held redemption", "解除暂缓"),
    REQUEST("review", "write-off", WRITE_OFF, "write a claim off (two officers)", "核销坏账（两名人员）"),
    OWN("second", "", zd_cmd_second, "SHA256|NOTE-FILE " WRITE, "confirm what another officer proposed", "第二人确认"),
    REQUEST("settle", "ack", BATCH_ACK, "record that the bank or treasury took the batch", "登记银行（国库）受理"),
    REQUEST("settle", "answer", LINE_ANSWER, "record the bank's answer to a line", "登记单笔银行回执"),
    {"settle", "approve", zd_cmd_settle_approve, ZD_REQ_BATCH_APPROVE, NULL, "approve a sealed batch, after its payment files were tried", "复核批次（先试制支付文件）"},
    REQUEST("settle", "clear", BANK_CLEAR, "close a difference that has turned up, or a note about an odd file", "关闭已核实出现的差异或文件提示"),
    REQUEST("settle", "continue", BATCH_CONTINUE, "write the next part of a seal that was left as a draft", "继续未完成的封存"),
    OWN("settle", "exceptions", zd_cmd_settle_exceptions, "[--all] " READ, "what does not fit between ledger and bank: owner, age, amount at risk", "对账差异清单（责任人、账龄、风险金额）"),
    OWN("settle", "export", zd_cmd_settle_export, "--batch ID --ledger DIR --key FILE [--role maker|checker|releaser] [--openings FILE] [--data DIR]", "write the settlement package", "导出结算包"),
    OWN("settle", "list", zd_cmd_record_list, "[PREFIX] " READ, "batches", "批次列表"),
    REQUEST("settle", "object", BATCH_OBJECT, "hold a line by an objection", "对明细提出异议"),
    OWN("settle", "open", zd_cmd_settle_open, "[POOL] [--data DIR] " READ, "what waits for what, who must act and until when", "未付明细：等待原因、责任人与期限"),
    OWN("settle", "preview", zd_cmd_settle_preview, "--pool POOL --execution DATE --ledger DIR --key FILE", "dry run of a seal", "试封存"),
    OWN("settle", "publish", zd_cmd_settle_publish, "--batch ID --ledger DIR", "the public list of a batch", "公示清单"),
    OWN("settle", "reconcile", zd_cmd_settle_reconcile, "FILE... --ledger DIR --key FILE [--profile NAME] [--grace DAYS] [--silence DAYS] [--data DIR] [--dry-run] [--json]",
        "read answers of bank or treasury (pain.002, camt, tables, notices) and answer the lines", "读取银行或国库回执并登记结果"),
    REQUEST("settle", "reject", BATCH_REJECT, "record that the bank refused the whole batch", "登记银行整批退回"),
    REQUEST("settle", "release", BATCH_RELEASE, "release a batch, with count and total typed", "放行批次（录入笔数与金额）"),
    REQUEST("settle", "resolve", BANK_RESOLVE, "settle a difference between ledger and bank (two officers)", "了结对账差异（两名人员）"),
    REQUEST("settle", "sample", BATCH_SAMPLE, "record the public number that seeds a batch's sample (two officers)", "登记批次抽样的公开数字（两名人员）"),
    OWN("settle", "seal", zd_cmd_settle_seal, "--batch ID --pool POOL --cutoff ENTRY --execution DATE [--forced true] [--chunk N] [--data DIR] " WRITE, "seal a batch, to be paid on a banking day",
        "封存批次（于银行工作日支付）"),
    OWN("settle", "show", zd_cmd_record_show, "BATCH " READ, "one batch", "查看批次"),
    REQUEST("settle", "submit", BATCH_SUBMIT, "record that a released batch was handed over, with count and total typed", "登记送出（录入笔数与金额）"),
    REQUEST("settle", "void", BATCH_VOID, "take back a released batch that was never sent (two officers)", "作废未送出的批次（两名人员证明）"),
    REQUEST("settle", "withdraw", BATCH_WITHDRAW, "withdraw a batch before its release", "撤回批次"),
    REQUEST("sweep", "", SWEEP, "do what time decides: orders expire, vouchers lapse; sent lines without an answer become unknown (silence), debited ones without a return paid (grace); holds wait for a reviewer",
        "处理到期：预约失效、创新券失效；送出无回执的明细转为未知（静默期），扣款后无退回的转为已付（宽限期）；暂缓核销由复核人员处理"),
    OWN("version", "", zd_cmd_version, "[--json]", "version and format", "版本"),
    REQUEST("voucher", "allot", VOUCHER_ALLOT, "issue a voucher from the eligibility list", "免申即享发放"),
    REQUEST("voucher", "claim", VOUCHER_CLAIM, "claim a voucher", "申领"),
    OWN("voucher", "import", zd_cmd_import, LOAD, "allot vouchers from a file", "由文件发放"),
    REQUEST("voucher", "issue", VOUCHER_ISSUE, "issue a claimed voucher", "发放已申领的创新券"),
    OWN("voucher", "list", zd_cmd_record_list, "[PREFIX] " READ, "vouchers", "创新券列表"),
    REQUEST("voucher", "resume", VOUCHER_RESUME, "resume a suspended voucher", "恢复创新券"),
    REQUEST("voucher", "revoke", VOUCHER_REVOKE, "revoke a voucher", "作废创新券"),
    OWN("voucher", "show", zd_cmd_record_show, "ID " READ, "one voucher", "查看创新券"),
    REQUEST("voucher", "suspend", VOUCHER_SUSPEND, "suspend a voucher", "暂停创新券"),
};

const zd_command *zd_commands(size_t *count)
{
    *count = ZD_COUNT(commands);
    return commands;
}

const zd_command *zd_command_find(const char *noun, const char *verb)
{
    for (size_t i = 0; i < ZD_COUNT(commands); i++) {
        if (strcmp(commands[i].noun, noun) == 0 && strcmp(commands[i].verb, verb) == 0) {
            return &commands[i];
        }
    }
    return NULL;
}
