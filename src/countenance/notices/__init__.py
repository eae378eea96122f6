"""Tells others what happened: notifications to SNS-compatible topics and webhooks, nothing biometric."""
