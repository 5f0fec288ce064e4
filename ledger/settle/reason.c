/* Why an amount waits, as sentences: the codes of rules from the registry, the gates that are not rules from here. */
#include "ledger/settle/settle_int.h"

typedef struct gate_text {
    const char *word, *chinese, *english;
} gate_text;

static const gate_text gates[] = {
    {"notice", "公示期未满", "The public notice is still running."},
    {"minimum", "低于最低支付额，转入下批", "Below the minimum payout; carried to the next batch."},
    {"objection", "异议暂缓", "Held by an objection."},
};

void zd_reason_texts(const char **out_chinese, const char **out_english, zd_span reason)
{
    zd_code code = zd_code_find(reason);
    if (code != ZD_CODE_NONE) {
        *out_chinese = zd_code_chinese(code);
        *out_english = zd_code_english(code);
        return;
    }
    *out_chinese = "";
    *out_english = "";
    for (size_t i = 0; i < ZD_COUNT(gates); i++) {
        if (zd_span_is(reason, gates[i].word)) {
            *out_chinese = gates[i].chinese;
            *out_english = gates[i].english;
        }
    }
}
