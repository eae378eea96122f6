"""One question to an endpoint through boto3: paced, asked again where that helps, its answer complete.

botocore asks again by itself after throttling, errors of the server and broken connections: in its "standard"
mode, since "adaptive" falls to half a request per second at the first throttling. Two things it does not do:
it hands out an answer that was cut off as a dictionary without members, and it gives up on a server that is
busy for longer. Both are asked again here until the patience ends.
"""

from __future__ import annotations

import logging
import re
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, NoRegionError
from botocore.parsers import ResponseParserError

from countenance.errors import EndpointUnusable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")

_CONNECT_SECONDS = 10
_READ_SECONDS = 60
_MOST_WORDS = 300
_FIRST_WAIT_SECONDS = 0.25
_LONGEST_WAIT_SECONDS = 20.0
_THROTTLING = frozenset({"ProvisionedThroughputExceededException", "ThrottlingException"})
_BUSY_STATUSES = frozenset({429, 503})
_KEYS_REFUSED = frozenset(
    {
        "ExpiredTokenException",
        "IncompleteSignatureException",
        "InvalidSignatureException",
        "MissingAuthenticationTokenException",
        "UnrecognizedClientException",
    }
)
# What reading an answer raises, in botocore or in our own readers, where a part of it is not there.
_INCOMPLETE = (AttributeError, KeyError, ResponseParserError, TypeError, ValueError)


@dataclass(frozen=True, slots=True)
class Manners:
    """How an endpoint is asked.

    Attributes:
        requests_per_second: at most so many, tries included; None for no limit.
        concurrency: how many requests may be under way at once.
        attempts: how often botocore tries a request that is throttled or fails on the way.
        patience_seconds: for how long a question is asked again that is throttled or answered incompletely.
    """

    requests_per_second: float | None = None
    concurrency: int = 4
    attempts: int = 5
    patience_seconds: float = 120.0

    def __post_init__(self) -> None:
        if self.requests_per_second is not None and self.requests_per_second <= 0:
            raise EndpointUnusable(
                f"{self.requests_per_second} requests per second were asked for; allow more than 0"
            )
        if self.concurrency < 1 or self.attempts < 1:
            raise EndpointUnusable("at least one request at a time and one attempt are needed")


