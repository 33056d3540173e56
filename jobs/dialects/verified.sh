# Files arrive below .skybasket/part/ and are moved to their place once their size and SHA-256 are right.
# A row of the table has tabs between its fields: size or "-", SHA-256 or "-", "x" (exclusive) or "-", path, and what
# the program that fetches needs.

if [ -n "${ZSH_VERSION-}" ]; then emulate sh; fi
set -u
LC_ALL=C
export LC_ALL
unset CDPATH
tab=$(printf '\t')
: "${name:?}" "${script:?}" "${tool:?}"

usage() {
  cat <<EOF
Usage: sh $script [--dest DIR | --help]

Fetches the files of $name with $tool into DIR (default: ./$name), four at once, and verifies them.
Run it again to go on: what is there and right is not asked for again.
Exit codes: 0 all there, 1 some failed, 2 wrong use or no right to a file, 3 no space.
EOF
}

main() {
  dest=./$name scratch='' locked='' fetching=''
  case $#,${1-} in
    0,*) ;;
    1,--help | 1,-h)
      usage
      exit 0
      ;;
    1,--dest=?*) dest=${1#*=} ;;
    2,--dest) dest=$2 ;;
    *) refuse "These options are not known here. See: sh $script --help" ;;
  esac
  choose_tools
  open_folder
  table >"$scratch/all"
  total=$(count <"$scratch/all")
  [ "$total" = "${files:?}" ] || no_space
  : >"$scratch/log"
  : >"$scratch/good"
  right '' <"$scratch/all"
  cat "$scratch/right" >>"$scratch/good"
  if [ -s "$scratch/wrong" ]; then
    prepare "$scratch/wrong"
    fetch_all
  fi
  report
}

say() { printf '%s\n' "$*" >&2; }

refuse() {
  say "$*"
  finish 2
}

# The lists are cut short then, and nothing that they say is sure.
no_space() {
  say "There is no space for lists in ${TMPDIR:-/tmp}. Make room, or set TMPDIR to another folder, and run the script again."
  finish 3
}

finish() {
  if [ -n "$scratch" ]; then rm -rf "$scratch"; fi
  if [ -n "$locked" ]; then rm -f .skybasket/run; fi
  exit "$1"
}

# shellcheck disable=SC2317 # called by traps
stopped() {
  trap '' INT TERM HUP
  # shellcheck disable=SC2086 # several numbers
  [ -z "$fetching" ] || kill $fetching 2>/dev/null
  say 'Stopped. Run the script again to go on.'
  finish "$1"
}

count() { awk 'END { print NR }'; }

choose_tools() {
  for program in "$tool" awk xargs mktemp; do
    command -v "$program" >/dev/null 2>&1 || refuse "This script needs $program, which is not installed here."
  done
  # The first that knows the right answer; openssl is the fastest.
  for hasher in 'openssl dgst -sha256 -r' 'sha256sum' 'shasum -a 256' ''; do
    [ -n "$hasher" ] || break
    # shellcheck disable=SC2086 # a command and its options
    case $(printf skybasket | $hasher 2>/dev/null) in
      35d536e4d839aff864209b09f085a98433a5440cd91d207c511a8d34d250e449*) break ;;
    esac
  done
  [ -n "$hasher" ] || say 'There is no tool for SHA-256 here (openssl, sha256sum or shasum): only sizes are checked.'
}

open_folder() {
  trap 'stopped 130' INT
  trap 'stopped 143' TERM
  trap 'stopped 129' HUP
  case $dest in
    /* | ./*) ;;
    *) dest=./$dest ;;
  esac
  if ! { mkdir -p "$dest" && cd "$dest"; } 2>/dev/null; then
    refuse "The folder $dest cannot be written to."
  fi
  if [ -L .skybasket ]; then refuse "In $dest .skybasket is a link to another place. Delete it and try again."; fi
  # What is neither file nor folder was put there by others: through a link we would write elsewhere.
  if [ -d .skybasket ]; then find .skybasket ! -type f ! -type d -exec rm -f {} +; fi
  if ! mkdir -p .skybasket/part 2>/dev/null; then
    refuse "The folder $dest cannot be written to."
  fi
  lock_folder
  scratch=$(mktemp -d "${TMPDIR:-/tmp}/skybasket.XXXXXX") || refuse 'There is no place for temporary files.'
}

# One run at a time in a folder, whichever of this archive's scripts it is. A run that was killed leaves its lock, and
# perhaps processes that would still write into files.
lock_folder() {
  here=$(uname -n)
  if ! (
    set -C
    printf '%s %s\n' "$$" "$here" >.skybasket/run
  ) 2>/dev/null; then
    read -r process host <.skybasket/run || process='' host=''
    if [ "$host" != "$here" ] || kill -0 "$process" 2>/dev/null; then
      refuse "Another run fills $dest. If there is none, delete $dest/.skybasket/run and try again."
    fi
    printf '%s %s\n' "$$" "$here" >.skybasket/run
    while read -r process; do
      case $(ps -o comm= -p "$process" 2>/dev/null || cat "/proc/$process/comm" 2>/dev/null) in
        *"$tool"*) kill -9 "$process" 2>/dev/null ;;
      esac
    done <.skybasket/fetching 2>/dev/null
  fi
  locked=yes
  : >.skybasket/fetching
}

# Notes a process that fetches.
fetches() {
  fetching="$fetching $1"
  printf '%s\n' "$1" >>.skybasket/fetching
}

# Rows in; "size, tab, path" out for those that are files below $1. Paths start with "./", which no total of wc does.
sizes() {
  cut -f 4 | sed "s|^|./$1|" | tr '\n' '\0' | xargs -0 wc -c 2>/dev/null | sed "s/^ *//; s/ /$tab/"
}

