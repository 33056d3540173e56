"""The text of a Python script: which Pythons it is for, and that nothing it lists can become a part of the program."""

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
from tests.fixtures.python_script import PythonScript, body

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
    "errno": {"EDQUOT", "ELOOP", "ENAMETOOLONG", "ENOSPC"},
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
    "re": {"ASCII", "IGNORECASE", "fullmatch", "search"},
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


def test_half_a_script_does_nothing(py: PythonScript, archive: Archive) -> None:
    py.write(*(archive.add(f"mast:a/{n}.fits", body(n)) for n in range(50)))
    whole = py.file.read_bytes()
    for length in (len(whole) - 3, len(whole) - 3_000, whole.index(b"\nclass Folder")):
        py.file.write_bytes(whole[:length])
        assert py.run() == (2, "", "This script is not complete. Download it again.\n")
    assert archive.requests == []
    assert not py.dest.exists()


def test_one_that_was_saved_with_the_line_ends_of_windows_works(py: PythonScript, archive: Archive) -> None:
    py.write(archive.add("mast:a/x.fits", body()))
    py.file.write_bytes(py.file.read_bytes().replace(b"\n", b"\r\n"))
    assert py.run().code == 0
    assert py.wrong() == []


def test_one_that_is_no_file_asks_to_be_saved(py: PythonScript) -> None:
    py.write()
    done = subprocess.run([sys.executable, "-"], input=py.file.read_bytes(), capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (2, b"Save this script as a file first, then run it.\n")


def test_without_utf8_in_the_locale_names_are_still_utf8(py: PythonScript, archive: Archive) -> None:
    py.write(archive.add("mast:é星", body(), path="é星.fits"))
    run = py.run(LC_ALL="C", PYTHONCOERCECLOCALE="0", PYTHONUTF8="0")
    assert run.code == 0, run.err
    assert py.wrong() == []
    assert py.receipt() == {"é星.fits": ("OK", "")}
