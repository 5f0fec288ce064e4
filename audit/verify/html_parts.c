/* Elements of the printed report; see html_int.h. */
#include <inttypes.h>
#include <string.h>

#include "audit/verify/html_int.h"
#include "ledger/base/money.h"

void zd_html_text(zd_buf *out, const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        switch (*c) {
        case '&':
            zd_buf_add_text(out, "&amp;");
            break;
        case '<':
            zd_buf_add_text(out, "&lt;");
            break;
        case '>':
            zd_buf_add_text(out, "&gt;");
            break;
        case '"':
            zd_buf_add_text(out, "&quot;");
            break;
        default:
            zd_buf_add_byte(out, (uint8_t)*c);
        }
    }
}

void zd_html_yuan(zd_buf *out, int64_t fen)
{
    char yuan[ZD_FEN_TEXT];
    zd_fen_yuan_grouped(yuan, fen);
    zd_buf_add_text(out, yuan);
}

static const char style[] =
    "@page{size:A4;margin:15mm}body{font:10pt/1.5 'Source Han Serif SC','Noto Serif CJK SC','Songti SC',SimSun,serif;color:#1c2227;max-width:182mm;margin:10mm auto}"
    "h1{font-size:18pt;margin:0 0 5mm}h2{font-size:12.5pt;margin:9mm 0 2mm;border-bottom:.6pt solid #1c2227;padding-bottom:1mm;break-after:avoid;break-inside:avoid}"
    "small{display:block;font-size:.76em;font-weight:400;color:#5d6b74;line-height:1.35}"
    ".verdict{padding:4mm 5mm;border-left:2.2mm solid;margin:0 0 5mm}.verdict strong{font-size:15pt;display:block}.good{border-color:#2f6b4f;background:#eef4f0}"
    ".bad{border-color:#9c2f2a;background:#f8eeed}.open{border-color:#9a7420;background:#f8f4ea}"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:.6mm 6mm;margin:0}dt small{display:inline;margin-left:2mm}dd{margin:0;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}"
    "table{border-collapse:collapse;width:100%;font-size:8.6pt;margin:2mm 0}th{text-align:left;border-bottom:.9pt solid #1c2227;vertical-align:bottom}"
    "td{border-bottom:.4pt solid #cfd6da;vertical-align:top;overflow-wrap:anywhere}th,td{padding:.9mm 2mm}tr{break-inside:avoid}thead{display:table-header-group}"
    ".n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}svg{display:block;margin:2mm 0;max-width:100%;break-inside:avoid}h3{font-size:10pt;margin:5mm 0 1mm;break-after:avoid}tfoot td{font-weight:600;border-top:.9pt solid #1c2227}svg text{font-size:8.5px;fill:#1c2227}"
    "footer{margin-top:10mm;border-top:.6pt solid #1c2227;padding-top:2mm;font-size:8pt;color:#5d6b74}code{font:7.6pt/1.4 'DejaVu Sans Mono',monospace;overflow-wrap:anywhere}";

void zd_html_head(zd_buf *out, const char *title)
{
    zd_buf_add_text(out, "<!DOCTYPE html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\">"
                         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"><title>");
    zd_html_text(out, title);
    zd_buf_addf(out, "</title><style>%s</style></head><body>\n", style);
}

void zd_html_section(zd_buf *out, const char *chinese, const char *english)
{
    zd_buf_addf(out, "<h2>%s<small>%s</small></h2>\n", chinese, english);
}

void zd_html_table(zd_buf *out, const char *const *columns, size_t count)
{
    zd_buf_add_text(out, "<table><thead><tr>");
    for (size_t i = 0; i < count; i++) {
        const char *text = columns[i];
        bool number = text[0] == '#';
        size_t chinese = strcspn(text, "|");
        zd_buf_add_text(out, number ? "<th class=\"n\">" : "<th>");
        zd_buf_add(out, text + (number ? 1 : 0), chinese - (number ? 1 : 0));
        zd_buf_addf(out, "<small>%s</small></th>", text + chinese + 1);
    }
    zd_buf_add_text(out, "</tr></thead><tbody>\n");
}

void zd_html_row(zd_buf *out)
{
    zd_buf_add_text(out, "<tr>");
}

void zd_html_cell(zd_buf *out, const char *text)
{
    zd_buf_add_text(out, "<td>");
    zd_html_text(out, text);
    zd_buf_add_text(out, "</td>");
}

void zd_html_yuan_cell(zd_buf *out, int64_t fen)
{
    zd_buf_add_text(out, "<td class=\"n\">");
    zd_html_yuan(out, fen);
    zd_buf_add_text(out, "</td>");
}

void zd_html_count_cell(zd_buf *out, uint64_t count)
{
    zd_buf_addf(out, "<td class=\"n\">%" PRIu64 "</td>", count);
}

void zd_html_table_end(zd_buf *out)
{
    static const char opened[] = "<tbody>\n";
    size_t size = sizeof opened - 1;
    if (out->size >= size && memcmp(out->data + out->size - size, opened, size) == 0) {
        zd_buf_add_text(out, "<tr><td colspan=\"9\">无 none</td></tr>\n");
    }
    zd_buf_add_text(out, "</tbody></table>\n");
}

#define BAR_LEFT 150
#define BAR_WIDTH 400
#define BAR_STEP 15

void zd_html_bars(zd_buf *out, const zd_html_bar *bars, size_t count)
{
    int64_t most = 1;
    for (size_t i = 0; i < count; i++) {
        most = bars[i].fen > most ? bars[i].fen : most;
    }
    zd_buf_addf(out, "<svg role=\"img\" width=\"640\" height=\"%zu\" viewBox=\"0 0 640 %zu\">\n", count * BAR_STEP + 4, count * BAR_STEP + 4);
    for (size_t i = 0; i < count; i++) {
        int64_t width = (int64_t)((__int128)BAR_WIDTH * (bars[i].fen > 0 ? bars[i].fen : 0) / most);
        size_t y = i * BAR_STEP + 2;
        zd_buf_addf(out, "<text x=\"%d\" y=\"%zu\" text-anchor=\"end\">", BAR_LEFT - 6, y + 9);
        zd_html_text(out, bars[i].label);
        zd_buf_addf(out, "</text><rect x=\"%d\" y=\"%zu\" width=\"%" PRId64 "\" height=\"10\" fill=\"#4a6d7c\"/><text x=\"%" PRId64 "\" y=\"%zu\">", BAR_LEFT, y, width > 0 ? width : 1,
                    BAR_LEFT + width + 5, y + 9);
        zd_html_yuan(out, bars[i].fen);
        zd_buf_add_text(out, "</text>\n");
    }
    zd_buf_add_text(out, "</svg>\n");
}
