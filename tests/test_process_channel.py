"""The parts of the protocol by themselves: messages over a socket, and the page that both sides share."""

import random
import socket
import threading
from collections.abc import Iterator

import pytest

from process_calls import LIMIT, fail
from windlass._core.chunk_stream import Failure
from windlass._core.slot_page import PAGE_SIZE, SlotPage
from windlass.processes.channel import HEADER, READ, Channel, Message
from windlass.processes.messages import Outcome, decode_outcome, encode_error, encode_value

Pair = tuple[Channel, Channel]


@pytest.fixture
def pair() -> Iterator[Pair]:
    ends = socket.socketpair()
    channels = Channel(ends[0]), Channel(ends[1])
    yield channels
    for channel in channels:
        channel.close()


def receive(channel: Channel, n: int) -> list[Message]:
    channel.sock.settimeout(LIMIT)
    came: list[Message] = []
    while len(came) < n:
        some = channel.receive()
        assert some is not None
        came += some
    return came


def test_messages_of_all_sizes_arrive_whole_and_in_order(pair: Pair) -> None:
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    edges = [0, 1, READ - HEADER.size - 1, READ - HEADER.size, READ, 3 * READ + 7]
    sent = []
    for at in range(200):
        size = chance.choice([*edges, chance.randrange(300), chance.randrange(300)])
        buffers = [bytes([at]) * chance.choice([0, 1, 70_000]) for _ in range(chance.choice([0, 0, 0, 1, 3]))]
        sent.append((at, bytes([at]) * size, buffers))

    def send() -> None:
        for at, body, buffers in sent:
            pair[0].put(at, body[:5], body[5:], buffers)
            if at % 3:
                pair[0].flush()
        pair[0].flush()

    sender = threading.Thread(target=send)
    sender.start()
    came = receive(pair[1], len(sent))
    sender.join(LIMIT)
    assert [(m.kind, bytes(m.body), [bytes(b) for b in m.buffers]) for m in came] == sent


def test_a_full_socket_takes_the_rest_later(pair: Pair) -> None:
    pair[0].sock.setblocking(False)
    body = bytes(range(256)) * 100_000
    pair[0].put(1, b"", body)
    assert not pair[0].flush()
    assert pair[0].is_sending
    came: list[Message] = []
    while not came:
        pair[0].flush()
        came += pair[1].receive() or []
    assert came[0].body == body
    assert not pair[0].is_sending


def test_a_header_that_comes_byte_by_byte(pair: Pair) -> None:
    for byte in HEADER.pack(7, 0, 3) + b"abc":
        assert pair[1]._partial is None or byte in b"abc"
        pair[0].sock.send(bytes([byte]))
        came = pair[1].receive()
    assert came is not None
    assert (came[0].kind, bytes(came[0].body)) == (7, b"abc")


def test_the_end_is_none(pair: Pair) -> None:
    pair[0].close()
    assert pair[1].receive() is None


def message_of(encoded: tuple[int, bytes, bytes, list[object]]) -> Message:
    kind, head, data, buffers = encoded
    return Message(kind, head + data, buffers)


def test_outcomes_there_and_back() -> None:
    assert decode_outcome(message_of(encode_value(1, 5, [1, "x"]))) == Outcome([1, "x"], False, 5)
    error = decode_outcome(message_of(encode_error(1, 5, KeyError("k"))))
    assert error.failed
    assert isinstance(error.value, KeyError)


def test_a_revoked_call_is_not_begun() -> None:
    page = SlotPage(bytearray(PAGE_SIZE))
    assert page.running == 0
    assert page.begin(1)
    assert (page.begun, page.running) == (1, 1)
    page.revoke_below(3)
    assert page.running == 1
    page.finish()
    assert (page.begun, page.running) == (1, 0)
    assert not page.begin(2)
    assert page.begin(3)


def test_the_page_counts_items() -> None:
    page = SlotPage(bytearray(PAGE_SIZE))
    seen: list[int] = []

    def look(value: int) -> int:
        seen.append(page.item)
        return value if value != 1 else fail() or 0

    values = page.run_items(look, [0, 1, 2])
    assert seen == [0, 1, 2]
    assert values[0] == 0
    assert isinstance(values[1], Failure)
    assert values[2] == 2


def test_a_page_needs_room() -> None:
    with pytest.raises(ValueError, match="too small"):
        SlotPage(bytearray(8))
    with pytest.raises(BufferError):
        SlotPage(bytes(PAGE_SIZE))
