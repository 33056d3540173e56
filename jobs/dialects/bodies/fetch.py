"""Fetches the files that the end of this script lists, verifies them, and says what happened to each.

Needs Python 3.9 or later and nothing else. Files arrive below .skybasket/part/ and are moved to their place once their
size and SHA-256 are right. Nothing of the list is ever run, and the token is never shown, stored or passed on.
"""

# No annotations from __future__, and no syntax that came after 3.6: older Pythons would stop before our sentence.

import sys

if sys.version_info[:2] < (3, 9):
    sys.stderr.write("This script needs Python 3.9 or later.\n")
    sys.exit(2)

import atexit
import os


def incomplete() -> None:
    """Half a script, of which the last lines are missing, must not end as if all were well."""
    sys.stderr.write("This script is not complete. Download it again.\n")
    os._exit(2)


if __name__ == "__main__":
    atexit.register(incomplete)
    if not (sys.flags.isolated or getattr(sys.flags, "safe_path", False)):
        sys.path.pop(0)  # the folder of this script: a file that was fetched into it is no module, whatever its name

import csv
import errno
import hashlib
import heapq
import re
import shutil
import signal
import socket
import stat
import threading
import time
from array import array
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import lru_cache
from html import escape
from typing import Any, NamedTuple, Optional
from urllib.parse import quote, unquote, urljoin, urlsplit

PIECE = 262_144  # bytes received or read at once
CONNECT = 20.0  # seconds to wait for a connection
SILENCE = 60.0  # seconds to wait for the next bytes
SLOWEST = 100  # bytes per second; what is slower than this all that time counts as silent
ASKED_AT_MOST = 300.0  # seconds to wait because the server asks for it
PAUSES = (1.0, 3.0, 9.0, 27.0, 60.0)  # seconds after attempts that brought nothing
SHOWN = 20  # paths of a list on the screen
SILENT_IN_A_ROW = 20  # files for which the server could not be reached: then it is asked for no more
LONGEST_HEAD = 65_536  # bytes
REDIRECTS = 10
DENIED, GONE, MOVED, LATER = (401, 403), (404, 410), (301, 302, 303, 307, 308), (408, 425, 429)
FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
WINDOWS = os.name == "nt"

FILE = "/api/v0.1/Download/file?"
FIRST, LAST = "#@ ", "#@ end"  # how the first and the last line of the table begin
OWN = ".skybasket"
RECEIPT, PAGE = "receipt.csv", "MANIFEST.HTML"
COLUMNS = ["path", "uri", "bytes", "sha256", "result", "detail"]

OK, RESUMED, HAD, SIZE_ONLY = "OK", "Resumed", "Already had it", "OK, size only"
NOT_AUTHORISED, MISSING, FAILED, UNLISTED = "Not authorised", "Missing", "Failed", "No longer listed"
GOOD = (OK, RESUMED, HAD, SIZE_ONLY)

USAGE = """\
Usage: python3 {file} [--dest DIR] [--jobs N] [--retries N] [--flat] [--retry-failed]
       [--token-file FILE] [--list | --dry-run | --verify | --help]

Fetches the files of {name}. Run it again to go on: what is there and right is not asked for again.

  --dest DIR         where the files go (default: {name})
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
"""


