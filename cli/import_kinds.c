/*
 * The kinds of files and their columns: header in Chinese and English, field, form, words. What offices write is data here; nothing else of the import knows a
 * column. The optional columns that every kind takes stand at the end of each list.
 */
#include <string.h>

#include "cli/import.h"

static const zd_cell_word classes[] = {{"企业", "enterprise"}, {"创业者", "entrepreneur"}, {NULL, NULL}};
static const zd_cell_word categories[] = {{"仪器机时", "instrument"},         {"检验检测", "testing"}, {"委托开发", "commissioned-development"},
                                          {"合作开发", "joint-development"}, {"设计", "design"},      {"查新", "novelty-search"},
                                          {"软件测试", "software-test"},     {"全部", "all"},         {NULL, NULL}};
static const zd_cell_word purposes[] = {{"材料表征", "material"},     {"性能测试", "performance"}, {"成分分析", "composition"}, {"可靠性试验", "reliability"},
                                        {"工艺开发", "process"},      {"样机设计", "prototype"},   {"软件验证", "software"},    {"科技查新", "novelty"},
                                        {"培训", "training"},         {"广告", "advertising"},     {"设备购置", "equipment"},   {"采购", "purchases"},
                                        {"批量检测", "batch-testing"}, {"法定检测", "statutory-testing"}, {"自有业务", "own-work"}, {NULL, NULL}};
static const zd_cell_word affiliations[] = {{"无", "none"}, {"有", "affiliated"}, {"关联", "affiliated"}, {"未申报", "undeclared"}, {NULL, NULL}};
static const zd_cell_word reasons[] = {{"退役", "retired"}, {"遗失", "lost"},  {"被盗", "stolen"}, {"离职", "left"},  {"欺诈", "fraud"},
                                       {"差错", "mistake"}, {"争议", "dispute"}, {"已澄清", "cleared"}, {NULL, NULL}};
static const zd_cell_word answers[] = {{"已受理", "accepted"}, {"已扣款", "debited"}, {"失败", "failed"}, {"退汇", "returned"},
                                       {"已到账", "paid"},     {"未知", "unknown"},   {NULL, NULL}};
static const zd_cell_word methods[] = {{"网关", "gateway"}, {"窗口", "clerk"}, {NULL, NULL}};
static const zd_cell_word checks[] = {{"正常", "ok"}, {"作废", "void"}, {NULL, NULL}};
static const zd_cell_word ties[] = {{"无", "none"}, {"关联", "affiliated"}, {NULL, NULL}};
static const zd_cell_word listed[] = {{"是", "yes"}, {"否", "no"}, {NULL, NULL}};
static const zd_cell_word buyers[] = {{"个人", "person"}, {NULL, NULL}};

#define NONE ZD_F__COUNT
#define COLUMN(chinese, english, form, field, required) {chinese, english, ZD_CELL_##form, field, required, false, NULL}
#define WORDS(chinese, english, form, field, required, words) {chinese, english, ZD_CELL_##form, field, required, false, words}
#define KEY(chinese, english, form, field) {chinese, english, ZD_CELL_##form, field, true, true, NULL}
#define MUST(chinese, english, form, field) COLUMN(chinese, english, form, ZD_F_##field, true)
#define MAY(chinese, english, form, field) COLUMN(chinese, english, form, ZD_F_##field, false)
#define NUMBER KEY("编号", "number", NUMBER, NONE)
/* What every file may have besides. */
#define ALWAYS                                                                                                              \
    COLUMN("办理日期", "entered_on", ENTERED, NONE, false), COLUMN("备注", "remark", REMARK, NONE, false),                       \
        COLUMN("序号", "line", REMARK, NONE, false), COLUMN("持券人名称", "holder_name", REMARK, NONE, false),                    \
        COLUMN("服务机构名称", "provider_name", REMARK, NONE, false), {"申请编号", "request_id", ZD_CELL_NUMBER, NONE, false, true, NULL}

