# SPDX-License-Identifier: Apache-2.0
"""The items service with one more route: it calls the URL that it is given, and hands its context on with what
OpenTelemetry Python propagates by default."""
import urllib.request

from opentelemetry import propagate
from opentelemetry.trace import SpanKind

from app import app, tracer


@app.get("/api/v1/relay")
def relay(to: str):
    with tracer.start_as_current_span("relay", kind=SpanKind.CLIENT):
        headers = {}
        propagate.inject(headers)
        with urllib.request.urlopen(urllib.request.Request(to, headers=headers), timeout=20) as answer:
            return {"status": answer.status}
