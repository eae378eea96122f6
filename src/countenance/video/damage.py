"""What could not be read of a video, as it is met, in words."""

from __future__ import annotations

from dataclasses import dataclass, field

_MOST_NOTES = 20


@dataclass(slots=True, eq=False)
class Damage:
    """Counts what is lost while a video is read.

    Attributes:
        lost_parts: parts of the stream that could not be decoded.
        broken_frames: frames that the decoder gave out although something of them was missing.
    """

    lost_parts: int = 0
    broken_frames: int = 0
    _last_ms: int = 0
    _ends_early: bool = False
    _notes: list[str] = field(default_factory=list)

    def met(self, timestamp_ms: int, *, is_broken: bool) -> None:
        """Count a frame that was decoded."""
        self._last_ms = timestamp_ms
        self.broken_frames += is_broken

    def lost_part(self) -> None:
        """Count a part that could not be decoded."""
        self.lost_parts += 1

    def ended_early(self) -> None:
        """Note that nothing after the last frame could be read."""
        self._ends_early = True

    def note(self, text: str) -> None:
        """Note something else."""
        if text not in self._notes and len(self._notes) < _MOST_NOTES:
            self._notes.append(text)

    def sentences(self) -> list[str]:
        """Return what was lost, nothing where all could be read."""
        said = []
        if self.lost_parts:
            said.append(f"{self.lost_parts:,} parts of the stream could not be decoded")
        if self.broken_frames:
            said.append(f"{self.broken_frames:,} frames are damaged")
        if self._ends_early:
            said.append(f"nothing could be read after {self._last_ms / 1000:.1f} s")
        return said + self._notes
