# Sourced by scripts of tests/cli: two outsiders over every commit of a repository. Uses `wrong` and $WORK of the script, and $WORK/tlogcheck (go_tool tlogcheck).

vkey_of() { git -C "$1" cat-file blob "$2:keys/policy" | sed -n 's/^log \([^ ]*\).*$/\1/p' | head -n 1; } # vkey_of REPO COMMIT

# at_every_commit REPO DIR: unpacks each commit's tree into DIR in turn. $visited: how many. What signs a commit is named by the tree of its parent; the first names itself.
at_every_commit() {
  local repo=$1 tree=$2 commit parent=
  visited=0
  for commit in $(git -C "$repo" rev-list --reverse main); do
    rm -rf "$tree"
    mkdir -p "$tree"
    git -C "$repo" archive "$commit" | tar -xm -C "$tree" || wrong "$commit cannot be unpacked"
    git -C "$repo" cat-file blob "${parent:-$commit}:keys/allowed_signers" >"$WORK/signers"
    if ! git -C "$repo" -c gpg.format=ssh -c gpg.ssh.allowedSignersFile="$WORK/signers" verify-commit "$commit" >"$WORK/git.out" 2>&1; then
      # A key that the roots put in the place of another is named by the commit that publishes it, when the old one had ended before.
      git -C "$repo" cat-file blob "$commit:keys/allowed_signers" >"$WORK/signers"
      git -C "$repo" -c gpg.format=ssh -c gpg.ssh.allowedSignersFile="$WORK/signers" verify-commit "$commit" >"$WORK/git.out" 2>&1 || wrong "git, $commit: $(tail -n 1 "$WORK/git.out")"
    fi
    [ "$(git -C "$repo" log -1 --format=%B "$commit" | tail -n +3)" = "$(cat "$tree/checkpoint")" ] || wrong "$commit: its message is not its checkpoint"
    "$WORK/tlogcheck" log "$tree" "$(vkey_of "$repo" "$commit")" >"$WORK/go.out" 2>&1 || wrong "Go, $commit: $(tail -n 1 "$WORK/go.out")"
    parent=$commit
    visited=$((visited + 1))
  done
}
