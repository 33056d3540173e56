# Needs a POSIX shell, curl 7.61 or later, awk, stat, and xargs with -0; for checksums openssl, sha256sum or shasum.
# Files arrive below .skybasket/part/ and are moved to their place once their size and SHA-256 are right.
#
# Lists are files of lines with tabs between the fields:
# They are emptied by the shell and only appended to by awk, because ">" in a second awk would empty them again.
#   rows     number, size or "-", SHA-256 or "-", "x" or "-", path, query      (1 to 6)
#   todo     + attempts that brought nothing, size after the last one, wrong answers   (7 to 9)
#   fetch    + size of the part to continue, files of its folder if that comes as a whole, "alone" or "-"   (10 to 12)
#   batch    + HTTP status, curl's exit code or "?", "html", "mixed" or "-"   (13 to 15)
#   settled  rows + word, detail   (7 and 8)
# Beside a part without a checksum, .skybasket/tag/ has what tells of which version it is: "version=..." as in its
# address, or what If-Range may name.

if [ -n "${ZSH_VERSION-}" ]; then emulate sh; fi
set -u
LC_ALL=C
export LC_ALL
unset CDPATH
trap 'echo "This script is not complete. Download it again." >&2; exit 2' EXIT # until main begins
tab=$(printf '\t')
last=$(printf '\377') # sorts after all paths
: "${name:?}" "${server:?}"

usage() {
  cat <<EOF
Usage: sh $name.sh [--dest DIR] [--jobs N] [--retries N] [--flat] [--retry-failed]
       [--token-file FILE] [--list | --dry-run | --verify | --help]

Fetches the files of $name. Run it again to go on: what is there and right is not asked for again.

  --dest DIR         where the files go (default: $name)
  --jobs N           fetch N files at once, 1 to 32 (default: 4)
  --retries N        give up on a file after N attempts that bring nothing, 1 to 99 (default: 6)
  --flat             no folders; a file whose name is not the only one of its kind keeps its whole path
  --retry-failed     fetch only what DIR/receipt.csv calls Failed, Missing or Not authorised, or does not name,
                     and what is gone or has another size since; no file is read
  --token-file FILE  where your token is (default: ~/.config/skybasket/token)
  --list             print size and path of each file, and do nothing else
  --dry-run          say what would be fetched and whether there is space, and change nothing
  --verify           say what is missing or damaged in DIR, and change nothing
  --help             print this

For files of exclusive access a token is needed: from the environment variable SKYBASKET_TOKEN, from the file,
from ~/.netrc (the password for this server), or typed in when asked. Nobody but you may be able to read the files.
What happened to each file is written to DIR/receipt.csv and DIR/MANIFEST.HTML.
Exit codes: 0 all there, 1 some failed, 2 wrong use or no right to a file, 3 no space.
EOF
}

main() {
  trap - EXIT
  unset token # else it might be exported
  token=${SKYBASKET_TOKEN-}
  unset SKYBASKET_TOKEN
  dest=$name jobs=4 retries=6 mode=fetch flat='' retry_failed='' token_file='' scratch='' locked='' echoing=''
  options "$@"
  if [ "$mode" = list ]; then
    rows | cut -f 2,5
    exit 0
  fi
  choose_tools
  open_folder
  if [ "$mode" != verify ]; then remember; fi
  look_at_what_is_there
  if [ "$mode" = verify ]; then report_verify; fi
  need_space
  if [ "$mode" = dry-run ]; then report_dry_run; fi
  find_token
  if [ -n "$short" ]; then
    say "There is no space: $shown needs $needed bytes more and has $free free."
    finish 3
  fi
  fetch_all
  report
}

# The files of the table, with the paths that they are to have here.
rows() {
  table | awk -F "$tab" -v OFS="$tab" -v flat="$flat" '
    flat != "" && $5 == "f" { sub(/.*\//, "", $4) }
    { print NR, $1, $2, $3, $4, $6 }
  '
}

say() { printf '%s\n' "$*" >&2; }

refuse() {
  say "$*"
  finish 2
}

finish() {
  if [ -n "$echoing" ]; then stty "$echoing" </dev/tty; fi
  if [ -n "$scratch" ]; then rm -rf "$scratch" 2>/dev/null; fi
  if [ -n "$locked" ]; then rm -f .skybasket/run; fi
  exit "$1"
}

# shellcheck disable=SC2317 # called by traps
stopped() {
  trap '' INT TERM HUP
  if [ -n "$locked" ]; then
    stop_curl "$scratch"
    say 'Stopped. What has arrived is kept: run the script again to go on.'
  fi
  finish "$1"
}

options() {
  while [ $# -gt 0 ]; do
    case $1 in
      --dest | --jobs | --retries | --token-file)
        [ $# -gt 1 ] || refuse "$1 needs a value. See --help."
        option=$1 value=$2
        shift
        ;;
      --dest=* | --jobs=* | --retries=* | --token-file=*) option=${1%%=*} value=${1#*=} ;;
      *) option=$1 value='' ;;
    esac
    shift
    case $option in
      --dest) dest=$value ;;
      --jobs) jobs=$value ;;
      --retries) retries=$value ;;
      --token-file)
        [ -n "$value" ] || refuse '--token-file needs the name of a file.'
        token_file=$value
        ;;
      --flat) flat=yes ;;
      --retry-failed) retry_failed=yes ;;
      --list | --dry-run | --verify) mode=${option#--} ;;
      --help | -h)
        usage
        exit 0
        ;;
      *) refuse "$option is not an option of this script. See --help." ;;
    esac
  done
  is_number "$jobs" 32 || refuse '--jobs needs a number from 1 to 32.'
  is_number "$retries" 99 || refuse '--retries needs a number from 1 to 99.'
  shown=$dest
  case $dest in
    '') refuse '--dest needs the name of a folder.' ;;
    /*) ;;
    *) dest=./$dest ;;
  esac
}

is_number() {
  case $1 in
    '' | *[!0-9]* | 0* | ???*) return 1 ;;
  esac
  [ "$1" -le "$2" ]
}

# --- the tools of this machine ---

choose_tools() {
  for tool in curl awk stat xargs; do
    command -v "$tool" >/dev/null 2>&1 || refuse "This script needs $tool, which is not installed here."
  done
  if stat -L -c %s / >/dev/null 2>&1; then
    stat_option=-c stat_format=%f/%s/%n # GNU, busybox
  else
    stat_option=-f stat_format=%Xp/%z/%N # BSD, macOS
  fi
  # The first that knows the right answer; openssl is the fastest.
  for hasher in 'openssl dgst -sha256 -r' 'sha256sum' 'shasum -a 256' ''; do
    [ -n "$hasher" ] || break
    # shellcheck disable=SC2086 # a command and its options
    case $(printf skybasket | $hasher 2>/dev/null) in
      35d536e4d839aff864209b09f085a98433a5440cd91d207c511a8d34d250e449*) break ;;
    esac
  done
  [ -n "$hasher" ] || say 'There is no tool for SHA-256 here (openssl, sha256sum or shasum): only sizes are checked.'
  curl_version=$(curl -q --version | awk 'NR == 1 { split($2, v, "."); print v[1] * 1000 + v[2] }')
  [ "${curl_version:-0}" -ge 7061 ] || refuse 'This script needs curl 7.61 or later.'
  if sleep 0.01 2>/dev/null; then short_nap=0.05 long_nap=0.2; else short_nap=1 long_nap=1; fi
}

# Paths in; "mode in hex/size/path" out, for those that exist. A regular file's mode starts with 8.
look() { tr '\n' '\0' | xargs -0 stat -L "$stat_option" "$stat_format" 2>/dev/null; }

# Paths in; "SHA-256, two characters, path" out.
hashes() {
  # shellcheck disable=SC2086 # a command and its options
  tr '\n' '\0' | xargs -0 $hasher 2>/dev/null
}

# The parts that a list names, after what is noted of their versions.
drop() {
  [ -s "$1" ] || return 0
  awk '{ tag = $0; sub(/^\.skybasket\/part/, ".skybasket/tag", tag); print tag; print }' "$1" |
    tr '\n' '\0' | xargs -0 rm -f
}

parts_of() { awk -F "$tab" '{ print ".skybasket/part/" $5 }' "$1"; }

# A signal ends this wait at once, which it would not do with a plain sleep.
wait_for() {
  sleep "$1" &
  wait $!
}

# For awk: the URI of a query, in one line.
uri_of='
  BEGIN { for (i = 32; i < 256; i++) if (i != 127) character[sprintf("%%%02X", i)] = sprintf("%c", i) }
  function uri(query, text, at, code) {
    sub(/^uri=/, "", query)
    sub(/&version=.*/, "", query)
    text = ""
    while ((at = index(query, "%")) > 0) {
      code = substr(query, at, 3)
      text = text substr(query, 1, at - 1) (code in character ? character[code] : code)
      query = substr(query, at + 3)
    }
    return text query
  }
