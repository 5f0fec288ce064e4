/* Writes what fuzzing starts from, one folder a parser: valid inputs made by our own writers from fixed seeds, so that the fuzzer begins inside the formats. Usage: DIR */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "audit/trail/commit_object.h"
#include "ledger/base/durable.h"
#include "ledger/log/proof.h"
#include "ledger/log/tiles.h"
#include "ledger/log/witness_request.h"
#include "ledger/seal/sign/signer.h"
#include "ledger/seal/ssh_wire.h"

#define ORIGIN "log.example"
#define LINE "{\"seq\":7,\"at\":\"2026-03-05T02:11:12.123Z\",\"outcome\":\"accepted\",\"policy\":1,\"subsidy_fen\":100,\"postings\":[[\"2200/O-1/P\",\"3000/S/P\",100]]}\n"
#define REQUEST "{\"type\":\"voucher.suspend\",\"v\":1,\"ledger\":\"log.example\",\"id\":\"x-1\",\"expires\":\"2026-04-04T00:00:00Z\",\"voucher\":\"V-1\",\"reason\":\"dispute\"}\n"

static const char *folder;
static bool failed;

/* prefix < 0: none */
static void put(const char *target, int prefix, zd_span content)
{
    char path[512];
    zd_buf whole = {0};
    if (prefix >= 0) {
        zd_buf_add_byte(&whole, (uint8_t)prefix);
    }
    zd_buf_add_span(&whole, content);
    zd_format(path, sizeof path, "%s/%s", folder, target);
    (void)mkdir(path, 0755);
    zd_format(path, sizeof path, "%s/%s/seed-%zu", folder, target, whole.size);
    failed = zd_file_write(path, zd_buf_span(&whole), 0644, NULL) != ZD_OK || failed;
    zd_buf_free(&whole);
}

static void add_log(zd_buf *checkpoint, zd_buf *note, const zd_signer *signer)
{
    zd_tree tree = {0};
    zd_hash leaf = zd_tree_leaf_hash(zd_span_text("entry\n"));
    zd_tree_append(&tree, &leaf);
    zd_tree_append(&tree, &leaf);
    zd_checkpoint head = {.origin = ORIGIN, .size = tree.size, .root = zd_tree_root(&tree)};
    failed = zd_checkpoint_encode(checkpoint, &head, NULL) != ZD_OK || zd_signer_note(note, signer, ORIGIN, zd_buf_span(checkpoint), NULL) != ZD_OK || failed;
}

static void put_log(const zd_signer *signer)
{
    zd_buf checkpoint = {0};
    zd_buf note = {0};
    zd_buf text = {0};
    zd_tree_proof path = {.count = 1, .hashes = {zd_tree_leaf_hash(zd_span_text("entry\n"))}};
    zd_witness_request request = {.old_size = 1, .proof = path};
    zd_witness witness = {.name = "w.example", .key = *zd_signer_public(signer)};
    add_log(&checkpoint, &note, signer);
    put("note", -1, zd_buf_span(&note));
    put("checkpoint", -1, zd_buf_span(&checkpoint));
    put("checkpoint", -1, zd_buf_span(&note));
    failed = zd_proof_encode(&text, 1, &path, zd_span_of(NULL, 0), zd_buf_span(&note), NULL) != ZD_OK || failed;
    put("proof", -1, zd_buf_span(&text));
    zd_buf_clear(&text);
    failed = zd_proof_encode(&text, 1, &path, zd_span_text("extra"), zd_buf_span(&note), NULL) != ZD_OK || failed;
    put("proof", -1, zd_buf_span(&text));
    zd_buf_clear(&text);
    request.checkpoint = zd_buf_span(&note);
    failed = zd_witness_request_encode(&text, &request, NULL) != ZD_OK || failed;
    put("witness_request", -1, zd_buf_span(&text));
    zd_buf_clear(&text);
    zd_cosignature_add_line(&text, &witness, 1, (const uint8_t[64]){1});
    put("answer", -1, zd_buf_span(&text));
    zd_drop_answer answer = {.status = 200, .body = zd_span_text("body\n")};
    zd_buf_clear(&text);
    zd_drop_answer_encode(&text, &answer);
    put("answer", -1, zd_buf_span(&text));
    zd_buf_clear(&text);
    zd_buf_add_text(&text, "# policy\nlog ");
    zd_vkey_add(&text, zd_span_text(ORIGIN), ZD_NOTE_TYPE_ED25519, zd_signer_public(signer));
    zd_buf_add_text(&text, "\nwitness w1 ");
    zd_vkey_add(&text, zd_span_text("w.example"), ZD_NOTE_TYPE_COSIGNATURE, zd_signer_public(signer));
    zd_buf_add_text(&text, " https://w.example/\ngroup g 1 w1\nquorum g\n");
    put("policy", -1, zd_buf_span(&text));
    zd_buf_free(&checkpoint);
    zd_buf_free(&note);
    zd_buf_free(&text);
}

