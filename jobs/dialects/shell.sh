# Needs a POSIX shell, curl 7.61 or later, awk, stat, and xargs with -0; for checksums openssl, sha256sum or shasum.
# Files arrive below .skybasket/part/ and are moved to their place once their size and SHA-256 are right.
#
# Lists are files of lines with tabs between the fields:
# They are emptied by the shell and only appended to by awk, because ">" in a second awk would empty them again.
#   rows   number, size or "-", SHA-256 or "-", "x" or "-", path, query      (1 to 6)
#   todo   + attempts that brought nothing, size after the last one, wrong answers   (7 to 9)
#   fetch  + size of the part to continue                                    (10)
#   batch  + HTTP status, curl's exit code or "?", "html" or "-"             (11 to 13)

if [ -n "${ZSH_VERSION-}" ]; then emulate sh; fi
set -u
LC_ALL=C
export LC_ALL
unset CDPATH
tab=$(printf '\t')
: "${name:?}" "${server:?}"

usage() {
  cat <<EOF
Usage: sh $name.sh [--dest DIR] [--jobs N] [--retries N] [--list | --verify | --help]

Fetches the files of $name. Run it again to go on: what is there and right is not asked for again.

  --dest DIR     where the files go (default: ./$name)
  --jobs N       fetch N files at once, 1 to 32 (default: 4)
  --retries N    give up on a file after N attempts that bring nothing, 1 to 99 (default: 6)
  --list         print size and path of each file, and do nothing else
  --verify       say what is missing or damaged in DIR, and change nothing
  --help         print this

For files of exclusive access put your token into the environment variable SKYBASKET_TOKEN.
What happened to each file is written to DIR/receipt.csv.
Exit codes: 0 all there, 1 some failed, 2 wrong use or no right to a file, 3 no space.
EOF
}

main() {
  dest=$name jobs=4 retries=6 mode=fetch scratch='' locked=''
  options "$@"
  if [ "$mode" = list ]; then
    table | cut -f 1,4
    exit 0
  fi
  choose_tools
  open_folder
  look_at_what_is_there
  if [ "$mode" = verify ]; then
    report_verify
  fi
  ask_for_token
  need_space
  fetch_all
  report
}

say() { printf '%s\n' "$*" >&2; }

refuse() {
  say "$*"
  finish 2
}

finish() {
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
      --dest | --jobs | --retries)
        [ $# -gt 1 ] || refuse "$1 needs a value. See --help."
        option=$1 value=$2
        shift
        ;;
      --dest=* | --jobs=* | --retries=*) option=${1%%=*} value=${1#*=} ;;
      *) option=$1 value='' ;;
    esac
    shift
    case $option in
      --dest) dest=$value ;;
      --jobs) jobs=$value ;;
      --retries) retries=$value ;;
      --list) mode=list ;;
      --verify) mode=verify ;;
      --help | -h)
        usage
        exit 0
        ;;
      *) refuse "$option is not an option of this script. See --help." ;;
    esac
  done
  is_number "$jobs" 32 || refuse '--jobs needs a number from 1 to 32.'
  is_number "$retries" 99 || refuse '--retries needs a number from 1 to 99.'
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
}

# Paths in; "mode in hex/size/path" out, for those that exist. A regular file's mode starts with 8.
look() { tr '\n' '\0' | xargs -0 stat -L "$stat_option" "$stat_format" 2>/dev/null; }

# Paths in; "SHA-256, two characters, path" out.
hashes() {
  # shellcheck disable=SC2086 # a command and its options
  tr '\n' '\0' | xargs -0 $hasher 2>/dev/null
}

drop() { tr '\n' '\0' | xargs -0 rm -f; }

part_of() { sed 's|^|.skybasket/part/|'; }

# A signal ends this wait at once, which it would not do with a plain sleep.
wait_for() {
  sleep "$1" &
  wait $!
}

nap() { sleep 0.1 2>/dev/null || sleep 1; }

# --- the folder ---

