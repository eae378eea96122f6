"""The only owner of ONNX Runtime: loads a graph on the processor or the graphics card and runs it.

No fallback is silent. Who asks for `cuda` gets it or an error that says what to install; who leaves it to
`auto` can read from `Model.provider` what was taken, and a card that is there but does not work is logged.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import onnxruntime

from countenance.errors import PackBroken, ProviderUnavailable, VisionError

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

Provider = Literal["auto", "cpu", "cuda"]

_LOGGER = logging.getLogger(__name__)
_CPU, _CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"
_BUILT_WITHOUT_CUDA = "this onnxruntime is built without CUDA"
_HOW_TO_GET_CUDA = (
    "install onnxruntime-gpu in place of onnxruntime, with the CUDA and cuDNN that its documentation names, "
    "or choose provider cpu"
)
# ONNX Runtime's log: only what ends the process. Errors reach the caller as exceptions.
_FATAL_ONLY = 4


@dataclass(frozen=True, slots=True)
class Runtime:
    """How graphs are run.

    Attributes:
        provider: `cpu`, `cuda`, or `auto` for CUDA where it works and the processor elsewhere.
        threads: threads a graph may use at a time; None for as many as this process may use processors.
    """

    provider: Provider = "auto"
    threads: int | None = None

    @property
    def thread_count(self) -> int:
        """The number of threads that a graph uses."""
        return self.threads or usable_processors()

    def load(self, path: Path) -> Model:
        """Load a graph.

        Raises:
            PackBroken: the file is missing or is not a graph that can be run.
            ProviderUnavailable: `cuda` is asked for and does not work here.
        """
        if self.provider != "cpu":
            session, reason = self._cuda_session(path)
            if session is not None:
                return Model(session, path.name)
            if self.provider == "cuda":
                raise ProviderUnavailable(
                    f"{path.name} cannot be run with CUDA: {reason}; {_HOW_TO_GET_CUDA}"
                )
            if reason != _BUILT_WITHOUT_CUDA:
                _LOGGER.warning("%s runs on the processor: %s", path.name, reason)
        return Model(self._session(path, _CPU), path.name)

    def _cuda_session(self, path: Path) -> tuple[onnxruntime.InferenceSession | None, str]:
        """Return a session that really uses CUDA, or why there is none."""
        if _CUDA not in onnxruntime.get_available_providers():
            return None, _BUILT_WITHOUT_CUDA
        try:
            session = self._session(path, _CUDA)
        except PackBroken as error:
            self._session(path, _CPU)  # raises where it is the file that is at fault
            return None, str(error)
        # ONNX Runtime leaves out a provider whose libraries it cannot load, and says so in its log only.
        if _CUDA not in session.get_providers():
            return None, "onnxruntime could not load CUDA's libraries"
        return session, ""

    def _session(self, path: Path, provider: str) -> onnxruntime.InferenceSession:
        # ONNX Runtime's errors have no base class of their own, so any exception is one here.
        try:
            return onnxruntime.InferenceSession(
                path, self._options(), providers=[provider], enable_fallback=0
            )
        except Exception as error:
            raise PackBroken(
                f"{path} cannot be loaded as a graph ({error}); install the pack again"
            ) from error

    def _options(self) -> onnxruntime.SessionOptions:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self.thread_count
        options.inter_op_num_threads = 1
        options.log_severity_level = _FATAL_ONLY
        # Several graphs take turns on the same processors; a waiting thread must not burn one
        # (MTCNN at 1280 px, 2 threads: 262 ms with spinning, 187 ms without).
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        # A plan of the memory is kept for each input shape, and the detectors see a new one with each
        # picture: 34 MB more after 40 shapes, no faster. The arena stays: without it P-Net takes 2.4 times as
        # long at 1440 px.
        options.enable_mem_pattern = False
        return options


class Model:
    """A loaded graph; any number of threads may run it at once."""

    def __init__(self, session: onnxruntime.InferenceSession, name: str) -> None:
        self._session = session
        self._name = name
        self.inputs: tuple[str, ...] = tuple(value.name for value in session.get_inputs())
        self.outputs: tuple[str, ...] = tuple(value.name for value in session.get_outputs())

    @property
    def provider(self) -> Literal["cpu", "cuda"]:
        """Where the graph runs."""
        return "cuda" if _CUDA in self._session.get_providers() else "cpu"

    def run(self, *inputs: npt.NDArray[np.generic]) -> list[npt.NDArray[np.float32]]:
        """Return the graph's outputs for its inputs, both in the graph's order.

        Raises:
            VisionError: the inputs do not fit the graph, or it failed.
        """
        if len(inputs) != len(self.inputs):
            raise VisionError(
                f"{self._name} takes {len(self.inputs)} inputs ({', '.join(self.inputs)}), not {len(inputs)}"
            )
        feed = dict(zip(self.inputs, inputs, strict=True))
        try:
            outputs: list[npt.NDArray[np.float32]] = self._session.run(None, feed)
        except Exception as error:
            shapes = ", ".join(f"{name} {value.shape} {value.dtype}" for name, value in feed.items())
            raise VisionError(f"{self._name} could not be run on {shapes}: {error}") from error
        return outputs


def usable_processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
