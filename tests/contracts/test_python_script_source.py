"""What the Python script alone promises: which Pythons it is for, and that nothing it lists becomes a part of it."""

from __future__ import annotations

import ast
import io
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import jobs.dialects
from jobs.dialects import dialect
from jobs.items import Header, Item
from tests.fixtures.archive import TOKEN
from tests.fixtures.scripts import NOWHERE, Script, body, size_of, wait_until

if TYPE_CHECKING:
    from tests.fixtures.archive import Archive

BODY = Path(jobs.dialects.__path__[0]) / "bodies" / "fetch.py"
# What it takes from the standard library. Before a name is added: was it there in Python 3.9, and is it on Windows?
TAKEN = {
    "array": {"array"},
    "atexit": {"register", "unregister"},
    "base64": {"b64encode"},
    "collections.abc": {"Callable", "Iterable", "Iterator"},
    "contextlib": {"suppress"},
    "csv": {"Error", "reader", "writer"},
    "email.utils": {"parsedate_to_datetime"},
    "errno": {"EDQUOT", "ELOOP", "ENAMETOOLONG", "ENOSPC", "ENOTDIR"},
    "functools": {"lru_cache"},
    "getpass": {"getpass"},
    "hashlib": {"sha256"},
    "heapq": {"heappop", "heappush"},
    "html": {"escape"},
    "netrc": {"NetrcParseError", "netrc"},
    "os": {
        "O_CREAT",
        "O_EXCL",
        "O_WRONLY",
        "W_OK",
        "access",
        "close",
        "fsdecode",
        "fstat",
        "getpid",
        "kill",
        "listdir",
        "makedirs",
    }
    | {"_exit", "environ", "name", "open", "path", "remove", "replace", "rmdir", "scandir", "stat", "write"},
    "re": {"ASCII", "IGNORECASE", "fullmatch", "search", "sub"},
    "shutil": {"disk_usage", "get_terminal_size", "rmtree"},
    "signal": {"SIGTERM", "SIG_IGN", "getsignal", "signal"},
    "socket": {"IPPROTO_TCP", "TCP_NODELAY", "create_connection", "gethostname", "socket", "timeout"},
    "ssl": {"SSLCertVerificationError", "create_default_context"},
    "stat": {"S_ISREG"},
    "subprocess": {"DEVNULL", "run"},
    "sys": {"argv", "exit", "flags", "maxsize", "path", "platform", "stderr", "stdout", "version_info"},
    "threading": {"Condition", "Lock", "Thread"},
    "time": {"monotonic", "time"},
    "typing": {"Any", "NamedTuple", "Optional"},
    "urllib.parse": {"quote", "unquote", "urljoin", "urlsplit"},
    "urllib.request": {"getproxies", "proxy_bypass"},
}


def written(items: list[Item], **about: str) -> str:
    out = io.BytesIO()
    header = Header("coding_latin-1", 1_777_000_000, "http://127.0.0.1:1", 1, 2, 3)
    dialect("py").write(header._replace(**about), items, out)
    return out.getvalue().decode()


def test_an_older_python_can_read_it_as_far_as_the_sentence_that_it_is_too_old() -> None:
    ast.parse(BODY.read_text("utf-8"), feature_version=(3, 6))


def test_it_takes_only_what_python_3_9_has_on_all_systems() -> None:
    tree = ast.parse(BODY.read_text("utf-8"))
    modules = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    taken: dict[str, set[str]] = {name: set() for name in modules}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
            taken[node.value.id].add(node.attr)
        if isinstance(node, ast.ImportFrom):
            taken.setdefault(str(node.module), set()).update(name.name for name in node.names)
    assert {
        name: found - TAKEN.get(name, set()) for name, found in taken.items() if found - TAKEN.get(name, set())
    } == {}


def test_it_is_a_program_and_a_list_in_comments_and_says_what_it_is() -> None:
    hostile = "x\r\nimport os\n'''\"\"\"\x0c# coding: utf-7\u2028y"
    text = written([], archive=hostile, link=hostile, citation=hostile)
    comments = [line for line in text.splitlines() if line.startswith("#")]
    plain = BODY.read_text("utf-8")
    assert ast.dump(ast.parse(text)) == ast.dump(ast.parse(plain))
    assert comments[:3] == [
        "#!/usr/bin/env python3",
        "# A Python script of Skybasket.",
        "# coding_latin-1: 1 files, 2 bytes, 3 of them of unknown size",
    ]


