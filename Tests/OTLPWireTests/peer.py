# SPDX-License-Identifier: Apache-2.0
"""The other side of the codec tests: Python's opentelemetry-proto.

reencode IN OUT           each request of IN: parsed, then written to OUT as protobuf and as OTLP/JSON
generate SEED COUNT OUT   random requests, each as protobuf and as OTLP/JSON
compare SEED COUNT IN     each pair of IN must be what generate made; prints what differs
                          (the three for logs: reencode-logs, generate-logs, compare-logs)
status IN OUT             each google.rpc.Status of IN: parsed, then written as protobuf and as JSON to OUT

A file is a row of records: four bytes of length, little-endian, and the bytes.
"""
import base64
import json
import random
import struct
import sys

from google.protobuf import json_format
from google.rpc import error_details_pb2, status_pb2  # noqa: F401 (registers the types of details)
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

IDS = {"traceId", "spanId", "parentSpanId"}


def records(path):
    data = open(path, "rb").read()
    offset = 0
    while offset < len(data):
        (count,) = struct.unpack_from("<I", data, offset)
        yield data[offset + 4 : offset + 4 + count]
        offset += 4 + count


def write(path, items):
    with open(path, "wb") as file:
        for item in items:
            file.write(struct.pack("<I", len(item)) + item)


def convert_ids(node, convert):
    """OTLP/JSON has ids in hexadecimal where protobuf's JSON has base64."""
    if isinstance(node, dict):
        return {k: convert(v) if k in IDS else convert_ids(v, convert) for k, v in node.items()}
    if isinstance(node, list):
        return [convert_ids(item, convert) for item in node]
    return node


def to_json(message):
    tree = json_format.MessageToDict(message, use_integers_for_enums=True)
    tree = convert_ids(tree, lambda text: base64.b64decode(text).hex())
    return json.dumps(tree, ensure_ascii=random.random() < 0.5).encode()


def from_json(data, message):
    tree = convert_ids(json.loads(data), lambda text: base64.b64encode(bytes.fromhex(text)).decode())
    return json_format.ParseDict(tree, message())


