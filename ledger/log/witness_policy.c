/* Policy files; see witness_policy.h. */
#include "ledger/log/witness_policy.h"

#include <string.h>

typedef struct reader {
    zd_witness_policy *policy;
    zd_error *err;
    int64_t line;
} reader;

static zd_status wrong(reader *r, const char *what)
{
    zd_status status = zd_fail(r->err, ZD_E_FIELD_INVALID, "%s", what);
    zd_error_at(r->err, r->line, 0);
    return status;
}

/* The next word of a line; words are separated by spaces and tabs. */
static bool next_word(zd_span *word, zd_span *rest)
{
    while (rest->size > 0 && (rest->data[0] == ' ' || rest->data[0] == '\t')) {
        *rest = zd_span_of(rest->data + 1, rest->size - 1);
    }
    size_t size = 0;
    while (size < rest->size && rest->data[size] != ' ' && rest->data[size] != '\t') {
        size++;
    }
    *word = zd_span_of(rest->data, size);
    *rest = zd_span_of(rest->data + size, rest->size - size);
    return size > 0;
}

static size_t node_named(const zd_witness_policy *policy, zd_span name)
{
    for (size_t i = 0; i < policy->node_count; i++) {
        if (zd_span_is(name, policy->nodes[i].name)) {
            return i;
        }
    }
    return policy->node_count;
}

static zd_status new_node(zd_policy_node **out, reader *r, zd_span name)
{
    zd_witness_policy *policy = r->policy;
    if (policy->node_count == ZD_POLICY_NODES) {
        return wrong(r, "at most 64 witnesses and groups");
    }
    zd_policy_node node = {0};
    if (name.size == 0 || zd_span_is(name, "none") || !zd_span_copy(node.name, sizeof node.name, name) || node_named(policy, name) != policy->node_count) {
        return wrong(r, "a name of its own for each witness and group");
    }
    policy->nodes[policy->node_count] = node;
    *out = &policy->nodes[policy->node_count++];
    return ZD_OK;
}

static zd_status read_log(reader *r, zd_span rest)
{
    zd_witness_policy *policy = r->policy;
    zd_span vkey;
    zd_span name;
    uint8_t type = 0;
    if (policy->log_count == ZD_POLICY_LOGS || !next_word(&vkey, &rest)) {
        return wrong(r, "log <vkey>");
    }
    zd_status status = zd_vkey_parse(&name, &type, &policy->logs[policy->log_count], vkey, r->err);
    if (status == ZD_OK && type != ZD_NOTE_TYPE_ED25519) {
        return wrong(r, "a log key is of type 0x01");
    }
    if (status == ZD_OK && !zd_span_copy(policy->log_names[policy->log_count], sizeof policy->log_names[0], name)) {
        return wrong(r, "the name of a log is too long");
    }
    policy->log_count += status == ZD_OK ? 1 : 0;
    return status;
}

static zd_status read_witness(reader *r, zd_span rest)
{
    zd_span name;
    zd_span vkey;
    zd_policy_node *node = NULL;
    if (!next_word(&name, &rest) || !next_word(&vkey, &rest)) {
        return wrong(r, "witness <name> <vkey>");
    }
    zd_status status = new_node(&node, r, name);
    if (status == ZD_OK) {
        status = zd_witness_parse(&r->policy->witnesses[r->policy->witness_count], vkey, r->err);
    }
    zd_span url;
    if (status == ZD_OK && next_word(&url, &rest) && !zd_span_copy(node->url, sizeof node->url, url)) {
        return wrong(r, "the address of a witness has at most 255 bytes");
    }
    if (status == ZD_OK) {
        node->is_witness = true;
        node->witness = r->policy->witness_count++;
    }
    return status;
}

static zd_status read_members(reader *r, zd_policy_node *node, zd_span rest, size_t *count)
{
    zd_span member;
    size_t self = r->policy->node_count - 1;
    while (next_word(&member, &rest)) {
        size_t index = node_named(r->policy, member);
        if (index >= self || r->policy->nodes[index].used) {
            return wrong(r, "members are witnesses or groups named before, each in one group");
        }
        r->policy->nodes[index].used = true;
        node->members |= UINT64_C(1) << index;
        ++*count;
    }
    return ZD_OK;
}

static zd_status read_group(reader *r, zd_span rest)
{
    zd_span name;
    zd_span need;
    zd_policy_node *node = NULL;
    size_t count = 0;
    if (!next_word(&name, &rest) || !next_word(&need, &rest)) {
        return wrong(r, "group <name> all|any|<k> <members>");
    }
    zd_status status = new_node(&node, r, name);
    if (status == ZD_OK) {
        status = read_members(r, node, rest, &count);
    }
    if (status != ZD_OK) {
        return status;
    }
    for (size_t i = 0; i < need.size && need.data[i] >= '0' && need.data[i] <= '9' && need.size <= 2; i++) {
        node->needed = node->needed * 10 + (size_t)(need.data[i] - '0');
    }
    node->needed = zd_span_is(need, "all") ? count : zd_span_is(need, "any") ? 1 : node->needed;
    return node->needed >= 1 && node->needed <= count ? ZD_OK : wrong(r, "a group needs between one and all of its members");
}

