"""Log lines with named fields, as JSON or for a terminal; none holds what a client sent or was answered."""

from __future__ import annotations

import logging
import sys

import structlog


def set_up_logs(level: str, form: str) -> None:
    """Write log lines to stderr; also those of libraries that use the standard library's logging.

    Args:
        level: debug, info, warning or error.
        form: json, console, or auto for console on a terminal and json elsewhere.
    """
    as_json = form == "json" or (form == "auto" and not sys.stderr.isatty())
    shared: list[structlog.types.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    # Traces of JSON lines name code only: values of variables and messages may hold what a client sent.
    render: list[structlog.types.Processor] = (
        [_name_exception, structlog.processors.JSONRenderer()]
        if as_json
        else [_name_exception, structlog.dev.ConsoleRenderer()]
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *render],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], True
    logging.getLogger("alembic").setLevel(logging.WARNING)


def _name_exception(_: object, __: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
    """Replace an exception by its kind and the places it went through."""
    trouble = event.pop("exc_info", None)
    if trouble is True:
        trouble = sys.exc_info()
    if isinstance(trouble, BaseException):
        trouble = (type(trouble), trouble, trouble.__traceback__)
    if isinstance(trouble, tuple) and trouble[0] is not None:
        kind, _error, trace = trouble
        places = []
        while trace is not None:
            code = trace.tb_frame.f_code
            places.append(f"{code.co_filename}:{trace.tb_lineno} {code.co_name}")
            trace = trace.tb_next
        event["exception"] = kind.__name__
        event["trace"] = places[-20:]
    return event