'

# --- the folder ---

open_folder() {
  trap 'stopped 130' INT
  trap 'stopped 143' TERM
  trap 'stopped 129' HUP
  started=$PWD
  if [ "$mode" = fetch ]; then
    if ! { mkdir -p "$dest" && cd "$dest"; } 2>/dev/null; then refuse "The folder $shown cannot be written to."; fi
    for own in .skybasket .skybasket/part .skybasket/tag .skybasket/run; do
      if [ -L $own ] || [ -p $own ]; then
        refuse "$shown/$own is not what this script left there. Delete it and try again."
      fi
    done
    # What is neither file nor folder was put there by others: through a link we would write elsewhere.
    if [ -d .skybasket ]; then find .skybasket ! -type f ! -type d -exec rm -f {} + 2>/dev/null; fi
    if ! { mkdir -p .skybasket/part && [ -w . ]; } 2>/dev/null; then
      refuse "The folder $shown cannot be written to."
    fi
    if [ -d receipt.csv ] || [ -d MANIFEST.HTML ]; then
      refuse "In $shown receipt.csv and MANIFEST.HTML have to be files, or not there."
    fi
    lock_folder
    scratch=.skybasket/tmp.$$
    mkdir "$scratch" || refuse "The folder $shown cannot be written to."
  else
    scratch=$(cd "${TMPDIR:-/tmp}" && mktemp -d "$PWD/skybasket.XXXXXX") ||
      refuse 'There is no place for temporary files.'
    above=$dest
    if [ "$mode" = dry-run ]; then
      until [ -d "$above/." ]; do above=${above%/*}; done
    fi
    free=$(free_in "$above/.")
    if [ "$above" = "$dest" ]; then
      cd "$dest" 2>/dev/null || refuse "There is no folder $shown to verify."
    else
      { mkdir "$scratch/none" && cd "$scratch/none"; } || refuse 'There is no place for temporary files.'
    fi
  fi
  rows >"$scratch/rows"
  total=$(awk 'END { print NR }' "$scratch/rows")
  [ "$total" = "${files:?}" ] || no_space_for_lists
  wanted=$scratch/rows
  for list in settled todo why doubtful unlisted found; do : >"$scratch/$list"; done
}

# The lists are cut short then, and nothing that they say is sure.
no_space_for_lists() {
  if [ "$mode" = fetch ]; then
    say "There is no space left in $shown. Make room and run the script again: it goes on where it was."
  else
    say "There is no space for lists in ${TMPDIR:-/tmp}. Make room, or set TMPDIR to another folder, and try again."
  fi
  finish 3
}

# In bytes; empty if nobody knows. Both the first and the last column may have spaces in it.
free_in() {
  df -Pk "$1" 2>/dev/null | awk '
    NR == 2 { for (i = NF; i > 1; i--) if ($i ~ /^[0-9]+%$/) { printf "%.0f", $(i - 1) * 1024; exit } }'
}

# One run at a time in a folder. A run that was killed leaves its lock, its lists, and perhaps its curl; each run has
# its own place for lists, so that what is left of another one finds none of ours.
lock_folder() {
  here=$(uname -n)
  if ! write_lock; then
    read -r process host <.skybasket/run || process='' host=''
    case $process in *[!0-9]*) process='' ;; esac
    case $host in *[!A-Za-z0-9._-]*) host='another machine' ;; esac
    if [ "$host" != "$here" ] && [ -n "$host" ]; then
      refuse "A run on $host fills $shown. If there is none, delete $shown/.skybasket/run and try again."
    fi
    if is_running "$process" || ! { rm -f .skybasket/run && write_lock; }; then
      refuse "Process $process fills $shown already. If it does not, delete $shown/.skybasket/run and try again."
    fi
  fi
  locked=yes
  for old in .skybasket/tmp.*; do
    if [ -d "$old" ]; then
      stop_curl "$old"
      rm -rf "$old" 2>/dev/null
    fi
  done
}

write_lock() {
  (
    set -C
    printf '%s %s\n' "$$" "$here" >.skybasket/run
  ) 2>/dev/null
}

# Our own number is of an earlier run in another container.
is_running() {
  [ -n "$1" ] && [ "$1" != $$ ] && { kill -0 "$1" 2>/dev/null || [ -d "/proc/$1" ]; }
}

stop_curl() {
  [ -s "$1/curl" ] && read -r process <"$1/curl" || return 0
  case $(ps -o comm= -p "$process" 2>/dev/null || cat "/proc/$process/comm" 2>/dev/null) in
    *curl*) kill "$process" 2>/dev/null ;;
  esac
  i=0
  while kill -0 "$process" 2>/dev/null && [ $i -lt 50 ]; do
    i=$((i + 1))
    sleep "$long_nap"
  done
  rm -f "$1/curl"
}

# Of the receipt of an earlier run: what is there but not in this table, and what --retry-failed leaves alone.
remember() {
  [ -f receipt.csv ] || return 0
  awk -v OFS="$tab" '
    function field(  value, at) {
      if (rest !~ /^"/) {
        at = index(rest ",", ",")
        value = substr(rest, 1, at - 1)
        rest = substr(rest, at + 1)
        return value
      }
      rest = substr(rest, 2)
      value = ""
      while ((at = index(rest, "\"")) > 0) {
        value = value substr(rest, 1, at - 1)
        rest = substr(rest, at + 1)
        if (rest !~ /^"/) break
        value = value "\""
        rest = substr(rest, 2)
      }
      rest = substr(rest, 2)
      return value
    }
    { sub(/\r$/, ""); gsub(/\t/, "%09") }
    { line = (within ? line "%0A" : "") $0; within = (gsub(/"/, "\"", line) % 2 && length(line) < 100000) }
    within { next }
    { rest = line; file = field(); uri = field(); bytes = field(); sum = field(); word = field(); detail = field() }
    { sub(/^\.\//, "", file) }
    gsub(/%/, "%25", uri) + gsub(/&/, "%26", uri) >= 0 && word != "" && word != "result" {
      print "-", (bytes == "" ? "-" : bytes), (sum == "" ? "-" : sum), "-", file, "uri=" uri, word, detail
    }
  ' receipt.csv >"$scratch/old"
  awk -F "$tab" -v OFS="$tab" -v retry_failed="$retry_failed" -v to="$scratch" '
    FILENAME == ARGV[1] { row[$5] = $0; next }
    ($5 in row) && !/\t(OK|Resumed|Already had it|OK, size only)\t[^\t]*$/ { bad[$5] }
    seen[$5]++ { next }
    !($5 in row) { if ($5 !~ /^[-\/]|^$|(^|\/)\.\.(\/|$)/) print >> (to "/unlisted"); next }
    retry_failed != "" && /\t(OK|Resumed|Already had it|OK, size only)\t[^\t]*$/ {
      split(row[$5], f, FS)
      if (f[3] == $3 && (f[2] == "-" || f[2] == $2)) {
        kept[$5] = f[1] OFS $2 OFS f[3] OFS f[4] OFS f[5] OFS f[6] OFS $7 OFS $8
      }
    }
    END {
      for (file in bad) delete kept[file]
      for (file in kept) print kept[file] >> (to "/kept")
    }
  ' "$scratch/rows" "$scratch/old"
  if [ -n "$retry_failed" ]; then
    : >>"$scratch/kept"
    cut -f 5 "$scratch/kept" | look >"$scratch/found"
    awk -F "$tab" -v to="$scratch" '
      FILENAME == ARGV[1] { split($0, f, "/"); if (/^8/) size[substr($0, length(f[1] f[2]) + 3)] = f[2]; next }
      FILENAME == ARGV[2] {
        if (($5 in size) && ($2 == "-" || size[$5] + 0 == $2 + 0)) { there[$5]; print >> (to "/settled") }
        next
      }
      !($5 in there)
    ' "$scratch/found" "$scratch/kept" "$scratch/rows" >"$scratch/wanted"
    wanted=$scratch/wanted
  fi
  if [ -s "$scratch/unlisted" ]; then
    mv "$scratch/unlisted" "$scratch/old"
    cut -f 5 "$scratch/old" | look >"$scratch/found"
    awk -F "$tab" -v OFS="$tab" '
      FILENAME == ARGV[1] { split($0, f, "/"); if (/^8/) there[substr($0, length(f[1] f[2]) + 3)]; next }
      $5 in there { print $1, $2, $3, $4, $5, $6, "No longer listed", "" }
    ' "$scratch/found" "$scratch/old" >"$scratch/unlisted"
    awk -F "$tab" '
      { gsub(/[\001-\037\177]/, " ", $5); if (NR <= 20) print $7 ": " $5 " (kept)" }
      END { if (NR > 20) print $7 ": and " NR - 20 " more, as receipt.csv says (kept)" }
    ' "$scratch/unlisted"
  fi
}

# Sorts rows into todo and what is settled: there and right, or in the way.
look_at_what_is_there() {
  longest=$(getconf NAME_MAX . 2>/dev/null)
  case $longest in '' | *[!0-9]*) longest=255 ;; esac
  {
    cut -f 5 "$wanted"
    awk -F "$tab" '{ while (sub(/\/[^\/]*$/, "", $5) && !seen[$5]++) print $5 }' "$wanted"
  } | look >"$scratch/found"
  awk -F "$tab" -v OFS="$tab" -v hasher="$hasher" -v longest="$longest" -v to="$scratch" '
    function too_long(file, f, n) {
      n = split(file, f, "/")
      for (; n > 0; n--) if (length(f[n]) > longest) return 1
      return 0
    }
    # Whether it, or what should be a folder above it, is something else.
    function blocked(file) {
      if (file in mode) return mode[file] !~ /^8/
      while (sub(/\/[^\/]*$/, "", file)) if (file in mode) return mode[file] !~ /^4/
      return 0
    }
    FILENAME == ARGV[1] {
      split($0, f, "/")
      file = substr($0, length(f[1] f[2]) + 3)
      mode[file] = f[1]
      size[file] = f[2]
      next
    }
    length($5) > longest && too_long($5) { print $0, "Failed", "its path is too long here" >> (to "/settled"); next }
    !($5 in mode) { why = "missing"; wrong = 1 }
    blocked($5) { print $0, "Failed", "something else has its name" >> (to "/settled"); next }
    ($5 in mode) { why = "its size is wrong"; wrong = ($2 != "-" && $2 + 0 != size[$5] + 0) }
    wrong { print $0, 0, 0, 0 >> (to "/todo"); print $1, why >> (to "/why"); next }
    $3 != "-" && hasher != "" { print >> (to "/doubtful"); next }
    { print $1, size[$5], $3, $4, $5, $6, "Already had it", "size only" >> (to "/settled") }
  ' "$scratch/found" "$wanted"
  if [ -s "$scratch/doubtful" ]; then
    cut -f 5 "$scratch/doubtful" | hashes >"$scratch/hashed"
    awk -F "$tab" -v OFS="$tab" -v to="$scratch" '
      FILENAME == ARGV[1] { hash[substr($0, 67)] = substr($0, 1, 64); next }
      hash[$5] == $3 { print $0, "Already had it", "" >> (to "/settled"); next }
      { print $0, 0, 0, 0 >> (to "/todo"); print $1, "its checksum is wrong" >> (to "/why") }
    ' "$scratch/hashed" "$scratch/doubtful"
    sort -n "$scratch/todo" >"$scratch/sorted" && mv "$scratch/sorted" "$scratch/todo"
  fi
}

# What is still needed and what there is, in bytes. By awk: a shell may count in 32 bits.
need_space() {
  : >"$scratch/found"
  began=''
  if [ -n "$(find .skybasket/part -type f 2>/dev/null)" ]; then
    began=yes
    parts_of "$scratch/todo" | look >"$scratch/found"
  fi
  needed=$(awk -F "$tab" '
    FILENAME == ARGV[1] { split($0, f, "/"); size[substr($0, length(f[1] f[2]) + 3)] = f[2]; next }
    { more = $2 - size[".skybasket/part/" $5]; if (more > 0) sum += more }
    END { printf "%.0f", sum }
  ' "$scratch/found" "$scratch/todo")
  if [ "$mode" = fetch ]; then free=$(free_in .); fi
  short=$(awk -v needed="$needed" -v free="$free" 'BEGIN { if (free != "" && needed + 0 > free + 0) print "yes" }')
}

# --- who is asking ---

# The token for files of exclusive access, if one is needed: from the environment, a file, netrc, or typed in.
find_token() {
  if ! awk -F "$tab" '$4 == "x" { n = 1; exit } END { exit !n }' "$scratch/todo"; then
    token=''
    return 0
  fi
  host=${server#*://}
  host=${host%%/*}
  host=${host##*@}
  case $host in
    \[*) host=${host#\[} host=${host%%\]*} ;;
    *) host=${host%%:*} ;;
  esac
  whence=SKYBASKET_TOKEN
  [ -n "$token" ] || token_from_file
  [ -n "$token" ] || token_from_netrc
  [ -n "$token" ] || token_typed_in
  case $token in
    '')
      awk -F "$tab" '
        $4 == "x" { n++; if (n <= 20) print "  " $5 }
        END { if (n > 20) print "  and " n - 20 " more" }
      ' "$scratch/todo" >&2
      say 'These files are of exclusive access. Put your token into the environment variable SKYBASKET_TOKEN,'
      refuse "or into the file ${token_file:-~/.config/skybasket/token} that only you may read."
      ;;
    *[!A-Za-z0-9._~+/=-]*) refuse "$whence is not a token: it holds a character that no token has." ;;
  esac
}

token_from_file() {
  whence=${token_file:-${XDG_CONFIG_HOME:-${HOME-}/.config}/skybasket/token}
  absolute
  [ -n "$token_file" ] || [ -e "$whence" ] || return 0
  must_be_private
  # One word; of several, the space between them is refused later.
  token=$(awk '
    { sub(/\r$/, ""); for (i = 1; i <= NF; i++) words = words (words == "" ? "" : " ") $i }
    END { print words }
  ' "$whence" 2>/dev/null)
  [ -n "$token" ] || refuse "There is no token in $whence."
}

# Only what is said of this very server; others use that file too, each in its way.
token_from_netrc() {
  whence=${NETRC:-${HOME-}/.netrc}
  absolute
  [ -r "$whence" ] || return 0
  token=$(awk -v host="$host" '
    macro { if (NF == 0) macro = 0; next }
    {
      for (i = 1; i <= NF; i++) {
        if (key == "" && $i ~ /^#/) next
        if (key == "password" && ours) { print $i; exit }
        if (key == "machine") ours = ($i == host)
        if (key != "") { key = ""; continue }
        if ($i == "default") ours = 0
        if ($i == "macdef") { macro = 1; next }
        if ($i ~ /^(machine|login|password|account)$/) key = $i
      }
    }
  ' "$whence" 2>/dev/null)
  [ -z "$token" ] || must_be_private
}

token_typed_in() {
  (: </dev/tty) 2>/dev/null || return 0
  whence='What you typed'
  echoing=$(stty -g </dev/tty 2>/dev/null) || return 0
  stty -echo </dev/tty
  printf '%s' "Your token for $host (it is not shown): " >/dev/tty
  read -r token </dev/tty || token=''
  stty "$echoing" </dev/tty
  echoing=''
  printf '\n' >/dev/tty
}

absolute() {
  case $whence in
    /*) ;;
    *) whence=$started/$whence ;;
  esac
}

must_be_private() {
  # shellcheck disable=SC2012 # of a name that starts with "/", and only for its mode
  case $(ls -dlL "$whence" 2>/dev/null) in
    ????------*) ;;
    '') refuse "The file $whence cannot be read." ;;
    *) refuse "Others may read $whence. Run this first: chmod 600 $whence" ;;
  esac
}

# --- fetching ---

fetch_all() {
  {
    printf 'path,uri,bytes,sha256,result,detail\r\n' >"$scratch/receipt" &&
      cat "$scratch/unlisted" "$scratch/settled" | to_receipt >>"$scratch/receipt" &&
      mv -f "$scratch/receipt" receipt.csv
  } || refuse "The folder $shown cannot be written to."
  if [ -s "$scratch/todo" ]; then
    say "Fetching $(awk 'END { print NR }' "$scratch/todo") of $total files into $shown."
  fi
  round=0 idle=0
  while [ -s "$scratch/todo" ] && [ $round -lt 1000 ]; do
    if [ $round -gt 0 ]; then
      pause
      parts_of "$scratch/todo" | look >"$scratch/found"
    fi
    round=$((round + 1)) retry_after=0 progress='' hopeless=''
    sort_parts
    settle
    fetch_in_chunks
    mv "$scratch/again" "$scratch/todo" || break
  done
}

# Between two rounds: nothing after one that brought something, else 1, 3, 9, 27, 60, 60 ... s; at least what the server
# asks for, up to 5 minutes.
pause() {
  if [ -n "$progress" ]; then
    idle=0
  else
    idle=$((idle + 1))
    no_space # a full disk may also keep curl from telling
  fi
  case $idle in
    0) seconds=0 ;;
    1) seconds=1 ;;
    2) seconds=3 ;;
    3) seconds=9 ;;
    4) seconds=27 ;;
    *) seconds=60 ;;
  esac
  [ "$retry_after" -le $seconds ] || seconds=$retry_after
  if [ "$seconds" -gt 0 ]; then
    if [ "$retry_after" = "$seconds" ]; then
      say "The server asks to wait $seconds s."
    else
      say "Files to go: $(awk 'END { print NR }' "$scratch/todo"). Trying again in $seconds s."
    fi
    wait_for "$seconds"
  fi
}

# Of the files to do: which parts are complete already (batch), and from where the others are continued (fetch). A part
# is continued only if a patchwork of two versions would be found: by the checksum, by the server that is asked for one
# version, or by If-Range; the last only for a large file, because it has to be fetched by a curl of its own.
sort_parts() {
  for list in again batch fetch drop folders; do : >"$scratch/$list"; done
  if [ "$round" = 1 ] && [ -z "$began" ]; then folders_to_come; fi
  awk -F "$tab" -v OFS="$tab" -v hasher="$hasher" -v large=10000000 -v to="$scratch" '
    function may_continue(  tag, file) {
      if ($3 != "-" && hasher != "") return 1
      file = ".skybasket/tag/" $5
      if ((getline tag < file) <= 0) tag = ""
      close(file)
      if (version != "") return tag == version
      return tag != "" && tag !~ /^version=/ && have >= large
    }
    FILENAME == ARGV[1] { split($0, f, "/"); if (/^8/) size[substr($0, length(f[1] f[2]) + 3)] = f[2]; next }
    FILENAME == ARGV[2] { count[$2] = $1; next }
    {
      part = ".skybasket/part/" $5
      have = (part in size) ? size[part] + 0 : 0
      version = (match($6, /&version=/)) ? substr($6, RSTART + 1) : ""
    }
    have > 0 && (($2 != "-" && have > $2 + 0) || !may_continue()) { print part >> (to "/drop"); have = 0 }
    { tells = (version != "" || ($3 != "-" && hasher != "")) }
    have == 0 && !tells { # a tag without its part is of no use later
      file = ".skybasket/tag/" $5
      if ((getline tag < file) > 0) print part >> (to "/drop")
      close(file)
    }
    have > 0 && $2 != "-" && have == $2 + 0 { print $0, have, 0, "-", 200, 0, "-" >> (to "/batch"); next }
    {
      folder = $5
      if (!sub(/\/[^\/]*$/, "", folder)) folder = ""
      # The headers of a file fetched alone tell what its answer is.
      alone = ($2 == "-" && have > 0 || !tells && (have > 0 || ($2 == "-" ? $8 : $2) + 0 >= large)) ? "alone" : "-"
      print $0, have, count[folder] + 0, alone >> (to "/fetch")
    }
  ' "$scratch/found" "$scratch/folders" "$scratch/todo"
  drop "$scratch/drop"
}

# Folders that are not there yet and have no others in them: once complete, each is moved to its place in one piece.
folders_to_come() {
  awk -F "$tab" -v OFS="$tab" '
    { folder = $5; if (sub(/\/[^\/]*$/, "", folder)) count[folder]++ }
    END {
      for (folder in count) {
        above = folder
        while (sub(/\/[^\/]*$/, "", above)) outer[above]
      }
      for (folder in count) if (!(folder in outer)) print count[folder], folder
    }
  ' "$scratch/todo" >"$scratch/leaves"
  cut -f 2 "$scratch/leaves" | look >"$scratch/there"
  awk -F "$tab" '
    FILENAME == ARGV[1] { split($0, f, "/"); there[substr($0, length(f[1] f[2]) + 3)]; next }
    !($2 in there)
  ' "$scratch/there" "$scratch/leaves" >"$scratch/folders"
}

# Old curls need 20 kB for each file of a chunk. Where a size is unknown and curl is too old to tell for each file
# whether it came whole, that file goes alone. Those that need a token come last.
fetch_in_chunks() {
  rm -f "$scratch"/chunk.*
  most=5000
  if [ "$curl_version" -lt 7070 ]; then most=1000; fi
  chunks=$(awk -F "$tab" -v to="$scratch" -v old="$((curl_version < 7075))" -v most=$most '
    $4 != access { next }
    { single = ($12 == "alone" || (old && $2 == "-")) }
    n == 0 || n >= most || single || last || access != before {
      if (file) close(file)
      file = to "/chunk." ++chunk
      n = 0
    }
    { n++; last = single; before = access; print > file }
    END { print chunk + 0 }
  ' access=- "$scratch/fetch" access=x "$scratch/fetch")
  chunk=0 still_silent=0
  while [ "$chunk" -lt "$chunks" ]; do
    chunk=$((chunk + 1))
    mv "$scratch/chunk.$chunk" "$scratch/chunk"
    : >"$scratch/answers"
    : >"$scratch/answered"
    rm -f "$scratch/ended" "$scratch/headers" "$scratch/curl" "$scratch/mixed"
    code='' silent=$still_silent
    IFS="$tab" read -r _ _ _ access _ _ _ _ _ _ _ alone <"$scratch/chunk"
    if [ -z "$hopeless" ]; then
      fetch_chunk
    fi
    unanswered
    settle
    ask_retry_after
    if [ "$retry_after" -gt 0 ] && [ "$chunk" -lt "$chunks" ]; then
      say "The server asks to wait $retry_after s."
      wait_for "$retry_after"
      retry_after=0
    fi
  done
}

fetch_chunk() {
  note_versions
  write_config >"$scratch/config"
  (
    if [ "$access" = x ]; then
      # The token goes by a pipe, so that no list of processes shows it.
      curl -q -K - -K "$scratch/config" >"$scratch/answers" 2>&1 <<EOF &
header = "Authorization: Bearer $token"
EOF
    else
      curl -q -K "$scratch/config" >"$scratch/answers" 2>&1 </dev/null &
    fi
    printf '%s\n' "$!" >"$scratch/curl"
    wait $!
    printf '%s\n' "$?" >"$scratch/ended.part"
    mv "$scratch/ended.part" "$scratch/ended"
  ) 2>/dev/null &
  runner=$!
  over='' naps=0 ripe=0
  # Sees the end soon, and the answers each half second, later each second. What is counted one nap before is looked at:
  # curl writes a line before it closes the file.
  while [ -z "$over" ]; do
    if [ -e "$scratch/ended" ] || ! kill -0 $runner 2>/dev/null; then
      over=yes ripe=all
    else
      naps=$((naps + 1)) due=5
      if [ $naps -le 40 ]; then due=10; fi
      if [ $due = 10 ]; then sleep "$short_nap"; else sleep "$long_nap"; fi
      if [ $((naps % due)) = $((due - 1)) ]; then ripe=$(awk 'END { print NR }' "$scratch/answers"); fi
      [ $((naps % due)) = 0 ] || continue
    fi
    if [ "$alone" = alone ]; then note_tag; fi
    new_answers
    settle
    show_progress
    if [ -n "$hopeless" ] && [ -z "$over" ]; then stop_curl "$scratch"; fi
  done
  wait $runner
}

show_progress() {
  [ -t 2 ] || return 0
  awk -F "$tab" -v total="$total" '
    { n++; if ($2 != "-") bytes += $2 }
    END { printf "\r%d of %d files, %.1f MB ", n, total, bytes / 1000000 }
  ' "$scratch/settled" >&2
}

# The longest that the answers of this chunk ask for, up to 5 minutes. A date counts from that of the answers; what is
# neither seconds nor a date as today's servers write it (RFC 9110, 5.6.7) is a minute.
ask_retry_after() {
  [ -e "$scratch/headers" ] || return 0
  seconds=$(awk '
    function at(day, month, year, clock,  t) {
      month = (index("JanFebMarAprMayJunJulAugSepOctNovDec", month) + 2) / 3
      if (month <= 2) { year--; month += 12 }
      split(clock, t, ":")
      day += 365 * year + int(year / 4) - int(year / 100) + int(year / 400) + int((153 * (month - 3) + 2) / 5)
      return day * 86400 + t[1] * 3600 + t[2] * 60 + t[3]
    }
    { sub(/\r$/, ""); key = tolower($1) }
    key == "date:" && NF == 7 { now = at($3, $4, $5, $6) }
    key != "retry-after:" { next }
    NF == 7 { then[++n] = at($3, $4, $5, $6); next }
    { wait = ($2 ~ /^[0-9]+$/) ? $2 + 0 : 60; if (wait > max) max = wait }
    END {
      for (i = 1; i <= n; i++) { wait = now ? then[i] - now : 60; if (wait > max) max = wait }
      printf "%d", (max > 300) ? 300 : max
    }
  ' "$scratch/headers")
  [ "$seconds" -le "$retry_after" ] || retry_after=$seconds
}

# Writes beside the parts which version of each will be asked for, and makes place for other tags.
note_versions() {
  awk -F "$tab" '
    $12 == "alone" || $6 ~ /&version=/ {
      folder = ".skybasket/tag/" $5
      sub(/\/[^\/]*$/, "", folder)
      if (!seen[folder]++) print folder
    }
  ' "$scratch/chunk" >"$scratch/folders"
  [ -s "$scratch/folders" ] || return 0
  tr '\n' '\0' <"$scratch/folders" | xargs -0 mkdir -p 2>/dev/null
  awk -F "$tab" '
    match($6, /&version=/) { file = ".skybasket/tag/" $5; print substr($6, RSTART + 1) > file; close(file) }
  ' "$scratch/chunk" 2>/dev/null
}

# Writes beside the part of a single file what If-Range may name, as soon as the server has said it: a strong tag, or a
# date that is not of that very second (RFC 9110, 13.1.5). A server that knows no If-Range may have continued another
# version; and where the size is unknown, only its range tells whether the end came.
note_tag() {
  [ -s "$scratch/headers" ] || return 0
  awk -F "$tab" -v to="$scratch" '
    FILENAME == ARGV[1] { file = ".skybasket/tag/" $5; size = $2; version = ($6 ~ /&version=/); have = $10; next }
    { sub(/\r$/, "") }
    /^HTTP\// { split($0, f, " "); code = f[2]; tag = changed = date = range = ""; next }
    tolower($0) ~ /^etag:/ { tag = value($0) }
    tolower($0) ~ /^last-modified:/ { changed = value($0) }
    tolower($0) ~ /^date:/ { date = value($0) }
    tolower($0) ~ /^content-range:/ { range = value($0) }
    $0 == "" && (code == 200 || code == 206) { ready = 1 }
    function value(line) { sub(/^[^:]*:[ ]*/, "", line); return line }
    function to_the_end(range, r) { split(range, r, /[^0-9*]+/); return r[4] ~ /^[0-9]+$/ && r[3] + 1 == r[4] + 0 }
    END {
      if (!ready) exit
      if (code == 206 && size == "-" && !to_the_end(range)) print 1 >> (to "/mixed")
      if (version) exit
      tag = tag ~ /^W\// ? "" : (tag != "" ? tag : (changed != date ? changed : ""))
      if (code == 200) { if (have + 0 == 0) print tag > file; exit }
      getline old < file
      if (have > 0 && old != tag) print 1 >> (to "/mixed")
    }
  ' "$scratch/chunk" "$scratch/headers" 2>/dev/null
}

