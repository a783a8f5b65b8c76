"""Evaluations driven over an API: each batch of requests that they want is asked together.

An evaluation is a generator without any sending of its own. It yields requests that do not depend
on one another, is sent the parsed answers in their order, and returns what it was for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from flowql.diagnostics import FlowQLError

if TYPE_CHECKING:
    from collections.abc import Generator

    from flowql.backends.body import Request
    from flowql.run.http import Api, AsyncApi

T = TypeVar("T")


def drive(evaluation: Generator[list[Request], list[Any], T], api: Api) -> T:
    """What the evaluation returns; raises `FlowQLError` where the API does not answer it.

    The evaluation is closed in any case, and asked nothing more once a request has failed. What it
    finds wrong with an answer is told with the API's address.
    """
    try:
        wanted = next(evaluation)
        while True:
            wanted = evaluation.send(api.answers(wanted))
    except StopIteration as end:
        value: T = end.value
        return value
    except FlowQLError as error:
        failure = api.placed(error)
    finally:
        evaluation.close()
    raise failure


async def adrive(evaluation: Generator[list[Request], list[Any], T], api: AsyncApi) -> T:
    """The same without blocking; where the task is cancelled, so is every request."""
    try:
        wanted = next(evaluation)
        while True:
            wanted = evaluation.send(await api.answers(wanted))
    except StopIteration as end:
        value: T = end.value
        return value
    except FlowQLError as error:
        failure = api.placed(error)
    finally:
        evaluation.close()
    raise failure
