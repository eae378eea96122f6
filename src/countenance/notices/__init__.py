"""Tells others what happened: notifications to SNS-compatible topics and webhooks, nothing biometric."""

from countenance.notices.channels import Channels
from countenance.notices.topics import SnsTopics
from countenance.notices.values import Notice
from countenance.notices.webhooks import Webhooks

__all__ = ["Channels", "Notice", "SnsTopics", "Webhooks"]
