# Shared by the scripts of tests/cli, which source it: a fresh ledger in a temporary directory, acts through the real command line at a time that the script
# sets, and assertions. One `ok NAME` or `not ok NAME` line comes from each begin … end group; what was wrong stands before it. Nothing here talks to the
# ledger except through the program $ZHIDUI (default build/zhidui).
set -u
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
ZHIDUI=${ZHIDUI:-$ROOT/build/zhidui}
cd "$ROOT" || exit 1
export LC_ALL=C.UTF-8 GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null
unset ZHIDUI_LEDGER LANG LC_MESSAGES

# Invented parties; their credit codes have right check digits.
H1=91330602X000000271 H2=91330603X00000035A H81=91330681X0000006XN
P1=12330600X00000086C P2=52330600X000000943 P3=91330600X000000199
ORIGIN=voucher.sx.example
HASH=$(printf '%064d' 1)

missing() { # a tool that this script cannot do without: loudly, and counted as skipped
  echo "SKIPPED: $(basename "$0") needs $1, which is not installed"
  exit 77
}
for tool in faketime sqlite3; do command -v "$tool" >/dev/null || missing "$tool"; done
[ -x "$ZHIDUI" ] || { echo "not ok $(basename "$0"): no program at $ZHIDUI"; exit 1; }
# libfaketime names its shared memory by process id and leaves it behind when a process is killed; a later process of that id could not start. Only what belongs to
# no living process is removed.
forget_killed_clocks() {
  local object
  for object in /dev/shm/*faketime_*_[0-9]*; do
    [ -e "$object" ] && [ ! -e "/proc/${object##*_}" ] && rm -f "$object"
  done
  return 0
}
forget_killed_clocks
FAKE_LIBRARY=$(ls /usr/lib/*/faketime/libfaketimeMT.so.1 2>/dev/null | head -n 1)
[ -n "$FAKE_LIBRARY" ] || missing faketime

WORK=$(mktemp -d "${TMPDIR:-/tmp}/zhidui-cli.XXXXXX")
chmod 755 "$WORK"
cleanup_hooks=()
cleanup() {
  local hook
  for hook in "${cleanup_hooks[@]+"${cleanup_hooks[@]}"}"; do $hook; done
  chmod -R u+w "$WORK" 2>/dev/null
  rm -rf "$WORK"
}
trap cleanup EXIT
KEYS=$WORK/keys
L=$WORK/L

# --- assertions ---
failed_groups=0
begin() { group=$1 wrong=0; }
wrong() { printf '   wrong: %s\n' "$*"; wrong=$((wrong + 1)); }
end() {
  if [ "$wrong" -eq 0 ]; then echo "ok $group"; else echo "not ok $group"; failed_groups=$((failed_groups + 1)); fi
}
same() { [ "$1" = "$2" ] || wrong "$3: expected '$1', got '$2'"; }
has() { case $1 in *"$2"*) ;; *) wrong "$3: '$2' is not in: ${1:0:600}" ;; esac; }
has_not() { case $1 in *"$2"*) wrong "$3: '$2' is in: ${1:0:600}" ;; esac; }
finish() { [ "$failed_groups" -eq 0 ] || exit 1; exit 0; }

# go_tool NAME: an outsider of tests/outside, built into $WORK/NAME; fails when Go or its module package is missing.
go_tool() {
  command -v go >/dev/null && [ -d /usr/share/gocode/src/golang.org/x/mod ] || return 1
  [ -x "$WORK/$1" ] || GOPATH=/usr/share/gocode GO111MODULE=off GOFLAGS= GOCACHE="$WORK/go-cache" go build -o "$WORK/$1" "tests/outside/$1/main.go"
}

# --- the program at a time of our choice ---
# at "2026-03-05 10:00": the clock of the commands that follow, in Shanghai. It stands still, so that a test does not depend on the machine's speed.
at() { NOW="$1:00"; }
at "2026-03-02 10:00"
z() { env LD_PRELOAD="$FAKE_LIBRARY" FAKETIME="$NOW" TZ=CST-8 LC_ALL="${SPEAK:-C.UTF-8}" ZHIDUI_LEDGER="$L" "$ZHIDUI" "$@"; }

# traced STRACE-OPTIONS -- COMMAND: the same under strace, which sees the calls of $CALLS; the program alone sees the false clock.
traced() {
  local options=()
  while [ "$1" != -- ]; do options+=("$1"); shift; done
  shift
  strace -f -y -qq -o "$WORK/trace" -e "trace=$CALLS" "${options[@]}" -E "LD_PRELOAD=$FAKE_LIBRARY" -E "FAKETIME=$NOW" -E TZ=CST-8 -E "ZHIDUI_LEDGER=$L" \
    "$ZHIDUI" "$@"
}