static void put_keys(const zd_signer *signer)
{
    static const uint8_t seed[32] = {2};
    char path[512];
    zd_buf text = {0};
    zd_buf blob = {0};
    zd_buf commit = {0};
    zd_buf payload = {0};
    zd_commit_parts parts = {.author = zd_span_text("Log <log@log.example>"), .time_unix_s = 1774000000, .summary = zd_span_text("checkpoint 2 (+2 entries)"),
                             .checkpoint = zd_span_text("log.example\n2\nx\n")};
    zd_commit_payload_add(&payload, &parts);
    failed = zd_signer_sshsig(&text, signer, "git", zd_buf_span(&payload), NULL) != ZD_OK || failed;
    zd_commit_object_add(&commit, &parts, zd_buf_span(&text));
    put("commit", -1, zd_buf_span(&commit));
    put("sshsig", 0, zd_buf_span(&text));
    failed = !zd_armour_read(&blob, "SSH SIGNATURE", zd_buf_span(&text)) || failed;
    put("sshsig", 1, zd_buf_span(&blob));
    zd_buf_clear(&text);
    zd_ssh_public_add(&text, zd_signer_public(signer));
    put("ssh_public", -1, zd_buf_span(&text));
    zd_format(path, sizeof path, "%s/key", folder);
    failed = zd_key_file_make(path, "a key of the fuzzer", seed, NULL) != ZD_OK || failed;
    zd_buf_clear(&text);
    zd_buf_clear(&blob);
    failed = zd_file_read(&text, path, 4096, NULL) != ZD_OK || !zd_armour_read(&blob, "OPENSSH PRIVATE KEY", zd_buf_span(&text)) || failed;
    put("key_file", 0, zd_buf_span(&text));
    put("key_file", 1, zd_buf_span(&blob));
    zd_buf_free(&text);
    zd_buf_free(&blob);
    zd_buf_free(&commit);
    zd_buf_free(&payload);
}

static void put_entries(const zd_signer *signer)
{
    zd_buf entry = {0};
    zd_buf note = {0};
    zd_buf bundle = {0};
    failed = zd_signer_note(&note, signer, ORIGIN "/issuer-1", zd_span_text(REQUEST), NULL) != ZD_OK || failed;
    zd_buf_add_text(&entry, LINE);
    zd_buf_add_span(&entry, zd_buf_span(&note));
    put("entry", -1, zd_buf_span(&entry));
    put("request", -1, zd_span_text(REQUEST));
    failed = zd_bundle_add(&bundle, zd_span_text("a\n"), NULL) != ZD_OK || zd_bundle_add(&bundle, zd_span_text("bb\n"), NULL) != ZD_OK || failed;
    put("bundle", 1, zd_buf_span(&bundle));
    put("tile_path", -1, zd_span_text("tile/0/x001/x234/067"));
    put("tile_path", -1, zd_span_text("tile/entries/000.p/17"));
    zd_buf_free(&entry);
    zd_buf_free(&note);
    zd_buf_free(&bundle);
}

