/* The few verbs that every handler uses: refusing, posting, effects, policies, texts; see act_int.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/act/act_state.h"

zd_decision *zd_act_decision(zd_act *act)
{
    return &act->group->decisions[act->decision_index];
}

zd_decision *zd_act_effect_at(zd_act *act, size_t decision_index)
{
    ZD_ASSERT(decision_index < act->group->count);
    return &act->group->decisions[decision_index];
}

zd_status zd_act_refuse(zd_act *act, zd_code code, const char *detail)
{
    zd_decision *decision = zd_act_decision(act);
    ZD_ASSERT(zd_code_status(code) == ZD_REFUSED);
    if (decision->outcome != ZD_REFUSED_BY_RULE) {
        decision->outcome = ZD_REFUSED_BY_RULE;
        decision->code = code;
        if (detail != NULL) {
            zd_act_saw_text(act, "why", zd_span_text(detail));
        }
    }
    return ZD_OK;
}

bool zd_act_refused(zd_act *act)
{
    return zd_act_decision(act)->outcome == ZD_REFUSED_BY_RULE;
}

/* saw is a JSON object that grows: the closing brace makes room for the next field. */
static zd_jw saw_open(zd_act *act, zd_buf *scratch)
{
    (void)act;
    zd_jw w = zd_jw_begin(scratch);
    zd_jw_object(&w, NULL);
    return w;
}

static void saw_append(zd_act *act, zd_jw *w, zd_buf *scratch)
{
    zd_jw_close(w);
    zd_buf *saw = &zd_act_decision(act)->saw;
    if (saw->size > 0) {
        saw->size--;
        zd_buf_add_byte(saw, ',');
        zd_buf_add(saw, scratch->data + 1, scratch->size - 1);
    } else {
        zd_buf_add_span(saw, zd_buf_span(scratch));
    }
    zd_buf_free(scratch);
}

void zd_act_saw_int(zd_act *act, const char *name, int64_t value)
{
    zd_buf scratch = {0};
    zd_jw w = saw_open(act, &scratch);
    zd_jw_int(&w, name, value);
    saw_append(act, &w, &scratch);
}

void zd_act_saw_text(zd_act *act, const char *name, zd_span value)
{
    zd_buf scratch = {0};
    zd_jw w = saw_open(act, &scratch);
    zd_jw_text(&w, name, value);
    saw_append(act, &w, &scratch);
}

bool zd_act_post_to(zd_act *act, size_t decision_index, int64_t amount_fen, zd_place *debit, zd_place *credit)
{
    if (amount_fen == 0) {
        return true;
    }
    if (amount_fen > 0 && zd_book_post(zd_act_effect_at(act, decision_index), debit, credit, amount_fen)) {
        return true;
    }
    (void)zd_act_refuse(act, ZD_E_A_BALANCE, NULL);
    zd_act_saw_text(act, "debit", zd_span_text(zd_account_name(debit)));
    zd_act_saw_text(act, "credit", zd_span_text(zd_account_name(credit)));
    zd_act_saw_int(act, "amount_fen", amount_fen);
    return false;
}

bool zd_act_post(zd_act *act, int64_t amount_fen, zd_place *debit, zd_place *credit)
{
    return zd_act_post_to(act, act->decision_index, amount_fen, debit, credit);
}

zd_place *zd_account(zd_act *act, int code, const char *a, const char *b, const char *c)
{
    zd_acts *acts = act->acts;
    zd_place *account = &acts->accounts[acts->account_slot++ % ZD_ACCOUNT_SLOTS];
    ZD_ASSERT(a != NULL);
    zd_place_set(account, act->book, ZD_R_ACCT, "%04d/%s%s%s%s%s", code, a, b != NULL ? "/" : "", b != NULL ? b : "", c != NULL ? "/" : "", c != NULL ? c : "");
    ZD_ASSERT(account->key.size - strlen("ACCT/") < ZD_ACCOUNT_NAME_MAX);
    return account;
}

void zd_group_reserve(zd_group *group, size_t count)
{
    if (group->capacity < count) {
        group->capacity = count;
        group->decisions = zd_realloc(group->decisions, count * sizeof *group->decisions);
    }
}

size_t zd_group_add(zd_group *group, uint64_t seq, int64_t at_unix_ms)
{
    if (group->count == group->capacity) {
        zd_group_reserve(group, group->capacity == 0 ? 1 : group->capacity < 4 ? 4 : group->capacity * 2);
    }
    group->decisions[group->count] = (zd_decision){.seq = seq, .at_unix_ms = at_unix_ms, .outcome = ZD_ACCEPTED};
    return group->count++;
}

