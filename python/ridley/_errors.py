"""What can go wrong, as exceptions: all of them are `RidleyError`."""

from __future__ import annotations


class RidleyError(Exception):
    """Anything that this package raises by itself."""


class Disconnected(RidleyError, ConnectionError):
    """The server could not be reached, or the connection broke before the answer was whole.

    `is_unsent` says that nothing was sent; else what was asked may have been done or not.
    """

    def __init__(self, message: str, is_unsent: bool = False) -> None:
        super().__init__(message)
        self.is_unsent = is_unsent


class TimedOut(RidleyError, TimeoutError):
    """Nothing came for as long as the client was ready to wait."""


class UnexpectedAnswer(RidleyError):
    """The answer is not what the API describes: another version of the server, or no Ridley at all."""


class NotStarted(RidleyError):
    """There is no program to start, or the server that was started ended again."""


class ServerError(RidleyError):
    """The server refused or failed, and said why.

    `kind` is its word for what is wrong (`not-found`, `bad-input`, …; empty where it gave none), `status` that of HTTP, `request` the id that stands in
    the server's log, and `retry_after` the seconds after which it is worth trying again.
    """

    def __init__(
        self, message: str, *, kind: str = "", status: int = 0, request: str | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.message, self.kind, self.status = message, kind, status
        self.request, self.retry_after = request, retry_after

    def __reduce__(self) -> tuple[object, ...]:
        return (_revive, (type(self), self.message, self.kind, self.status, self.request, self.retry_after))


class BadInput(ServerError):
    """400, 415, 422: not well formed, or not what is taken there."""


class Denied(ServerError):
    """401, 403: no key, one that is not taken, or one that is not for this."""


class NotFound(ServerError):
    """404, 410: there is nothing of this name."""


class Conflict(ServerError):
    """409, 412, 423: not as things stand."""


class TooLarge(ServerError):
    """413: a body, a picture or a clip that is larger than is taken."""


class Busy(ServerError):
    """429, 503: a full queue, a rate that is used up, or a model that is not ready; `retry_after` says when to come again."""


class Late(ServerError):
    """504: the time that the request was given has passed."""


_KINDS: dict[int, type[ServerError]] = {
    400: BadInput, 415: BadInput, 422: BadInput, 401: Denied, 403: Denied, 404: NotFound, 410: NotFound, 409: Conflict,
    412: Conflict, 423: Conflict, 413: TooLarge, 429: Busy, 503: Busy, 504: Late,
}


def server_error(
    message: str, kind: str, status: int, request: str | None, retry_after: float | None
) -> ServerError:
    return _KINDS.get(status, ServerError)(
        message, kind=kind, status=status, request=request, retry_after=retry_after)


def _revive(
    cls: type[ServerError], message: str, kind: str, status: int, request: str | None, retry_after: float | None
) -> ServerError:
    return cls(message, kind=kind, status=status, request=request, retry_after=retry_after)