open_folder() {
  trap 'stopped 130' INT
  trap 'stopped 143' TERM
  trap 'stopped 129' HUP
  if [ "$mode" = verify ]; then
    cd "$dest" 2>/dev/null || refuse "There is no folder $dest to verify."
    scratch=$(mktemp -d "${TMPDIR:-/tmp}/skybasket.XXXXXX") || refuse 'There is no place for temporary files.'
  else
    if ! { mkdir -p "$dest" && cd "$dest" && mkdir -p .skybasket/part && [ -w . ]; } 2>/dev/null; then
      refuse "The folder $dest cannot be written to."
    fi
    lock_folder
    scratch=.skybasket/tmp.$$
    mkdir "$scratch" || refuse "The folder $dest cannot be written to."
  fi
  table | awk -v OFS="$tab" '{ print NR, $0 }' >"$scratch/rows"
  total=$(awk 'END { print NR }' "$scratch/rows")
  for list in settled todo why doubtful; do : >"$scratch/$list"; done
}

# One run at a time in a folder. A run that was killed leaves its lock, its lists, and perhaps its curl; each run has its
# own place for lists, so that what is left of another one finds none of ours.
lock_folder() {
  here=$(uname -n)
  if ! (
    set -C
    printf '%s %s\n' "$$" "$here" >.skybasket/run
  ) 2>/dev/null; then
    read -r process host <.skybasket/run || process='' host=''
    if [ "$host" != "$here" ] && [ -n "$host" ]; then
      refuse "A run on $host fills $dest. If there is none, delete $dest/.skybasket/run and try again."
    fi
    if [ -n "$process" ] && kill -0 "$process" 2>/dev/null; then
      refuse "Process $process fills $dest already. If it does not, delete $dest/.skybasket/run and try again."
    fi
    printf '%s %s\n' "$$" "$here" >.skybasket/run
  fi
  locked=yes
  for old in .skybasket/tmp.*; do
    stop_curl "$old"
    rm -rf "$old" 2>/dev/null
  done
}

stop_curl() {
  [ -s "$1/curl" ] && read -r process <"$1/curl" || return 0
  case $(ps -o comm= -p "$process" 2>/dev/null || cat "/proc/$process/comm" 2>/dev/null) in
    *curl*) kill "$process" 2>/dev/null ;;
  esac
  i=0
  while kill -0 "$process" 2>/dev/null && [ $i -lt 50 ]; do
    i=$((i + 1))
    nap
  done
  rm -f "$1/curl"
}

# Sorts rows into todo and what is settled: there and right, or in the way.
look_at_what_is_there() {
  cut -f 5 "$scratch/rows" | look >"$scratch/found"
  awk -F "$tab" -v OFS="$tab" -v hasher="$hasher" -v to="$scratch" '
    FILENAME == ARGV[1] {
      split($0, f, "/")
      path = substr($0, length(f[1] f[2]) + 3)
      mode[path] = f[1]
      size[path] = f[2]
      next
    }
    !($5 in mode) { why = "missing"; wrong = 1 }
    ($5 in mode) && mode[$5] !~ /^8/ { print $0, "Failed", "something else has its name" >> (to "/settled"); next }
    ($5 in mode) { why = "its size is wrong"; wrong = ($2 != "-" && $2 + 0 != size[$5] + 0) }
    wrong { print $0, 0, 0, 0 >> (to "/todo"); print $1, why >> (to "/why"); next }
    $3 != "-" && hasher != "" { print >> (to "/doubtful"); next }
    { print $0, "Already had it", "size only" >> (to "/settled") }
  ' "$scratch/found" "$scratch/rows"
  if [ -s "$scratch/doubtful" ]; then
    cut -f 5 "$scratch/doubtful" | hashes >"$scratch/hashed"
    awk -F "$tab" -v OFS="$tab" -v to="$scratch" '
      FILENAME == ARGV[1] { hash[substr($0, 67)] = substr($0, 1, 64); next }
      hash[$5] == $3 { print $0, "Already had it", "" >> (to "/settled"); next }
      { print $0, 0, 0, 0 >> (to "/todo"); print $1, "its checksum is wrong" >> (to "/why") }
    ' "$scratch/hashed" "$scratch/doubtful"
  fi
}

