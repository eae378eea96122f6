"""`Channels`: all ways in which this server may tell others something."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.errors import NotificationRefused

if TYPE_CHECKING:
    from countenance.notices.topics import SnsTopics
    from countenance.notices.values import Notice
    from countenance.notices.webhooks import Webhooks


class Channels:
    """Webhooks, then SNS where it is configured; a webhook that has a topic's ARN stands for the topic."""

    def __init__(self, webhooks: Webhooks | None, topics: SnsTopics | None) -> None:
        self._webhooks = webhooks
        self._topics = topics

    def require(self, channel: str) -> None:
        """Do nothing where notices can be sent to a channel.

        Raises:
            NotificationRefused: nothing is configured that would take them there.
        """
        self._way(channel)

    def send(self, notice: Notice) -> None:
        """Send a notice once; on return it was taken.

        Raises:
            NotificationRefused: nothing is configured that would take it there.
            NotificationFailed: it was not taken; trying later may help.
        """
        self._way(notice.channel).send(notice)

    def _way(self, channel: str) -> Webhooks | SnsTopics:
        if self._webhooks is not None and channel in self._webhooks:
            return self._webhooks
        if self._topics is not None and channel in self._topics:
            return self._topics
        raise NotificationRefused(
            f"this server has no way to notify {channel}: name a webhook for it in [webhooks], or set "
            "sns_endpoint_url"
        )
