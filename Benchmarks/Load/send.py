#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sends traces to an OTLP receiver on this machine, each request with ids, times and digits of its own, and tells what
the receiver's process needed for them. Of each prepared request only those bytes are changed, so that the sender, which
shares the processors with the receiver, costs little.

usage: .venv/bin/python Benchmarks/Load/send.py --port PORT [--proto grpc|http] [--payload repeating|varied]
       [--size 1000] [--requests 400] [--inflight 8] [--rate SPANS-A-SECOND] [--pid RECEIVER] [--json]
"""
import argparse
import http.client
import json
import os
import re
import sys
import time

import numpy

import payloads

TICKS = os.sysconf("SC_CLK_TCK")


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7


def fields(data, at, end):
    """Number, wire type, first byte and length of each field."""
    while at < end:
        key, at = varint(data, at)
        wire = key & 7
        if wire == 2:
            length, at = varint(data, at)
        elif wire == 0:
            length = varint(data, at)[1] - at
        else:
            length = 8 if wire == 1 else 4
        yield key >> 3, wire, at, length
        at += length


class Places:
    """Where in a request the ids, the times and the digits to draw lie."""

    def __init__(self, data):
        self.traces, self.spans, self.times, self.digits, self.count = [], [], [], [], 0
        for number, _, at, length in fields(data, 0, len(data)):
            for inner, _, place, size in fields(data, at, at + length) if number == 1 else ():
                for deep, _, start, width in fields(data, place, place + size) if inner == 2 else ():
                    if deep == 2:
                        self.count += 1
                        self.span(data, start, start + width)
        self.digits = [at for at in self.digits if data[at] == 126]

    def span(self, data, at, end):
        for number, wire, place, length in fields(data, at, end):
            if number == 1 and length == 16:
                self.traces.append(place)
            elif number in (2, 4) and length == 8:
                self.spans.append(place)
            elif number in (7, 8) and wire == 1:
                self.times.append(place)
            elif number in (9, 15):
                self.digits.extend(range(place, place + length))
            elif number == 11:
                for inner, kind, start, width in fields(data, place, place + length):
                    if inner == 1 and kind == 1:
                        self.times.append(start)
                    elif inner == 3:
                        self.digits.extend(range(start, start + width))


class Request:
    """A prepared request that takes other ids, times and digits."""

    def __init__(self, data):
        places = Places(data)
        self.count, self.bytes = places.count, numpy.frombuffer(bytearray(data), dtype=numpy.uint8)
        ranges = lambda starts, width: numpy.array(starts, dtype=numpy.int64)[:, None] + numpy.arange(width)
        self.traces, self.spans = ranges(places.traces, 16), ranges(places.spans, 8)
        self.times = ranges(places.times, 8)
        self.digits = numpy.array(places.digits, dtype=numpy.int64)
        self.first = self.bytes[self.traces].copy(), self.bytes[self.spans].copy()
        self.moments = self.bytes[self.times].copy().view("<u8").ravel()

    def next(self, draw, nonce, now, latest):
        """The request with `nonce` mixed into its ids; its times end at `now` where they ended at `latest`."""
        self.bytes[self.traces] = self.first[0] ^ nonce[:16]
        self.bytes[self.spans] = self.first[1] ^ nonce[16:]
        moved = (self.moments + numpy.uint64(now - latest)).astype("<u8")
        self.bytes[self.times] = moved.view(numpy.uint8).reshape(-1, 8)
        if len(self.digits):
            self.bytes[self.digits] = draw.integers(48, 58, len(self.digits), dtype=numpy.uint8)
        return self.bytes.tobytes()


def requests(payload, size):
    """Endlessly: bytes and their number of spans. Requests of one group hold parts of the same traces."""
    if payload == "varied":
        groups = [[Request(data) for data in payloads.varied(group)] for group in range(48)]
    else:
        groups = [[Request(payloads.repeating(size, variant))] for variant in range(8)]
    latest = [max(int(one.moments.max()) for one in group) for group in groups]
    draw = numpy.random.default_rng()
    while True:
        for group, end in zip(groups, latest):
            nonce, now = draw.integers(0, 256, 24, dtype=numpy.uint8), time.time_ns()
            for one in group:
                yield one.next(draw, nonce, now, end), one.count


class HTTP:
    def __init__(self, port, _):
        self.connection = http.client.HTTPConnection("127.0.0.1", port)

    def send(self, body):
        self.connection.request("POST", "/v1/traces", body, {"Content-Type": "application/x-protobuf"})
        answer = self.connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise SystemExit(f"send.py: the receiver answered {answer.status}")

    def wait(self):
        pass


class GRPC:
    def __init__(self, port, inflight):
        import grpc
        self.inflight, self.waiting = inflight, []
        channel = grpc.insecure_channel(f"127.0.0.1:{port}", options=[("grpc.max_send_message_length", -1)])
        self.call = channel.unary_unary("/opentelemetry.proto.collector.trace.v1.TraceService/Export")

    def send(self, body):
        if len(self.waiting) >= self.inflight:
            self.waiting.pop(0).result()
        self.waiting.append(self.call.future(body, timeout=60))

    def wait(self):
        while self.waiting:
            self.waiting.pop(0).result()


def processor_time(pid):
    """Seconds that the process has run, in all its threads."""
    words = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / TICKS


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--port", type=int, required=True)
    add("--proto", choices=["grpc", "http"], default="grpc")
    add("--payload", choices=["repeating", "varied"], default="repeating")
    add("--size", type=int, default=1000, help="spans a request; varied ones have about 1,000")
    add("--requests", type=int, default=400)
    add("--inflight", type=int, default=8, help="requests under way at once (gRPC)")
    add("--rate", type=float, help="spans a second; as fast as it goes where nothing is said")
    add("--pid", type=int, help="the receiver's process, to tell its processor time and memory")
    add("--json", action="store_true", help="print the figures as JSON")
    choice = parser.parse_args()

    source = requests(choice.payload, choice.size)
    next(source)
    transport = (GRPC if choice.proto == "grpc" else HTTP)(choice.port, choice.inflight)
    before = processor_time(choice.pid) if choice.pid else 0
    spans, began = 0, time.monotonic()
    for _ in range(choice.requests):
        body, count = next(source)
        if choice.rate:
            time.sleep(max(0, began + spans / choice.rate - time.monotonic()))
        transport.send(body)
        spans += count
    transport.wait()
    seconds = time.monotonic() - began

    figures = {"spans": spans, "seconds": round(seconds, 2), "spans_a_second": round(spans / seconds)}
    if choice.pid:
        used = processor_time(choice.pid) - before
        memory = open(f"/proc/{choice.pid}/status").read()
        figures["cpu_us_a_span"] = round(used / spans * 1e6, 2)
        figures["cpu_of_one_core"] = round(used / seconds, 3)
        figures["peak_mib"] = int(re.search(r"VmHWM:\s+(\d+)", memory)[1]) // 1024
    print(json.dumps(figures) if choice.json else ", ".join(f"{key} {value:,}" for key, value in figures.items()))


if __name__ == "__main__":
    sys.exit(main())
