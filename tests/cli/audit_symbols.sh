#!/usr/bin/env bash
# The built zhidui-audit holds no signing, store or engine code; see ../check_symbols.sh.
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
exec bash "$ROOT/tests/check_symbols.sh" "${ZHIDUI_AUDIT:-$ROOT/build/zhidui-audit}"