static const zd_import_column holder[] = {KEY("持券人编号", "holder", TEXT, ZD_F_HOLDER),
                                          WORDS("类别", "class", WORD, ZD_F_CLASS, true, classes),
                                          MUST("所属辖区", "jurisdiction", PLACE, JURISDICTION),
                                          MUST("资格起始", "eligible_from", DATE, ELIGIBLE_FROM),
                                          MUST("资格截止", "eligible_to", DATE, ELIGIBLE_TO),
                                          MAY("统一社会信用代码", "code", TEXT, CODE),
                                          MAY("名称", "label", TEXT, LABEL),
                                          MAY("身份承诺值", "commitment", TEXT, COMMITMENT),
                                          ALWAYS};
static const zd_import_column ban[] = {NUMBER,
                                       MUST("持券人编号", "holder", TEXT, HOLDER),
                                       MUST("禁入截止", "until", DATE, UNTIL),
                                       MUST("决定文号", "decision", TEXT, DECISION),
                                       WORDS("原因", "reason", WORD, ZD_F_REASON, false, reasons),
                                       ALWAYS};
static const zd_import_column provider[] = {KEY("统一社会信用代码", "provider", TEXT, ZD_F_PROVIDER),
                                            MUST("名称", "label", TEXT, LABEL),
                                            WORDS("服务类别", "categories", TAGS, ZD_F_CATEGORIES, true, categories),
                                            MUST("准入起始", "eligible_from", DATE, ELIGIBLE_FROM),
                                            MUST("准入截止", "eligible_to", DATE, ELIGIBLE_TO),
                                            MAY("准入文号", "decision", TEXT, DECISION),
                                            ALWAYS};
static const zd_import_column suspend[] = {NUMBER,
                                           MUST("服务机构代码", "provider", TEXT, PROVIDER),
                                           MUST("暂停截止", "until", DATE, UNTIL),
                                           MUST("决定文号", "decision", TEXT, DECISION),
                                           WORDS("原因", "reason", WORD, ZD_F_REASON, false, reasons),
                                           ALWAYS};
static const zd_import_column removal[] = {NUMBER, MUST("服务机构代码", "provider", TEXT, PROVIDER), MUST("决定文号", "decision", TEXT, DECISION),
                                           WORDS("原因", "reason", WORD, ZD_F_REASON, false, reasons), ALWAYS};
static const zd_import_column account[] = {NUMBER,
                                           MUST("服务机构代码", "provider", TEXT, PROVIDER),
                                           MAY("户名未变", "same_name", BOOL, SAME_NAME),
                                           COLUMN("户名", "account_name", ACCOUNT_NAME, NONE, true),
                                           COLUMN("账号", "account_number", ACCOUNT_NUMBER, NONE, true),
                                           COLUMN("开户银行", "bank_name", ACCOUNT_BANK, NONE, true),
                                           COLUMN("行号", "bank_code", ACCOUNT_CODE, NONE, true),
                                           ALWAYS};
static const zd_import_column instrument[] = {KEY("仪器编号", "instrument", TEXT, ZD_F_INSTRUMENT),
                                              MUST("服务机构代码", "provider", TEXT, PROVIDER),
                                              WORDS("服务类别", "categories", TAGS, ZD_F_CATEGORIES, true, categories),
                                              MUST("公开单价", "price", YUAN, PRICE_FEN),
                                              MUST("是否共享", "shared", BOOL, SHARED),
                                              MUST("海关监管", "customs", BOOL, CUSTOMS),
                                              MUST("是否可用", "usable", BOOL, USABLE),
                                              MAY("名称", "label", TEXT, LABEL),
                                              ALWAYS};
static const zd_import_column pool[] = {KEY("资金池编号", "pool", TEXT, ZD_F_POOL),
                                        MUST("辖区", "jurisdiction", PLACE, JURISDICTION),
                                        MUST("预算年度", "year", INT, YEAR),
                                        WORDS("持券人类别", "class", WORD, ZD_F_CLASS, true, classes),
                                        MUST("支付次序", "rank", INT, RANK),
                                        MUST("指标文号", "document", TEXT, DOCUMENT),
                                        MUST("资金性质", "fund_nature", TEXT, FUND_NATURE),
                                        MUST("预算单位", "budget_unit", TEXT, BUDGET_UNIT),
                                        MUST("项目", "project", TEXT, PROJECT),
                                        MUST("功能分类", "function_code", TEXT, FUNCTION_CODE),
                                        MUST("政府经济分类", "gov_economic", TEXT, GOV_ECONOMIC),
                                        MUST("部门经济分类", "dept_economic", TEXT, DEPT_ECONOMIC),
                                        MUST("结算方式", "settle_mode", TEXT, SETTLE_MODE),
                                        MAY("下达金额", "amount", YUAN, AMOUNT),
                                        ALWAYS};
