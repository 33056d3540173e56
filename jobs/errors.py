"""What goes wrong in a job. The text of each is a sentence for people; nothing here carries a status or a stack."""

from __future__ import annotations

NO_STORE = "No store is configured for this file."
NOT_THERE = "The archive lists this file, but it is not in its store."


class JobError(Exception):
    """Any expected failure of a job, a store or the queue."""


class StoreError(JobError):
    """The bytes cannot be had as asked: a path that is not allowed, a file that changed, a store that fails."""


class MissingFile(StoreError):  # noqa: N818 - an answer of the store as much as an error
    """The store has no such file."""


class UnknownSize(StoreError):  # noqa: N818 - an answer of the store as much as an error
    """The file is there, and its server does not say how large it is: it is made while it is sent."""


class NotGiven(StoreError):  # noqa: N818 - an answer of the store as much as an error
    """Another server does not give this file to us; it may well give others."""


class ManifestError(JobError):
    """A manifest is unusable: unsafe name, truncated file."""


class QueueError(JobError):
    """The job queue cannot be reached, or refuses."""


class ChangedFile(StoreError):  # noqa: N818 - an answer of the store as much as an error
    """The file is no longer the one that was looked at before."""


class Temporary(StoreError):  # noqa: N818 - it says that another attempt may help
    """Another server failed in a way that may pass."""

    def __init__(self, sentence: str, wait: float = 0.0) -> None:
        super().__init__(sentence)
        self.wait = wait  # seconds that the server asks for