ask_for_token() {
  token=${SKYBASKET_TOKEN-}
  unset SKYBASKET_TOKEN
  case $token in
    *[!A-Za-z0-9._~+/=-]*) refuse 'SKYBASKET_TOKEN is not a token: it holds a character that no token has.' ;;
  esac
  if [ -z "$token" ] && awk -F "$tab" '$4 == "x" { n = 1 } END { exit !n }' "$scratch/todo"; then
    awk -F "$tab" '$4 == "x" { n++; if (n <= 20) print "  " $5 } END { if (n > 20) print "  and " n - 20 " more" }' \
      "$scratch/todo" >&2
    refuse 'These files are of exclusive access. Put your token into the environment variable SKYBASKET_TOKEN.'
  fi
}

need_space() {
  needed=$(awk -F "$tab" '$2 != "-" { sum += $2 } END { printf "%.0f", sum }' "$scratch/todo")
  begun=$(find .skybasket/part -type f | look | awk -F / '{ sum += $2 } END { printf "%.0f", sum }')
  free=$(df -Pk . | awk 'NR == 2 { printf "%.0f", $4 * 1024 }')
  # By awk: a shell may count in 32 bits.
  if more=$(awk "BEGIN { more = $needed - $begun; if (more <= $free) exit 1; printf \"%.0f\", more }"); then
    say "There is no space: $dest needs $more bytes more and has $free free."
    finish 3
  fi
}

# --- fetching ---

fetch_all() {
  printf 'path,uri,bytes,sha256,result,detail\r\n' >receipt.csv || refuse "The folder $dest cannot be written to."
  to_receipt <"$scratch/settled"
  if [ -s "$scratch/todo" ]; then
    say "Fetching $(awk 'END { print NR }' "$scratch/todo") of $total files into $dest."
  fi
  round=0 idle=0
  while [ -s "$scratch/todo" ] && [ $round -lt 1000 ]; do
    if [ $round -gt 0 ]; then
      pause
    fi
    round=$((round + 1)) retry_after=0 progress='' hopeless=''
    sort_parts
    settle
    for access in - x; do
      awk -F "$tab" -v access="$access" '$4 == access' "$scratch/fetch" >"$scratch/mine"
      fetch_in_chunks
    done
    mv "$scratch/again" "$scratch/todo" || break
  done
}

# Between two rounds: nothing after one that brought something, else 1, 3, 9, 27, 60, 60 ... s; at least what the server
# asks for, up to 5 minutes.
pause() {
  if [ -n "$progress" ]; then idle=0; else idle=$((idle + 1)); fi
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
    say "Files to go: $(awk 'END { print NR }' "$scratch/todo"). Trying again in $seconds s."
    wait_for "$seconds"
  fi
}

# Of the files to do: which parts are complete already (batch), and from where the others are continued (fetch).
sort_parts() {
  for list in again batch fetch drop; do : >"$scratch/$list"; done
  cut -f 5 "$scratch/todo" | part_of | look >"$scratch/found"
  awk -F "$tab" -v OFS="$tab" -v to="$scratch" '
    FILENAME == ARGV[1] { split($0, f, "/"); if (/^8/) size[substr($0, length(f[1] f[2]) + 3)] = f[2]; next }
    { part = ".skybasket/part/" $5; have = (part in size) ? size[part] + 0 : 0 }
    have > 0 && $2 != "-" && have == $2 + 0 { print $0, have, 200, 0, "-" >> (to "/batch"); next }
    # Longer than it may be, or nothing known that could tell a whole from a patchwork.
    have > 0 && ($2 == "-" ? $3 == "-" : have > $2 + 0) { print part >> (to "/drop"); have = 0 }
    { print $0, have >> (to "/fetch") }
  ' "$scratch/found" "$scratch/todo"
  drop <"$scratch/drop"
}