static const zd_import_column appropriate[] = {NUMBER, MUST("资金池编号", "pool", TEXT, POOL), MUST("下达金额", "amount", YUAN, AMOUNT),
                                               MUST("指标文号", "document", TEXT, DOCUMENT), ALWAYS};
static const zd_import_column voucher[] = {KEY("创新券编号", "voucher", TEXT, ZD_F_VOUCHER),
                                           MUST("持券人编号", "holder", TEXT, HOLDER),
                                           MUST("年度", "year", INT, YEAR),
                                           MUST("额度", "amount", YUAN, AMOUNT),
                                           WORDS("服务类别", "categories", TAGS, ZD_F_CATEGORIES, true, categories),
                                           MAY("使用截止", "until", DATE, UNTIL),
                                           ALWAYS};
static const zd_import_column voucher_state[] = {NUMBER, MUST("创新券编号", "voucher", TEXT, VOUCHER),
                                                 WORDS("原因", "reason", WORD, ZD_F_REASON, true, reasons), MAY("决定文号", "decision", TEXT, DECISION), ALWAYS};

/* What an order says about the service; a direct redemption says it too. */
#define SERVICE                                                                                                              \
    MUST("创新券编号", "voucher", TEXT, VOUCHER), MUST("持券人编号", "holder", TEXT, HOLDER), MUST("服务机构代码", "provider", TEXT, PROVIDER), \
        WORDS("服务类别", "category", WORD, ZD_F_CATEGORY, true, categories), WORDS("用途", "purpose", WORD, ZD_F_PURPOSE, true, purposes),    \
        MUST("用券金额", "amount", YUAN, AMOUNT), MUST("自付金额", "own_share", YUAN, OWN_SHARE), MUST("合同号", "contract", TEXT, CONTRACT),   \
        MUST("合同金额", "contract_amount", YUAN, CONTRACT_FEN), MUST("合同日期", "contract_date", DATE, CONTRACT_DATE),                     \
        WORDS("关联关系", "affiliation", WORD, ZD_F_AFFILIATION, true, affiliations), MUST("是否法定检测", "statutory", BOOL, STATUTORY),      \
        MUST("其他财政资金", "other_funding", YUAN, OTHER_FUNDING), MAY("实验室", "unit", TEXT, UNIT), MAY("授权编号", "mandate", TEXT, MANDATE)
#define RESULT                                                                                                               \
    MUST("完成日期", "done", DATE, DONE), MUST("成果哈希", "result_sha256", TEXT, RESULT),                                             \
        COLUMN("发票代码", "invoice_code", INVOICE_CODE, NONE, false), COLUMN("发票号码", "invoice", INVOICE, ZD_F_INVOICE, true),         \
        COLUMN("发票另一号码", "invoice_other", INVOICE_OTHER, NONE, false), MUST("发票金额", "invoice_amount", YUAN, INVOICE_FEN),       \
        MUST("本次使用金额", "invoice_part", YUAN, INVOICE_PART), MUST("开票日期", "invoice_date", DATE, INVOICE_DATE),                   \
        MUST("销方代码", "seller", TEXT, SELLER), WORDS("购方代码", "buyer", WORD, ZD_F_BUYER, true, buyers),                             \
        MAY("数量", "quantity", INT, QUANTITY)
#define USE                                                                                                                  \
    MAY("仪器编号", "instrument", TEXT, INSTRUMENT), MAY("开始时间", "slot_from", TIME, SLOT_FROM), MAY("结束时间", "slot_to", TIME, SLOT_TO)

static const zd_import_column order[] = {KEY("预约编号", "order", TEXT, ZD_F_ORDER), SERVICE, USE, ALWAYS};
static const zd_import_column capture[] = {KEY("核销编号", "item", TEXT, ZD_F_ITEM),
                                           MUST("预约编号", "order", TEXT, ORDER),
                                           MUST("用券金额", "amount", YUAN, AMOUNT),
                                           MUST("自付金额", "own_share", YUAN, OWN_SHARE),
                                           MUST("是否末次", "final", BOOL, FINAL),
                                           RESULT,
                                           USE,
                                           ALWAYS};
