
# --- wget ---
# The last field of a row is the address without the server's: it ends in the path, so that one wget for many addresses
# puts each file at its place. The token is for addresses of the server alone, in a file
# that only its owner can read, until wget has read it: wget takes settings from no pipe.

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
  cut=$(printf '%s\n' "$server" | awk -F / '{ print NF - 3 + 5 }')
}

# The settings of the next wget: for files of exclusive access with the token, which no redirect gets.
write_settings() {
  config=$scratch/public
  [ $access = x ] || return 0
  config=$scratch/exclusive
  (
    umask 077
    cat "$scratch/public" - >"$config" <<EOF
max_redirect = 0
header = Authorization: Bearer $token
EOF
  )
}

# A wget that has begun its log has read its settings. Waits for that up to five seconds.
forget_token() {
  [ $access = x ] || return 0
  i=0
  for log; do
    while [ ! -e "$log" ] && [ $i -lt 50 ]; do
      i=$((i + 1))
      sleep 0.1 2>/dev/null || sleep 1
    done
  done
  rm -f "$scratch/exclusive"
}

# Only of a file whose size is known a later look tells whether it came whole; the others are fetched one by one. So are
# those with "%" in their names, which wget decodes twice. A file without a checksum has to come in one piece: wget
# continues without asking whether it is still the same version.
fetch() {
  : >"$scratch/log"
  for access in - x; do
    rm -f "$scratch"/list.* "$scratch"/whole.* "$scratch/alone"
    awk -F "$tab" -v access=$access -v server="$server" -v hasher="$hasher" -v to="$scratch" '
      $3 != access { next }
      $1 == "-" || $4 ~ /%/ { print > (to "/alone"); next }
      $2 == "-" || hasher == "" { print server $5 > (to "/whole." w++ % 4); next }
      { print server $5 > (to "/list." n++ % 4) }
    ' "$scratch/todo"
    fetch_lists -c "$scratch"/list.?
    fetch_lists --tries=1 "$scratch"/whole.?
    [ ! -e "$scratch/alone" ] || fetch_alone <"$scratch/alone"
  done
}

# One wget for each list, with the option $1.
fetch_lists() {
  option=$1
  shift
  [ -e "$1" ] || return 0
  write_settings
  fetching=''
  for list; do
    wget --config="$config" -nv -o "$list.log" "$option" -x -nH --cut-dirs="$cut" -P .skybasket/part -i "$list" \
      </dev/null &
    fetches $!
  done
  for list; do
    shift
    set -- "$@" "$list.log"
  done
  forget_token "$@"
  wait
  cat "$@" >>"$scratch/log"
}

fetch_alone() {
  while IFS="$tab" read -r _ _ _ file address; do
    part=.skybasket/part/$file
    mkdir -p "${part%/*}"
    rm -f "$scratch/answer"
    write_settings
    wget --config="$config" --tries=1 -nv -S -o "$scratch/answer" -O "$part.new" "$server$address" </dev/null &
    fetches $!
    forget_token "$scratch/answer"
    if wait $! && ! is_other; then
      mv -f "$part.new" "$part"
    else
      rm -f "$part.new"
      cat "$scratch/answer" >>"$scratch/log"
    fi
  done
}

# Whether something else came in the place of the file: a web page, a piece, nothing, or a compressed form of it.
is_other() {
  awk -v file="$file" '
    { key = tolower($1) }
    key ~ /^http\// { code = $2; type = form = "" }
    key == "content-type:" { type = tolower($2) }
    key == "content-encoding:" { form = tolower($2) }
    END {
      page = (type ~ /^(text\/html|application\/xhtml)/ && tolower(file) !~ /\.(html?|xhtml)$/)
      exit !(page || code != 200 || (form != "" && form != "identity"))
    }
  ' "$scratch/answer"
}

# The errors that servers answered in the last round, one a line, if they match $1.
answered() { sed -n 's/.* ERROR \([0-9][0-9][0-9]\).*/\1/p' "$scratch/log" | grep -e "$1"; }