@pytest.mark.parametrize("path", ["#@ end", "'''", "\\", "coding: utf-7", "a\N{NO-BREAK SPACE}é星"])
def test_no_name_of_a_file_changes_the_program(path: str) -> None:
    item = Item(f"mast:{path}", path, path, None, None, exclusive=False, query="uri=mast:x")
    assert ast.dump(ast.parse(written([item]))) == ast.dump(ast.parse(BODY.read_text("utf-8")))


def test_one_that_was_saved_with_the_line_ends_of_windows_works(py: Script, archive: Archive) -> None:
    py.write(archive.add("mast:a/x.fits", body()))
    py.file.write_bytes(py.file.read_bytes().replace(b"\n", b"\r\n"))
    assert py.run().code == 0
    assert py.wrong() == []


def test_one_that_is_no_file_asks_to_be_saved(py: Script) -> None:
    py.write()
    done = subprocess.run([sys.executable, "-"], input=py.file.read_bytes(), capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (2, b"Save this script as a file first, then run it.\n")


def test_a_module_that_was_fetched_is_never_imported(py: Script, archive: Archive) -> None:
    names = ["csv.py", "ssl.py", "netrc.py", "html/__init__.py"]
    trap = b"open('canary', 'w').close()\n"
    py.write(*(archive.add(f"mast:{name}", trap, exclusive=True) for name in names))
    for _ in range(2):
        py.run("--dest", ".", SKYBASKET_TOKEN=TOKEN)
    assert {name for name in names if (py.folder / name).is_file()} == set(names)
    assert not (py.folder / "canary").exists()


def test_at_a_terminal_a_bar_shows_how_far_it_is(py: Script, archive: Archive) -> None:
    py.write(archive.add("mast:a/x.fits", body(), exclusive=True))
    py.patch("now < self._last + (0.2 if", "now < self._last + (0.0 if")  # else a run as short as this one shows none
    _, shown = py.run_at_a_terminal(b"(it is not shown): ", TOKEN)
    assert b"[####################] 1 of 1 files, 5.0 kB of 5.0 kB" in shown


def test_a_disk_that_is_full_ends_the_run_and_the_next_goes_on(py: Script, archive: Archive) -> None:
    entry = archive.add("mast:a/x.fits", body())
    archive.misbehave(entry.uri, "stall")
    py.write(entry)
    with py.start() as run:
        wait_until(lambda: size_of(py.part(entry)))
        py.part(entry).unlink()
        py.part(entry).symlink_to("/dev/full")  # every write to it fails as on a full disk
        archive.stop.set()
        _, err = run.communicate(timeout=20)
    assert run.returncode == 3
    assert err.endswith("Make room and run the script again: it goes on where it was.\n")
    py.part(entry).unlink(missing_ok=True)
    assert py.run().code == 0


@pytest.mark.parametrize("noted", [True, False])
def test_even_a_small_part_of_which_nothing_is_known_is_continued_by_its_tag(
    py: Script, archive: Archive, *, noted: bool
) -> None:
    entry = archive.add("mast:a/x.fits", body())._replace(sha256=None)
    py.write(entry, version=NOWHERE)
    py.part(entry).write_bytes(body()[:2_000])
    if noted:
        py.tag(entry).write_text('"1"')
    assert py.run().code == 0
    assert archive.starts(entry.uri) == ([2_000] if noted else [0])
    assert py.wrong() == []


def test_without_utf8_in_the_locale_names_are_still_utf8(py: Script, archive: Archive) -> None:
    py.write(archive.add("mast:é星", body(), path="é星.fits"))
    run = py.run(LC_ALL="C", PYTHONCOERCECLOCALE="0", PYTHONUTF8="0")
    assert run.code == 0, run.err
    assert py.wrong() == []
    assert py.receipt() == {"é星.fits": ("OK", "")}