static const zd_import_column direct[] = {KEY("核销编号", "item", TEXT, ZD_F_ITEM), MUST("预约编号", "order", TEXT, ORDER), SERVICE, RESULT, USE, ALWAYS};
static const zd_import_column extend[] = {NUMBER, MUST("预约编号", "order", TEXT, ORDER), ALWAYS};
static const zd_import_column void_act[] = {NUMBER, MUST("预约编号", "order", TEXT, ORDER), MAY("核销编号", "item", TEXT, ITEM),
                                            WORDS("原因", "reason", WORD, ZD_F_REASON, false, reasons), ALWAYS};
static const zd_import_column refund[] = {KEY("退款编号", "note", TEXT, ZD_F_NOTE),
                                          MUST("核销编号", "item", TEXT, ITEM),
                                          MUST("退款金额", "amount", YUAN, AMOUNT),
                                          COLUMN("红字发票号码", "invoice", INVOICE, ZD_F_INVOICE, false),
                                          WORDS("原因", "reason", WORD, ZD_F_REASON, false, reasons),
                                          ALWAYS};
static const zd_import_column review[] = {NUMBER, MUST("核销编号", "item", TEXT, ITEM), WORDS("原因", "reason", WORD, ZD_F_REASON, true, reasons),
                                          MAY("决定文号", "decision", TEXT, DECISION), ALWAYS};
static const zd_import_column answer[] = {NUMBER,
                                          MUST("批次编号", "batch", TEXT, BATCH),
                                          MUST("服务机构代码", "provider", TEXT, PROVIDER),
                                          WORDS("回执结果", "answer", WORD, ZD_F_ANSWER, true, answers),
                                          MUST("回单哈希", "evidence_sha256", TEXT, EVIDENCE),
                                          MAY("金额", "amount", YUAN, AMOUNT),
                                          ALWAYS};

#define SAID_FROM MAY("生效日期", "valid_from", DATE, VALID_FROM)
#define INVOICE_SUBJECT COLUMN("发票代码", "invoice_code", INVOICE_CODE, NONE, false), COLUMN("发票号码", "invoice", SUBJECT, ZD_F_SUBJECT, true)
static const zd_import_column fact_invoice[] = {NUMBER, INVOICE_SUBJECT, WORDS("查验结果", "value", WORD, ZD_F_VALUE, true, checks), SAID_FROM, ALWAYS};
static const zd_import_column fact_red[] = {KEY("红字发票号码", "value", TEXT, ZD_F_VALUE), INVOICE_SUBJECT, MUST("红冲金额", "amount", YUAN, AMOUNT), SAID_FROM, ALWAYS};
static const zd_import_column fact_own[] = {KEY("凭证号", "value", TEXT, ZD_F_VALUE), COLUMN("预约编号", "order", SUBJECT, ZD_F_SUBJECT, true),
                                            MUST("累计到账金额", "amount", YUAN, AMOUNT), SAID_FROM, ALWAYS};
static const zd_import_column fact_consent[] = {NUMBER, COLUMN("预约编号", "order", SUBJECT, ZD_F_SUBJECT, true),
                                                WORDS("确认方式", "value", WORD, ZD_F_VALUE, true, methods), SAID_FROM, ALWAYS};
static const zd_import_column fact_controller[] = {NUMBER, COLUMN("持券人编号", "holder", SUBJECT, ZD_F_SUBJECT, true), MUST("关联组", "value", TEXT, VALUE), SAID_FROM,
                                                   ALWAYS};
static const zd_import_column fact_affiliation[] = {NUMBER, COLUMN("持券人编号", "holder", SUBJECT, ZD_F_SUBJECT, true),
                                                    COLUMN("服务机构代码", "provider", SUBJECT_OTHER, NONE, true),
                                                    WORDS("关联关系", "value", WORD, ZD_F_VALUE, true, ties), SAID_FROM, ALWAYS};
