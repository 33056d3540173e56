
# --- aws ---
# The last fields of a row are where the file is (s3://bucket/key), and the endpoint and the region, or "-" for AWS's own.
# The program fetches one file at a time, under another name until it is complete; four of them work at once.

prepare() { :; }

fetch() {
  : >"$scratch/log"
  rm -f "$scratch"/list.*
  awk -v to="$scratch" '{ print > (to "/list." n++ % 4) }' "$scratch/todo"
  for list in "$scratch"/list.?; do
    [ -e "$list" ] || continue
    fetch_each <"$list" 2>>"$scratch/log" &
    fetches $!
  done
  wait
}

fetch_each() {
  running=''
  # shellcheck disable=SC2064 # the trap of a process of its own
  trap '[ -z "$running" ] || kill $running; exit 1' INT TERM HUP
  while IFS="$tab" read -r _ _ _ file url endpoint region; do
    set -- --no-sign-request --only-show-errors
    [ "$endpoint" = - ] || set -- "$@" --endpoint-url "$endpoint"
    [ "$region" = - ] || set -- "$@" --region "$region"
    aws s3 cp "$@" "$url" ".skybasket/part/$file" </dev/null >/dev/null &
    running=$!
    wait $running
  done
}

# The errors that servers answered in the last round, one a line, if they match $1.
answered() { sed -n 's/.*An error occurred (\([0-9][0-9][0-9]\)).*/\1/p' "$scratch/log" | grep -e "$1"; }
