"""``python -m countenance`` is ``countenance``."""

import sys

from countenance.doors.cli import main

sys.exit(main())
