"""Every error the product raises on purpose, in one tree.

::

    VoicebotError
    ├── ContentError            a file an author wrote is wrong: names file, line and mend          (exit 2)
    ├── SettingsError           a setting is missing or impossible: says which and how to fix it    (exit 2)
    ├── ModelError              a model is missing, or its sha256 is not the expected one           (exit 3, 503)
    ├── SpeechError             recognition or synthesis failed                                     (keypad)
    ├── UnderstandingError      the understanding worker failed                                     (no-match ladder)
    ├── BackendError            the action server did not answer usefully                           (error branch)
    │   └── Unanswered          it was asked and no answer came: it may have done it all the same
    ├── StoreError              an event could not be stored                                        (503)
    │   ├── Conflict            somebody else wrote first                                           (409)
    │   └── NotFound            no such conversation                                                (404)
    ├── ChannelError            a message or call could not be taken                                (4xx / SIP 4xx)
    │   ├── BadMessage          malformed or too large                                              (400, WS 1007)
    │   └── Forbidden           no or wrong token                                                   (401)
    ├── PeopleError             something about an account cannot be done                           (422)
    │   ├── SignInRefused       unknown login, wrong password or disabled account: never told which (401)
    │   ├── TooManyAttempts     sign-in has to wait; says how long                                  (429)
    │   └── NotAllowed          the account may not do this                                         (403)
    └── RecordingError          a recording could not be written; the call goes on without it       (Faulted event)

``http_status`` is what a web caller gets; the message never holds customer text, so it may be logged.
"""

from __future__ import annotations

from pathlib import Path


class VoicebotError(Exception):
    """Root of the tree."""

    http_status: int = 500


class ContentError(VoicebotError):
    """An author's file is wrong; the text reads ``file:line: what is wrong. How to mend it``."""

    http_status = 422

    def __init__(self, file: Path | str, line: int | None, problem: str, mend: str = "") -> None:
        self.file, self.line, self.problem, self.mend = str(file), line, problem, mend
        place = f"{file}:{line}" if line is not None else str(file)
        super().__init__(f"{place}: {problem}" + (f" {mend}" if mend else ""))


class SettingsError(VoicebotError):
    """A setting cannot be used."""


class ModelError(VoicebotError):
    """A model is missing or is not the one that was pinned."""

    http_status = 503


class SpeechError(VoicebotError):
    """Recognition or synthesis failed."""

    http_status = 503


class UnderstandingError(VoicebotError):
    """An utterance could not be interpreted because of a fault of ours."""

    http_status = 503


class BackendError(VoicebotError):
    """The action server is down, too slow, or answered nonsense."""

    http_status = 502


class Unanswered(BackendError):
    """The action server was asked and its answer did not come: what was asked for may have been done."""


class StoreError(VoicebotError):
    """The store refused."""

    http_status = 503


class Conflict(StoreError):
    """Compare-and-set lost."""

    http_status = 409


class NotFound(StoreError):
    """Nothing under that id."""

    http_status = 404


class ChannelError(VoicebotError):
    """A message or call cannot be taken."""

    http_status = 400


class BadMessage(ChannelError):
    """Malformed or too large."""


class Forbidden(ChannelError):
    """No token, a wrong one, or one of another tenant."""

    http_status = 401


class PeopleError(VoicebotError):
    """Something about an account or a session cannot be done; the text says what to do instead."""

    http_status = 422


class SignInRefused(PeopleError):
    """Nobody is signed in. The same words whatever the reason, so that nobody learns which logins exist."""

    http_status = 401


class TooManyAttempts(PeopleError):
    """Sign-in has to wait ``retry_after_s`` seconds."""

    http_status = 429

    def __init__(self, retry_after_s: int) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(f"Too many attempts to sign in. Try again in {retry_after_s} seconds.")


class NotAllowed(PeopleError):
    """The account may not do this."""

    http_status = 403


class RecordingError(VoicebotError):
    """A recording cannot be written."""
