"""Countenance: accountable face recognition that an organisation runs itself."""
