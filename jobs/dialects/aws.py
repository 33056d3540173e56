"""A POSIX shell script that fetches the files of public S3 buckets with AWS's command line; ``aws.sh`` is its body.

The columns of its table are separated by tabs: size in bytes or ``-``, SHA-256 or ``-``, ``-``, path, ``s3://``
address, endpoint or ``-``, and region or ``-``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from jobs.dialects import SCRIPT
from jobs.errors import JobError
from jobs.sh_script import write_script

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jobs.items import Header, Item

name = "aws"
method = SCRIPT
suffix = ".aws.sh"
media_type = "application/x-sh"
title = "Script for AWS S3"
about = "Fetches every file from its public S3 bucket, which is fastest inside AWS, verifies it, and says what failed."
needs = "A shell and AWS's command line, aws; no account."
use = "sh {file}"
token = ""
language = "bash"
wants = frozenset({"public"})


def write(header: Header, items: Iterable[Item], out: BinaryIO) -> None:
    """Write the script. Raises JobError for an address that is not safe in it."""
    variables = {"name": header.name, "script": header.name + suffix, "tool": "aws"}
    rows = (_row(item) for item in items)
    write_script(out, header, suffix=suffix, variables=variables, bodies=["verified.sh", "aws.sh"], rows=rows)


def _row(item: Item) -> str:
    if item.public is None:
        raise JobError(f"{item.uri!r} is not in a public S3 bucket.")
    size = "-" if item.size is None else item.size
    url, endpoint, region = item.public
    return f"{size}\t{item.sha256 or '-'}\t-\t{item.path}\t{url}\t{endpoint or '-'}\t{region or '-'}"