class Refused(EndpointUnusable):
    """The endpoint refused a request; ``code`` is Amazon's name for why."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


class Halted(Exception):
    """The evaluation is being given up; whoever waits to ask stops waiting."""


class Pacer:
    """Lets requests of all threads go one by one, evenly spaced."""

    def __init__(self, requests_per_second: float | None) -> None:
        self._interval = 0.0 if requests_per_second is None else 1.0 / requests_per_second
        self._next = 0.0
        self._lock = threading.Lock()
        self._halted = threading.Event()

    def wait_for_turn(self, **_: object) -> None:
        """Wait until the next request may go; called by botocore before each try, before it is signed."""
        with self._lock:
            now = time.monotonic()
            turn = max(now, self._next)
            self._next = turn + self._interval
        self.pause(turn - now)

    def pause(self, seconds: float) -> None:
        """Wait.

        Raises:
            Halted: meanwhile the evaluation was given up.
        """
        if self._halted.wait(max(0.0, seconds)):
            raise Halted

    def halt(self) -> None:
        """Let nobody go any more."""
        self._halted.set()

    def go_on(self) -> None:
        """Let requests go again."""
        self._halted.clear()


class EndpointClient:
    """Asks one endpoint; safe for threads.

    Args:
        endpoint_url: its address; None for what the AWS chain names, in the end Amazon's own.
        region: the region; None for what the AWS chain names.
        manners: how it is asked.

    Raises:
        EndpointUnusable: the address is none, or no region is named where one is needed.
    """

    def __init__(self, endpoint_url: str | None, region: str | None, manners: Manners) -> None:
        # botocore's own log lines of the level "debug" hold whole requests, and so pictures of faces.
        logging.getLogger("botocore").setLevel(logging.INFO)
        self._manners = manners
        self.pacer = Pacer(manners.requests_per_second)
        try:
            session = self._session = boto3.session.Session()
            self._client: Any = session.client(
                "rekognition",
                endpoint_url=endpoint_url,
                # Elsewhere than at Amazon a region is but a part of the signature: any will do.
                region_name=region or session.region_name or (endpoint_url and "us-east-1"),
                config=Config(
                    connect_timeout=_CONNECT_SECONDS,
                    read_timeout=_READ_SECONDS,
                    max_pool_connections=manners.concurrency,
                    retries={"mode": "standard", "total_max_attempts": manners.attempts},
                ),
            )
        except NoRegionError:
            raise EndpointUnusable("no AWS region is named; name one, or set AWS_REGION") from None
        except (BotoCoreError, ValueError) as error:
            raise EndpointUnusable(f"the endpoint cannot be asked: {error}") from None
        self.url: str = self._client.meta.endpoint_url
        self.region: str = self._client.meta.region_name
        self._client.meta.events.register_first("request-created.rekognition", self.pacer.wait_for_turn)

    @property
    def owner(self) -> tuple[str, ...]:
        """The access key's id in lower case, as ids of collections have it; empty without credentials.

        A tester's key at a Countenance server may use collections only that have it in their name.
        """
        credentials = self._session.get_credentials()
        return () if credentials is None else (re.sub(r"[^a-z0-9]", "", credentials.access_key.lower()),)

    @property
    def most_picture_bytes(self) -> int:
        """How large a picture may be that is sent, as Amazon's description of its API says."""
        return int(self._client.meta.service_model.shape_for("ImageBlob").metadata["max"])

    def close(self) -> None:
        """Let go of connections."""
        self._client.close()

    def ask(self, operation: str, read: Callable[[dict[str, Any]], T], **parameters: object) -> T:
        """Ask a question and return what ``read`` makes of the answer.

        ``read`` raises KeyError, TypeError or ValueError where the answer lacks what it should have.

        Raises:
            Refused: the endpoint refuses it, for a reason that asking again does not change.
            EndpointUnusable: no complete answer came.
        """
        until = time.monotonic() + self._manners.patience_seconds
        for wait_seconds in _waits():
            try:
                return read(getattr(self._client, operation)(**parameters))
            except ClientError as error:
                if not _busy(error):
                    self._explain(operation, error)
                why = f"it is busy ({_code(error)})"
            except NoCredentialsError:
                self._explain_credentials()
            except BotoCoreError as error:
                raise EndpointUnusable(f"{self.url} cannot be asked: {error}") from None
            except _INCOMPLETE:
                why = "its answers are cut off or lack what Amazon's have"
            if time.monotonic() + wait_seconds > until:
                break
            self.pacer.pause(wait_seconds)
        raise EndpointUnusable(
            f"{self.url} was asked {operation} for {self._manners.patience_seconds:g} s, but {why}; what it "
            "answered before is kept if a cache is named, so try again later, with fewer requests per second"
        )

    def _explain(self, operation: str, error: ClientError) -> NoReturn:
        code, words = _code(error), str(error.response.get("Error", {}).get("Message", ""))[:_MOST_WORDS]
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if code in _KEYS_REFUSED:
            raise EndpointUnusable(
                f"{self.url} does not accept the credentials ({code}: {words}); "
                "name others in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
            ) from None
        if status >= 500:
            raise EndpointUnusable(
                f"{self.url} failed at {operation} ({code}), {self._manners.attempts} times; it may not "
                "have that operation, or be out of order"
            ) from None
        advice = ""
        if code == "AccessDeniedException":
            advice = (
                "; permit the key this operation, and enrolment without consent where a policy asks for it"
            )
        raise Refused(f"{self.url} refuses {operation} ({code}: {words}){advice}", code) from None

    def _explain_credentials(self) -> NoReturn:
        raise EndpointUnusable(
            f"no AWS credentials are named for {self.url}; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, "
            "or AWS_PROFILE; `countenance env` prints those of a Countenance server"
        ) from None


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", "an error without a name"))


def _busy(error: ClientError) -> bool:
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return _code(error) in _THROTTLING or status in _BUSY_STATUSES


def _waits() -> Iterator[float]:
    wait = _FIRST_WAIT_SECONDS
    while True:
        yield wait
        wait = min(2 * wait, _LONGEST_WAIT_SECONDS)
