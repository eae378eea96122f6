"""The only place where rooms are put together."""

from countenance.wiring.database import open_ledger_copy, open_store, seal_anew
from countenance.wiring.office import Office, furnish_office, open_office
from countenance.wiring.server import (
    ServerRooms,
    build_analyzer,
    furnish,
    image_limits,
    monitor_rooms,
    worker_of_command,
)

__all__ = [
    "Office",
    "ServerRooms",
    "build_analyzer",
    "furnish",
    "furnish_office",
    "image_limits",
    "monitor_rooms",
    "open_ledger_copy",
    "open_office",
    "open_store",
    "seal_anew",
    "worker_of_command",
]