size_t zd_act_effect(zd_act *act, const char *item)
{
    const zd_decision *first = &act->group->decisions[0];
    uint64_t of_seq = first->seq;
    zd_hash note_sha256 = first->note_sha256;
    size_t index = zd_group_add(act->group, of_seq + act->group->count, act->at_unix_ms);
    zd_decision *effect = &act->group->decisions[index];
    effect->is_effect = true;
    effect->of_seq = of_seq;
    effect->note_sha256 = note_sha256;
    zd_format(effect->item, sizeof effect->item, "%s", item);
    return index;
}

const zd_policy *zd_act_policy(zd_act *act, int64_t number)
{
    zd_acts *acts = act->acts;
    if (number <= 0) {
        return NULL;
    }
    size_t index = (size_t)number - 1;
    if (index >= acts->policy_count) {
        acts->policies = zd_realloc(acts->policies, (index + 1) * sizeof *acts->policies);
        for (; acts->policy_count <= index; acts->policy_count++) {
            acts->policies[acts->policy_count] = NULL;
        }
    }
    if (acts->policies[index] != NULL) {
        return acts->policies[index];
    }
    const zd_rec_policy *record = zd_book_find(act->book, ZD_R_POLICY, "%06lld", (long long)number);
    if (record == NULL) {
        return NULL;
    }
    zd_policy *policy = zd_alloc_zero(1, sizeof *policy);
    zd_json *json = NULL;
    zd_error err = {0};
    zd_status status = zd_json_parse(&json, zd_span_text(record->text), true, &err);
    if (status == ZD_OK) {
        status = zd_policy_parse(policy, zd_json_root(json), &err);
    }
    zd_json_free(json);
    ZD_ASSERT(status == ZD_OK); /* it was parsed before it was stored */
    policy->number = record->number;
    policy->effective_day = record->effective_day;
    policy->published_seq = record->published_seq;
    acts->policies[index] = policy;
    return policy;
}

const zd_policy *zd_act_policy_now(zd_act *act)
{
    const zd_rec_ledger *ledger = zd_book_find(act->book, ZD_R_LEDGER, "%s", "");
    for (int64_t number = ledger != NULL ? ledger->policy_last : 0; number > 0; number--) {
        const zd_policy *policy = zd_act_policy(act, number);
        if (policy != NULL && policy->effective_day <= act->today_day) {
            return policy;
        }
    }
    return NULL;
}

bool zd_act_in_jurisdiction(const zd_rec_key *key, const char *jurisdiction)
{
    return jurisdiction[0] == '\0' || zd_tags_has(zd_span_text(key->jurisdictions), zd_span_text(jurisdiction));
}

bool zd_act_within_limit(const zd_rec_key *key, int64_t amount_fen)
{
    return key->has_limit == 0 || amount_fen <= key->limit_fen;
}

#define TEXT_BLOCK 4096

static char *text_room(zd_acts *acts, size_t size)
{
    zd_text_block *block = acts->texts;
    if (block == NULL || block->size - block->used < size) {
        size_t room = size > TEXT_BLOCK ? size : TEXT_BLOCK;
        block = zd_alloc(sizeof *block + room);
        *block = (zd_text_block){.next = acts->texts, .size = room};
        acts->texts = block;
    }
    block->used += size;
    return block->bytes + block->used - size;
}

const char *zd_act_text(zd_act *act, zd_field field)
{
    zd_span text = zd_req_text(act->request, field);
    char *copy = text_room(act->acts, text.size + 1);
    if (text.size > 0) {
        memcpy(copy, text.data, text.size);
    }
    copy[text.size] = '\0';
    return copy;
}

void zd_act_set_text(char *out, size_t out_size, zd_span text)
{
    bool fits = zd_span_copy(out, out_size, text);
    ZD_ASSERT(fits);
}

static void keep_texts(zd_acts *acts, size_t blocks)
{
    zd_text_block *next = NULL;
    zd_text_block *kept = NULL;
    for (zd_text_block *block = acts->texts; block != NULL; block = next) {
        next = block->next;
        if (blocks > 0 && block->size == TEXT_BLOCK) {
            blocks--;
            block->next = kept;
            block->used = 0;
            kept = block;
        } else {
            free(block);
        }
    }
    acts->texts = kept;
}

void zd_acts_forget_texts(zd_acts *acts)
{
    keep_texts(acts, 1);
}

void zd_acts_free_texts(zd_acts *acts)
{
    keep_texts(acts, 0);
}

void zd_acts_forget_policies(zd_acts *acts)
{
    for (size_t i = 0; i < acts->policy_count; i++) {
        free(acts->policies[i]);
    }
    free(acts->policies);
    acts->policies = NULL;
    acts->policy_count = 0;
}
