# SPDX-License-Identifier: Apache-2.0
"""Traces to look at: OTLP/JSON for the page's tests and pictures. The same call makes the same spans."""

import json
import random
import time
import urllib.request

KINDS = {"internal": 1, "server": 2, "client": 3, "producer": 4, "consumer": 5}
HOSTILE = "<img src=x onerror=\"window.hacked=true\"><script>window.hacked=true</script>"


def value(of):
    if isinstance(of, bool):
        return {"boolValue": of}
    if isinstance(of, int):
        return {"intValue": str(of)}
    if isinstance(of, float):
        return {"doubleValue": of}
    if isinstance(of, list):
        return {"arrayValue": {"values": [value(each) for each in of]}}
    if isinstance(of, dict):
        return {"kvlistValue": {"values": attributes(of)}}
    return {"stringValue": of}


def attributes(of):
    return [{"key": key, "value": value(each)} for key, each in of.items()]


class TraceBuilder:
    """Collects the spans of one trace; times are milliseconds after its start."""

    def __init__(self, trace_id, start_nanoseconds=None):
        self.trace_id = trace_id
        self.start = start_nanoseconds or time.time_ns()
        self.services = {}
        self.records = {}
        self.next_id = 1

    def log(self, service, span_id, at, severity, body):
        """A log record within a span."""
        self.records.setdefault(service, []).append({
            "traceId": self.trace_id, "spanId": span_id, "timeUnixNano": str(self.start + round(at * 1e6)),
            "severityNumber": severity, "body": value(body),
        })

    def span(self, service, name, kind, begin, duration, parent=None, error=None, events=(), links=(),
             span_id=None, **more):
        if span_id is None:
            span_id = f"{int(self.trace_id[-8:], 16):08x}{self.next_id:08x}"
            self.next_id += 1
        start = self.start + round(begin * 1e6)
        span = {
            "traceId": self.trace_id,
            "spanId": span_id,
            "name": name,
            "kind": KINDS[kind],
            "startTimeUnixNano": str(start),
            "endTimeUnixNano": str(start + round(duration * 1e6)),
            "attributes": attributes(more.pop("attributes", {})),
            "events": [
                {"name": event, "timeUnixNano": str(self.start + round(at * 1e6)),
                 "attributes": attributes(of)}
                for event, at, of in events
            ],
            "links": [
                {"traceId": trace, "spanId": linked, "attributes": attributes(of)}
                for trace, linked, of in links
            ],
            "status": {"code": 2, "message": error} if error is not None else {},
            "flags": 257,
            **more,
        }
        if parent:
            span["parentSpanId"] = parent
        self.services.setdefault(service, []).append(span)
        return span_id

    def send(self, otlp):
        """To an OTLP/HTTP receiver; raises when it is refused."""
        self.post(f"{otlp}/v1/traces", self.json())
        if self.records:
            self.post(f"{otlp}/v1/logs", {"resourceLogs": [
                {"resource": {"attributes": attributes({"service.name": service})},
                 "scopeLogs": [{"scope": {"name": "app"}, "logRecords": records}]}
                for service, records in self.records.items()
            ]})

    @staticmethod
    def post(address, message):
        body = json.dumps(message).encode()
        request = urllib.request.Request(address, body, {"content-type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as response:
            assert response.status == 200, response.status

    def json(self):
        return {
            "resourceSpans": [
                {
                    "resource": {"attributes": attributes({
                        "service.name": service,
                        "service.version": "1.4.0",
                        "deployment.environment.name": "staging",
                        "telemetry.sdk.language": "swift",
                        "telemetry.sdk.name": "contrail",
                        "host.name": "build-07",
                        "process.pid": 4000 + index,
                    })},
                    "scopeSpans": [
                        {"scope": {"name": "ContrailHummingbird", "version": "0.1.0"}, "spans": spans},
                    ],
                }
                for index, (service, spans) in enumerate(self.services.items())
            ]
        }


def shop(trace_id, start=None, slow=421.0, fail=False):
    """The demo's tree: gateway, items, pricing."""
    trace = TraceBuilder(trace_id, start)
    total = slow + 91
    http = {"http.request.method": "POST", "url.path": "/api/v1/items/",
            "http.response.status_code": 500 if fail else 201}
    root = trace.span("gateway", "POST /api/v1/items/", "server", 0, total, attributes={
        **http, "http.route": "/api/v1/items/", "client.address": "127.0.0.1",
        "user_agent.original": "curl/7.88.1", "server.address": "127.0.0.1",
        "server.port": 8080, "network.protocol.version": "1.1",
    }, error="" if fail else None)
    call = trace.span("gateway", "POST", "client", 2, total - 4, root, attributes={
        **http, "url.full": "http://127.0.0.1:8081/api/v1/items/", "server.address": "127.0.0.1",
        "server.port": 8081,
    }, error="500" if fail else None)
    server = trace.span("items", "POST /api/v1/items/", "server", 3.2, total - 7, call,
                        attributes={**http, "http.route": "/api/v1/items/"}, error="" if fail else None)
    trace.span("items", "validate_input", "internal", 4, 2, server, attributes={
        "item.name": "Widget", "item.tags": ["blue", "small"], "item.valid": True, "item.price": 12.5,
        "item.raw": "{\"name\":\"Widget\",\"price\":12.5,\"tags\":[\"blue\",\"small\"]}",
    })
    quote = trace.span("items", "GET", "client", 6.5, slow, server, attributes={
        "http.request.method": "GET", "url.full": "http://127.0.0.1:8082/quote/A-17",
        "http.response.status_code": 200,
    })
    trace.span("pricing", "GET /quote/{sku}", "server", 7.4, slow - 2, quote, attributes={
        "http.request.method": "GET", "http.route": "/quote/{sku}", "http.response.status_code": 200,
    }, events=[
        ("price_list_reloaded", 40, {"entries": 1204}), ("cache_miss", slow * 0.7, {"cache.key": "A-17"}),
    ])
    insert = 8 + slow
    trace.span("items", "INSERT items", "client", insert, 30, server, attributes={
        "db.system.name": "sqlite", "db.operation.name": "INSERT", "db.collection.name": "items",
        "db.query.text": "INSERT INTO items (name, price, tags) VALUES (?, ?, ?)",
        "db.query.summary": "INSERT items",
    }, error="database is locked" if fail else None, events=[
        ("exception", insert + 29, {
            "exception.type": "GRDB.DatabaseError", "exception.message": "SQLite error 5: database is locked",
            "exception.stacktrace": "0 GRDB.Statement.execute\n1 Items.createItem\n2 Router.respond",
        })] if fail else [])
    if not fail:
        trace.span("items", "serialize_response", "internal", insert + 31, 1.1, server,
                   attributes={"bytes": 412})
        trace.span("items", "log_event", "internal", insert + 33, 0.8, server,
                   links=[("ab" * 16, "cd" * 8, {"reason": "caused by"})])
    return trace


def large(trace_id, count, start=None, seed=7):
    """About `count` spans over eight services: a checkout that handles many orders, some side by side."""
    chance = random.Random(seed)
    calls = ["orders", "items", "pricing", "stock", "users", "mail", "search"]
    trace = TraceBuilder(trace_id, start)
    total = 2400.0
    root = trace.span("gateway", "POST /checkout", "server", 0, total, attributes={"http.route": "/checkout"})
    made = 1
    rounds = max(1, count // 50)
    budget = 0

    def fill(service, parent, begin, end, level):
        nonlocal made
        at = begin
        while at < end and made < min(count, budget):
            length = min(end - at, (end - begin) * chance.uniform(0.06, 0.4))
            failed = chance.random() < 0.004
            if level < 4 and chance.random() < 0.36:
                other = chance.choice(calls)
                call = trace.span(service, "GET", "client", at, length, parent)
                server = trace.span(
                    other, f"GET /{other}/{{id}}", "server", at + length * 0.03, length * 0.94, call,
                    error="timeout" if failed else None, attributes={"http.route": f"/{other}/{{id}}"})
                made += 2
                fill(other, server, at + length * 0.06, at + length * 0.94, level + 1)
            elif chance.random() < 0.5:
                table = chance.choice(["orders", "users", "stock"])
                trace.span(
                    service, f"SELECT {table}", "client", at, length, parent,
                    error="timeout" if failed else None,
                    attributes={"db.system.name": "postgresql", "db.collection.name": table})
                made += 1
            else:
                work = chance.choice(["render", "validate", "merge", "score"])
                trace.span(service, work, "internal", at, length, parent, attributes={"step": made})
                made += 1
            at += length * chance.uniform(0.7, 1.15)

    slot = (total - 4) / rounds
    while made < count:
        for index in range(rounds):
            if made >= count:
                break
            begin = 2 + index * slot * 0.97
            length = min(total - 2 - begin, slot * chance.uniform(0.8, 4))
            order = trace.span(
                "gateway", "handle_order", "internal", begin, length, root, attributes={"order": index})
            made += 1
            budget = made + count // rounds
            fill("gateway", order, begin + length * 0.02, begin + length * 0.98, 0)
    return trace


def hostile(trace_id, start=None):
    """Names and values that would be code if anything took them for HTML."""
    trace = TraceBuilder(trace_id, start)
    root = trace.span("xss", f"GET {HOSTILE}", "server", 0, 20, attributes={
        "html": HOSTILE, HOSTILE: "key", "href": "javascript:alert(1)",
    }, events=[(HOSTILE, 5, {"html": HOSTILE})], error=HOSTILE)
    trace.span(f"svc {HOSTILE}", HOSTILE, "internal", 2, 5, root)
    return trace


def broken(trace_id, start=None):
    """Orphans, two roots, a cycle, a clock that is behind, a shared span id."""
    trace = TraceBuilder(trace_id, start)
    root = trace.span("web", "GET /", "server", 0, 100)
    child = trace.span("web", "GET", "client", 10, 50, root)
    trace.span("api", "GET /data", "server", -5, 40, child)
    trace.span("worker", "job", "consumer", 60, 30, "00000000deadbeef")
    trace.span("cron", "tick", "internal", 30, 10)
    trace.span("loop", "a", "internal", 40, 10, "00000000000000b2", span_id="00000000000000a1")
    trace.span("loop", "b", "internal", 42, 6, "00000000000000a1", span_id="00000000000000b2")
    trace.span("web", "again", "internal", 70, 5, root, span_id=child)
    return trace
