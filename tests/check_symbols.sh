#!/usr/bin/env bash
# usage: check_symbols.sh PROGRAM. The separate verifier must not be able to sign or to open a store: its binary may name no symbol of signing code, of SQLite, of the
# store or of the engine, defined or imported. Prints what it found and fails, or one line when it is clean.
set -u
program=${1:?usage: check_symbols.sh PROGRAM}
command -v nm >/dev/null || { echo "SKIPPED: check_symbols.sh needs nm, which is not installed"; exit 77; }
[ -r "$program" ] || { echo "not ok check_symbols: no program at $program"; exit 1; }
symbols=$( { nm "$program" 2>/dev/null; nm -D "$program" 2>/dev/null; } | awk '{print $NF}' | sed 's/@.*//' | sort -u)
# A stripped or foreign file would look clean: something of the verifier must be there.
grep -qx 'zd_audit_main' <<<"$symbols" || { echo "not ok check_symbols: $program shows no symbols"; exit 1; }
banned='^(crypto_sign_detached|crypto_sign_ed25519_detached|crypto_sign|crypto_sign_keypair|crypto_sign_seed_keypair|crypto_sign_ed25519_seed_keypair|randombytes.*|sqlite3_.*|zd_signer_.*|zd_key_file_.*|zd_agent_.*|zd_store_.*|zd_ledger_.*|zd_engine_.*|zd_trail_(create|advance|commit_write)|zd_settle_.*|PQ.*)$'
# A name of the act layer begins like one of settle's: the acts' own helpers are not the writers of bank files.
found=$(grep -E "$banned" <<<"$symbols" | grep -vE '^zd_settle_(in_item|in_pool|is_due|party|spill|within_limit)$')
if [ -n "$found" ]; then
  echo "$found" | sed 's/^/  the verifier holds /'
  echo "not ok check_symbols: $(basename "$program") holds what it must not"
  exit 1
fi
echo "ok check_symbols: $(basename "$program") holds no signing, store or engine code ($(wc -l <<<"$symbols") symbols)"