# Rows in; sorts them into right and wrong by the files that lie below $1. Few processes, however many files.
right() {
  for list in right wrong hash; do : >"$scratch/$list"; done
  cat >"$scratch/rows"
  sizes "$1" <"$scratch/rows" >"$scratch/sizes"
  awk -F "$tab" -v under="./$1" -v hasher="$hasher" -v to="$scratch" '
    FILENAME == ARGV[1] { size[$2] = $1; next }
    !((under $4) in size) || ($1 != "-" && $1 + 0 != size[under $4] + 0) { print >> (to "/wrong"); next }
    $2 != "-" && hasher != "" { print >> (to "/hash"); next }
    { print >> (to "/right") }
  ' "$scratch/sizes" "$scratch/rows"
  [ -s "$scratch/hash" ] || return 0
  # shellcheck disable=SC2086 # a command and its options
  cut -f 4 "$scratch/hash" | sed "s|^|./$1|" | tr '\n' '\0' | xargs -0 $hasher 2>/dev/null >"$scratch/hashed"
  awk -F "$tab" -v under="./$1" -v to="$scratch" '
    FILENAME == ARGV[1] { hash[substr($0, 67)] = substr($0, 1, 64); next }
    hash[under $4] == $2 { print >> (to "/right"); next }
    { print >> (to "/wrong") }
  ' "$scratch/hashed" "$scratch/hash"
}

# Three rounds, for what the program that fetches does not see itself: a page instead of a file, a wrong byte.
fetch_all() {
  mv "$scratch/wrong" "$scratch/todo"
  : >"$scratch/before"
  drop_unsure
  take
  for pause in 0 1 4; do
    [ -s "$scratch/wrong" ] || break
    if [ $pause -gt 0 ]; then
      say "Trying again in $pause s: $(count <"$scratch/wrong") files to go."
      sleep $pause &
      wait $!
    fi
    mv "$scratch/wrong" "$scratch/todo"
    drop_unsure
    sizes .skybasket/part/ <"$scratch/todo" >"$scratch/before"
    fetch
    fetching=''
    take
    [ "$(answered '^4' | grep -vc -e 408 -e 425 -e 429)" -lt "$(count <"$scratch/wrong")" ] || break
  done
}

# Parts without a checksum may be of another version than what would be put behind them.
drop_unsure() {
  awk -F "$tab" -v hasher="$hasher" '$2 == "-" || hasher == "" { print "./.skybasket/part/" $4 }' "$scratch/todo" |
    tr '\n' '\0' | xargs -0 rm -f
}

# Of what is to do: moves what is right to its place, and drops parts that must not be continued: as long as the file or
# longer, or no longer than they were before.
take() {
  right .skybasket/part/ <"$scratch/todo"
  sort -t "$tab" -k 4,4 "$scratch/right" | into_place
  sizes .skybasket/part/ <"$scratch/todo" >"$scratch/sizes"
  awk -F "$tab" -v wrong="$scratch/wrong" -v good="$scratch/good" '
    FILENAME == ARGV[1] { left[$2]; next }
    { print >> (("./.skybasket/part/" $4) in left ? wrong : good) }
  ' "$scratch/sizes" "$scratch/right"
  awk -F "$tab" '
    FILENAME == ARGV[1] { before[$2] = $1; next }
    FILENAME == ARGV[2] { size[$2] = $1; next }
    { part = "./.skybasket/part/" $4 }
    part in size && ($1 == "-" || size[part] + 0 >= $1 + 0 || before[part] == size[part]) { print part }
  ' "$scratch/before" "$scratch/sizes" "$scratch/todo" | tr '\n' '\0' | xargs -0 rm -f
}

# Rows sorted by path in; one mv for up to 200 files of a folder. (A variable named path would be PATH in zsh.)
into_place() {
  folder='' && set --
  while IFS="$tab" read -r _ _ _ file _; do
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

report() {
  # Only what is known to be right is called so.
  awk -F "$tab" 'FILENAME == ARGV[1] { good[$4]; next } !($4 in good)' "$scratch/good" "$scratch/all" >"$scratch/wrong"
  dd if=/dev/zero of="$scratch/probe" bs=65536 count=1 2>/dev/null || no_space
  bad=$(count <"$scratch/wrong")
  awk -F "$tab" '{ print "Failed: " $4 }' "$scratch/wrong"
  printf '%s of %s OK, %s failed\n' $((total - bad)) "$total" "$bad"
  if [ "$bad" -gt 0 ]; then
    [ "$(answered '^40[13]' | count)" -lt "$bad" ] || finish 2
    finish 1
  fi
  rm -rf .skybasket
  locked=''
  finish 0
}
