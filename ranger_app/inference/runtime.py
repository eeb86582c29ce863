"""Runs graphs on the processor, in bounded memory; the only module that knows onnxruntime."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from threading import Lock, Timer
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors

from ranger_app.domain.errors import BadInput
from ranger_app.i18n import _

THREADS_AT_MOST = 2  # more bring nothing for one picture at a time, and take the window's core
GRAPH_MEMORY_BYTES = 3 * 2**30  # all graphs together; a large detector at 1280 px needs about 1.5
OUTPUT_VALUES_AT_MOST = 100_000_000
FATAL_ONLY = 4  # onnxruntime's own log goes to standard error, which is for people

ort.disable_telemetry_events()  # what `ranger_app/__init__.py` did not keep from beginning

_FAULTS = (
    ort_errors.Fail,
    ort_errors.InvalidArgument,
    ort_errors.InvalidGraph,
    ort_errors.InvalidProtobuf,
    ort_errors.NotImplemented,
    ort_errors.RuntimeException,
)


_ONE_AT_A_TIME = Lock()


class Session:
    """A graph that is ready to run; may be used by one thread at a time.

    `name` stands in the sentences about it. Raises `BadInput` when the graph cannot be loaded.
    """

    def __init__(self, graph: bytes, *, name: str, threads: int = THREADS_AT_MOST) -> None:
        self.name = name
        _bound_memory()
        options = ort.SessionOptions()
        options.intra_op_num_threads = max(1, min(threads, THREADS_AT_MOST))
        options.inter_op_num_threads = 1
        options.log_severity_level = FATAL_ONLY
        # A waiting thread that spins takes a core from whoever decodes the next picture.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.add_session_config_entry("session.use_env_allocators", "1")
        try:
            self._session = ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        except _FAULTS as error:
            raise self._unfit(_("{name} cannot be loaded: {reason}"), error) from error

    def run(
        self, feed: Mapping[str, NDArray[Any]], outputs: Sequence[str], *, at_most_s: float | None = None
    ) -> dict[str, NDArray[np.float32]]:
        """These outputs by name, as float32.

        Raises `BadInput` when the graph fails, takes longer than `at_most_s` or answers no numbers.
        """
        options = ort.RunOptions()
        options.log_severity_level = FATAL_ONLY
        try:
            with _ended_after(options, at_most_s):
                answers = self._session.run(list(outputs), dict(feed), options)
        except _FAULTS as error:
            raise self._unfit(_("{name} failed on a picture: {reason}"), error) from error
        return {name: self._numbers(answer) for name, answer in zip(outputs, answers, strict=True)}

    def _numbers(self, answer: object) -> NDArray[np.float32]:
        if not isinstance(answer, np.ndarray) or answer.dtype.kind not in "fiu":
            raise BadInput(_("{name} answered something that is not numbers.").format(name=self.name))
        if answer.size > OUTPUT_VALUES_AT_MOST:
            raise BadInput(_("{name} answered more numbers than can be read.").format(name=self.name))
        if not np.isfinite(answer).all():
            raise BadInput(
                _("{name} answered with numbers that are none (NaN or infinite).").format(name=self.name),
                _("The pack does not work on this computer; use another one."),
            )
        return np.ascontiguousarray(answer, dtype=np.float32)

    def _unfit(self, text: str, error: BaseException) -> BadInput:
        reason = str(error).replace("\n", " ").rpartition("onnxruntime_src")[0] or str(error)
        return BadInput(
            text.format(name=self.name, reason=" ".join(reason.split())[:200]),
            _("Check the pack, or use another one."),
        )


@contextmanager
def _ended_after(options: ort.RunOptions, at_most_s: float | None) -> Iterator[None]:
    """Let the run under these options be ended, at its next step, after so long."""
    if at_most_s is None:
        yield
        return
    limit = Timer(at_most_s, lambda: setattr(options, "terminate", True))
    limit.name = "ranger-model-limit"
    limit.daemon = True
    limit.start()
    try:
        yield
    finally:
        limit.cancel()


def _bound_memory() -> None:
    with _ONE_AT_A_TIME:
        _make_bounded_memory()


@cache
def _make_bounded_memory() -> None:
    """One store of memory with a bound, for all graphs of the process.

    Without it a graph of a hundred bytes can ask for all the memory that there is.
    """
    info = ort.OrtMemoryInfo("Cpu", ort.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, ort.OrtMemType.DEFAULT)
    grow_as_asked = 1
    ort.create_and_register_allocator(
        info, ort.OrtArenaCfg({"max_mem": GRAPH_MEMORY_BYTES, "arena_extend_strategy": grow_as_asked})
    )
