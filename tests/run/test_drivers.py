"""Evaluations driven to their end, or ended where the API does not answer."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from typing import Any

import pytest

from flowql import FlowQLError
from flowql.backends.body import Request
from flowql.diagnostics.run import NoSuchEndpoint, UnexpectedAnswer
from tests.oracle.server import PrefectServer
from tests.run.faults import Passing, Proxy, status
from tests.run.ways import WAYS, Hourglass, Way

Evaluation = Generator[list[Request], list[Any], Any]

ways = pytest.mark.parametrize("way", WAYS, ids=str)

FLOWS = Request("POST", "/flows/count", {})


class Halving:
    """An evaluation whose next batch hangs on the answers to the last: who is in the middle?"""

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.closed = 0

    def __iter__(self) -> Evaluation:
        try:
            names = [None]
            while len(names) < 40:
                wanted = [self.page(at) for at in range(1, 2 * len(names) + 1)]
                answers = yield wanted
                self.batches.append(len(wanted))
                names = [row["name"] for answer in answers for row in answer["results"]]
            return names
        finally:
            self.closed += 1

    def page(self, number: int) -> Request:
        body = {"limit": 5, "page": number, "sort": "NAME_ASC"}
        return Request("POST", "/flows/paginate", body)


@ways
def test_each_batch_may_hang_on_the_answers_to_the_last(
    way: Way, prefect_server: PrefectServer
) -> None:
    evaluation = Halving()
    names = way.drive(iter(evaluation), prefect_server.api_url)
    assert names == [
        row["name"]
        for offset in (0, 30)
        for row in prefect_server.post(
            "/flows/filter", {"sort": "NAME_ASC", "offset": offset, "limit": 30}
        )[1]
    ]
    assert evaluation.batches == [2, 20]
    assert evaluation.closed == 1


@ways
def test_an_evaluation_that_wants_nothing(way: Way, proxy: Proxy) -> None:
    def at_once() -> Evaluation:
        return 3
        yield []

    def empty() -> Evaluation:
        return (yield [])

    assert way.drive(at_once(), proxy.url) == 3
    assert way.drive(empty(), proxy.url) == []
    assert proxy.requests == []


@ways
@pytest.mark.parametrize("fault", [status(400), status(503), Passing.drop, Passing.cut])
def test_a_failure_ends_the_evaluation(way: Way, proxy: Proxy, fault: Any) -> None:
    said: list[str] = []

    def evaluation() -> Evaluation:
        try:
            yield [FLOWS]
            proxy.by_path = {FLOWS.path: fault}
            yield [FLOWS]
            said.append("it goes on")
        except FlowQLError:
            said.append("it was told")
        finally:
            said.append("closed")

    with pytest.raises(FlowQLError) as raised:
        way.drive(evaluation(), proxy.url, patience=Hourglass().patience())
    assert said == ["closed"]
    assert len(raised.value.diagnostics) == 1
    assert raised.value.__context__ is None


@ways
def test_problems_of_the_evaluation_itself(way: Way, prefect_server: PrefectServer) -> None:
    url = prefect_server.api_url
    found = [
        UnexpectedAnswer(url="/flows/count", reason="it is\nodd"),
        UnexpectedAnswer(url="http://elsewhere/", reason="it is odd"),
        NoSuchEndpoint(url=url, status=404),
    ]

    def evaluation() -> Evaluation:
        yield [FLOWS]
        raise FlowQLError(found)

    with pytest.raises(FlowQLError) as raised:
        way.drive(evaluation(), url)
    assert raised.value.diagnostics == [
        UnexpectedAnswer(url=f"{url}/flows/count", reason="it is odd"),
        *found[1:],
    ]


@ways
def test_what_else_an_evaluation_raises_is_its_own(way: Way, prefect_server: PrefectServer) -> None:
    def evaluation() -> Evaluation:
        yield [FLOWS]
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        way.drive(evaluation(), prefect_server.api_url)


@pytest.mark.parametrize("way", [one for one in WAYS if one.tasks], ids=str)
def test_several_evaluations_side_by_side(way: Way, prefect_server: PrefectServer) -> None:
    async def all_of_them() -> list[Any]:
        url = prefect_server.api_url
        return await asyncio.gather(*(way.adrive(iter(Halving()), url) for _ in range(3)))

    first, *others = asyncio.run(all_of_them())
    assert others == [first, first]


@pytest.mark.parametrize("way", [one for one in WAYS if one.tasks], ids=str)
def test_a_cancelled_evaluation_is_closed(way: Way, proxy: Proxy) -> None:
    proxy.by_path = {FLOWS.path: Passing.silent}
    closed: list[bool] = []

    def evaluation() -> Evaluation:
        try:
            yield [FLOWS, FLOWS]
        finally:
            closed.append(True)

    async def hasty() -> None:
        asking = asyncio.create_task(way.adrive(evaluation(), proxy.url))
        while len(proxy.requests) < 2:
            await asyncio.sleep(0.01)
        asking.cancel()
        await asking

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(hasty())
    assert closed == [True]
