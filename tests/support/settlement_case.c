/* The invented batch; see settlement_case.h. */
#include "tests/support/settlement_case.h"

static const zd_pay_line lines[ZD_CASE_LINES] = {
    {.number = 1,
     .provider = "12330600X00000086C",
     .provider_name = "越州市检验检测研究院（国家纺织中心）",
     .account_name = "越州市检验检测研究院（国家纺织中心）",
     .account = "1211012009200012345",
     .bank_name = "某商业银行股份有限公司越州分行营业部",
     .bank_code = "313337009004",
     .account_version = 1,
     .first_payment = true,
     .gross_fen = 19500000,
     .offset_fen = 500000,
     .net_fen = 19000000,
     .end_to_end = "SB20260305-0001-P0001",
     .item_count = 2},
    {.number = 2,
     .provider = "52330600X000000943",
     .provider_name = "镜湖 \"A&B\" 实验室, 有限合伙",
     .account_name = "镜湖 \"A&B\" 实验室, 有限合伙",
     .account = "6217000000000000004",
     .bank_name = "某农村信用合作联社<城西>分社",
     .bank_code = "402331000007",
     .account_version = 3,
     .first_payment = true,
     .gross_fen = 1234560,
     .offset_fen = 0,
     .net_fen = 1234560,
     .end_to_end = "SB20260305-0001-P0002",
     .item_count = 1},
    {.number = 3,
     .provider = "91330602X000000271",
     .provider_name = "龑𠮷仪器共享中心(普通合伙)",
     .account_name = "龑𠮷仪器共享中心(普通合伙)",
     .account = "80110120",
     .bank_name = "某银行越州支行",
     .bank_code = "102100099996",
     .account_version = 2,
     .first_payment = false,
     .gross_fen = 10005,
     .offset_fen = 0,
     .net_fen = 10005,
     .end_to_end = "SB20260305-0001-P0003",
     .item_count = 1},
};

static const zd_wait_row waiting[] = {
    {.item = "P12-2026-000140", .provider = "12330600X00000086C", .amount_fen = 250000, .reasons = "R06,R25"},
    {.item = "P12-2026-000151", .provider = "12330600X00000086C", .amount_fen = 99900, .reasons = "notice"},
    {.item = "P27-2026-000009", .provider = "91330681X0000006XN", .amount_fen = 9999, .reasons = "minimum,objection"},
};

static const zd_notice_row notices[] = {
    {"P12-2026-000123", "12330600X00000086C", "越州某某新材料有限公司", "越州市检验检测研究院（国家纺织中心）", "检验检测", 12000000, "2026-01-15"},
    {"P12-2026-000124", "12330600X00000086C", "创业者 K7**…**4M", "越州市检验检测研究院（国家纺织中心）", "仪器机时", 7500000, "2026-01-20"},
    {"P94-2026-000002", "52330600X000000943", "=HYPERLINK(\"x\")科技有限公司", "镜湖 \"A&B\" 实验室, 有限合伙", "软件测试", 1234560, "2026-02-11"},
    {"P27-2026-000001", "91330602X000000271", "越州某某机械有限公司", "龑𠮷仪器共享中心(普通合伙)", "科技查新", 10005, "2026-02-12"},
};

void zd_case_three_lines(zd_settlement_case *out)
{
    *out = (zd_settlement_case){
        .settlement = {.ledger = "voucher.yz.example",
                       .batch = "SB20260305-0001",
                       .seal_seq = 1042,
                       .seal_sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                       .log_size = 2048,
                       .log_root = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
                       .sealed_unix_ms = INT64_C(1772676672123),
                       .execution_date = "2026-03-16",
                       .maker = "person-3k9",
                       .checker = "person-7qd",
                       .releaser = "person-m2x",
                       .pool = "330602-2026-01",
                       .jurisdiction = "330602",
                       .document = "越财教〔2026〕12号",
                       .fund_nature = "一般公共预算资金",
                       .budget_unit = "越州市科学技术局",
                       .project = "科技创新券",
                       .function_code = "2060404",
                       .gov_economic = "50799",
                       .dept_economic = "31299",
                       .settle_mode = "转账",
                       .year = 2026,
                       .payer_name = "越州市财政局国库零余额账户",
                       .payer_code = "11330600X000000190",
                       .payer_account = "3301040160000000001",
                       .payer_bank_code = "304521041448",
                       .payer_bank_name = "某银行越州分行",
                       .purpose = "科技创新券兑付2026年第1批",
                       .contact = "越州市科学技术局 0575-00000000",
                       .total_fen = 20244565},
    };
    for (size_t i = 0; i < ZD_COUNT(lines); i++) {
        out->lines[i] = lines[i];
    }
    for (size_t i = 0; i < ZD_COUNT(waiting); i++) {
        out->waiting[i] = waiting[i];
    }
    for (size_t i = 0; i < ZD_COUNT(notices); i++) {
        out->notices[i] = notices[i];
    }
    zd_settlement *settlement = &out->settlement;
    settlement->lines = out->lines;
    settlement->line_count = ZD_COUNT(lines);
    settlement->waiting = out->waiting;
    settlement->waiting_count = ZD_COUNT(waiting);
    settlement->notices = out->notices;
    settlement->notice_count = ZD_COUNT(notices);
}

void zd_case_with_offset(zd_settlement_case *out)
{
    zd_case_three_lines(out);
    zd_pay_line *offset = &out->offsets[0];
    *offset = out->lines[1];
    offset->offset_fen = offset->gross_fen;
    offset->net_fen = 0;
    offset->account = offset->account_name = offset->bank_name = offset->bank_code = NULL;
    out->lines[1] = out->lines[2];
    out->settlement.line_count = 2;
    out->settlement.total_fen -= offset->gross_fen;
    out->settlement.offset_lines = out->offsets;
    out->settlement.offset_count = 1;
    out->settlement.offset_total_fen = offset->offset_fen;
}

void zd_case_one_fen(zd_settlement_case *out)
{
    zd_case_three_lines(out);
    out->lines[0] = lines[2];
    out->lines[0].number = 1;
    out->lines[0].gross_fen = 1;
    out->lines[0].net_fen = 1;
    out->settlement.batch = "SB20261008-0002";
    out->lines[0].end_to_end = "SB20261008-0002-P0001";
    out->settlement.budget_unit = out->settlement.payer_name;
    out->settlement.sealed_unix_ms = INT64_C(1790784000000); /* 2026-10-01 00:00 +08:00: the day before in UTC */
    out->settlement.execution_date = "2026-10-08";
    out->settlement.maker = NULL;
    out->settlement.checker = NULL;
    out->settlement.releaser = NULL;
    out->settlement.line_count = 1;
    out->settlement.waiting_count = 0;
    out->settlement.notice_count = 0;
    out->settlement.total_fen = 1;
}