#define HEAD(message) "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:" message "\">"
#define LAUGHS "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">]><x y=\"&c;\">&c;</x>"
#define SHEET(cells) "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData><row r=\"1\">" cells "</row></sheetData></worksheet>"
#define STRINGS "<sst xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" count=\"2\"><si><t>业务流水号</t></si><si><t>B-1-P0001</t></si></sst>"

static void put_number(zd_buf *out, uint32_t number, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        zd_buf_add_byte(out, (uint8_t)(number >> (8 * i)));
    }
}

static uint32_t crc_of(zd_span bytes)
{
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < bytes.size; i++) {
        crc ^= bytes.data[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = (crc & 1U) != 0 ? (crc >> 1) ^ UINT32_C(0xedb88320) : crc >> 1;
        }
    }
    return ~crc;
}

/* What local header and directory say of a member alike: version, flags, method 8, time, checksum, sizes. A deflate stream of one block that is kept as it is has five bytes more. */
static void put_member(zd_buf *out, const char *name, zd_span content)
{
    put_number(out, 20, 2);
    put_number(out, 0, 2);
    put_number(out, 8, 2);
    put_number(out, UINT32_C(0x5c620000), 4);
    put_number(out, crc_of(content), 4);
    put_number(out, (uint32_t)content.size + 5, 4);
    put_number(out, (uint32_t)content.size, 4);
    put_number(out, (uint32_t)strlen(name), 2);
    put_number(out, 0, 2);
}

/* A workbook of two members that must be unfolded, so that fuzzing begins behind the directory, at names, sizes and streams. */
static void put_zip(void)
{
    static const char *const members[][2] = {{"xl/sharedStrings.xml", STRINGS}, {"xl/worksheets/sheet1.xml", SHEET("<c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\"><v>1</v></c>")}};
    zd_buf zip = {0};
    zd_buf directory = {0};
    for (size_t i = 0; i < ZD_COUNT(members); i++) {
        zd_span content = zd_span_text(members[i][1]);
        uint32_t offset = (uint32_t)zip.size;
        zd_buf_add(&zip, "PK\3\4", 4);
        put_member(&zip, members[i][0], content);
        zd_buf_add_text(&zip, members[i][0]);
        put_number(&zip, 1, 1);
        put_number(&zip, (uint32_t)content.size, 2);
        put_number(&zip, ~(uint32_t)content.size, 2);
        zd_buf_add_span(&zip, content);
        zd_buf_add(&directory, "PK\1\2\24\0", 6);
        put_member(&directory, members[i][0], content);
        put_number(&directory, 0, 4); /* comment, disk */
        put_number(&directory, 0, 2);
        put_number(&directory, 0, 4); /* attributes */
        put_number(&directory, offset, 4);
        zd_buf_add_text(&directory, members[i][0]);
    }
    uint32_t start = (uint32_t)zip.size;
    zd_buf_add_span(&zip, zd_buf_span(&directory));
    zd_buf_add(&zip, "PK\5\6\0\0\0\0", 8);
    put_number(&zip, ZD_COUNT(members), 2);
    put_number(&zip, ZD_COUNT(members), 2);
    put_number(&zip, (uint32_t)directory.size, 4);
    put_number(&zip, start, 4);
    put_number(&zip, 0, 2);
    put("zip", -1, zd_buf_span(&zip));
    put("answers", -1, zd_buf_span(&zip)); /* banks send workbooks, too */
    zd_buf_free(&zip);
    zd_buf_free(&directory);
}