class Maker:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def text(self):
        choices = ["", "key", "http.request.method", "größer 🔥 漢字", "a\"b\\c/\n\t\x00\x1f\u2028", "x" * 150]
        return self.random.choice(choices + [chr(self.random.choice([65, 255, 0x7FF, 0xFFFD, 0x10FFFF]))])

    def number(self, bits):
        return self.random.choice([0, 1, 2**bits - 1, 2 ** (bits - 1), self.random.getrandbits(bits)])

    def times(self):
        return range(self.random.randrange(3))

    def value(self, value, depth=0):
        kind = self.random.randrange(8 if depth < 3 else 6)
        value.SetInParent()
        if kind == 0:
            value.string_value = self.text()
        elif kind == 1:
            value.bool_value = self.random.random() < 0.5
        elif kind == 2:
            value.int_value = self.number(64) - 2**63
        elif kind == 3:
            doubles = [0.0, -0.0, 0.1, 1e300, 5e-324, float("inf"), float("-inf"), float("nan"), 3.0, 1 / 3]
            value.double_value = self.random.choice(doubles + [self.random.uniform(-1e9, 1e9)])
        elif kind == 4:
            value.bytes_value = self.random.randbytes(self.random.randrange(20))
        elif kind == 6:
            value.array_value.SetInParent()
            for _ in self.times():
                self.value(value.array_value.values.add(), depth + 1)
        elif kind == 7:
            value.kvlist_value.SetInParent()
            self.attributes(value.kvlist_value.values, depth + 1)

    def attributes(self, target, depth=0):
        for _ in self.times():
            pair = target.add()
            pair.key = self.text()
            self.value(pair.value, depth)

    def span(self, span):
        span.trace_id = self.random.randbytes(15) + b"\x01"
        span.span_id = b"\x01" + self.random.randbytes(7)
        span.trace_state = self.random.choice(["", "a=b,c=d"])
        span.parent_span_id = self.random.choice([b"", b"\xff" * 8])
        span.name = self.text()
        span.kind = self.random.randrange(6)
        span.start_time_unix_nano = self.number(64)
        span.end_time_unix_nano = self.number(64)
        self.attributes(span.attributes)
        span.dropped_attributes_count = self.number(32)
        for _ in self.times():
            event = span.events.add(time_unix_nano=self.number(64), name=self.text())
            event.dropped_attributes_count = self.number(32)
            self.attributes(event.attributes)
        span.dropped_events_count = self.number(32)
        for _ in self.times():
            link = span.links.add(trace_id=b"\x02" * 16, span_id=self.random.randbytes(7) + b"\x03")
            link.trace_state = self.text()
            link.flags = self.number(32)
            link.dropped_attributes_count = self.number(32)
            self.attributes(link.attributes)
        span.dropped_links_count = self.number(32)
        message, code = self.text(), self.random.randrange(3)
        if message or code:  # an empty status says the same as none
            span.status.message, span.status.code = message, code
        span.flags = self.number(32)

    def log_record(self, record):
        record.time_unix_nano = self.number(64)
        record.observed_time_unix_nano = self.number(64)
        record.severity_number = self.random.randrange(25)
        record.severity_text = self.text()
        self.value(record.body)
        if record.body.WhichOneof("value") is None:  # an empty body says the same as none
            record.ClearField("body")
        self.attributes(record.attributes)
        record.dropped_attributes_count = self.number(32)
        record.flags = self.number(32)
        record.trace_id = self.random.choice([b"", self.random.randbytes(15) + b"\x01"])
        record.span_id = self.random.choice([b"", b"\x01" + self.random.randbytes(7)])
        record.event_name = self.text()

    def resource(self, group):
        group.schema_url = self.text()
        group.resource.dropped_attributes_count = 1 + self.random.randrange(9)
        self.attributes(group.resource.attributes)
        for _ in self.times():
            entity = group.resource.entity_refs.add(type=self.text(), schema_url=self.text())
            entity.id_keys.extend(self.text() for _ in self.times())
            entity.description_keys.extend(self.text() for _ in self.times())

    def scope(self, group):
        group.schema_url = self.text()
        group.scope.name = "scope"
        group.scope.version = self.text()
        group.scope.dropped_attributes_count = self.number(32)
        self.attributes(group.scope.attributes)

    def traces(self):
        request = ExportTraceServiceRequest()
        for _ in self.times():
            group = request.resource_spans.add()
            self.resource(group)
            for _ in self.times():
                scope_spans = group.scope_spans.add()
                self.scope(scope_spans)
                for _ in self.times():
                    self.span(scope_spans.spans.add())
        return request

    def logs(self):
        request = ExportLogsServiceRequest()
        for _ in self.times():
            group = request.resource_logs.add()
            self.resource(group)
            for _ in self.times():
                scope_logs = group.scope_logs.add()
                self.scope(scope_logs)
                for _ in self.times():
                    self.log_record(scope_logs.log_records.add())
        return request


def generated(message, seed, count):
    maker = Maker(int(seed))
    make = maker.logs if message is ExportLogsServiceRequest else maker.traces
    return [make() for _ in range(int(count))]


def main(command, *arguments):
    message = ExportLogsServiceRequest if command.endswith("-logs") else ExportTraceServiceRequest
    command = command.removesuffix("-logs")
    if command == "reencode":
        source, target = arguments
        requests = [message.FromString(data) for data in records(source)]
        write(target, [form for r in requests for form in (r.SerializeToString(), to_json(r))])
    elif command == "generate":
        seed, count, target = arguments
        write(target, [f for r in generated(message, seed, count) for f in (r.SerializeToString(), to_json(r))])
    elif command == "compare":
        seed, count, source = arguments
        forms = list(records(source))
        assert len(forms) == 2 * int(count), f"{len(forms)} records"
        for index, request in enumerate(generated(message, seed, count)):
            # As bytes, because NaN differs from itself.
            expected = request.SerializeToString(deterministic=True)
            binary, text = forms[2 * index : 2 * index + 2]
            if message.FromString(binary).SerializeToString(deterministic=True) != expected:
                print(f"protobuf {index}: {request}")
            if from_json(text, message).SerializeToString(deterministic=True) != expected:
                print(f"json {index}: {request}")
    elif command == "status":
        source, target = arguments
        statuses = [status_pb2.Status.FromString(data) for data in records(source)]
        forms = [(s.SerializeToString(), json_format.MessageToJson(s).encode()) for s in statuses]
        write(target, [form for pair in forms for form in pair])
    print("done")


main(*sys.argv[1:])
