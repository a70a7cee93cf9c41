# SPDX-License-Identifier: Apache-2.0
"""Logs a few lines, some of them within a span, with OpenTelemetry Python and its OTLP exporters.

send.py grpc|http ENDPOINT: prints the trace id and the span id in hexadecimal.
"""
import logging
import sys

from opentelemetry._logs import set_logger_provider
from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

protocol, endpoint = sys.argv[1:]
if protocol == "grpc":
    from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter

    logs, spans = OTLPLogExporter(endpoint, insecure=True), OTLPSpanExporter(endpoint, insecure=True)
else:
    from opentelemetry.exporter.otlp.proto.http import Compression
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    logs = OTLPLogExporter(endpoint + "/v1/logs", compression=Compression.Gzip)
    spans = OTLPSpanExporter(endpoint + "/v1/traces")

resource = Resource.create({"service.name": "python-" + protocol})
provider = LoggerProvider(resource=resource)
provider.add_log_record_processor(BatchLogRecordProcessor(logs))
set_logger_provider(provider)
tracing = TracerProvider(resource=resource)
tracing.add_span_processor(BatchSpanProcessor(spans))

log = logging.getLogger("shop")
log.setLevel(logging.DEBUG)
log.addHandler(LoggingHandler(logger_provider=provider))

log.info("outside of any span")
with tracing.get_tracer("test").start_as_current_span("checkout") as span:
    log.debug("looking up %s", "pen")
    log.warning("stock is low", extra={"item": "pen", "left": 3})
    try:
        raise ValueError("card refused")
    except ValueError:
        log.exception("payment failed")
    context = span.get_span_context()

tracing.shutdown()
provider.shutdown()
print(f"{context.trace_id:032x} {context.span_id:016x}")