static const zd_import_column fact_eligible[] = {NUMBER, COLUMN("持券人编号", "holder", SUBJECT, ZD_F_SUBJECT, true),
                                                 COLUMN("年度", "year", SUBJECT_OTHER, NONE, true), WORDS("是否在名单", "value", WORD, ZD_F_VALUE, true, listed),
                                                 SAID_FROM, ALWAYS};
static const zd_import_column fact_other_plan[] = {NUMBER, COLUMN("发票代码", "invoice_code", INVOICE_CODE, NONE, false),
                                                   COLUMN("预约编号或发票号码", "subject", SUBJECT, ZD_F_SUBJECT, true), MUST("其他计划编号", "value", TEXT, VALUE),
                                                   SAID_FROM, ALWAYS};
static const zd_import_column fact_contact[] = {NUMBER, COLUMN("持券人编号", "holder", SUBJECT, ZD_F_SUBJECT, true), MUST("联系方式哈希", "value", TEXT, VALUE), SAID_FROM,
                                                ALWAYS};

#define KIND(name, chinese, type, prefix, columns) {name, chinese, ZD_REQ_##type, prefix, NULL, columns, ZD_COUNT(columns)}
#define FACT(name, word, chinese, prefix, columns) {"fact-" name, chinese, ZD_REQ_FACT_ATTEST, prefix, word, columns, ZD_COUNT(columns)}
static const zd_import_kind kinds[] = {
    KIND("account", "收款账户", PROVIDER_ACCOUNT, "acct", account),
    KIND("answer", "银行回执", LINE_ANSWER, "ans", answer),
    KIND("appropriate", "追加指标", POOL_APPROPRIATE, "appr", appropriate),
    KIND("ban", "禁入", HOLDER_BAN, "ban", ban),
    KIND("capture", "核销", CAPTURE, "cap", capture),
    KIND("direct", "直兑", DIRECT, "dir", direct),
    KIND("extend", "预约延期", EXTEND, "ext", extend),
    FACT("affiliation", "affiliation", "关联关系", "aff", fact_affiliation),
    FACT("consent", "consent", "持券人确认", "con", fact_consent),
    FACT("contact", "contact", "联系方式", "ctc", fact_contact),
    FACT("controller", "controller", "实际控制人", "ctl", fact_controller),
    FACT("eligible", "eligible", "资格名单", "elg", fact_eligible),
    FACT("invoice", "invoice-check", "发票查验", "inv", fact_invoice),
    FACT("other-plan", "other-plan", "其他计划资助", "oth", fact_other_plan),
    FACT("own-share", "own-share", "自付到账", "own", fact_own),
    FACT("red-letter", "red-letter", "红字发票", "red", fact_red),
    KIND("holder", "持券人", HOLDER_REGISTER, "hol", holder),
    KIND("instrument", "仪器", INSTRUMENT_REGISTER, "ins", instrument),
    KIND("order", "预约", ORDER, "ord", order),
    KIND("pool", "资金池", POOL_OPEN, "pool", pool),
    KIND("provider", "服务机构", PROVIDER_ADMIT, "prov", provider),
    KIND("refund", "退款", REFUND, "ref", refund),
    KIND("removal", "取消资格", PROVIDER_REMOVE, "rem", removal),
    KIND("review-reject", "复核驳回", REVIEW_REJECT, "rej", review),
    KIND("review-release", "复核解除", REVIEW_RELEASE, "rel", review),
    KIND("suspension", "暂停服务机构", PROVIDER_SUSPEND, "sus", suspend),
    KIND("void", "撤销", VOID, "void", void_act),
    KIND("voucher", "创新券发放", VOUCHER_ALLOT, "vou", voucher),
    KIND("voucher-resume", "恢复创新券", VOUCHER_RESUME, "vres", voucher_state),
    KIND("voucher-revoke", "作废创新券", VOUCHER_REVOKE, "vrev", voucher_state),
    KIND("voucher-suspend", "暂停创新券", VOUCHER_SUSPEND, "vsus", voucher_state),
};

const zd_import_kind *zd_import_kinds(size_t *count)
{
    *count = ZD_COUNT(kinds);
    return kinds;
}

const zd_import_kind *zd_import_kind_find(const char *name)
{
    for (size_t i = 0; i < ZD_COUNT(kinds); i++) {
        if (strcmp(kinds[i].name, name) == 0) {
            return &kinds[i];
        }
    }
    return NULL;
}