static zd_status read_quorum(reader *r, zd_span rest)
{
    zd_span name;
    zd_witness_policy *policy = r->policy;
    if (policy->has_quorum || !next_word(&name, &rest)) {
        return wrong(r, "exactly one line quorum <name>|none");
    }
    policy->has_quorum = true;
    policy->quorum = node_named(policy, name);
    return policy->quorum < policy->node_count || zd_span_is(name, "none") ? ZD_OK : wrong(r, "the quorum names a witness or group before it");
}

static zd_status read_line(reader *r, zd_span line)
{
    zd_span word;
    zd_span rest = line;
    if (!next_word(&word, &rest) || word.data[0] == '#') {
        return ZD_OK;
    }
    if (zd_span_is(word, "log")) {
        return read_log(r, rest);
    }
    if (zd_span_is(word, "witness")) {
        return read_witness(r, rest);
    }
    if (zd_span_is(word, "group")) {
        return read_group(r, rest);
    }
    return zd_span_is(word, "quorum") ? read_quorum(r, rest) : wrong(r, "log, witness, group or quorum");
}

zd_status zd_witness_policy_parse(zd_witness_policy *out, zd_span text, zd_error *err)
{
    reader r = {.policy = out, .err = err};
    zd_status status = ZD_OK;
    memset(out, 0, sizeof *out);
    while (text.size > 0 && status == ZD_OK) {
        zd_span line;
        text = zd_span_cut(&line, text, '\n');
        r.line++;
        status = read_line(&r, line);
    }
    if (status == ZD_OK && !out->has_quorum) {
        status = wrong(&r, "exactly one line quorum <name>|none");
    }
    if (status == ZD_OK && out->quorum > out->node_count) {
        out->quorum = out->node_count;
    }
    return status;
}

static bool signed_by_a_log(const zd_witness_policy *policy, const zd_note *checkpoint)
{
    for (size_t i = 0; i < policy->log_count; i++) {
        for (size_t line = 0; line < checkpoint->count; line++) {
            if (zd_note_verify(checkpoint, line, &policy->logs[i])) {
                return true;
            }
        }
    }
    return policy->log_count == 0;
}

/* Members stand before their group, so one pass decides all. */
static bool reaches(const zd_witness_policy *policy, uint64_t cosigned)
{
    uint64_t satisfied = 0;
    for (size_t i = 0; i < policy->node_count; i++) {
        const zd_policy_node *node = &policy->nodes[i];
        bool holds = node->is_witness ? (cosigned >> node->witness & 1U) != 0 : (size_t)__builtin_popcountll(satisfied & node->members) >= node->needed;
        satisfied |= holds ? UINT64_C(1) << i : 0;
    }
    return policy->quorum == policy->node_count || (satisfied >> policy->quorum & 1U) != 0;
}

bool zd_witness_policy_count(zd_witness_count *out, const zd_witness_policy *policy, const zd_note *checkpoint, int64_t from_unix_s, int64_t to_unix_s)
{
    zd_cosignature found[ZD_POLICY_NODES];
    zd_error err = {0};
    uint64_t cosigned = 0;
    uint64_t fresh = 0;
    size_t good = 0;
    *out = (zd_witness_count){.why = "signed by no log key of the auditor's policy"};
    if (!signed_by_a_log(policy, checkpoint)) {
        return false;
    }
    out->why = "a witness's line does not verify";
    if (zd_checkpoint_cosignatures(found, &good, checkpoint, policy->witnesses, policy->witness_count, &err) != ZD_OK) {
        return false;
    }
    for (size_t i = 0; i < good; i++) {
        bool is_fresh = found[i].time_unix_s >= from_unix_s && found[i].time_unix_s <= to_unix_s;
        cosigned |= UINT64_C(1) << found[i].witness;
        fresh |= is_fresh ? UINT64_C(1) << found[i].witness : 0;
        out->fresh += is_fresh ? 1 : 0;
        out->newest_unix_s = found[i].time_unix_s > out->newest_unix_s ? found[i].time_unix_s : out->newest_unix_s;
    }
    out->good = good;
    out->quorum = reaches(policy, cosigned);
    out->quorum_fresh = fresh != 0 && reaches(policy, fresh);
    out->why = out->quorum ? "" : "the quorum of the auditor's policy is not reached";
    return true;
}

bool zd_witness_policy_holds(size_t *good, const char **why, const zd_witness_policy *policy, const zd_note *checkpoint)
{
    zd_witness_count count;
    bool believed = zd_witness_policy_count(&count, policy, checkpoint, 0, INT64_MAX);
    *good = count.good;
    *why = count.why;
    return believed && count.quorum;
}
