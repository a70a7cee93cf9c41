# SPDX-License-Identifier: Apache-2.0
"""The two payloads that the backend is measured with: ExportTraceServiceRequests in protobuf, always the same ones.

- repeating: traces of 10 spans, 8 attributes a span, an event on every fifth span, 4 services: 333 bytes a span. Its
  values come again every 8,000 spans, which flatters compression: for comparing with others that were measured so.
- varied: traces of 1 to 30 spans split over four requests of different services, 24 services, 364 bytes a span. A "~"
  in a string is a digit that the sender draws anew for each request (ids of users and orders, addresses, SQL).
"""
import random
import struct

START = 1_760_000_000_000_000_000
METHODS = ["GET", "POST", "PUT", "DELETE"]


def varint(number):
    out = b""
    while number > 127:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])


def field(number, value):
    """A field of a message by the type of its value; bytes and texts with their length before them."""
    if isinstance(value, (bytes, str)):
        value = value.encode() if isinstance(value, str) else value
        return varint(number << 3 | 2) + varint(len(value)) + value
    if isinstance(value, float):
        return varint(number << 3 | 1) + struct.pack("<d", value)
    return varint(number << 3) + varint(int(value))


def fixed64(number, value):
    return varint(number << 3 | 1) + struct.pack("<Q", value)


def attribute(key, value):
    kind = {str: 1, bool: 2, int: 3, float: 4}[type(value)]
    return field(1, key) + field(2, field(kind, value))


def attributes(number, pairs):
    return b"".join(field(number, attribute(key, value)) for key, value in pairs)


def span(trace, identifier, parent, name, kind, start, end, pairs, event=None, status=b""):
    """A span with one event (its name, its attributes) or none; `status` is the encoded Status."""
    out = field(1, trace) + field(2, identifier) + (field(4, parent) if parent else b"")
    out += field(5, name) + field(6, kind) + fixed64(7, start) + fixed64(8, end)
    out += attributes(9, pairs)
    if event:
        out += field(11, fixed64(1, start + 1000) + field(2, event[0]) + attributes(3, event[1]))
    return out + field(15, status) + varint(16 << 3 | 5) + struct.pack("<I", 0x101)


def request(resource, scope, version, spans):
    """A request of one resource and one scope."""
    inner = field(1, field(1, scope) + field(2, version)) + b"".join(field(2, one) for one in spans)
    return field(1, field(1, attributes(1, resource)) + field(2, inner))


# ------------------------------------------------------------------------------------------------------ repeating

ROUTES = ["/api/v1/items/{id}", "/api/v1/items", "/api/v1/users/{id}", "/api/v1/orders", "/healthz", "/api/v2/search"]
KINDS = [2, 1, 3, 1, 3, 3, 1, 3, 1, 1]
NAMES = ["", "validate_input", "SELECT items", "authorize", "INSERT items", "redis GET", "serialize", "HTTP POST",
         "log_event", "render"]


def repeating(size, variant):
    """One request of `size` spans; variants 0 to 7 differ."""
    draw, spans = random.Random(size * 1000 + variant), []
    for first in range(0, size, 10):
        trace, root, failed = draw.randbytes(16), None, draw.random() < .02
        method, route = draw.choice(METHODS), draw.choice(ROUTES)
        for number in range(min(10, size - first)):
            identifier, start = draw.randbytes(8), START + first * 50_000 + number * 900_000
            bad = failed and number == 0
            pairs = [
                ("http.request.method", method), ("http.route", route),
                ("http.response.status_code", 500 if bad else 200),
                ("url.path", route.replace("{id}", str(draw.randrange(100_000)))),
                ("server.address", "shop.example.internal"), ("user.id", f"u-{draw.randrange(10**7):07d}"),
                ("thread.name", f"worker-{draw.randrange(16)}"), ("cache.hit", draw.random() < .5)]
            event = None
            if (first + number) % 5 == 0:
                event = ("exception" if failed else "cache.lookup",
                         [("key", f"item:{draw.randrange(10**6)}"), ("latency_us", draw.randrange(5000))])
            end = start + (12_000_000 if number == 0 else draw.randrange(100_000, 3_000_000))
            spans.append(span(trace, identifier, root, NAMES[number] or f"{method} {route}", KINDS[number], start, end,
                              pairs, event, field(3, 2) if bad else b""))
            root = root or identifier
    resource = [("service.name", f"loadgen-{variant % 4}"), ("service.version", "1.4.2"),
                ("deployment.environment", "bench"), ("host.name", f"node-{variant}"),
                ("telemetry.sdk.language", "swift")]
    return request(resource, "loadgen", "0.1", spans)


# --------------------------------------------------------------------------------------------------------- varied

SERVICES = ["frontend", "checkout", "cart", "payment", "catalog", "search", "shipping", "email", "auth", "currency",
            "ads", "recommend", "inventory", "orders", "gateway", "users", "billing", "stock", "geo", "quote", "notify",
            "audit", "media", "session"]
PATHS = [f"/api/v{version}/{path}" for version in (1, 2) for path in
         ("items/{id}", "users/{id}", "orders/{id}/lines", "search", "cart", "healthz", "reviews/{id}", "stock/{id}")]
