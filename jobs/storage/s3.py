"""Objects in an S3 bucket: ``s3://bucket`` or ``s3://bucket/prefix``, at AWS or at any server that speaks its language.

Credentials, region and endpoint come from where AWS's own tools take them: ``AWS_ACCESS_KEY_ID``, ``AWS_PROFILE``,
``~/.aws``, an instance's role, ``AWS_REGION``, ``AWS_ENDPOINT_URL``. A query sets what one store needs different:
``s3://bucket/prefix?anon=1`` (a public bucket), ``&endpoint_url=https://host``, ``&region=``, ``&profile=``. No secret
can be written into the address.

Each range is one request of at most 1 MB, and its answer is compared with the version that was looked at (ETag, size).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

from jobs.errors import ChangedFile, MissingFile, StoreError
from jobs.storage import Public, Stat, must_be_range, plain_path, version_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from s3fs import S3FileSystem

scheme = "s3"

BLOCK = 1 << 20
CONNECTIONS = 32
ATTEMPTS = 3
REQUEST_SECONDS = 120.0
_OPTIONS = ("anon", "endpoint_url", "profile", "region")
_FORM = "An S3 store looks like s3://bucket/prefix?anon=1&endpoint_url=https://host&region=name&profile=name"
_KEY_BYTES = 1024


def open_store(url: str) -> S3Store:
    """The store of a bucket, or of a prefix in it. Raises StoreError for an address that names none."""
    place, _, query = url.removeprefix("s3://").partition("?")
    bucket, _, prefix = place.partition("/")
    options = dict(parse_qsl(query, keep_blank_values=True))
    if not url.startswith("s3://") or not bucket or "@" in bucket or not options.keys() <= set(_OPTIONS):
        raise StoreError(f"{_FORM}; {url.partition('?')[0]!r} does not.")
    return S3Store(bucket, unquote(prefix).strip("/"), options)


class S3Store:
    """A prefix in a bucket. Opening it asks nobody; the first use of it in a process connects."""

    remote = True

    def __init__(self, bucket: str, prefix: str, options: Mapping[str, str]) -> None:
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""
        self._options = options
        self._systems: dict[int, S3FileSystem] = {}
        self.url = f"s3://{bucket}/{prefix}".rstrip("/")

    def stat(self, path: str) -> Stat:
        """Size, mtime and version. Raises MissingFile or StoreError."""
        found, _ = self._ask("head_object", path)
        return Stat(found["ContentLength"], found["LastModified"].timestamp(), _version(found, found["ContentLength"]))

    def fetch(self, path: str, start: int, end: int, version: int | None = None) -> bytes:
        """The bytes ``start <= i < end`` by one request."""
        must_be_range(path, start, end)
        if start == end:
            self._still(path, version)
            return b""
        return self._block(path, start, end, version)[1]

    def read(self, path: str, start: int, end: int, version: int | None = None) -> Iterator[bytes]:
        """The bytes ``start <= i < end`` by requests of 1 MB, all of one version."""
        must_be_range(path, start, end)
        if start == end:
            self._still(path, version)
        while start < end:
            stop = min(start + BLOCK, end)
            version, content = self._block(path, start, stop, version)
            yield content
            start = stop

    def local_path(self, path: str) -> None:
        """Nothing here is a local file."""

    def path_of(self, location: str) -> str | None:
        """The path of ``s3://bucket/prefix/path`` below this prefix."""
        if not location.startswith(f"{self.url}/"):
            return None
        path = location.removeprefix(f"{self.url}/")
        return None if ".." in path.split("/") else path

    def public(self, path: str) -> Public | None:
        """In a bucket that is read without credentials: the object itself."""
        if not self._anonymous:
            return None
        options = self._options
        return Public(
            f"s3://{self._bucket}/{self._prefix}{path}", options.get("endpoint_url", ""), options.get("region", "")
        )

    @property
    def _anonymous(self) -> bool:
        return self._options.get("anon", "0") not in ("", "0", "false")

    def _still(self, path: str, version: int | None) -> None:
        if version is not None and self.stat(path).version != version:
            raise ChangedFile(f"{path!r} has changed in {self.url} since it was looked at.")

    def _block(self, path: str, start: int, end: int, version: int | None) -> tuple[int, bytes]:
        answer, content = self._ask("get_object", path, Range=f"bytes={start}-{end - 1}")
        told, _, size = answer.get("ContentRange", f"bytes 0-{len(content) - 1}/{len(content)}").partition("/")
        found = _version(answer, int(size))
        if version is not None and found != version:
            raise ChangedFile(f"{path!r} has changed in {self.url} since it was looked at.")
        if told != f"bytes {start}-{end - 1}" or len(content) != end - start:
            raise StoreError(f"{path!r} in {self.url} did not give bytes {start} to {end}; it has {size}.")
        return found, content

    def _ask(self, method: str, path: str, **arguments: Any) -> tuple[dict[str, Any], bytes]:
        """One request and its whole body. Raises MissingFile or StoreError."""
        from fsspec.asyn import sync  # noqa: PLC0415 - a second of imports, for whoever has such a store

        key = self._prefix + plain_path(path, remote=True)
        if len(key.encode()) > _KEY_BYTES:
            raise MissingFile(f"{path!r} is not in its store ({self.url}).")
        try:
            system = self._system()
            result: tuple[dict[str, Any], bytes] = sync(
                system.loop,
                _request,
                system,
                method,
                {"Bucket": self._bucket, "Key": key, **arguments},
                timeout=REQUEST_SECONDS,
            )
        except FileNotFoundError as error:
            raise MissingFile(f"{path!r} is not in its store ({self.url}).") from error
        except Exception as error:  # whatever botocore, aiohttp and s3fs may raise: they promise no list
            raise StoreError(f"{path!r} cannot be read from {self.url}: {_reason(error)}.") from error
        return result

    def _system(self) -> S3FileSystem:
        """s3fs for this process: neither its event loop nor its connections outlive a fork."""
        found = self._systems.get(os.getpid())
        if found is None:
            from s3fs import S3FileSystem  # noqa: PLC0415 - as above

            options = self._options
            new = S3FileSystem(
                anon=self._anonymous,
                endpoint_url=options.get("endpoint_url") or os.environ.get("AWS_ENDPOINT_URL"),
                profile=options.get("profile") or None,
                client_kwargs={"region_name": options["region"]} if "region" in options else {},
                config_kwargs={
                    "connect_timeout": 10,
                    "read_timeout": 30,
                    "max_pool_connections": CONNECTIONS,
                    "retries": {"total_max_attempts": ATTEMPTS, "mode": "standard"},
                },
                use_listings_cache=False,
                skip_instance_cache=True,
            )
            new.retries = 1  # botocore's own are enough: both would multiply
            found = self._systems.setdefault(os.getpid(), new)
        return found


