"""Topics of Amazon's SNS, or of anything that speaks its API."""

from __future__ import annotations

import json
import re
import threading
from typing import TYPE_CHECKING, Any

from countenance.errors import NotificationFailed, NotificationRefused

if TYPE_CHECKING:
    from countenance.notices.values import Notice

_TOPIC = re.compile(r"arn:aws[a-z-]*:sns:([a-z0-9-]{1,64}):\d{12}:[A-Za-z0-9_.-]{1,256}")
_CONNECT_SECONDS = 5
_ANSWER_SECONDS = 10


class SnsTopics:
    """Publishes notices with the credentials of the usual AWS chain: environment, files, role.

    Args:
        endpoint_url: the service's address; None for Amazon's own, in the region that a topic's ARN names.
    """

    def __init__(self, endpoint_url: str | None = None) -> None:
        self._endpoint_url = endpoint_url
        self._lock = threading.Lock()
        self._clients: dict[str, Any] = {}

    def __contains__(self, channel: str) -> bool:
        """Tell whether it is the ARN of a topic."""
        return _TOPIC.fullmatch(channel) is not None

    def send(self, notice: Notice) -> None:
        """Publish a notice as JSON; on return the service has it.

        Raises:
            NotificationRefused: it is no topic's ARN.
            NotificationFailed: it was not taken; trying later may help.
        """
        # Importing boto3 takes a quarter of a second, which only those pay who use SNS.
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

        topic = _TOPIC.fullmatch(notice.channel)
        if topic is None:
            raise NotificationRefused(f"{notice.channel} is not the ARN of an SNS topic")
        try:
            self._client(topic[1]).publish(
                TopicArn=notice.channel, Message=json.dumps(notice.body, separators=(",", ":"))
            )
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "unknown")
            raise NotificationFailed(f"SNS answered {code}") from None
        except (BotoCoreError, OSError, ValueError) as error:
            raise NotificationFailed(f"SNS cannot be asked: {type(error).__name__}") from None

    def _client(self, region: str) -> Any:
        import boto3  # noqa: PLC0415
        from botocore.config import Config  # noqa: PLC0415

        with self._lock:  # making a client is not thread-safe, using one is
            if region not in self._clients:
                config = Config(
                    connect_timeout=_CONNECT_SECONDS,
                    read_timeout=_ANSWER_SECONDS,
                    retries={"total_max_attempts": 1, "mode": "standard"},
                )
                self._clients[region] = boto3.session.Session().client(
                    "sns", endpoint_url=self._endpoint_url, region_name=region, config=config
                )
            return self._clients[region]
