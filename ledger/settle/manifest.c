/*
 * MANIFEST, which the officers sign, and VERIFY.txt, which says how anybody checks a package with tools that every Debian has.
 * Signing one list of hashes signs every file. Lines that begin with "$ " are commands; a test runs them as they stand.
 */
#include <inttypes.h>

#include "ledger/base/money.h"
#include "ledger/settle/settlement.h"

void zd_settle_manifest(zd_buf *out, const zd_settlement *settlement, const zd_package_entry *entries, size_t count)
{
    int version = settlement->offset_count > 0 ? 2 : 1;
    zd_buf_addf(out, "zhidui-settlement-manifest %d\nledger %s\nbatch %s\nseal %" PRId64 " %s\nlog %" PRIu64 " %s\ncount %zu\nsum_fen %" PRId64 "\n", version,
                settlement->ledger, settlement->batch, settlement->seal_seq, settlement->seal_sha256, settlement->log_size, settlement->log_root,
                settlement->line_count, settlement->total_fen);
    if (version == 2) {
        zd_buf_addf(out, "offset_count %zu\noffset_fen %" PRId64 "\n", settlement->offset_count, settlement->offset_total_fen);
    }
    for (size_t i = 0; i < count; i++) {
        char hex[ZD_HASH_HEX];
        zd_hash_hex(hex, &entries[i].sha256);
        zd_buf_addf(out, "sha256 %s %zu %s %s\n", hex, entries[i].size, entries[i].role, entries[i].path);
    }
}

static const char verify_files[] =
    "1. 文件 Files\n"
    "   每个文件与清单一致。 Every file is as the manifest lists it.\n"
    "$ sed -n 's/^sha256 \\([0-9a-f]*\\) [0-9]* [a-z]* \\(.*\\)$/\\1  \\2/p' MANIFEST | sha256sum --check --strict --quiet\n"
    "   没有多余的文件。 There is no other file.\n"
    "$ test \"$(find . -type f ! -path './MANIFEST' ! -path './MANIFEST.*.sig' | sed 's/^..//' | LC_ALL=C sort)\" = \"$(sed -n 's/^sha256 [0-9a-f]* [0-9]* [a-z]* //p' MANIFEST)\"\n"
    "\n"
    "2. 金额 Amounts\n"
    "   每个银行文件的笔数和合计（分）与清单一致。 Count and sum (in fen) of each bank file are those of the manifest.\n"
    "$ (for f in pain.001.001.*.xml; do test \"count $(xmllint --nonet --huge --xpath 'count(//*[local-name()=\"CdtTrfTxInf\"])' $f)\" = \"$(grep '^count ' MANIFEST)\" || exit 1; done)\n"
    "$ (for f in pain.001.001.*.xml; do test \"sum_fen $(xmllint --nonet --huge --xpath '//*[local-name()=\"InstdAmt\"]/text()' $f | awk -F. '{ fen += $1 * 100 + $2 } END { printf \"%.0f\", fen }')\" = \"$(grep '^sum_fen ' MANIFEST)\" || exit 1; done)\n"
    "   业务流水号没有重复。 No serial stands twice; this prints nothing.\n"
    "$ (for f in pain.001.001.*.xml; do test -z \"$(xmllint --nonet --huge --xpath '//*[local-name()=\"EndToEndId\"]/text()' $f | sort | uniq -d)\" || exit 1; done)\n"
    "   校验码：国库 CSV 文件 SHA-256 的前 8 位，与审批表上的校验码比对。\n"
    "   Check code: the first 8 digits of the treasury CSV's SHA-256; compare it with the approval sheet.\n"
    "$ sha256sum treasury/*.csv | sed 's/^\\(....\\)\\(....\\).*$/\\1-\\2/'\n"
    "\n"
    "3. 签名 Signatures\n"
    "   CLONE 是 audit.git 的克隆目录。 CLONE is a clone of audit.git. Set it first: export CLONE=/path/to/clone\n"
    "   每个签名都应显示 Good \"zhidui-settlement-v1\" signature 以及签名人；制单人不得复核、放行。\n"
    "   Each signature must show Good \"zhidui-settlement-v1\" signature and its signer; the maker neither checks nor releases.\n"
    "$ (keys=$(mktemp) && trap 'rm -f \"$keys\"' EXIT && git -C \"$CLONE\" show main:keys/allowed_signers > \"$keys\" && for s in MANIFEST.*.sig; do who=$(ssh-keygen -Y find-principals -s \"$s\" -f \"$keys\" | head -n 1) && "
    "ssh-keygen -Y verify -f \"$keys\" -I \"$who\" -n zhidui-settlement-v1 -s \"$s\" < MANIFEST || exit 1; done)\n"
    "\n"
    "4. 账本 Ledger\n"
    "   清单的 seal 行是封存条目及其哈希，log 行是日志长度和根；与 CLONE 中的检查点比对，完整核验用 zhidui-audit package。\n"
    "   The manifest's line seal is the seal's leaf and hash, its line log a size and root of the log; compare with the checkpoints\n"
    "   in CLONE. The full verification is:\n"
    "   zhidui-audit package DIR --repo CLONE --genesis FINGERPRINT\n"
    "\n"
    "5. 格式 Format (needs the schema of ISO 20022, not part of the package)\n"
    "   for f in pain.001.001.*.xml; do xmllint --noout --nonet --schema \"${f%.xml}.xsd\" \"$f\"; done\n";

void zd_settle_verify_text(zd_buf *out, const zd_settlement *settlement)
{
    char yuan[ZD_FEN_TEXT];
    zd_fen_yuan_grouped(yuan, settlement->total_fen);
    zd_buf_addf(out,
                "结算包核验说明 How to verify this settlement package\n"
                "批次 Batch %s · 笔数 Count %zu · 合计 Total %s 元 CNY\n",
                settlement->batch, settlement->line_count, yuan);
    if (settlement->offset_count > 0) {
        zd_fen_yuan_grouped(yuan, settlement->offset_total_fen);
        zd_buf_addf(out, "全额抵扣、无需付款 Wholly offset, nothing to pay: %zu · %s 元 CNY\n", settlement->offset_count, yuan);
    }
    zd_buf_add_text(out,
                "\n"
                "在本目录中执行以 $ 开头的命令（不含 $），成功时退出状态为 0。\n"
                "Run the lines that begin with $ (without it) in this directory; success is exit status 0.\n"
                "Debian: coreutils, findutils, sed, grep, mawk, libxml2-utils, openssh-client, git.\n\n");
    zd_buf_add_text(out, verify_files);
}