TABLES = ["items", "users", "orders", "line_items", "reviews", "stock", "sessions", "payments"]
QUERIES = ["SELECT * FROM %s WHERE id = ~~~~~~~ LIMIT 1",
           "UPDATE %s SET qty = ~~ , updated_at = now() WHERE id = ~~~~~~~ AND tenant_id = ~~~",
           "INSERT INTO %s (user_id, sku, price) VALUES (~~~~~~~, 'SKU-~~~~~~', ~~.~~)",
           "SELECT t.id, t.name, t.price FROM %s t JOIN owners o ON o.id = t.owner_id WHERE t.tenant_id = ~~~ "
           "AND t.created_at > ~~~~~~~~~~ ORDER BY t.id DESC LIMIT 50"]
AGENTS = ["Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
          "okhttp/4.12.0", "curl/8.5.0", "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15"]
STEPS = ["validate", "authorize", "render", "serialize", "cache.get", "compute_price", "load_session", "log_event",
         "apply_discount", "enqueue"]


def server(draw, method, route, failed):
    status = 500 if failed else draw.choice([200, 200, 200, 200, 201, 204, 304, 404])
    return f"{method} {route}", [
        ("http.request.method", method), ("http.route", route), ("url.path", route.replace("{id}", "~~~~~~")),
        ("http.response.status_code", status), ("user.id", "u-~~~~~~~"), ("client.address", "10.~~.~~.~~"),
        ("user_agent.original", draw.choice(AGENTS)), ("http.response.body.size", draw.randrange(100, 90_000)),
        ("network.protocol.version", "1.1")]


def database(draw):
    table = draw.choice(TABLES)
    query = draw.choice(QUERIES) % table
    verb = query.split()[0]
    return f"{verb} {table}", [
        ("db.system.name", "postgresql"), ("db.collection.name", table), ("db.operation.name", verb),
        ("db.query.text", query), ("server.address", f"pg-{draw.randrange(4)}.db.internal"), ("server.port", 5432),
        ("db.response.returned_rows", draw.randrange(50)), ("thread.id", draw.randrange(64))]


def client(draw, method, route):
    path = route.replace("{id}", "~~~~~~")
    return method, [
        ("http.request.method", method),
        ("url.full", f"http://{draw.choice(SERVICES)}.svc.cluster.local:8080{path}?session=~~~~~~~~~~"),
        ("server.address", f"{draw.choice(SERVICES)}.svc.cluster.local"), ("server.port", 8080),
        ("http.response.status_code", 200), ("network.peer.address", "10.~~.~~.~~"), ("thread.id", draw.randrange(64)),
        ("retry", False)]


def internal(draw):
    name = draw.choice(STEPS)
    return name, [
        ("code.function.name", f"Shop.{name}"), ("thread.id", draw.randrange(64)),
        ("thread.name", f"worker-{draw.randrange(64)}"), ("user.id", "u-~~~~~~~"), ("order.id", "o-~~~~~~~~"),
        ("cache.hit", draw.random() < .5), ("feature.variant", draw.choice("abc")),
        ("amount", draw.randrange(10**6) / 100)]


def varied(group):
    """The four requests of a group, which hold parts of the same 4,000 spans' traces; groups 0 to 47 differ."""
    draw, first = random.Random(group), group % 6 * 4
    requests, total = [[], [], [], []], 0
    while total < 4000:
        trace, known, failed = draw.randbytes(16), [], draw.random() < .02
        size = min(4000 - total, draw.choice([1, 2, 3, 5, 8, 10, 12, 15, 20, 30]))
        for number in range(size):
            identifier, parent = draw.randbytes(8), draw.choice(known) if known else None
            known.append(identifier)
            place, kind = (0, 2) if number == 0 else (draw.randrange(4), draw.choice([1, 3, 2, 1]))
            method, route, bad = draw.choice(METHODS), draw.choice(PATHS), failed and number == 0
            start = START + total * 50_000 + number * draw.randrange(100_000, 900_000)
            end = start + draw.randrange(50_000, 5_000_000)
            if kind == 2:
                name, pairs = server(draw, method, route, bad)
            elif kind == 1:
                name, pairs = internal(draw)
            else:
                name, pairs = database(draw) if draw.random() < .6 else client(draw, method, route)
            event = None
            if draw.random() < .2:
                event = ("exception" if failed else "cache.lookup",
                         [("key", "item:~~~~~~"), ("latency_us", draw.randrange(5000))])
            status = field(2, "upstream returned ~~~~ after ~~~ ms") + field(3, 2) if bad else b""
            requests[place].append(span(trace, identifier, parent, name, kind, start, end, pairs, event, status))
        total += size
    out = []
    for place, spans in enumerate(requests):
        service = SERVICES[first + place]
        resource = [("service.name", service), ("service.version", f"1.{group}.{place}"),
                    ("deployment.environment.name", "prod"), ("host.name", f"node-{group}-{place}"),
                    ("telemetry.sdk.language", "swift"), ("k8s.pod.name", f"{service}-7d9f8b6c5-x{place}{group}q2")]
        out.append(request(resource, "http-instr", "0.1", spans))
    return out