# What a command came to, in one line: "accepted", "held", "proposed", "refused R23", "error note-expired", "done"; and its exit status in $status.
answer_of() { # stdout, stderr
  local outcome code error
  outcome=$(sed -n 's/.*"outcome":"\([a-z]*\)".*/\1/p' "$1" | tail -n 1)
  code=$(sed -n 's/.*"outcome":"[a-z]*","code":"\([^"]*\)".*/\1/p' "$1" | tail -n 1)
  error=$(sed -n 's/.*"error":"\([^"]*\)".*/\1/p' "$2" | tail -n 1)
  if [ -n "$error" ]; then answer="error $error"; elif [ -n "$outcome" ]; then answer=$outcome${code:+ $code}; else answer=done; fi
}
run() { # runs and keeps: $status, $answer, $out (file), $err (file)
  out=$WORK/out err=$WORK/err
  status=0
  "$@" >"$out" 2>"$err" || status=$?
  answer_of "$out" "$err"
}
# want "refused R23" order O-1 ...: the answer and the exit status that belongs to it. An error's status is 3 unless it is said: want "error usage 2".
want() {
  local expected=$1 expected_status=3
  shift
  run "$@"
  case $expected in
    accepted | held | proposed | done) expected_status=0 ;;
    refused\ *) expected_status=1 ;;
    error\ *\ [0-9]) expected_status=${expected##* } expected=${expected% *} ;;
  esac
  [ "$answer" = "$expected" ] && [ "$status" -eq "$expected_status" ] ||
    wrong "$* → expected '$expected' (exit $expected_status), got '$answer' (exit $status): $(tail -n 2 "$err" | tr '\n' ' ')"
}

key_file() { printf '%s/%s' "$KEYS" "${1//\//+}"; } # a key's file is named as the key, without slashes