class Stop(Exception):
    """The end of the run: an exit code, and a sentence for people."""

    def __init__(self, code: int, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class Interrupted(BaseException):
    """Ctrl-C, or another signal to end; its argument is the exit code."""


class Never(Exception):
    """A file that will not come: the word for the receipt, and why."""

    def __init__(self, word: str, detail: str) -> None:
        super().__init__(detail)
        self.word = word


class Again(Exception):
    """An attempt that failed, and the seconds that the server asks to wait."""

    def __init__(self, detail: str, seconds: float = 0.0) -> None:
        super().__init__(detail)
        self.seconds = seconds


class Broken(Again):
    """A connection that ended, or fell silent, too early."""


class EndOfLine(Broken):
    """A connection that the other side has closed."""


class Wrong(Exception):
    """A complete answer that is not the file."""


class Unreachable(Exception):
    """A server without any answer; ``final`` if trying again cannot help."""

    def __init__(self, detail: str, *, final: bool = False) -> None:
        super().__init__(detail)
        self.final = final


def say(words: str) -> None:
    """To people, not into pipes."""
    print(words, file=sys.stderr, flush=True)


# --- what is asked for ---


class Options(NamedTuple):
    """The command line."""

    dest: str
    jobs: int = 4
    retries: int = 6
    mode: str = "fetch"  # or "list", "dry-run", "verify", "help"
    flat: bool = False
    retry_failed: bool = False
    token_file: str = ""


VALUES = {
    "--dest": "the name of a folder",
    "--jobs": "a number from 1 to 32",
    "--retries": "a number from 1 to 99",
    "--token-file": "the name of a file",
}
SWITCHES: dict[str, dict[str, Any]] = {
    "--flat": {"flat": True},
    "--retry-failed": {"retry_failed": True},
    "--list": {"mode": "list"},
    "--dry-run": {"mode": "dry-run"},
    "--verify": {"mode": "verify"},
    "--help": {"mode": "help"},
    "-h": {"mode": "help"},
}


def options(words: list[str], name: str) -> Options:
    """The command line understood. Raises Stop."""
    found: dict[str, Any] = {"dest": name}
    left = iter(words)
    for word in left:
        option, equals, value = word.partition("=")
        if option in VALUES:
            if not equals:
                value = next(left, "\0")
                if value == "\0":
                    raise Stop(2, f"{option} needs a value. See --help.")
            found[option[2:].replace("-", "_")] = value_of(option, value)
        elif word in SWITCHES:
            found.update(SWITCHES[word])
        else:
            raise Stop(2, f"{word} is not an option of this script. See --help.")
        if found.get("mode") == "help":
            break
    return Options(**found)


def value_of(option: str, word: str) -> Any:
    """What an option is set to. Raises Stop."""
    most = VALUES[option].rpartition(" ")[2]
    number = int(word) if re.fullmatch("[1-9][0-9]?", word, re.ASCII) and most.isdigit() else 0
    if not (1 <= number <= int(most) if most.isdigit() else word):
        raise Stop(2, f"{option} needs {VALUES[option]}.")
    return number or word


class Row(NamedTuple):
    """One file to fetch."""

    number: int
    size: Optional[int]
    sha256: str  # empty if unknown
    exclusive: bool
    path: str  # where it goes, below the folder
    query: str  # of its address

    @property
    def uri(self) -> str:
        """What the archive calls it, in one line: control characters stay encoded."""
        encoded = self.query.partition("&")[0].partition("=")[2]
        return unquote(re.sub("%(?=[01][0-9A-F]|7F)", "%25", encoded))

    @property
    def version(self) -> str:
        """Which version of the file the address names; empty if any."""
        return self.query.partition("&")[2]


class Table:
    """The list at the end of this script: a line a file, with tabs between the fields. A line is read when needed."""

    def __init__(self, file: str) -> None:
        with open(file, "rb") as script:
            self.text = script.read()
        at = self.text.find(b"\n" + FIRST.encode()) + 1
        self.starts = array("Q")
        while at > 0:
            self.starts.append(at)
            at = self.text.find(b"\n", at) + 1
        self.count = max(len(self.starts) - 3, 0)  # without the first line, the last, and the end of the text
        if len(self.starts) < 3 or self._fields(self.count + 1) != [LAST, str(self.count)]:
            raise Stop(2, "This script is not complete. Download it again.")
        self.name, self.server = self._fields(0)
        self.name = self.name[len(FIRST) :]
        self.flat = False

    def _fields(self, line: int) -> list[str]:
        return self.text[self.starts[line] : self.starts[line + 1]].decode().rstrip("\r\n").split("\t")

    def row(self, number: int) -> Row:
        """The file of that number, from 0."""
        _, size, sha256, access, alone, path, query = self._fields(number + 1)
        if self.flat and alone == "f":
            path = path.rpartition("/")[2]
        sha256 = "" if sha256 == "-" else sha256
        return Row(number, None if size == "-" else int(size), sha256, access == "x", path, query)

    def rows(self) -> Iterator[Row]:
        """All files."""
        return map(self.row, range(self.count))


# --- the folder ---


class Folder:
    """Where the files go. Paths of files have "/" between their parts, here as in the table."""

    def __init__(self, shown: str) -> None:
        self.shown = shown
        top = os.path.abspath(shown)
        if WINDOWS and not top.startswith("\\\\?\\"):  # else 260 characters are the limit
            top = "\\\\?\\UNC" + top[1:] if top.startswith("\\\\") else "\\\\?\\" + top
        self.top = top
        self.began = False  # whether an earlier run has left parts
        self._lock: Optional[int] = None
        self._made: set[str] = set()

    def place(self, path: str) -> str:
        """A file or folder in it, as this system names it; in UTF-8, whatever the locale."""
        if WINDOWS:
            return self.top + "\\" + path.replace("/", "\\")
        return self.top + "/" + (path if path.isascii() else os.fsdecode(path.encode()))

    def part(self, path: str) -> str:
        """Where a file is until it is complete."""
        return self.place(f"{OWN}/part/{path}")

    def tag(self, path: str) -> str:
        """What tells of which version a part is, where no checksum would."""
        return self.place(f"{OWN}/tag/{path}")

    def make_room(self, place: str) -> str:
        """The same place, with the folder in which it is."""
        above = os.path.dirname(place)
        if above not in self._made:
            os.makedirs(above, exist_ok=True)
            self._made.add(above)
        return place

    def open(self) -> None:
        """Make it, and keep others out. Raises Stop."""
        self._refuse_links()
        try:
            os.makedirs(self.part(""), exist_ok=True)
            self._lock_it()
            self._sweep()
            if not os.access(self.top, os.W_OK):
                raise PermissionError
        except OSError as error:
            self.close()
            if error.errno in FULL:
                raise self.full() from error
            raise Stop(2, f"The folder {self.shown} cannot be written to.") from error
        if any(
            os.path.exists(place) and not os.path.isfile(place) for place in (self.place(RECEIPT), self.place(PAGE))
        ):
            raise Stop(2, f"In {self.shown} {RECEIPT} and {PAGE} have to be files, or not there.")
        with os.scandir(self.part("")) as parts:
            self.began = any(parts)
        for old in os.listdir(self.place(OWN)):
            if old.startswith("tmp."):
                end_curl(self.place(f"{OWN}/{old}/curl"))
                shutil.rmtree(self.place(f"{OWN}/{old}"), ignore_errors=True)

    def _refuse_links(self) -> None:
        """In a folder that others may write to, our own names could lead elsewhere, or be pipes. Raises Stop."""
        for each, fits in (
            ("", os.path.isdir),
            ("/part", os.path.isdir),
            ("/tag", os.path.isdir),
            ("/run", os.path.isfile),
        ):
            place = self.place(OWN + each)
            if os.path.islink(place) or (os.path.exists(place) and not fits(place)):
                raise Stop(2, f"{self.shown}/{OWN}{each} is not what this script left there. Delete it and try again.")

    def _sweep(self) -> None:
        """Remove of our own what is neither a file nor a folder, such as links and pipes."""
        folders = [self.place(OWN)]
        while folders:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                    elif not entry.is_file(follow_symlinks=False) and not removed(entry.path):
                        raise PermissionError

    def _lock_it(self) -> None:
        """One run at a time, also of the shell script. A run that was killed leaves its lock."""
        lock, here = self.place(f"{OWN}/run"), socket.gethostname()
        if self._took(lock, here):
            return
        with open(lock, encoding="utf-8", errors="replace") as file:
            process, _, host = one_line(file.read(300).strip()).partition(" ")
        unlock = f"delete {os.path.join(self.shown, OWN, 'run')} and try again."
        if host not in ("", here):
            raise Stop(2, f"A run on {host} fills {self.shown}. If there is none, {unlock}")
        if is_alive(process) or not removed(lock) or not self._took(lock, here):
            raise Stop(2, f"Process {process} fills {self.shown} already. If it does not, {unlock}")

    def _took(self, lock: str, here: str) -> bool:
        try:
            self._lock = os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
        except FileExistsError:
            return False
        os.write(self._lock, f"{os.getpid()} {here}\n".encode())
        return True  # it stays open: Windows lets nobody remove it then

    def close(self) -> None:
        """Let others in."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
            removed(self.place(f"{OWN}/run"))

    def clear(self) -> None:
        """Remove all that only a next run would need."""
        for each in ("part", "tag"):
            shutil.rmtree(self.place(f"{OWN}/{each}"), ignore_errors=True)
        self.close()
        with suppress(OSError):  # another run may have begun since
            os.rmdir(self.place(OWN))

    def free(self) -> int:
        """Bytes that may be written here, or above if it is not there yet."""
        above = self.top
        while not os.path.isdir(above) and os.path.dirname(above) != above:
            above = os.path.dirname(above)
        return shutil.disk_usage(above).free

    def full(self) -> Stop:
        """What to say when there is no space."""
        advice = "Make room and run the script again: it goes on where it was."
        return Stop(3, f"There is no space left in {self.shown}. {advice}")

    def size_of(self, place: str) -> int:
        """Of a regular file, in bytes; below 0 if there is none, and -2 if something else is in its way."""
        try:
            found = os.stat(place)
        except OSError as error:
            return -2 if error.errno in (errno.ELOOP, errno.ENOTDIR) else -1
        return found.st_size if stat.S_ISREG(found.st_mode) else -2


def is_alive(process: str) -> bool:
    """Whether a process of this machine is running. On Windows nobody can remove its lock, which tells the same."""
    if WINDOWS or not re.fullmatch("[0-9]{1,9}", process):
        return False
    try:
        os.kill(int(process), 0)
    except PermissionError:
        return True
    except OSError:
        return False
    return int(process) != os.getpid()  # ours is of an earlier run in another container


def removed(file: str) -> bool:
    """Whether the file is gone now."""
    try:
        os.remove(file)
    except OSError:
        return not os.path.lexists(file)
    return True


def end_curl(file: str) -> None:
    """Stop the curl that a killed run of the shell script has left at work on parts."""
    try:
        with open(file, encoding="ascii") as about:
            process = int(about.read())
        from subprocess import DEVNULL
        from subprocess import run as run_program

        name = run_program(
            ["ps", "-o", "comm=", "-p", str(process)], stdout=-1, stderr=DEVNULL, stdin=DEVNULL, timeout=10, check=False
        ).stdout
        if b"curl" in name:
            os.kill(process, signal.SIGTERM)
    except (OSError, ValueError):
        pass


def hash_file(file: str, digest: Any, buffer: bytearray) -> int:
    """Hash a whole file, which may be a part. Its length in bytes."""
    length = 0
    with open(file, "rb", buffering=0) as data, memoryview(buffer) as view:
        while True:
            n = data.readinto(view)
            if not n:
                return length
            digest.update(view[:n])
            length += n


# --- who is asking ---


def find_token(token: str, chosen: str, host: str) -> str:
    """The user's token, if it is not in the environment; empty if there is none and nobody to ask. Raises Stop."""
    source = "SKYBASKET_TOKEN"
    config = os.path.join(os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config"), "skybasket", "token")
    if not token and (chosen or os.path.exists(config)):
        source = os.path.abspath(chosen or config)
        token = secret_text(source).strip()
        if not token:
            raise Stop(2, f"There is no token in {source}.")
    if not token:
        source = os.path.abspath(os.environ.get("NETRC") or os.path.expanduser("~/.netrc"))
        token = from_netrc(source, host)
    if not token:
        token, source = typed_in(host), "What you typed"
    if not re.fullmatch("[A-Za-z0-9._~+/=-]*", token):
        raise Stop(2, f"{source} is not a token: it holds a character that no token has.")
    return token


def secret_text(file: str) -> str:
    """What a file holds that only its owner may read. Raises Stop."""
    try:
        with open(file, encoding="utf-8") as secret:
            if not WINDOWS and os.fstat(secret.fileno()).st_mode & 0o077:
                raise Stop(2, f"Others may read {file}. Run this first: chmod 600 {file}")
            return secret.read(1_000_000)
    except (OSError, UnicodeError) as error:
        raise Stop(2, f"The file {file} cannot be read.") from error


def from_netrc(file: str, host: str) -> str:
    """The password of exactly that host; empty if there is none."""
    if not os.path.isfile(file):
        return ""
    from netrc import NetrcParseError, netrc

    try:
        entry = netrc(file).hosts.get(host)
    except (OSError, UnicodeError, NetrcParseError):
        return ""  # others use that file too, each in its way
    if entry and entry[2]:
        secret_text(file)
    return (entry and entry[2]) or ""


def typed_in(host: str) -> str:
    """What the user types when asked; empty if there is no terminal."""
    try:
        with open("CONIN$" if WINDOWS else "/dev/tty", encoding="utf-8"):
            pass
    except OSError:
        return ""
    from getpass import getpass

    return getpass(f"Your token for {host} (it is not shown): ").strip()


# --- the network ---


class Address(NamedTuple):
    """Of a file at a server."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def origin(self) -> tuple[str, str, int]:
        """The server: what a token is for, and a connection to."""
        return self.scheme, self.host, self.port

    @property
    def authority(self) -> str:
        """Host and port as in an address."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


PORTS = {"http": 80, "https": 443}


def address(url: str, seen_from: str = "") -> Optional[Address]:
    """What is written as an address, perhaps relative to another; None if it is none of a file at a web server."""
    try:
        parts = urlsplit(urljoin(seen_from, url))
        host = parts.hostname or ""
        if not host.isascii():
            host = host.encode("idna").decode()
        if parts.scheme not in PORTS or not re.fullmatch(r"[a-z0-9._:%-]+", host):
            return None
        target = (parts.path or "/") + ("?" + parts.query if parts.query else "")
        target = quote(target, safe="%/:=&?~#+!$,;'@()*[]|")
        return Address(parts.scheme, host, parts.port or PORTS[parts.scheme], target)
    except ValueError:
        return None


class Proxies:
    """The proxies that the environment (or on Windows and Macs the system) names, found as urllib finds them."""

    def __init__(self) -> None:
        self._found: dict[str, str] = {}
        if sys.platform in ("win32", "darwin") or any(each.lower().endswith("_proxy") for each in os.environ):
            from urllib.request import getproxies

            self._found = getproxies()

    def of(self, wanted: Address) -> Optional[tuple[str, int, str]]:
        """Host, port and header line of the proxy for an address; None if there is none. Raises Stop."""
        url = self._found.get(wanted.scheme)
        if not url:
            return None
        from urllib.request import proxy_bypass

        if proxy_bypass(f"{wanted.host}:{wanted.port}"):
            return None
        try:
            parts = urlsplit(url if "://" in url else f"http://{url}")
            host, port = parts.hostname, parts.port or 80
        except ValueError:
            host = None
        if not host or parts.scheme != "http":
            raise Stop(2, f"{wanted.scheme}_proxy does not name a proxy that this script can use (http://...).")
        if not parts.username:
            return host, port, ""
        from base64 import b64encode

        login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        return host, port, f"Proxy-Authorization: Basic {b64encode(login.encode()).decode()}\r\n"


class Head(NamedTuple):
    """How an answer begins."""

    status: int
    fields: dict[str, str]  # by names in lower case
    length: Optional[int]  # of the body, if it is said
    chunked: bool
    kept: bool  # whether the connection stays


class Wire:
    """One connection, which reads answers of HTTP/1.1 (RFC 9112) and believes nothing that is not in it."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.buffer = bytearray(PIECE)
        self._view = memoryview(self.buffer)
        self._start = self._end = 0
        self._mark = 0.0
        self._since = 0  # bytes that came after the mark

    def ask(self, request: bytes) -> Head:
        """Send a request and wait for the head of its answer. Raises Broken."""
        self._mark, self._since = time.monotonic(), 0
        try:
            self.sock.sendall(request)
        except OSError as error:
            raise Broken("the connection broke") from error
        for _ in range(10):
            head = self._head()
            if head.status >= 200:
                return head
        raise Broken("the answer cannot be understood")

    def body(self, head: Head) -> Iterator[memoryview]:
        """The bytes of the answer; each piece is good until the next. Raises Broken if not all come."""
        if head.chunked:
            return self._chunks()
        return self._exactly(sys.maxsize, whole=False) if head.length is None else self._exactly(head.length)

    def close(self) -> None:
        """End the connection."""
        self.sock.close()

    @property
    def empty(self) -> bool:
        """Whether all that has come was read."""
        return self._start == self._end

    @property
    def heard(self) -> bool:
        """Whether anything came since the last request."""
        return self._since > 0

    def _head(self) -> Head:
        while True:
            end = self.buffer.find(b"\r\n\r\n", self._start, self._end)
            if end >= 0:
                break
            if self._end - self._start > LONGEST_HEAD or time.monotonic() > self._mark + SILENCE:
                raise Broken("the answer cannot be understood")
            self._more()
        lines = self.buffer[self._start : end].decode("latin-1").split("\r\n")
        self._start = end + 4
        fields: dict[str, str] = {}
        for line in lines[1:]:
            key, _, value = line.partition(":")
            key, value = key.lower(), value.strip(" \t")
            if key == "content-length" and fields.get(key, value) != value:
                raise Broken("the answer cannot be understood")
            fields[key] = value
        version, _, rest = lines[0].partition(" ")
        length, coding = fields.get("content-length"), fields.get("transfer-encoding", "").lower()
        if (
            version not in ("HTTP/1.1", "HTTP/1.0")
            or not re.fullmatch("[1-5][0-9][0-9]", rest[:3], re.ASCII)
            or coding not in ("", "chunked")
            or (length is not None and (coding or not re.fullmatch("[0-9]{1,18}", length, re.ASCII)))
        ):
            raise Broken("the answer cannot be understood")
        status = int(rest[:3])
        size = 0 if status in (204, 304) else None if length is None else int(length)
        kept = version == "HTTP/1.1" and "close" not in fields.get("connection", "").lower()
        return Head(status, fields, size, bool(coding), kept and (size is not None or bool(coding)))

    def _exactly(self, left: int, *, whole: bool = True) -> Iterator[memoryview]:
        while left:
            if self._start == self._end:
                try:
                    self._more()
                except EndOfLine:
                    if whole:
                        raise
                    return
            n = min(left, self._end - self._start)
            yield self._view[self._start : self._start + n]
            self._start += n
            left -= n

    def _chunks(self) -> Iterator[memoryview]:
        while True:
            size = self._line().partition(b";")[0].strip()
            if not re.fullmatch(b"[0-9A-Fa-f]{1,15}", size):
                raise Broken("the answer cannot be understood")
            yield from self._exactly(int(size, 16))
            if int(size, 16) == 0:
                for _ in range(100):
                    if not self._line():
                        return
            if self._line():
                raise Broken("the answer cannot be understood")

    def _line(self) -> bytes:
        while True:
            end = self.buffer.find(b"\r\n", self._start, self._end)
            if end >= 0:
                line = bytes(self.buffer[self._start : end])
                self._start = end + 2
                return line
            if self._end - self._start > 8_192:
                raise Broken("the answer cannot be understood")
            self._more()

    def _more(self) -> None:
        """Receive something behind what is not read yet."""
        if self._start == self._end:
            self._start = self._end = 0
        elif self._start:
            left = bytes(self.buffer[self._start : self._end])
            self.buffer[: len(left)] = left
            self._start, self._end = 0, len(left)
        try:
            n = self.sock.recv_into(self._view[self._end :])
        except socket.timeout as error:
            raise Broken("nothing came for a minute") from error
        except OSError as error:
            raise Broken("the connection broke") from error
        if not n:
            raise EndOfLine("the connection broke")
        self._end += n
        self._since += n
        now = time.monotonic()
        if now > self._mark + SILENCE:
            if self._since < SILENCE * SLOWEST:
                raise Broken("nearly nothing came for a minute")
            self._mark, self._since = now, 0


@lru_cache(None)
def trust() -> Any:
    """Whose certificates are believed: this system's, as for all programs in Python."""
    import ssl

    return ssl.create_default_context()


class Answer:
    """An answer whose body has not been read. As a context, it keeps the connection if all of it was."""

    def __init__(self, client: "Client", origin: tuple[str, str, int], wire: Wire, head: Head) -> None:
        self.head = head
        self._client, self._origin, self._wire = client, origin, wire
        self._whole = False

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        if self._whole and self.head.kept and self._wire.empty:
            self._client.wires[self._origin] = self._wire
        else:
            self._wire.close()

    def body(self) -> Iterator[memoryview]:
        """Its bytes; each piece is good until the next. Raises Broken if not all come."""
        yield from self._wire.body(self.head)
        self._whole = True

    def discard(self) -> None:
        """Read a short body that nobody wants."""
        if self.head.length is not None and self.head.length <= PIECE:
            for _ in self.body():
                pass


class Client:
    """Asks for files, over connections that it keeps, one to each server. Each thread has its own."""

    def __init__(self, server: Address, token: str, proxies: Proxies) -> None:
        self.server = server
        self.wires: dict[tuple[str, str, int], Wire] = {}
        self._token, self._proxies = token, proxies

    def get(self, query: str, fields: str, *, exclusive: bool) -> Answer:
        """The answer for a file, wherever that is. Raises Unreachable, Broken, Never."""
        there = self.server._replace(target=self.server.target.rstrip("/") + FILE + query)
        for _ in range(REDIRECTS + 1):
            secret = f"Authorization: Bearer {self._token}\r\n" if exclusive and self._is_home(there) else ""
            answer = self._ask(there, fields + secret)
            if answer.head.status not in MOVED:
                return answer
            with answer:
                answer.discard()
            location = answer.head.fields.get("location", "")
            following = address(location, f"{there.scheme}://{there.authority}{there.target}") if location else None
            if following is None or (exclusive and there.scheme == "https" and following.scheme != "https"):
                raise Never(FAILED, "the server sends it on to an address that is not safe")
            there = following
        raise Never(FAILED, "the server sends it on from address to address")

    def _is_home(self, there: Address) -> bool:
        return there.origin == self.server.origin

    def _ask(self, there: Address, fields: str) -> Answer:
        proxy = self._proxies.of(there)
        target = there.target
        if proxy and there.scheme == "http":
            target, fields = f"http://{there.authority}{target}", fields + proxy[2]
        request = (
            f"GET {target} HTTP/1.1\r\nHost: {there.authority}\r\nUser-Agent: skybasket-py\r\n"
            f"Accept: */*\r\nAccept-Encoding: identity\r\n{fields}\r\n"
        ).encode("ascii")
        wire = self.wires.pop(there.origin, None)
        if wire is not None:
            try:
                return Answer(self, there.origin, wire, wire.ask(request))
            except Broken:
                wire.close()
                if wire.heard:  # else it was closed since the last answer
                    raise
        wire = self._connect(there, proxy)
        try:
            return Answer(self, there.origin, wire, wire.ask(request))
        except Broken:
            wire.close()
            raise

    def _connect(self, there: Address, proxy: Optional[tuple[str, int, str]]) -> Wire:
        name = "the server" if self._is_home(there) else there.host
        try:
            sock = socket.create_connection(proxy[:2] if proxy else (there.host, there.port), CONNECT)
        except (OSError, UnicodeError) as error:
            raise self._silence(there, f"{name} cannot be reached") from error
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.settimeout(SILENCE)
        try:
            return Wire(self._secured(sock, there, proxy) if there.scheme == "https" else sock)
        except (Unreachable, Again, Never):
            sock.close()
            raise

    def _silence(self, there: Address, detail: str, *, final: bool = False) -> Exception:
        """What it means that a server is silent: all files wait for ours, but only its own for another."""
        if self._is_home(there):
            return Unreachable(detail, final=final)
        return Never(FAILED, detail) if final else Again(detail)

    def _secured(self, sock: socket.socket, there: Address, proxy: Optional[tuple[str, int, str]]) -> socket.socket:
        from ssl import SSLCertVerificationError

        place = f"{there.host}:{there.port}"
        try:
            if proxy:
                status = Wire(sock).ask(f"CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n{proxy[2]}\r\n".encode()).status
                if status != 200:
                    raise self._silence(there, f"the proxy answered {status}")
            secured: socket.socket = trust().wrap_socket(sock, server_hostname=there.host)
        except SSLCertVerificationError as error:
            reason = f"the certificate of {there.host} cannot be trusted: {error.verify_message}"
            raise self._silence(there, reason, final=True) from error
        except (OSError, Broken) as error:
            raise self._silence(there, f"there is no secure connection to {there.host}") from error
        return secured


def asked_wait(fields: dict[str, str]) -> float:
    """Seconds that Retry-After asks for (RFC 9110, 10.2.3), up to five minutes; a minute if that is not readable.

    A date counts from that of the answer: the clock here may be wrong.
    """
    text = fields.get("retry-after", "")
    if not text:
        return 0.0
    if re.fullmatch("[0-9]{1,9}", text, re.ASCII):
        return min(float(text), ASKED_AT_MOST)
    from email.utils import parsedate_to_datetime

    try:
        wait = parsedate_to_datetime(text) - parsedate_to_datetime(fields.get("date", ""))
    except (ValueError, TypeError, OverflowError):
        return 60.0
    return min(max(0.0, wait.total_seconds()), ASKED_AT_MOST)


# --- what has happened ---


RUN_BY_SPREADSHEETS = tuple("=+-@\uff1d\uff0b\uff0d\uff20")  # a cell that begins so


def harmless(row: list[Any]) -> list[Any]:
    """The same row of a receipt, with "./" in front of a path that a spreadsheet would run."""
    return [f"./{row[0]}", *row[1:]] if row[0].startswith(RUN_BY_SPREADSHEETS) else row


def old_receipt(file: str) -> Iterator[list[str]]:
    """The whole rows of a receipt that an earlier run has left; a torn last line is none."""
    try:
        with open(file, encoding="utf-8", errors="replace", newline="") as lines:
            for row in csv.reader(lines):
                if len(row) == len(COLUMNS) and row != COLUMNS:
                    yield [row[0].removeprefix("./"), *row[1:]]
    except (OSError, csv.Error):
        return


class Record:
    """What has happened to each file: for the receipt, the page and the last line. Used by all threads."""

    def __init__(self, table: Table, folder: Folder) -> None:
        self.table, self.folder = table, folder
        self.words: dict[int, str] = {}  # of settled files, by number; these few strings are shared
        self.details: dict[int, str] = {}  # of those of which there is something to say
        self.kept: set[int] = set()  # files that are not looked at again
        self.carried: list[list[str]] = []  # rows of an older receipt that stay as they are
        self.bytes = 0  # of settled files
        self._out: Optional[Any] = None
        self._new: list[tuple[int, Optional[int]]] = []  # numbers and sizes; rows would take much memory
        self._lock = threading.Lock()

    def settle(self, row: Row, word: str, detail: str = "", size: Optional[int] = None) -> None:
        """Note what has become of a file; its row is written by the next ``write``."""
        size = row.size if row.size is not None else size
        with self._lock:
            self.words[row.number] = word
            if detail:
                self.details[row.number] = detail
            self.bytes += size or 0
            self._new.append((row.number, size))

    def remember(self, *, retry_failed: bool) -> Iterator[str]:
        """Take from an older receipt what stays as it is. The paths that are no longer listed, but are still there."""
        if not os.path.isfile(self.folder.place(RECEIPT)):
            return
        numbers: dict[int, int] = {}  # hashes: the paths themselves would take ten times as much memory
        for row in self.table.rows():
            numbers[hash(row.path)] = row.number
        seen: set[int] = set()
        failed: set[int] = set()  # a file may have several rows, and one of them is enough
        if retry_failed:
            failed.update(hash(old[0]) for old in old_receipt(self.folder.place(RECEIPT)) if old[4] not in GOOD)
        for old in old_receipt(self.folder.place(RECEIPT)):
            path, _, size, sha256, word, detail = old
            number = numbers.get(hash(path))
            if number is None:
                inside = path and not path.startswith("/") and ".." not in path.split("/") and "\0" not in path
                if inside and hash(path) not in seen and os.path.isfile(self.folder.place(path)):
                    seen.add(hash(path))
                    self.carried.append([*old[:4], UNLISTED, ""])
                    yield path
            elif retry_failed and hash(path) not in failed and number not in self.kept:
                row = self.table.row(number)
                same = (sha256, size) == (row.sha256, size if row.size is None else str(row.size))
                there = self.folder.size_of(self.folder.place(path))
                if same and there >= 0 and size in ("", str(there)):
                    self.kept.add(number)
                    self.carried.append(old)
                    self.words[number] = GOOD[GOOD.index(word)]
                    if detail:
                        self.details[number] = detail
                    self.bytes += row.size or 0

    def begin(self) -> None:
        """Start the receipt anew, with what is settled already. A run that is killed before this leaves the old one."""
        new = self.folder.place(f"{OWN}/{RECEIPT}")
        self._out = open(new, "w", encoding="utf-8", errors="replace", newline="")  # noqa: SIM115 - open to the end
        writer = csv.writer(self._out)
        writer.writerow(COLUMNS)
        writer.writerows(map(harmless, self.carried))
        self.write()
        self.close()
        os.replace(new, self.folder.place(RECEIPT))
        self._out = open(  # noqa: SIM115 - as above
            self.folder.place(RECEIPT), "a", encoding="utf-8", errors="replace", newline=""
        )

    def write(self) -> None:
        """Add what was settled since the last time."""
        with self._lock:
            new, self._new = self._new, []
        if new and self._out:
            csv.writer(self._out).writerows(self._line(number, size) for number, size in new)
            self._out.flush()

    def _line(self, number: int, size: Optional[int]) -> list[Any]:
        row = self.table.row(number)
        return harmless([row.path, row.uri, size, row.sha256, self.words[number], self.details.get(number, "")])

    def close(self) -> None:
        """End the receipt."""
        if self._out:
            self._out.close()
            self._out = None

    def write_page(self, summary: str) -> None:
        """MANIFEST.HTML: the same for people, in the columns of MAST's page of that name."""
        title = escape(f"Manifest for {self.table.name}")
        new = self.folder.place(f"{OWN}/{PAGE}")
        with open(new, "w", encoding="utf-8", errors="replace", newline="\n") as page:
            page.write(
                f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>{STYLE}'
                f"</style></head>\n<body><h1>{title}</h1>\n<p>{escape(summary)}</p>\n"
                "<table><thead><tr><th>URI</th><th>File</th><th>Access</th><th>Status</th></tr></thead><tbody>\n"
            )
            for row in self.table.rows():
                detail = self.details.get(row.number, "")
                status = self.words.get(row.number, FAILED) + (f" ({detail})" if detail else "")
                cells = (row.uri, row.path, "EXCLUSIVE_ACCESS" if row.exclusive else "PUBLIC", status)
                page.write("<tr>" + "".join(f"<td>{one_line(escape(cell))}</td>" for cell in cells) + "</tr>\n")
            page.write("</tbody></table></body></html>\n")
        os.replace(new, self.folder.place(PAGE))


STYLE = (
    "body{font:14px/1.5 system-ui,sans-serif;margin:2em}table{border-collapse:collapse}"
    "td,th{text-align:left;padding:.2em 1em .2em 0}"
)


def one_line(words: str) -> str:
    """The same in one line, and harmless on a terminal."""
    return words if words.isprintable() else "".join(c if c.isprintable() else " " for c in words)


class Progress:
    """How far the run is: a bar on a terminal, else a line twice a minute."""

    def __init__(self, record: Record, files: int, size: int, jobs: int) -> None:
        self.received = [0] * jobs  # bytes of files that are not complete, by thread
        self._record, self._files, self._size = record, files, size
        self._terminal = sys.stderr.isatty()
        self._begin = self._last = time.monotonic()
        self._from = record.bytes
        self._width = 0

    def show(self) -> None:
        """Say it, if it is time for that."""
        now = time.monotonic()
        if now < self._last + (0.2 if self._terminal else 30):
            return
        self._last = now
        done = self._record.bytes + sum(self.received)
        rate = (done - self._from) / max(now - self._begin, 0.001)
        files = f"{len(self._record.words)} of {self._files} files"
        line = f"{files}, {in_words(done)} of {in_words(self._size)}, {in_words(rate)}/s"
        if not self._terminal:
            say(line)
            return
        if rate > 0 and self._size > done:
            line += f", {time_in_words((self._size - done) / rate)} left"
        part = done / self._size if self._size else len(self._record.words) / max(self._files, 1)
        filled = int(20 * min(part, 1.0))
        line = f"[{'#' * filled}{'.' * (20 - filled)}] {line}"
        line = line[: max((shutil.get_terminal_size().columns or 80) - 1, 20)]
        sys.stderr.write("\r" + line.ljust(self._width))
        sys.stderr.flush()
        self._width = len(line)

    def clear(self) -> None:
        """Make room for a sentence."""
        if self._width:
            sys.stderr.write("\r" + " " * self._width + "\r")
            sys.stderr.flush()
            self._width = 0

    def say(self, words: str) -> None:
        """A sentence between."""
        self.clear()
        say(words)


def in_words(size: float) -> str:
    """Bytes for people: 12.3 MB."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def time_in_words(seconds: float) -> str:
    """A time for people: 12 min."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6_000 else f"{seconds / 3600:.0f} h"


# --- fetching ---


Settled = tuple[str, str, int]  # word and detail for the receipt, and the bytes that came


class Queue:
    """Which file is next: in the order of the table, and one that failed again after its pause."""

    def __init__(self, numbers: Iterable[int]) -> None:
        self._fresh = iter(numbers)
        self._later: list[tuple[float, int]] = []
        self._busy = 0
        self._not_before = 0.0
        self._change = threading.Condition()

    def next(self) -> Optional[int]:
        """The next file; waits for it. None at the end. ``done`` has to be called after each."""
        with self._change:
            while True:
                now = time.monotonic()
                wait: Optional[float] = self._not_before - now
                if wait is not None and wait <= 0:
                    if self._later and self._later[0][0] <= now:
                        self._busy += 1
                        return heapq.heappop(self._later)[1]
                    number = next(self._fresh, None)
                    if number is not None:
                        self._busy += 1
                        return number
                    if not self._later and not self._busy:
                        self._change.notify_all()
                        return None
                    wait = self._later[0][0] - now if self._later else None
                self._change.wait(wait)

    def done(self) -> None:
        """A file that ``next`` gave is settled, or was given to ``again``."""
        with self._change:
            self._busy -= 1
            if not self._busy:
                self._change.notify_all()

    def again(self, number: int, seconds: float) -> None:
        """Give that file once more, after some seconds."""
        with self._change:
            heapq.heappush(self._later, (time.monotonic() + seconds, number))
            self._change.notify_all()

    def pause(self, seconds: float) -> bool:
        """Give nothing for some seconds. Whether that is much longer than it was to be anyway."""
        until = time.monotonic() + seconds
        with self._change:
            longer = until > self._not_before + 0.5
            self._not_before = max(self._not_before, until)
        return longer


class Hand:
    """What each thread has for itself."""

    def __init__(self, number: int, client: Client, progress: Progress) -> None:
        self.number, self.client, self.progress = number, client, progress
        self.buffer = bytearray(PIECE)


class Trouble:
    """What has gone wrong with one file so far."""

    tries = 0  # in a row that brought nothing
    wrong = 0  # complete answers that were not the file
    best = 0  # bytes that its part ever had
    whole = False  # whether it is to be asked for from its start only
    inherited = False  # whether its part is from an earlier run


class Fetcher:
    """Fetches files with several threads and settles each."""

    def __init__(self, chosen: Options, record: Record, progress: Progress, queue: Queue) -> None:
        self.retries = chosen.retries
        self.record, self.progress, self.queue = record, progress, queue
        self.folder = record.folder
        self._trouble: dict[int, Trouble] = {}
        self._lock = threading.Lock()
        self._down = 0  # pauses in a row because the server could not be reached
        self._silent = 0  # files in a row that failed for that
        self._pauses = 0

    def work(self, hand: Hand) -> None:
        """Fetch one file after the other. Raises Stop if there is no space."""
        while True:
            number = self.queue.next()
            if number is None:
                return
            try:
                self._one(self.record.table.row(number), hand)
            finally:
                self.progress.received[hand.number] = 0
                self.queue.done()

    def _one(self, row: Row, hand: Hand) -> None:
        if self._silent >= SILENT_IN_A_ROW:
            self.record.settle(row, FAILED, "the server cannot be reached")
            return
        trouble, pauses = self._trouble.pop(row.number, None) or Trouble(), self._pauses
        try:
            settled = self._attempt(row, trouble, hand)
        except Unreachable as error:
            self._trouble[row.number] = trouble
            self._wait_for_server(row, error, pauses)
            return
        self._silent = self._down = 0
        if settled:
            self.record.settle(row, *settled)

    def _attempt(self, row: Row, trouble: Trouble, hand: Hand) -> Optional[Settled]:
        """What has become of a file; None if it has to be tried again."""
        try:
            return Attempt(self.folder, row, trouble, hand).result()
        except (Stop, Unreachable):
            raise
        except Never as end:
            return end.word, str(end), 0
        except Wrong as error:
            return self._wrong(row, trouble, error)
        except Again as error:
            return self._failed(row, trouble, error)
        except OSError as error:
            if error.errno in FULL:
                raise self.folder.full() from error
            return FAILED, in_the_way(error), 0
        except Exception as error:  # noqa: BLE001 - giving up on one file must not give up on the others
            return FAILED, f"this script did not expect it: {error!r}", 0

    def _wrong(self, row: Row, trouble: Trouble, error: Wrong) -> Optional[Settled]:
        trouble.wrong += not trouble.inherited
        trouble.inherited = False
        if trouble.wrong >= 2:
            return FAILED, str(error), 0
        self._again(row, trouble, 0.0)
        return None

    def _failed(self, row: Row, trouble: Trouble, error: Again) -> Optional[Settled]:
        if error.seconds and self.queue.pause(error.seconds):
            self.progress.say(f"The server asks to wait {error.seconds:.0f} s.")
        if trouble.tries >= self.retries:
            return FAILED, str(error), 0
        pause = PAUSES[min(trouble.tries, len(PAUSES)) - 1] if trouble.tries else 0.0
        self._again(row, trouble, max(pause, error.seconds))
        return None

    def _again(self, row: Row, trouble: Trouble, seconds: float) -> None:
        self._trouble[row.number] = trouble
        self.queue.again(row.number, seconds)

    def _wait_for_server(self, row: Row, error: Unreachable, pauses: int) -> None:
        """Let all threads wait: whatever the file, the server would not answer."""
        with self._lock:
            if not error.final and self._down < self.retries - 1:
                if pauses == self._pauses:  # else another thread has said so since
                    seconds = PAUSES[min(self._down, len(PAUSES) - 1)]
                    self._down += 1
                    self._pauses += 1
                    self.queue.pause(seconds)
                    self.progress.say(f"{str(error).capitalize()}. Trying again in {seconds:.0f} s.")
                self.queue.again(row.number, 0.0)
                return
            self._silent += 1
        self.record.settle(row, FAILED, str(error))


def in_the_way(error: OSError) -> str:
    """Why a file could not be written, for people."""
    if error.errno == errno.ENAMETOOLONG:
        return "its path is too long here"
    if isinstance(error, (FileExistsError, IsADirectoryError, NotADirectoryError)):
        return "it cannot be written here"
    return f"it could not be written: {error.strerror or error}"


class Attempt:
    """One attempt to get one file."""

    def __init__(self, folder: Folder, row: Row, trouble: Trouble, hand: Hand) -> None:
        self.folder, self.row, self.trouble, self.hand = folder, row, trouble, hand
        self.part = self.folder.part(row.path)
        self.digest = hashlib.sha256()
        self.have = 0

    def result(self) -> Settled:
        """Word, detail and size for the receipt, once the file is in its place.

        Raises Never, Again, Wrong, Unreachable, and OSError if it cannot be written.
        """
        first = not self.trouble.best
        tag = self._look_at_part() if self.folder.began or not first or self.trouble.tries else ""
        if first and self.have:
            self.trouble.best, self.trouble.inherited = self.have, True
        start = self.have
        if not self._complete():
            if self.have == self.row.size:
                self._start_again()
            try:
                start = self._receive(tag)
            except Again:
                self.trouble.tries = 0 if self.have > self.trouble.best else self.trouble.tries + 1
                self.trouble.best = max(self.have, self.trouble.best)
                raise
        place = self.folder.place(self.row.path)
        os.replace(self.part, self.folder.make_room(place))
        if self.row.sha256:
            return (RESUMED if start else OK), "", self.have
        removed(self.folder.tag(self.row.path))
        return SIZE_ONLY, "the archive knows neither size nor checksum" if self.row.size is None else "", self.have

    def _look_at_part(self) -> str:
        """See how much of the part may be continued. What tells of which version it is, where no checksum would."""
        size = self.folder.size_of(self.part)
        if size <= 0 or self.trouble.whole or (self.row.size is not None and size > self.row.size):
            return ""
        if self.row.sha256:
            self.have = hash_file(self.part, self.digest, self.hand.buffer)
            return ""
        try:
            with open(self.folder.tag(self.row.path), encoding="latin-1") as file:
                tag = file.read(1_000).strip()
        except OSError:
            return ""
        if tag and (tag == self.row.version or not tag.startswith("version=")):
            self.have = size
        return tag

    def _start_again(self) -> None:
        self.have, self.digest = 0, hashlib.sha256()

    def _complete(self) -> bool:
        if not self.have:
            return False
        if self.row.sha256:
            return bool(self.digest.hexdigest() == self.row.sha256)
        return self.have == self.row.size

    def _receive(self, tag: str) -> int:
        """Get what is missing. The byte from which it was continued."""
        fields = ""
        if self.have:
            fields = f"Range: bytes={self.have}-\r\n"
            if not self.row.sha256 and tag != self.row.version:
                fields += f"If-Range: {tag}\r\n"
        answer = self.hand.client.get(self.row.query, fields, exclusive=self.row.exclusive)
        head = answer.head
        with answer:
            if head.status not in (200, 206):
                answer.discard()
                self._refused(head)
            self._must_be_the_file(head)
            start = self._start_of(head, tag)
            if self.row.size is not None and head.length is not None and start + head.length != self.row.size:
                removed(self.part)
                raise Wrong(f"it has {start + head.length} bytes instead of {self.row.size}")
            if not start:
                self._start_again()
            self._write(answer, head, start)
        if self.row.size is not None and self.have < self.row.size:
            if head.chunked:
                removed(self.part)
                raise Wrong(f"it has {self.have} bytes instead of {self.row.size}")
            raise Broken("the connection broke")
        if self.row.sha256 and self.digest.hexdigest() != self.row.sha256:
            removed(self.part)
            raise Wrong("its checksum is wrong")
        return start

    def _must_be_the_file(self, head: Head) -> None:
        """Raise Again for what only looks like it."""
        kind, path = head.fields.get("content-type", "").lower(), self.row.path.lower()
        if kind.startswith(("text/html", "application/xhtml+xml")) and not path.endswith((".html", ".htm", ".xhtml")):
            raise Again("a web page came in its place")
        if head.fields.get("content-encoding", "").lower() in ("", "identity"):
            return
        # Some servers say so of files that are compressed themselves.
        if self.row.size is None and not self.row.sha256 and not path.endswith((".gz", ".z")):
            raise Again("it came compressed")

    def _refused(self, head: Head) -> None:
        """Raise what an answer without the file means."""
        words = f"the server answered {head.status}"
        if head.status == 416 and self.have:
            self._from_its_start()
        if head.status in DENIED:
            raise Never(NOT_AUTHORISED, words)
        if head.status in GONE:
            raise Never(MISSING, words)
        if 400 <= head.status < 500 and head.status not in LATER:
            raise Never(FAILED, words)
        raise Again(words, asked_wait(head.fields) if head.status in (429, 503) else 0.0)

    def _from_its_start(self) -> None:
        """Raise Again, for an answer to a range that the server cannot give."""
        removed(self.part)
        self.trouble.whole, self.have = True, 0
        raise Again("it could not be continued")

    def _start_of(self, head: Head, tag: str) -> int:
        """The byte with which an answer begins. Raises Again if it is not one that was asked for."""
        if head.status == 200:
            return 0
        given = re.fullmatch(
            r"bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18}|\*)", head.fields.get("content-range", "")
        )
        if not self.have or not given or int(given[1]) != self.have:
            self._from_its_start()
            return 0
        total = None if given[3] == "*" else int(given[3])
        if total is None and self.row.size is None and not self.row.sha256:
            self._from_its_start()  # nothing would tell whether the end is among it
        if total is not None and (int(given[2]) + 1 != total or (self.row.size is not None and total != self.row.size)):
            self._from_its_start()
        if not self.row.sha256 and tag not in (self._version_in(head), validator(head)):
            self._from_its_start()  # a server that knows no If-Range, or no versions
        return self.have

    def _write(self, answer: Answer, head: Head, start: int) -> None:
        most = sys.maxsize if self.row.size is None else self.row.size
        if not start:
            self._begin_part(head)
        with open(self.folder.make_room(self.part), "ab" if start else "wb", buffering=0) as out:
            for piece in answer.body():
                if self.have + len(piece) > most:
                    removed(self.part)
                    raise Wrong("it is longer than the archive says")
                self.digest.update(piece)
                written = out.write(piece)
                while written < len(piece):  # on a disk that is nearly full
                    written += out.write(piece[written:])
                self.have += len(piece)
                self.hand.progress.received[self.hand.number] = self.have

    def _begin_part(self, head: Head) -> None:
        """Note of which version the part is that is about to be written, where no checksum would tell."""
        if self.row.sha256:
            return
        removed(self.part)
        tag = self._version_in(head) or validator(head)
        if not tag:
            removed(self.folder.tag(self.row.path))
            return
        with open(self.folder.make_room(self.folder.tag(self.row.path)), "w", encoding="latin-1") as file:
            file.write(tag)

    def _version_in(self, head: Head) -> str:
        """The version that was asked for, if an answer is of that one."""
        return self.row.version if f"version={head.fields.get('skybasket-version')}" == self.row.version else ""


def validator(head: Head) -> str:
    """What If-Range may name (RFC 9110, 13.1.5): a strong tag, or a date that is not of this very second."""
    tag, date = head.fields.get("etag", ""), head.fields.get("last-modified", "")
    if tag:
        return "" if tag.startswith("W/") else tag
    return "" if date == head.fields.get("date") else date


# --- the run ---


RIGHT, NOT_THERE, SIZE_WRONG, SUM_WRONG, BLOCKED, UNSEEN = range(6)
WHY = ("", "missing", "its size is wrong", "its checksum is wrong", "something else has its name")


def look(table: Table, folder: Folder, record: Record, jobs: int) -> bytearray:
    """How each file is that is in its place already. Threads pay only where there is something to hash."""
    found, doubtful = bytearray([UNSEEN]) * table.count, array("L")
    for row in table.rows():
        if row.number not in record.kept:
            how = found[row.number] = by_size(row, folder)
            if how == RIGHT and row.sha256:
                doubtful.append(row.number)
    numbers = iter(doubtful)

    def work(_: int) -> None:
        buffer = bytearray(PIECE)
        for number in numbers:
            found[number] = by_sum(table.row(number), folder, buffer)

    in_threads(min(jobs, len(doubtful)), work, lambda: None)
    return found


def by_size(row: Row, folder: Folder) -> int:
    """How one file is, but for its checksum."""
    size = folder.size_of(folder.place(row.path))
    if size < 0:
        return BLOCKED if size == -2 else NOT_THERE
    return RIGHT if row.size in (None, size) else SIZE_WRONG


def by_sum(row: Row, folder: Folder, buffer: bytearray) -> int:
    """Whether the checksum of a file is right."""
    digest = hashlib.sha256()
    try:
        hash_file(folder.place(row.path), digest, buffer)
    except OSError:
        return SUM_WRONG  # it cannot be read
    return RIGHT if digest.hexdigest() == row.sha256 else SUM_WRONG


def in_threads(count: int, work: Callable[[int], None], meanwhile: Callable[[], None]) -> None:
    """Run ``work`` in so many threads until all have ended. Raises what one of them raised, or a signal."""
    raised: list[BaseException] = []

    def guarded(number: int) -> None:
        try:
            work(number)
        except BaseException as error:  # noqa: BLE001 - it is raised below, in the main thread
            raised.append(error)

    threads = [threading.Thread(target=guarded, args=(number,), daemon=True) for number in range(count)]
    for thread in threads:
        thread.start()
    while threads and not raised:
        threads[0].join(0.2)
        meanwhile()
        threads = [thread for thread in threads if thread.is_alive()]
    if raised:
        raise raised[0]


class Todo:
    """What is left to fetch, after all that is there has been settled."""

    def __init__(self, record: Record, found: bytearray) -> None:
        folder = record.folder
        self.numbers = array("L")
        self.needed = 0  # bytes
        self.exclusive = False
        for row in record.table.rows():
            how = found[row.number]
            if how == RIGHT:
                record.settle(row, HAD, "" if row.sha256 else "size only", folder.size_of(folder.place(row.path)))
            elif how == BLOCKED:
                record.settle(row, FAILED, WHY[BLOCKED])
            elif how != UNSEEN:
                self.numbers.append(row.number)
                self.needed += (row.size or 0) - min(max(folder.size_of(folder.part(row.path)), 0), row.size or 0)
                self.exclusive = self.exclusive or row.exclusive


def show_unlisted(paths: Iterable[str]) -> None:
    """Say what is there and not in this script's table."""
    count = 0
    for count, path in enumerate(paths, 1):
        if count <= SHOWN:
            print(f"{UNLISTED}: {one_line(path)} (kept)")
    if count > SHOWN:
        print(f"{UNLISTED}: and {count - SHOWN} more, as receipt.csv says (kept)")


def fetch(chosen: Options, table: Table, folder: Folder, token: str) -> int:
    """Fetch what is not there; ``token`` is what the environment holds. The exit code. Raises Stop."""
    dry = chosen.mode == "dry-run"
    if not dry:
        folder.open()
    record = Record(table, folder)
    show_unlisted(record.remember(retry_failed=chosen.retry_failed))
    todo = Todo(record, look(table, folder, record, chosen.jobs))
    free = folder.free()
    if dry:
        for row in map(table.row, todo.numbers):
            print("-" if row.size is None else row.size, row.path, sep="\t")
        print(f"Would fetch {len(todo.numbers)} of {table.count} files, {todo.needed} bytes; {free} bytes are free.")
        return 3 if todo.needed > free else 0
    server = address(table.server)
    if server is None:
        raise Stop(2, f"{table.server} is not the address of a server.")
    token = find_token(token, chosen.token_file, server.host) if todo.exclusive else ""
    if todo.exclusive and not token:
        raise Stop(2, token_needed(map(table.row, todo.numbers), chosen.token_file))
    if todo.needed > free:
        raise Stop(3, f"There is no space: {folder.shown} needs {todo.needed} bytes more and has {free} free.")
    try:
        record.begin()
        if todo.numbers:
            say(f"Fetching {len(todo.numbers)} of {table.count} files into {folder.shown}.")
            fetch_all(chosen, record, todo.numbers, (server, token))
        return report(record)
    except OSError as error:
        raise (folder.full() if error.errno in FULL else Stop(2, f"{in_the_way(error)}: {error.filename}")) from error
    finally:
        record.close()


def fetch_all(chosen: Options, record: Record, todo: "array[int]", home: tuple[Address, str]) -> None:
    """Settle all these files."""
    table, jobs = record.table, min(chosen.jobs, len(todo))
    progress = Progress(record, table.count, sum(row.size or 0 for row in table.rows()), jobs)
    fetcher = Fetcher(chosen, record, progress, Queue(todo))
    proxies = Proxies()

    def meanwhile() -> None:
        record.write()
        progress.show()

    try:
        in_threads(jobs, lambda thread: fetcher.work(Hand(thread, Client(*home, proxies), progress)), meanwhile)
    finally:
        record.write()
        progress.clear()


def token_needed(rows: Iterable[Row], chosen: str) -> str:
    """What to say when there is no token."""
    names = [row.path for row in rows if row.exclusive]
    lines = [f"  {path}" for path in names[:SHOWN]]
    lines += [f"  and {len(names) - SHOWN} more"] if len(names) > SHOWN else []
    where = chosen or "~/.config/skybasket/token"
    lines.append("These files are of exclusive access. Put your token into the environment variable SKYBASKET_TOKEN,")
    return "\n".join([*lines, f"or into the file {where} that only you may read."])


def report(record: Record) -> int:
    """Say what has happened. The exit code."""
    record.write()
    total, words = record.table.count, record.words
    bad = sorted(number for number, word in words.items() if word not in GOOD)
    for number in bad:
        print(f"{words[number]}: {record.table.row(number).path} ({record.details[number]})")
    summary = f"{total - len(bad)} of {total} OK, {len(bad)} failed"
    record.write_page(f"{summary}.")
    print(summary)
    if not bad:
        record.close()
        record.folder.clear()
        return 0
    return 2 if all(words[number] == NOT_AUTHORISED for number in bad) else 1


def verify(chosen: Options, table: Table, folder: Folder) -> int:
    """Say what is missing or damaged. The exit code."""
    if not os.path.isdir(folder.top):
        raise Stop(2, f"There is no folder {folder.shown} to verify.")
    found = look(table, folder, Record(table, folder), chosen.jobs)
    bad = 0
    for number, how in enumerate(found):
        if how != RIGHT:
            bad += 1
            word = {NOT_THERE: MISSING, BLOCKED: FAILED}.get(how, "Damaged")
            print(f"{word}: {table.row(number).path}" + ("" if how == NOT_THERE else f" ({WHY[how]})"))
    print(f"{table.count - bad} of {table.count} OK, {bad} missing or damaged")
    return 1 if bad else 0


def run(words: list[str]) -> int:
    """The whole run. The exit code. Raises Stop."""
    token = os.environ.pop("SKYBASKET_TOKEN", "")  # no program that is started may see it
    try:
        table = Table(__file__)
    except (NameError, OSError):
        raise Stop(2, "Save this script as a file first, then run it.") from None
    chosen = options(words, table.name)
    table.flat = chosen.flat
    if chosen.mode == "help":
        print(USAGE.format(file=os.path.basename(__file__), name=table.name), end="")
        return 0
    if chosen.mode == "list":
        for row in table.rows():
            print("-" if row.size is None else row.size, row.path, sep="\t")
        return 0
    folder = Folder(chosen.dest)
    if chosen.mode == "verify":
        return verify(chosen, table, folder)
    try:
        return fetch(chosen, table, folder, token)
    except Interrupted:
        say("Stopped. What has arrived is kept: run the script again to go on.")
        raise
    finally:
        folder.close()


def interrupted(number: int, _: object) -> None:
    """End because of a signal, and let no second one disturb that."""
    for each in SIGNALS:
        signal.signal(each, signal.SIG_IGN)
    raise Interrupted(128 + number)


SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


def main() -> None:
    """Run, and end with an exit code, also while threads still wait for a server."""
    atexit.unregister(incomplete)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr] # both are text files here
    for each in SIGNALS:
        if signal.getsignal(each) != signal.SIG_IGN:  # as nohup, and shells for what runs behind, have it
            signal.signal(each, interrupted)
    code = 1
    try:
        code = run(sys.argv[1:])
        sys.stdout.flush()
    except Stop as stop:
        code = stop.code
        sys.stdout.flush()
        say(str(stop))
    except Interrupted as stop:
        code = stop.args[0]
    except BrokenPipeError:
        pass  # nobody reads on
    os._exit(code)


if __name__ == "__main__":
    main()