# Chunks of 1,000 files, because old curls need 20 kB for each. Where a file's size is unknown and curl is too old to
# tell for each file whether it came whole, that file goes alone.
fetch_in_chunks() {
  rm -f "$scratch"/chunk.*
  chunks=$(awk -F "$tab" -v to="$scratch" -v old="$((curl_version < 7075))" '
    n % 1000 == 0 || (old && ($2 == "-" || alone)) { if (file) close(file); file = to "/chunk." ++chunk; n = 0 }
    { n++; alone = ($2 == "-"); print > file }
    END { print chunk + 0 }
  ' "$scratch/mine")
  chunk=0
  while [ "$chunk" -lt "$chunks" ]; do
    chunk=$((chunk + 1))
    mv "$scratch/chunk.$chunk" "$scratch/chunk"
    : >"$scratch/answers"
    : >"$scratch/answered"
    rm -f "$scratch/ended" "$scratch/headers" "$scratch/curl"
    code=''
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
  over='' looks=0 ripe=0
  while [ -z "$over" ]; do
    looks=$((looks + 1))
    if [ -e "$scratch/ended" ] || ! kill -0 $runner 2>/dev/null; then
      over=yes ripe=all
    elif [ $looks -lt 20 ]; then
      nap
    else
      sleep 1
    fi
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

# The longest that the answers of this chunk ask for, up to 5 minutes. A date instead of seconds counts as nothing.
ask_retry_after() {
  [ -e "$scratch/headers" ] || return 0
  seconds=$(awk '
    tolower($1) == "retry-after:" && $2 + 0 > max { max = $2 + 0 }
    END { printf "%d", (max > 300) ? 300 : max }
  ' "$scratch/headers")
  [ "$seconds" -le "$retry_after" ] || retry_after=$seconds
}

write_config() {
  awk -F "$tab" -v server="$server" -v jobs="$jobs" -v version="$curl_version" -v headers="$scratch/headers" '
    BEGIN {
      print "silent\nshow-error\nfail\nlocation\ngloboff\ncreate-dirs\nmax-redirs = 10"
      print "proto = \"=http,https\"\nproto-redir = \"=http,https\"\nuser-agent = \"skybasket-sh\""
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
    { print "url = \"" server "/api/v0.1/Download/file?" $6 "\"\noutput = \".skybasket/part/" $5 "\"" }
  ' "$scratch/chunk"
}

# Lines that curl has written since we last looked become a batch; not those of this moment, because curl writes a line
# before it closes the file. Where the file is known by neither its name nor its address (a failure behind a redirect,
# in an old curl), unanswered() finds it at the end. Twenty files in a row without any answer are enough for this round.
new_answers() {
  code=$(cat "$scratch/ended" 2>/dev/null)
  awk -F "$tab" -v OFS="$tab" -v server="$server" -v ripe="$ripe" -v code="$code" -v to="$scratch" '
    FILENAME == ARGV[1] { done[$1]; next }
    FILENAME == ARGV[2] {
      rows++
      row[".skybasket/part/" $5] = $0
      row[server "/api/v0.1/Download/file?" $6] = $0
      next
    }
    { lines = FNR }
    ripe != "all" && FNR > ripe + 0 { next }
    $1 != "@" || $NF != "@" { next }
    # Of a single file, the exit code of curl tells what an old curl does not write.
    $3 == "?" && rows == 1 { if (code == "") next; $3 = code }
    { silent = ($2 + 0 > 0) ? 0 : silent + 1 }
    {
      key = ($(NF - 2) in row) ? $(NF - 2) : $(NF - 1)
      if (!(key in row)) next
      split(row[key], f, FS)
      if (f[1] in done) next
      done[f[1]]
      page = (tolower($4) ~ /^text\/html/) ? "html" : "-"
      print f[1] >> (to "/answered")
      print row[key], $2, $3, page >> (to "/batch")
    }
    END { print lines + 0, (silent >= 20 ? "hopeless" : "-") }
  ' "$scratch/answered" "$scratch/chunk" "$scratch/answers" >"$scratch/mood"
  IFS="$tab" read -r lines mood <"$scratch/mood"
  if [ -z "$over" ]; then ripe=$lines; fi
  if [ "$mood" = hopeless ]; then hopeless=yes; fi
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
  for list in hash move drop settled.new; do : >"$scratch/$list"; done
  cut -f 5 "$scratch/batch" | part_of | look >"$scratch/found"
  judge
  drop <"$scratch/drop"
  if [ -e "$scratch/progress" ]; then
    rm "$scratch/progress"
    progress=yes
  fi
  if [ -s "$scratch/hash" ]; then
    progress=yes
    cut -f 5 "$scratch/hash" | part_of | hashes >"$scratch/hashed"
    : >"$scratch/drop"
    awk -F "$tab" -v OFS="$tab" -v to="$scratch" '
      FILENAME == ARGV[1] { hash[substr($0, 67)] = substr($0, 1, 64); next }
      { part = ".skybasket/part/" $5 }
      hash[part] == $3 { print >> (to "/move"); next }
      { print part >> (to "/drop") }
      $9 + 0 >= 1 { print $1, $2, $3, $4, $5, $6, "Failed", "its checksum is wrong" >> (to "/settled.new"); next }
      { print $1, $2, $3, $4, $5, $6, $7, 0, $9 + 1 >> (to "/again") }
    ' "$scratch/hashed" "$scratch/hash"
    drop <"$scratch/drop"
  fi
  if [ -s "$scratch/move" ]; then
    progress=yes
    sort -t "$tab" -k 5,5 "$scratch/move" >"$scratch/sorted"
    into_place <"$scratch/sorted" 2>/dev/null
    cut -f 5 "$scratch/sorted" | part_of | look >"$scratch/found"
    awk -F "$tab" -v OFS="$tab" -v hasher="$hasher" '
      FILENAME == ARGV[1] { left[substr($0, index($0, "/.skybasket/part/") + 1)]; next }
      { word = ($3 == "-" || hasher == "") ? "OK, size only" : ($10 > 0 ? "Resumed" : "OK"); detail = "" }
      $2 == "-" && word == "OK, size only" { detail = "the archive knows neither size nor checksum" }
      (".skybasket/part/" $5) in left { word = "Failed"; detail = "it could not be moved to its place" }
      { print $1, $2, $3, $4, $5, $6, word, detail }
    ' "$scratch/found" "$scratch/sorted" >>"$scratch/settled.new"
  fi
  to_receipt <"$scratch/settled.new"
  cat "$scratch/settled.new" >>"$scratch/settled"
  : >"$scratch/batch"
  if [ -e "$scratch/full" ]; then no_space; fi
}

# The rules, one per line, first match wins. A part that a complete but wrong answer has left is dropped: continuing it
# would put two files together.
judge() {
  awk -F "$tab" -v OFS="$tab" -v hasher="$hasher" -v retries="$retries" -v to="$scratch" '
    function once_more(detail, gone) {
      if (gone) print part >> (to "/drop")
      tries = $7 + 1
      if (!gone && have > $8 + 0) { tries = 1; print 1 >> (to "/progress") }
      if (tries >= retries + 0) { never("Failed", detail); return }
      print $1, $2, $3, $4, $5, $6, tries, (gone ? 0 : have), $9 >> (to "/again")
    }
    function never(word, detail) { print $1, $2, $3, $4, $5, $6, word, detail >> (to "/settled.new") }
    function wrong(detail) {
      print 1 >> (to "/progress")
      print part >> (to "/drop")
      if ($9 + 0 >= 1) { never("Failed", detail); return }
      print $1, $2, $3, $4, $5, $6, $7, 0, $9 + 1 >> (to "/again")
    }
    FILENAME == ARGV[1] { split($0, f, "/"); if (/^8/) size[substr($0, length(f[1] f[2]) + 3)] = f[2]; next }
    {
      part = ".skybasket/part/" $5
      there = (part in size)
      have = there ? size[part] + 0 : 0
      known = ($2 != "-")
      came = ($12 == "0" || ($12 == "?" && $11 ~ /^2/))
    }
    $11 == 401 || $11 == 403 { never("Not authorised", "the server answered " $11); next }
    $11 == 404 || $11 == 410 { never("Missing", "the server answered " $11); next }
    $13 == "html" && $11 ~ /^2/ && tolower($5) !~ /\.html?$/ { once_more("a web page came in its place", 1); next }
    $12 == 23 { print 1 >> (to "/full"); once_more("it could not be written", 0); next }
    there && known && have == $2 + 0 { print >> (($3 != "-" && hasher != "") ? to "/hash" : to "/move"); next }
    there && !known && came && $11 ~ /^2/ { print >> (($3 != "-" && hasher != "") ? to "/hash" : to "/move"); next }
    $11 == 416 || $12 == 33 { once_more("it could not be continued", 1); next }
    $11 == 200 && $10 > 0 && have == $10 + 0 { once_more("it could not be continued", 1); next }
    $11 ~ /^4/ && $11 !~ /408|425|429/ { never("Failed", "the server answered " $11); next }
    known && have > $2 + 0 { wrong("it is longer than the archive says"); next }
    known && $12 == "0" && $11 ~ /^2/ { wrong("it has " have " bytes instead of " $2); next }
    # An old curl does not tell a cut line from a short file; where no checksum would tell, start again.
    known && $12 == "?" && $11 ~ /^2/ && $3 == "-" { once_more("it came short", 1); next }
    $11 + 0 >= 300 { once_more("the server answered " $11, 0); next }
    { once_more($11 + 0 > 0 ? "the connection broke" : "the server cannot be reached", 0) }
  ' "$scratch/found" "$scratch/batch"
}

# Rows sorted by path in; one mv for up to 200 files of a folder. (A variable named path would be PATH in zsh.)
into_place() {
  folder='' && set --
  while IFS="$tab" read -r _ _ _ _ file _; do
    case $file in
      */*) next=${file%/*} ;;
      *) next=. ;;
    esac
    if [ "$next" != "$folder" ] || [ $# -ge 200 ]; then
      [ $# -eq 0 ] || mv -f "$@" "./$folder/"
      set --
      folder=$next
      [ -d "./$folder" ] || mkdir -p "./$folder"
    fi
    [ ! -d "./$file" ] && set -- "$@" ".skybasket/part/$file"
  done
  [ $# -eq 0 ] || mv -f "$@" "./$folder/"
}

# RFC 4180: every field quoted, lines end in CR LF.
to_receipt() {
  awk -F "$tab" '
    function q(text) { gsub(/"/, "\"\"", text); return "\"" text "\"" }
    { uri = substr($6, 5); sub(/&version=.*/, "", uri) }
    { printf "%s,%s,%s,%s,%s,%s\r\n", q($5), q(uri), q($2 == "-" ? "" : $2), q($3 == "-" ? "" : $3), q($7), q($8) }
  ' >>receipt.csv
}

no_space() {
  rm -f "$scratch/full"
  if dd if=/dev/zero of="$scratch/probe" bs=65536 count=16 2>/dev/null; then
    rm -f "$scratch/probe"
    return 0
  fi
  stop_curl "$scratch"
  say "There is no space left in $dest. Make room and run the script again: it goes on where it was."
  finish 3
}

# --- the end ---

report_verify() {
  awk -F "$tab" '
    FILENAME == ARGV[1] { why[$1] = $2; next }
    FILENAME == ARGV[2] && $7 == "Failed" { print $7 ": " $5 " (" $8 ")"; bad++ }
    FILENAME == ARGV[2] { next }
    { print (why[$1] == "missing" ? "Missing: " $5 : "Damaged: " $5 " (" why[$1] ")"); bad++ }
    END { exit bad > 0 }
  ' "$scratch/why" "$scratch/settled" "$scratch/todo"
  code=$?
  awk -F "$tab" -v total="$total" '$7 != "Failed" { good++ } END {
    print good + 0 " of " total " OK, " total - good " missing or damaged" }' "$scratch/settled"
  finish $code
}

report() {
  awk -F "$tab" -v OFS="$tab" '
    FILENAME == ARGV[1] { settled[$1]; next }
    !($1 in settled) { print $0, "Failed", "it was given up" }
  ' "$scratch/settled" "$scratch/rows" >"$scratch/left"
  [ ! -t 2 ] || say ''
  to_receipt <"$scratch/left"
  awk -F "$tab" -v total="$total" '
    $7 == "Not authorised" { denied++ }
    $7 == "Failed" || $7 == "Missing" || $7 == "Not authorised" { print $7 ": " $5 " (" $8 ")"; bad++ }
    END {
      print total - bad " of " total " OK, " bad + 0 " failed"
      exit bad == 0 ? 0 : (bad == denied ? 2 : 1)
    }
  ' "$scratch/settled" "$scratch/left"
  code=$?
  if [ $code -eq 0 ]; then
    rm -rf .skybasket
    scratch='' locked=''
  fi
  finish $code
}