write_config() {
  awk -F "$tab" -v server="$server" -v jobs="$jobs" -v version="$curl_version" -v headers="$scratch/headers" \
    -v access="$access" '
    BEGIN {
      print "silent\nshow-error\nfail\ngloboff\ncreate-dirs\nmax-redirs = 10"
      # Before 7.83, curl takes a token along to another port of the same host.
      if (access != "x" || version >= 7083) print "location"
      print "proto = \"=http,https\"\nproto-redir = \"=" (access == "x" && server ~ /^https/ ? "" : "http,") "https\""
      print "user-agent = \"skybasket-sh\"\nheader = \"Accept-Encoding: identity\""
      print "connect-timeout = 20\nspeed-limit = 100\nspeed-time = 60\ncontinue-at = \"-\""
      print "dump-header = \"" headers "\""
      if (version >= 7066 && jobs > 1) print "parallel\nparallel-max = " jobs
      if (version >= 7067) print "no-progress-meter"
      # Standard output would come in one piece at the end. The first newline ends what a progress meter
      # has begun, and keeps the @ from naming a file.
      now = (version >= 7063) ? "%{stderr}" : ""
      exit_code = (version >= 7075) ? "%{exitcode}" : "?"
      file = "%{content_type}\\t%{filename_effective}\\t%{url_effective}"
      print "write-out = \"" now "\\n@\\t%{http_code}\\t" exit_code "\\t" file "\\t@\\n\""
    }
    $12 == "alone" && $10 > 0 && $6 !~ /&version=/ {
      file = ".skybasket/tag/" $5
      getline tag < file
      gsub(/["\\]/, "\\\\&", tag)
      print "header = \"If-Range: " tag "\""
    }
    { print "url = \"" server "/api/v0.1/Download/file?" $6 "\"\noutput = \".skybasket/part/" $5 "\"" }
  ' "$scratch/chunk"
}

# Lines that curl has written since we last looked become a batch, up to the last one that is ripe. Where the file is
# known by neither its name nor its address (a failure behind a redirect, in an old curl), unanswered() finds it at the
# end. Twenty files in a row without any answer are enough for this round.
new_answers() {
  if [ -e "$scratch/ended" ]; then read -r code <"$scratch/ended"; fi
  mixed=-
  if [ -e "$scratch/mixed" ]; then mixed=mixed; fi
  awk -F "$tab" -v OFS="$tab" -v server="$server" -v ripe="$ripe" -v code="$code" -v mixed=$mixed -v silent="$silent" \
    -v to="$scratch" '
    FILENAME == ARGV[1] { done[$1]; next }
    FILENAME == ARGV[2] {
      rows++
      row[".skybasket/part/" $5] = $0
      row[server "/api/v0.1/Download/file?" $6] = $0
      next
    }
    ripe != "all" && FNR > ripe + 0 { next }
    $1 != "@" || $NF != "@" { next }
    # Of a single file, the exit code of curl tells what an old curl does not write.
    $3 == "?" && rows == 1 { if (code == "") next; $3 = code }
    { silent = ($2 + 0 > 0) ? 0 : silent + 1 } # counts on from the chunks before
    {
      key = ($(NF - 2) in row) ? $(NF - 2) : $(NF - 1)
      if (!(key in row)) next
      split(row[key], f, FS)
      if (f[1] in done) next
      done[f[1]]
      page = (tolower($4) ~ /^(text\/html|application\/xhtml)/) ? "html" : mixed
      print f[1] >> (to "/answered")
      print row[key], $2, $3, page >> (to "/batch")
    }
    END { print silent + 0 }
  ' "$scratch/answered" "$scratch/chunk" "$scratch/answers" >"$scratch/mood"
  read -r still_silent <"$scratch/mood" || still_silent=0
  if [ "$still_silent" -ge 20 ]; then hopeless=yes; fi
}

unanswered() {
  awk -F "$tab" -v OFS="$tab" -v to="$scratch" -v code="${code:-1}" '
    FILENAME == ARGV[1] { done[$1]; next }
    { rows++; if (!($1 in done)) left[++n] = $0 }
    END {
      if (rows > 1) code = "?"
      for (i = 1; i <= n; i++) print left[i], 0, code, "-" >> (to "/batch")
    }
  ' "$scratch/answered" "$scratch/chunk"
}

# --- settling ---

# Looks at what has come for each file of the batch: into place with it, once more, or never.
settle() {
  [ -s "$scratch/batch" ] || return 0
  for list in hash move drop settled.new unwritten; do : >"$scratch/$list"; done
  parts_of "$scratch/batch" | look >"$scratch/found"
  judge
  drop "$scratch/drop"
  if [ -s "$scratch/unwritten" ]; then
    no_space
    write_again
  fi
  if [ -e "$scratch/progress" ]; then
    rm "$scratch/progress"
    progress=yes
  fi
  if [ -s "$scratch/hash" ]; then
    progress=yes
    parts_of "$scratch/hash" | hashes >"$scratch/hashed"
    : >"$scratch/drop"
    awk -F "$tab" -v OFS="$tab" -v to="$scratch" '
      FILENAME == ARGV[1] { hash[substr($0, 67)] = substr($0, 1, 64); next }
      { part = ".skybasket/part/" $5 }
      hash[part] == $3 { print >> (to "/move"); next }
      { print part >> (to "/drop") }
      $9 + 0 >= 1 { print $1, $2, $3, $4, $5, $6, "Failed", "its checksum is wrong" >> (to "/settled.new"); next }
      # What an earlier run has left does not count.
      { print $1, $2, $3, $4, $5, $6, $7, 0, $9 + !($10 > 0 && $8 == 0) >> (to "/again") }
    ' "$scratch/hashed" "$scratch/hash"
    drop "$scratch/drop"
  fi
  if [ -s "$scratch/move" ]; then
    progress=yes
    : >"$scratch/found"
    if ! into_place 1 && ! into_place 0; then
      no_space
      parts_of "$scratch/move" | look >"$scratch/found"
    fi
    awk -F "$tab" -v OFS="$tab" -v hasher="$hasher" '
      FILENAME == ARGV[1] { left[substr($0, index($0, "/.skybasket/part/") + 1)]; next }
      { word = ($3 == "-" || hasher == "") ? "OK, size only" : ($10 > 0 ? "Resumed" : "OK"); detail = "" }
      $2 == "-" && word == "OK, size only" { detail = "the archive knows neither size nor checksum" }
      (".skybasket/part/" $5) in left { word = "Failed"; detail = "it could not be moved to its place" }
      { print $1, $16, $3, $4, $5, $6, word, detail }
    ' "$scratch/found" "$scratch/move" >>"$scratch/settled.new"
  fi
  { to_receipt <"$scratch/settled.new" >>receipt.csv && cat "$scratch/settled.new" >>"$scratch/settled"; } || no_space
  : >"$scratch/batch"
}

# The rules, one per line, first match wins. A part that a complete but wrong answer has left is dropped: continuing it
# would put two files together.
judge() {
  awk -F "$tab" -v OFS="$tab" -v hasher="$hasher" -v retries="$retries" -v to="$scratch" '
    # gone: 1 drops the part, 2 also lets the next attempt come without a pause.
    function once_more(detail, gone) {
      if (gone) print part >> (to "/drop")
      if (gone == 2) print 1 >> (to "/progress")
      tries = $7 + 1
      if (!gone && have > $8 + 0) { tries = 0; print 1 >> (to "/progress") }
      if (tries >= retries + 0) { never("Failed", detail); return }
      print $1, $2, $3, $4, $5, $6, tries, (gone ? 0 : have), $9 >> (to "/again")
    }
    function never(word, detail) { print $1, $2, $3, $4, $5, $6, word, detail >> (to "/settled.new") }
    function wrong(detail) {
      print 1 >> (to "/progress")
      print part >> (to "/drop")
      if ($9 + 0 >= 1) { never("Failed", detail); return }
      print $1, $2, $3, $4, $5, $6, $7, 0, $9 + !($10 > 0 && $8 == 0) >> (to "/again")
    }
    function whole() { print $0, have >> (($3 != "-" && hasher != "") ? to "/hash" : to "/move") }
    FILENAME == ARGV[1] { split($0, f, "/"); if (/^8/) size[substr($0, length(f[1] f[2]) + 3)] = f[2]; next }
    {
      part = ".skybasket/part/" $5
      there = (part in size)
      have = there ? size[part] + 0 : 0
      known = ($2 != "-")
      came = ($14 == "0" || ($14 == "?" && $13 ~ /^2/))
    }
    $13 == 401 || $13 == 403 { never("Not authorised", "the server answered " $13); next }
    $13 == 404 || $13 == 410 { never("Missing", "the server answered " $13); next }
    $13 ~ /^3/ { never("Failed", "the server answered " $13 ", which this curl cannot follow safely"); next }
    $15 == "html" && $13 ~ /^2/ && tolower($5) !~ /\.(html?|xhtml)$/ { once_more("a web page came in its place", 1); next }
    $15 == "mixed" { once_more("it could not be continued", 2); next }
    $13 ~ /^2/ && $13 != 200 && !($13 == 206 && $10 > 0) { once_more("the server answered " $13, 1); next }
    $14 == 23 || ($14 == "?" && $13 ~ /^2/ && !there) { print >> (to "/unwritten"); next }
    there && known && have == $2 + 0 { whole(); next }
    $13 == 200 && $10 > 0 && have == $10 + 0 { once_more("it could not be continued", 2); next }
    there && !known && came && $13 ~ /^2/ && !($14 == "?" && have == $10 + 0 && have > 0) { whole(); next }
    $13 == 416 || $14 == 33 { once_more("it could not be continued", 2); next }
    $13 ~ /^4/ && $13 !~ /408|425|429/ { never("Failed", "the server answered " $13); next }
    known && $14 == "0" && $13 ~ /^2/ { wrong("it has " have " bytes instead of " $2); next }
    known && have > $2 + 0 { wrong("it is longer than the archive says"); next }
    # An old curl does not tell a cut line from a short file; where no checksum would tell, start again.
    known && $14 == "?" && $13 ~ /^2/ && $3 == "-" { once_more("it came short", 1); next }
    $13 + 0 >= 300 { once_more("the server answered " $13, 0); next }
    { once_more($13 + 0 > 0 ? "the connection broke" : "the server cannot be reached", 0) }
  ' "$scratch/found" "$scratch/batch"
}

# Whether parts that could not be written can be now, if only as empty files.
write_again() {
  while IFS="$tab" read -r number _ _ _ file _; do
    folder=.skybasket/part/$file
    if (mkdir -p "${folder%/*}" && : >>".skybasket/part/$file") 2>/dev/null; then
      printf '%s\n' "$number"
    fi
  done <"$scratch/unwritten" >"$scratch/writable"
  awk -F "$tab" -v OFS="$tab" -v retries="$retries" -v to="$scratch" '
    FILENAME == ARGV[1] { writable[$1]; next }
    $1 in writable && $7 + 1 < retries + 0 { print $1, $2, $3, $4, $5, $6, $7 + 1, $8, $9 >> (to "/again"); next }
    { print $1, $2, $3, $4, $5, $6, "Failed", "it cannot be written here" >> (to "/settled.new") }
  ' "$scratch/writable" "$scratch/unwritten"
}

# Moves what is verified: one mv for up to 200 files of a folder, or folders in one piece ($1 = 1) if all of their files
# are among them. (A variable named path would be PATH in zsh.)
into_place() {
  awk -F "$tab" -v OFS="$tab" -v pieces="$1" '
    {
      file[NR] = $5
      folder[NR] = $5
      if (!sub(/\/[^\/]*$/, "", folder[NR])) folder[NR] = "."
      whole[NR] = (pieces && $11 > 0) ? $11 : -1
      count[folder[NR]]++
    }
    END {
      for (i = 1; i <= NR; i++) {
        if (count[folder[i]] != whole[i]) { print folder[i], file[i]; continue }
        if (seen[folder[i]]++) continue
        above = folder[i]
        if (!sub(/\/[^\/]*$/, "", above)) above = "."
        print above, folder[i]
      }
      print "\377", "end"
    }
  ' "$scratch/move" | sort >"$scratch/sorted"
  moved=0 folder='' next='' file=''
  set --
  while IFS="$tab" read -r next file; do
    if [ "$next" = "$last" ]; then break; fi
    if [ "$next" != "$folder" ] || [ $# -ge 200 ]; then
      move_to "$folder" "$@"
      set --
      folder=$next
    fi
    if [ -d "./$file" ]; then moved=1; else set -- "$@" ".skybasket/part/$file"; fi
  done <"$scratch/sorted"
  move_to "$folder" "$@"
  # Without its end the list was cut short, by a disk that is full.
  if [ "$file" != end ] || [ "$next" != "$last" ]; then moved=1; fi
  return $moved
}

move_to() {
  [ $# -gt 1 ] || return 0
  into=./$1/
  shift
  { [ -d "$into" ] || mkdir -p "$into"; } 2>/dev/null && mv -f "$@" "$into" 2>/dev/null || moved=1
}

# RFC 4180: every field quoted, lines end in CR LF.
to_receipt() {
  awk -F "$tab" "$uri_of"'
    function q(text) { gsub(/"/, "\"\"", text); return "\"" text "\"" }
    # No spreadsheet runs this spelling of a path.
    function still(path) { return path ~ /^([=+@-]|\357\274[\235\213\215\240])/ ? "./" path : path }
    {
      size = ($2 == "-") ? "" : $2
      printf "%s,%s,%s,%s,%s,%s\r\n", q(still($5)), q(uri($6)), q(size), q($3 == "-" ? "" : $3), q($7), q($8)
    }
  '
}

room_for_lists() { dd if=/dev/zero of="$scratch/probe" bs=65536 count=1 2>/dev/null; }

# Ends the run if nothing more can be written.
no_space() {
  if dd if=/dev/zero of="$scratch/probe" bs=65536 count=16 2>/dev/null; then
    rm -f "$scratch/probe"
    return 0
  fi
  stop_curl "$scratch"
  no_space_for_lists
}

# --- the end ---

report_verify() {
  room_for_lists || no_space_for_lists
  # Only what is known to be right is called so.
  sort -n "$scratch/settled" "$scratch/todo" | awk -F "$tab" -v total="$total" '
    FILENAME == ARGV[1] { why[$1] = $2; next }
    $1 in why { print (why[$1] == "missing" ? "Missing: " $5 : "Damaged: " $5 " (" why[$1] ")"); bad++ }
    $7 == "Failed" { print $7 ": " $5 " (" $8 ")"; bad++ }
    $7 == "Already had it" { good++ }
    END {
      if (good + bad != total) exit 3
      print good + 0 " of " total " OK, " bad + 0 " missing or damaged"
      exit bad > 0
    }
  ' "$scratch/why" -
  code=$?
  [ $code != 3 ] || no_space_for_lists
  finish $code
}

report_dry_run() {
  room_for_lists || no_space_for_lists
  cut -f 2,5 "$scratch/todo"
  count=$(awk 'END { print NR }' "$scratch/todo")
  printf '%s\n' "Would fetch $count of $total files, $needed bytes; ${free:-an unknown number of} bytes are free."
  [ -z "$short" ] || finish 3
  finish 0
}

report() {
  awk -F "$tab" -v OFS="$tab" '
    FILENAME == ARGV[1] { settled[$1]; next }
    !($1 in settled) { print $0, "Failed", "it was given up" }
  ' "$scratch/settled" "$scratch/rows" >"$scratch/left"
  [ ! -t 2 ] || say ''
  to_receipt <"$scratch/left" >>receipt.csv
  cat "$scratch/left" >>"$scratch/settled"
  sort -n "$scratch/settled" >"$scratch/sorted"
  awk -F "$tab" -v total="$total" -v to="$scratch" '
    $7 == "Not authorised" { denied++ }
    $7 == "Failed" || $7 == "Missing" || $7 == "Not authorised" { print $7 ": " $5 " (" $8 ")"; bad++; next }
    $7 == "OK" || $7 == "Resumed" || $7 == "Already had it" || $7 == "OK, size only" { good++ }
    END {
      if (good + bad != total) exit 3
      print good + 0 " of " total " OK, " bad + 0 " failed" >> (to "/summary")
      exit bad == 0 ? 0 : (bad == denied ? 2 : 1)
    }
  ' "$scratch/sorted"
  code=$?
  # Only what is known to be right is called so.
  [ $code != 3 ] || no_space_for_lists
  { read -r summary <"$scratch/summary"; } 2>/dev/null || no_space_for_lists
  if ! to_page <"$scratch/sorted" >"$scratch/page" || ! mv -f "$scratch/page" MANIFEST.HTML; then
    say "MANIFEST.HTML could not be written in $shown."
  fi
  printf '%s\n' "$summary"
  if [ $code -eq 0 ]; then
    rm -rf .skybasket
    scratch='' locked=''
  fi
  finish $code
}

# The same for people, in the columns of MAST's page of this name.
to_page() {
  cat <<EOF
<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Manifest for $name</title><style>\
body{font:14px/1.5 system-ui,sans-serif;margin:2em}table{border-collapse:collapse}\
td,th{text-align:left;padding:.2em 1em .2em 0}\
</style></head>
<body><h1>Manifest for $name</h1>
<p>$summary.</p>
<table><thead><tr><th>URI</th><th>File</th><th>Access</th><th>Status</th></tr></thead><tbody>
EOF
  awk -F "$tab" "$uri_of"'
    function h(text) {
      gsub(/&/, "\\&amp;", text)
      gsub(/</, "\\&lt;", text)
      gsub(/>/, "\\&gt;", text)
      gsub(/"/, "\\&quot;", text)
      gsub(/\047/, "\\&#x27;", text)
      return "<td>" text "</td>"
    }
    {
      access = ($4 == "x") ? "EXCLUSIVE_ACCESS" : "PUBLIC"
      print "<tr>" h(uri($6)) h($5) h(access) h($8 == "" ? $7 : $7 " (" $8 ")") "</tr>"
    }
    END { print "</tbody></table></body></html>" }
  '
}