/* Answers and files of packages, invented here, and the tricks that XML is known for. */
static void put_files(void)
{
    static const char *const answers[] = {
        HEAD("pain.002.001.10") "<CstmrPmtStsRpt><GrpHdr><MsgId>BANK-1</MsgId><CreDtTm>2026-03-16T10:00:00</CreDtTm></GrpHdr><OrgnlGrpInfAndSts><OrgnlMsgId>B-1</OrgnlMsgId>"
                                "<GrpSts>PART</GrpSts></OrgnlGrpInfAndSts><OrgnlPmtInfAndSts><OrgnlPmtInfId>B-1-1</OrgnlPmtInfId><TxInfAndSts><OrgnlEndToEndId>B-1-P0001</OrgnlEndToEndId>"
                                "<TxSts>RJCT</TxSts><StsRsnInf><Rsn><Cd>AC01</Cd></Rsn></StsRsnInf></TxInfAndSts></OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>",
        HEAD("camt.053.001.08") "<BkToCstmrStmt><GrpHdr><MsgId>S-1</MsgId><CreDtTm>2026-03-16T18:00:00</CreDtTm></GrpHdr><Stmt><Id>S-1</Id><ElctrncSeqNb>7</ElctrncSeqNb>"
                                "<Acct><Id><Othr><Id>9999000100000001</Id></Othr></Id><Ccy>CNY</Ccy></Acct><Ntry><Amt Ccy=\"CNY\">12.34</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>"
                                "<BookgDt><Dt>2026-03-16</Dt></BookgDt><AcctSvcrRef>R-1</AcctSvcrRef><NtryDtls><Btch><NbOfTxs>1</NbOfTxs></Btch><TxDtls><Refs><EndToEndId>B-1-P0001</EndToEndId></Refs>"
                                "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf></TxDtls></NtryDtls></Ntry></Stmt></BkToCstmrStmt></Document>",
        "客户方流水号,处理结果,金额\r\nB-1-P0001,成功,12.34\r\n"};
    static const char pain[] = HEAD("pain.001.001.09") "<CstmrCdtTrfInitn><GrpHdr><MsgId>B-1</MsgId><NbOfTxs>1</NbOfTxs><CtrlSum>12.34</CtrlSum></GrpHdr><PmtInf><NbOfTxs>1</NbOfTxs><CtrlSum>12.34"
                               "</CtrlSum><ReqdExctnDt><Dt>2026-03-16</Dt></ReqdExctnDt><CdtTrfTxInf><PmtId><EndToEndId>B-1-P0001</EndToEndId></PmtId><Amt><InstdAmt Ccy=\"CNY\">12.34</InstdAmt></Amt>"
                               "<Cdtr><Nm>样例大学</Nm></Cdtr><CdtrAcct><Id><Othr><Id>1</Id></Othr></Id></CdtrAcct></CdtTrfTxInf></PmtInf></CstmrCdtTrfInitn></Document>";
    static const char workbook[] = STRINGS "\0" SHEET("<c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"s\"><v>1</v></c>");
    static const char beyond[] = STRINGS "\0" SHEET("<c r=\"A1\" t=\"s\"><v>99999999999</v></c><c r=\"XFD1048577\" t=\"s\"><v>2</v></c>");
    static const char empty_zip[] = "PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
    for (size_t i = 0; i < ZD_COUNT(answers); i++) {
        put("answers", -1, zd_span_text(answers[i]));
    }
    put("answers", -1, zd_span_text(LAUGHS));
    put("pain", -1, zd_span_text(pain));
    put("pain", -1, zd_span_text(LAUGHS));
    put("cells", 1, zd_span_text("<html><table><tr><th>a &amp; b</th><td>12.34</td></tr></table></html>"));
    put("cells", 2, zd_span_text("\xef\xbb\xbf\"a\"\"b\",2\r\n1,\r\n"));
    put("workbook", -1, zd_span_of((const uint8_t *)workbook, sizeof workbook - 1));
    put("workbook", -1, zd_span_of((const uint8_t *)beyond, sizeof beyond - 1));
    put("workbook", -1, zd_span_text(LAUGHS));
    put("zip", -1, zd_span_of((const uint8_t *)empty_zip, sizeof empty_zip - 1));
    put_zip();
}

int main(int argc, char **argv)
{
    static const uint8_t seed[32] = {1};
    zd_signer *signer = NULL;
    if (argc != 2 || zd_seal_start(NULL) != ZD_OK || zd_signer_from_seed(&signer, seed, NULL) != ZD_OK) {
        (void)fputs("usage: fuzz_seeds DIR (an empty one)\n", stderr);
        return 2;
    }
    folder = argv[1];
    put_log(signer);
    put_keys(signer);
    put_entries(signer);
    put_files();
    zd_signer_close(signer);
    return failed ? 1 : 0;
}
