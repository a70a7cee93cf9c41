# SPDX-License-Identifier: Apache-2.0
"""Reads the body of an OTLP/HTTP export with Python's opentelemetry-proto and prints what it says, line by line.

decode_export.py FILE CONTENT_TYPE CONTENT_ENCODING
"""
import gzip
import sys

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


def value(any_value):
    kind = any_value.WhichOneof("value")
    if kind == "array_value":
        return "[" + ", ".join(value(v) for v in any_value.array_value.values) + "]"
    if kind == "kvlist_value":
        return "{" + attributes(any_value.kvlist_value.values) + "}"
    return f"{kind}:{getattr(any_value, kind)}" if kind else "empty"


def attributes(pairs):
    return " ".join(f"{pair.key}={value(pair.value)}" for pair in pairs)


def say(*parts):
    line = " ".join(str(part) for part in parts).rstrip()
    if line:
        print(line)


def show(request):
    for group in request.resource_spans:
        say("resource", attributes(group.resource.attributes))
        for scope_spans in group.scope_spans:
            scope = scope_spans.scope
            say("scope", scope.name, scope.version, scope_spans.schema_url, attributes(scope.attributes))
            for span in scope_spans.spans:
                say("span", span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex() or "-", span.name)
                say(" ", span.kind, span.start_time_unix_nano, span.end_time_unix_nano, hex(span.flags))
                say(" ", attributes(span.attributes))
                for event in span.events:
                    say("  event", event.time_unix_nano, event.name, attributes(event.attributes))
                for link in span.links:
                    say("  link", link.trace_id.hex(), link.span_id.hex(), attributes(link.attributes))
                say("  status", span.status.code, span.status.message)


path, content_type, encoding = sys.argv[1:4]
body = open(path, "rb").read()
if encoding == "gzip":
    body = gzip.decompress(body)
message = ExportTraceServiceRequest()
if content_type == "application/x-protobuf":
    message.ParseFromString(body)
else:
    sys.exit(f"cannot read {content_type}")
show(message)
