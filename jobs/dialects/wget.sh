
# --- wget ---
# The last field of a row is the address without the server's: it ends in the path, so that one wget for many addresses
# puts each file at its place. The token is in a file that only its owner can read, for addresses of the server alone.

prepare() {
  case $(wget --version 2>/dev/null) in
    'GNU Wget 1.'*) ;;
    *) refuse 'This script needs GNU wget 1. Take the shell script instead: it needs only curl.' ;;
  esac
  token=${SKYBASKET_TOKEN-}
  unset SKYBASKET_TOKEN
  case $token in
    *[!A-Za-z0-9._~+/=-]*) refuse 'SKYBASKET_TOKEN is not a token: it holds a character that no token has.' ;;
  esac
  if [ -z "$token" ] && awk -F "$tab" '$3 == "x" { n = 1 } END { exit !n }' "$1"; then
    awk -F "$tab" '$3 == "x" { n++; if (n <= 20) print "  " $4 } END { if (n > 20) print "  and " n - 20 " more" }' "$1" >&2
    refuse 'These files are of exclusive access. Put your token into the environment variable SKYBASKET_TOKEN.'
  fi
  cat >"$scratch/public" <<EOF
tries = 5
waitretry = 10
timeout = 60
retry_connrefused = on
restrict_file_names = nocontrol
user_agent = skybasket-wget
EOF
  if wget --help | grep -q -e --retry-on-http-error; then
    printf 'retry_on_http_error = 408,425,429,500,502,503,504\n' >>"$scratch/public"
  fi
  (
    umask 077
    cat "$scratch/public" - >"$scratch/exclusive" <<EOF
max_redirect = 0
header = Authorization: Bearer $token
EOF
  )
  cut=$(printf '%s\n' "$server" | awk -F / '{ print NF - 3 + 5 }')
}

# Only of a file whose size is known a later look tells whether it came whole; the others are fetched one by one. So are
# those with "%" in their names, which wget decodes twice.
fetch() {
  : >"$scratch/log"
  for access in - x; do
    config=$scratch/public
    [ $access = - ] || config=$scratch/exclusive
    rm -f "$scratch"/list.* "$scratch/alone"
    awk -F "$tab" -v access=$access -v server="$server" -v to="$scratch" '
      $3 != access { next }
      $1 == "-" || $4 ~ /%/ { print > (to "/alone"); next }
      { print server $5 > (to "/list." n++ % 4) }
    ' "$scratch/todo"
    fetching=''
    for list in "$scratch"/list.?; do
      [ -e "$list" ] || continue
      wget --config="$config" -nv -a "$scratch/log" -c -x -nH --cut-dirs="$cut" -P .skybasket/part -i "$list" </dev/null &
      fetches $!
    done
    wait
    [ ! -e "$scratch/alone" ] || fetch_alone <"$scratch/alone"
  done
}

fetch_alone() {
  while IFS="$tab" read -r _ _ _ file address; do
    part=.skybasket/part/$file
    mkdir -p "${part%/*}"
    wget --config="$config" -nv -S -O "$part.new" "$server$address" >"$scratch/answer" 2>&1 </dev/null &
    fetches $!
    if wait $! && ! is_page; then
      mv -f "$part.new" "$part"
    else
      rm -f "$part.new"
      cat "$scratch/answer" >>"$scratch/log"
    fi
  done
}

# Whether a web page came in the place of the file.
is_page() {
  case $file in
    *.[hH][tT][mM] | *.[hH][tT][mM][lL]) return 1 ;;
  esac
  awk 'tolower($1) == "content-type:" { type = tolower($2) } END { exit type !~ /^text\/html/ }' "$scratch/answer"
}

# The errors that servers answered in the last round, one a line, if they match $1.
answered() { sed -n 's/.* ERROR \([0-9][0-9][0-9]\).*/\1/p' "$scratch/log" | grep -e "$1"; }