async def _request(system: S3FileSystem, method: str, arguments: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """An answer and its body; tried again if the body breaks off, which botocore does not see."""
    for attempt in range(ATTEMPTS):
        answer = await system._call_s3(method, **arguments)  # noqa: SLF001 - s3fs's public calls keep the ETag to themselves
        if "Body" not in answer:
            return answer, b""
        try:
            async with answer["Body"] as body:
                return answer, await body.read()
        except Exception:  # aiohttp's, botocore's or aiobotocore's own
            if attempt == ATTEMPTS - 1:
                raise
    raise AssertionError


def _version(answer: Mapping[str, Any], size: int) -> int:
    return version_of(answer.get("ETag") or answer.get("LastModified"), size)


def _reason(error: BaseException) -> str:
    """What S3 or the way to it says, without an address or a key, in one line."""
    from botocore.exceptions import ClientError, HTTPClientError, NoCredentialsError  # noqa: PLC0415 - as above

    chain = [error]
    while (inner := chain[-1].__cause__ or chain[-1].__context__) is not None and inner not in chain:
        chain.append(inner)
    for each in chain:
        if isinstance(each, NoCredentialsError):
            return "there are no credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or anon=1"
        if isinstance(each, ClientError):
            told = each.response.get("Error", {})
            return f"the server answered {told.get('Code', 'with an error')}"
    silent = any(isinstance(each, HTTPClientError | OSError) for each in chain)
    return "the server does not answer" if silent else type(error).__name__