# act KEY "noun verb" --option value ...: of an option that stands twice the last counts; an empty value drops it. --dry-run is the one switch.
act() {
  local key=$1 words=$2 name
  local -A value=()
  local names=() arguments=()
  shift 2
  while [ $# -gt 0 ]; do
    if [ "$1" = --dry-run ]; then arguments+=(--dry-run); shift; continue; fi
    [ -n "${value[$1]+x}" ] || names+=("$1")
    value[$1]=$2
    shift 2
  done
  for name in "${names[@]}"; do [ -z "${value[$name]}" ] || arguments+=("$name" "${value[$name]}"); done
  # shellcheck disable=SC2086 — noun and verb are two words
  z $words --key "$(key_file "$key")" --json "${arguments[@]}"
}
# two FIRST SECOND "noun verb" options: proposed by one officer, confirmed by another. The answer is that of the second note.
two() {
  local first=$1 second=$2
  shift 2
  act "$first" "$@" --dry-run >"$WORK/two.note" || return
  z request submit "$WORK/two.note" --json >"$WORK/two.out" 2>"$WORK/two.err" || { local s=$?; cat "$WORK/two.out"; cat "$WORK/two.err" >&2; return $s; }
  z second "$WORK/two.note" --key "$(key_file "$second")" --json
}
# batch KEY TYPE ID ITEM...: a batch request of JSON items, signed by the general door. batch_note writes the note only.
batch_note() {
  local key=$1 of=$2 id=$3 items
  shift 3
  items=$(IFS=,; printf '%s' "$*")
  printf '{"of":"%s","items":[%s]}' "$of" "$items" >"$WORK/batch.json"
  z request sign --type batch --id "$id" --body "$WORK/batch.json" --key "$(key_file "$key")"
}
batch() { batch_note "$@" >"$WORK/batch.note" && z request submit "$WORK/batch.note" --json; }
# body KEY TYPE ID JSON: one request with the given members, signed as it stands.
body_note() {
  printf '%s' "$4" >"$WORK/body.json"
  z request sign --type "$2" --id "$3" --body "$WORK/body.json" --key "$(key_file "$1")"
}
body() { body_note "$@" >"$WORK/body.note" && z request submit "$WORK/body.note" --json; }

# --- figures ---
fen() { z pool show "$1" --json 2>/dev/null | sed -n "s/.*\"$2_fen\":\(-\{0,1\}[0-9]*\).*/\1/p"; } # fen POOL ACCOUNT-CODE
size() { z pool list --json 2>/dev/null | sed -n 's/.*"as_of_entry":\([0-9]*\).*/\1/p' | tail -n 1; }
value() { z "$1" show "$2" 2>/dev/null | sed -n "s/.*\"$3\":\(\"[^\"]*\"\|-\{0,1\}[0-9]*\).*/\1/p" | tr -d '"' | head -n 1; } # value order O-1 rest_fen
line_value() { # line_value BATCH PROVIDER FIELD, from the seal's leaf
  z log show "$(value settle "$1" seq)" "$(size)" | grep -a "\"item\":\"$2\"" | sed -n "s/.*\"$3\":\([0-9]*\).*/\1/p" | head -n 1
}
# What must be as it was after whatever was not admitted: entries, balances, and the bytes of the last leaf.
state() { { size; z pool show --json 2>/dev/null; z log show "$(($(size) - 1))"; } | sha256sum | cut -c 1-64; }

# --- a ledger ---
public() { z key show "$(key_file "$1")" | cut -d' ' -f1; }
new_key() { z key new "$(key_file "$1")" >/dev/null; }
grant() { # grant BY NAME UNIT ROLE [options]
  local by=$1 name=$2 unit=$3 role=$4
  shift 4
  [ -e "$(key_file "$name")" ] || new_key "$name"
  act "$by" "key grant" --key-name "$name" --public "$(public "$name")" --person "p-${name//\//-}" --unit "$unit" --role "$role" --jurisdictions all "$@"
}
sure() { # a step of the setting that must succeed; anything else ends the script
  local s=0
  "$@" >"$WORK/sure.out" 2>"$WORK/sure.err" || s=$?
  [ "$s" -eq 0 ] || { echo "not ok setting up: $* (exit $s)"; cat "$WORK/sure.out" "$WORK/sure.err"; exit 1; }
}
pool() { # pool ID JURISDICTION YEAR CLASS FEN [options]
  local id=$1 jurisdiction=$2 year=$3 class=$4 amount=$5
  shift 5
  act maker "pool open" --pool "$id" --jurisdiction "$jurisdiction" --year "$year" --class "$class" --rank 1 --document "样例财教〔$year〕1号" \
    --fund-nature 一般公共预算 --budget-unit 样例市科学技术局 --project 创新券兑付 --function-code 2060404 --gov-economic 50799 --dept-economic 31299 \
    --settle-mode 转账 --amount-fen "$amount" "$@"
}
holder() { # holder CODE JURISDICTION LABEL: an enterprise, and its key
  act issuer-2 "holder register" --holder "$1" --code "$1" --class enterprise --label "$3" --jurisdiction "$2" --eligible-from 2026-01-01 --eligible-to 2027-12-31 || return
  grant issuer-1 "holder/$1" "h-$1" holder --party "$1"
}
entrepreneur() { # entrepreneur ID JURISDICTION: without a code
  act issuer-2 "holder register" --holder "$1" --class entrepreneur --commitment "$(printf '%s' "$1" | sha256sum | cut -c 1-64)" --jurisdiction "$2" \
    --eligible-from 2026-01-01 --eligible-to 2027-12-31 || return
  grant issuer-1 "holder/$1" "h-$1" holder --party "$1"
}
provider() { # provider CODE LABEL: admitted, with its key and an account (its commitment; the account itself comes by import)
  act issuer-1 "provider admit" --provider "$1" --label "$2" --categories instrument,software-test,testing --eligible-from 2026-01-01 --eligible-to 2027-12-31 || return
  grant issuer-1 "provider/$1" "u-$1" provider --party "$1" || return
  two "provider/$1" issuer-1 "provider account" --provider "$1" --commitment "$(printf '%s' "$1" | sha256sum | cut -c 1-64)"
}
policy() { # policy NUMBER EFFECTIVE FILE
  two issuer-1 issuer-2 "policy publish" --number "$1" --effective "$2" --policy "$3"
}
allot() { # allot VOUCHER HOLDER FEN [options]
  local voucher=$1 whose=$2 amount=$3
  shift 3
  act issuer-1 "voucher allot" --voucher "$voucher" --holder "$whose" --year 2026 --amount-fen "$amount" --categories instrument,software-test,testing "$@"
}

# A ledger with keys of all roles, two enterprises in 330602 and 330681, an entrepreneur, three providers, pools and a policy. At 2 March 2026, so that accounts
# have cooled when batches are sealed. empty_ledger stops after the officers and the policy.
empty_ledger() {
  local key
  rm -rf "$L" "$KEYS"
  mkdir -p "$KEYS"
  at "2026-03-02 10:00"
  for key in root-1 root-2 root-3 finance-root log git service; do sure new_key $key; done
  for key in root-1 root-2 root-3; do echo "root $key p-$key bureau $KEYS/$key.pub"; done >"$WORK/keys.list"
  echo "finance-root finance-root p-finance-root finance $KEYS/finance-root.pub" >>"$WORK/keys.list"
  for key in log git service; do echo "$key $key p-machine ledger $KEYS/$key.pub"; done >>"$WORK/keys.list"
  GENESIS=$(z init --origin "$ORIGIN" --keys "$WORK/keys.list" --key "$KEYS/root-1" --threshold 2 2>"$WORK/sure.err") || { echo "not ok setting up: init"; cat "$WORK/sure.err"; exit 1; }
  mkdir -p "$L/keys"
  cp "$KEYS/log" "$KEYS/git" "$L/keys/"
  for key in issuer-1 issuer-2; do sure grant root-1 $key bureau issuer; done
  for key in reviewer-1 reviewer-2; do sure grant root-1 $key bureau reviewer; done
  for key in tax gateway; do sure grant root-1 $key $key attester; done
  sure grant finance-root maker finance maker
  sure grant finance-root maker-2 finance maker
  sure grant finance-root checker finance checker
  sure grant finance-root releaser finance releaser
  # The tests' own 2027 (see calendar_2027), for what is counted across the year's end.
  sed 's/^"calendars":{/&"2027":{"source":"invented","holidays":"2027-01-01,2027-01-04","workdays":"2027-01-09"},/' "$ROOT/ledger/policy/shaoxing-2026.json" >"$WORK/policy.json"
  sure policy 1 2026-01-01 "${POLICY:-$WORK/policy.json}"
}
new_ledger() { # made once in a script; every further call goes back to it
  if [ -d "$WORK/base" ]; then
    rm -rf "$L" "$KEYS"
    cp -a "$WORK/base/L" "$WORK/base/keys" "$WORK/"
    GENESIS=$(cat "$L/GENESIS")
    at "2026-03-20 10:00"
    return
  fi
  empty_ledger
  sure pool 330602-E 330602 2026 enterprise 100000000
  sure pool 330681-E 330681 2026 enterprise 100000000
  sure pool 330602-P 330602 2026 entrepreneur 100000000
  sure holder $H1 330602 样例甲公司
  sure holder $H81 330681 样例乙公司
  sure entrepreneur E-0001 330602
  sure provider $P1 样例大学
  sure provider $P2 样例研究院
  sure provider $P3 样例检测中心
  sure allot V-1 $H1 20000000
  sure allot V-81 $H81 20000000
  sure allot V-E E-0001 10000000
  mkdir "$WORK/base"
  cp -a "$L" "$KEYS" "$WORK/base/"
  at "2026-03-20 10:00"
}

# --- redemptions ---
# order ID FEN [options]: by provider 1 from voucher 1, the holder paying the same again, under a contract of its own. KEY=… changes who signs.
order() {
  local id=$1 amount=$2
  shift 2
  act "${KEY:-provider/$P1}" "redeem order" --order "$id" --voucher V-1 --holder $H1 --provider $P1 --category testing --purpose material --amount-fen "$amount" \
    --own-share-fen "$amount" --contract "HT-$id" --contract-fen $((2 * amount)) --contract-date 2026-03-03 --affiliation none --statutory false \
    --other-funding-fen 0 "$@"
}
# invoice N: the 20-digit number of our N-th invoice
invoice() { printf '2633%016d' "$1"; }
# capture ITEM ORDER FEN INVOICE [options]
capture() {
  local item=$1 order=$2 amount=$3 number=$4
  shift 4
  act "${KEY:-provider/$P1}" "redeem capture" --item "$item" --order "$order" --amount-fen "$amount" --own-share-fen "$amount" --final true --done "${NOW%% *}" \
    --result-sha256 "$HASH" --invoice "$number" --invoice-fen $((2 * amount)) --invoice-part-fen $((2 * amount)) --invoice-date "${NOW%% *}" --seller $P1 \
    --buyer $H1 "$@"
}
fact() { # fact WORD SUBJECT VALUE [options], said by the tax office's key
  local kind=$1 subject=$2 said=$3
  shift 3
  act tax "fact attest" --fact "$kind" --subject "$subject" --value "$said" "$@"
}
# cleared ORDER FEN INVOICE: every outside word that lets a capture be paid
cleared() {
  act gateway "fact attest" --fact consent --subject "$1" --value gateway >/dev/null &&
    fact own-share "$1" transfer --amount-fen "$2" >/dev/null && fact invoice-check "$3" ok >/dev/null
}
# service ITEM ORDER FEN INVOICE [options of the order]: ordered, captured and cleared; wants what the plain way is. PROVIDER, HOLDER, VOUCHER change the parties.
service() {
  local item=$1 order=$2 amount=$3 number=$4 provider=${PROVIDER:-$P1} whose=${HOLDER:-$H1} voucher=${VOUCHER:-V-1}
  KEY=provider/$provider sure order "$order" "$amount" --provider "$provider" --holder "$whose" --voucher "$voucher"
  KEY=provider/$provider sure capture "$item" "$order" "$amount" "$number" --seller "$provider" --buyer "${BUYER:-$whose}"
  sure cleared "$order" "$amount" "$number"
}

# --- settlement ---
# The product has no calendar of 2027 yet; tests bring their own, where Monday 4 January is a holiday. Seals take it by --data "$WORK/data".
calendar_2027() {
  cp -a "$ROOT/ledger/settle/data" "$WORK/"
  printf '{"format":"zhidui-calendar","v":1,"year":2027,"source":"invented","holidays":["2027-01-01","2027-01-04"],"workdays":["2027-01-09"]}' >"$WORK/data/calendar/2027.json"
}
sweep() { act service sweep --up-to "$(date -u -d "${NOW%% *} 00:00 +0800" +%Y-%m-%dT%H:%M:%SZ)"; }
seal() { # seal BATCH POOL EXECUTION [options]
  local batch=$1 pool=$2 execution=$3
  shift 3
  act maker "settle seal" --batch "$batch" --pool "$pool" --cutoff "$(size)" --execution "$execution" "$@"
}
approve() { act "${KEY:-checker}" "settle approve" --batch "$1" --seal-sha256 "$(value settle "$1" seal_sha256)"; }
release() { act "${KEY:-releaser}" "settle release" --batch "$1" --count "$2" --total-fen "$3"; }
ack() { act maker "settle answer" --batch "$1" --provider "$2" --answer "$3" --evidence-sha256 "$HASH"; }
# pay BATCH POOL EXECUTION COUNT FEN PROVIDER...: sealed, approved, released, and answered as paid
pay() {
  local batch=$1 pool=$2 execution=$3 count=$4 total=$5 provider
  shift 5
  sure seal "$batch" "$pool" "$execution"
  sure approve "$batch"
  sure release "$batch" "$count" "$total"
  for provider in "$@"; do
    sure ack "$batch" "$provider" debited
    sure ack "$batch" "$provider" paid
  done
}

# --- files ---
# Accounts enter by a file of the bureau, are confirmed by a second officer, and are private: the log has a commitment. Then batches can be exported.
payer() {
  cat >"$L/config.json" <<'J'
{"payer":{"name":"样例市财政局","code":"11330600X00000001A","account":"1211012009200099999","bank_name":"样例银行样例支行","bank_code":"313337009004","purpose":"创新券兑付","contact":"0575-00000000"}}
J
}
second_entry() { # second_entry SEQ SECOND-KEY: confirms the proposal that is entry SEQ
  z log show "$1" | tail -n +2 >"$WORK/proposal.note" && z second "$WORK/proposal.note" --key "$(key_file "$2")" --json
}
accounts() {
  cat >"$WORK/accounts.csv" <<C
编号,服务机构代码,户名,账号,开户银行,行号
A-1,$P1,样例大学,1211012009200012345,样例银行越州分行,313337009004
A-2,$P2,样例研究院,6217000000000000004,样例信用社,402331000007
A-3,$P3,样例检测中心,80110120,样例银行,102100099996
C
  local first
  first=$(size)
  z import account "$WORK/accounts.csv" --key "$KEYS/issuer-1" --json >/dev/null && second_entry "$first" issuer-2 >/dev/null
}

# verified: what was done up to here is published, and the verifier, which shares nothing with the ledger's store, agrees with every decision in a clone.
ZHIDUI_AUDIT=${ZHIDUI_AUDIT:-$ROOT/build/zhidui-audit}
verified() {
  if [ ! -x "$ZHIDUI_AUDIT" ]; then wrong "no program at $ZHIDUI_AUDIT"; return; fi
  run z log publish
  [ "$status" -eq 0 ] || wrong "publish: exit $status: $(tail -n 2 "$err")"
  rm -rf "$WORK/verify"
  git clone -q "$L/audit.git" "$WORK/verify" 2>"$err" || wrong "clone: $(cat "$err")"
  run "$ZHIDUI_AUDIT" verify "$WORK/verify" --genesis "$GENESIS"
  [ "$status" -eq 0 ] || wrong "zhidui-audit: exit $status: $(head -c 700 "$out") $(tail -n 2 "$err")"
}
