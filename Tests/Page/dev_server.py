# SPDX-License-Identifier: Apache-2.0
"""For working on web/: serves it as it is on disk, so that a reload shows a change.

    python3 Tests/Page/dev_server.py [PORT]                                    over made-up traces
    python3 Tests/Page/dev_server.py [PORT] --backend http://127.0.0.1:16686   over a running contrail's
"""

import argparse
import http.server
import json
import pathlib
import time
import urllib.error
import urllib.parse
import urllib.request

import sample_traces

WEB = pathlib.Path(__file__).resolve().parents[2] / "web"
TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8",
         ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
POLICY = ("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
          "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
          "require-trusted-types-for 'script'")
PAGE = 20
traces = {}
backend = None


def add(builder):
    traces[builder.trace_id] = builder


def fill():
    now = time.time_ns()
    for index in range(48):
        start = now - round(((index * 37) % 48 + 1) * 55e9)
        slow = 20 + (index * 7919) % 180 + (index % 9 == 0) * 700
        add(sample_traces.shop(f"{0x5000 + index:032x}", start, slow, fail=index % 11 == 3))
    add(sample_traces.large("2000".rjust(32, "a"), 2000, now - 40 * 10**9))
    add(sample_traces.large("10000".rjust(32, "a"), 10000, now - 50 * 10**9))
    add(sample_traces.hostile("bad".rjust(32, "c"), now - 30 * 10**9))
    add(sample_traces.broken("0".rjust(32, "b"), now - 20 * 10**9))


def spans(builder):
    return [(service, span) for service, list_ in builder.services.items() for span in list_]


def summary(builder):
    all_ = spans(builder)
    begin = min(int(span["startTimeUnixNano"]) for _, span in all_)
    end = max(int(span["endTimeUnixNano"]) for _, span in all_)
    service, root = next(((s, span) for s, span in all_ if "parentSpanId" not in span))
    services = {}
    for name, span in all_:
        entry = services.setdefault(name, {"name": name, "spanCount": 0, "errorCount": 0})
        entry["spanCount"] += 1
        entry["errorCount"] += span["status"].get("code") == 2
    return {
        "traceId": builder.trace_id, "rootService": service, "rootOperation": root["name"],
        "startTimeUnixNano": str(begin), "durationNano": str(end - begin), "spanCount": len(all_),
        "errorCount": sum(each["errorCount"] for each in services.values()),
        "services": sorted(services.values(), key=lambda each: each["name"]),
    }


def analysis(builder):
    """A rough stand-in: the critical path of the first root, its time by service and name."""
    all_ = [(service, span, int(span["startTimeUnixNano"]), int(span["endTimeUnixNano"]))
            for service, span in spans(builder)]
    children = {}
    for index, (_, span, _, _) in enumerate(all_):
        children.setdefault(span.get("parentSpanId"), []).append(index)
    root = children[None][0]
    segments = []

    def walk(index, begin, end):
        cursor = end
        for child in sorted(children.get(all_[index][1]["spanId"], []), key=lambda each: -all_[each][3]):
            to, from_ = min(all_[child][3], cursor), max(all_[child][2], begin)
            if from_ < to:
                segments.append((index, to, cursor))
                walk(child, from_, to)
                cursor = from_
        segments.append((index, begin, cursor))

    walk(root, all_[root][2], all_[root][3])
    segments = [each for each in segments if each[1] < each[2]]
    groups = {}
    for index, begin, end in segments:
        service, span, *_ = all_[index]
        group = groups.setdefault((service, span["name"]), [0, set()])
        group[0] += end - begin
        group[1].add(index)
    total = sum(each[0] for each in groups.values()) or 1
    return {
        "breakdown": [
            {"service": service, "label": f"{name}  {service}", "durationNano": str(time_),
             "spanCount": len(who), "percent": round(100 * time_ / total),
             "share": time_ / total}
            for (service, name), (time_, who) in sorted(groups.items(), key=lambda each: -each[1][0])
        ],
        "criticalPath": [
            {"span": index, "spanId": all_[index][1]["spanId"], "startTimeUnixNano": str(begin),
             "durationNano": str(end - begin)} for index, begin, end in segments
        ],
        "spans": [],
    }


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body, type_):
        self.send_response(status)
        self.send_header("content-type", type_)
        self.send_header("content-length", str(len(body)))
        self.send_header("content-security-policy", POLICY)
        self.end_headers()
        self.wfile.write(body)

    def json(self, status, value):
        self.answer(status, json.dumps(value).encode(), "application/json")

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = urllib.parse.parse_qs(url.query)
        parts = [urllib.parse.unquote(part) for part in url.path.split("/") if part]
        if backend and parts[:1] == ["api"]:
            return self.forward()
        if parts[:2] == ["api", "v1"]:
            return self.api(parts[2:], query)
        if not parts or parts[0] == "trace":
            file = WEB / "index.html"
        elif parts[0] == "assets":
            file = WEB.joinpath(*parts[1:])
        else:
            file = WEB / "missing"
        if not file.is_file():
            return self.answer(404, (WEB / "not-found.html").read_bytes(), TYPES[".html"])
        self.answer(200, file.read_bytes(), TYPES[file.suffix])

    def forward(self):
        try:
            with urllib.request.urlopen(backend + self.path, timeout=60) as response:
                self.answer(response.status, response.read(), response.headers["content-type"])
        except urllib.error.HTTPError as error:
            self.answer(error.code, error.read(), "application/json")

    def do_POST(self):
        """Takes OTLP/JSON, so that the browser test can be tried against this too."""
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        for group in body["resourceSpans"]:
            service = next(each["value"]["stringValue"] for each in group["resource"]["attributes"]
                           if each["key"] == "service.name")
            for scope in group["scopeSpans"]:
                for span in scope["spans"]:
                    builder = traces.setdefault(span["traceId"], sample_traces.TraceBuilder(span["traceId"]))
                    builder.services.setdefault(service, []).append(span)
        self.json(200, {})

    def api(self, parts, query):
        if parts == ["receivers"]:
            return self.json(200, {"grpcPort": 4317, "httpPort": int(self.server.server_port)})
        if parts == ["services"]:
            return self.json(200, {"services": sorted({s for t in traces.values() for s in t.services})})
        if len(parts) == 3 and parts[0] == "services":
            names = {span["name"] for t in traces.values() for span in t.services.get(parts[1], [])}
            operations = [{"name": name, "kind": "server"} for name in sorted(names)]
            return self.json(200, {"operations": operations})
        if parts == ["traces"]:
            return self.search(query)
        if len(parts) >= 2 and parts[0] == "traces" and parts[1] in traces:
            if len(parts) == 2:
                return self.json(200, traces[parts[1]].json())
            if parts[2:] == ["analysis"]:
                return self.json(200, analysis(traces[parts[1]]))
        self.json(404, {"error": {"code": "not_found", "message": "No such trace.", "parameter": None}})

    def search(self, query):
        one = {key: values[0] for key, values in query.items()}
        if one.get("minDuration", "").startswith("9"):
            return self.json(400, {"error": {"code": "bad_parameter", "parameter": "minDuration",
                                             "message": "minDuration is out of range."}})
        found = [summary(each) for each in traces.values()]
        found.sort(key=lambda each: -int(each["startTimeUnixNano"]))
        if "service" in one:
            found = [each for each in found if any(s["name"] == one["service"] for s in each["services"])]
        if one.get("status") == "error":
            found = [each for each in found if each["errorCount"]]
        if "attribute" in one:
            found = [each for each in found if self.has(each["traceId"], query["attribute"])]
        limit = int(one.get("limit", PAGE))
        start = int(one.get("cursor", 0))
        more = start + limit < len(found)
        cursor = str(start + limit) if more else None
        self.json(200, {"traces": found[start:start + limit], "nextCursor": cursor})

    def has(self, trace_id, pairs):
        for _, span in spans(traces[trace_id]):
            flat = {f"{each['key']}={next(iter(each['value'].values()))}" for each in span["attributes"]}
            if all(pair in flat for pair in pairs):
                return True
        return False


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("port", nargs="?", type=int, default=0)
    parser.add_argument("--empty", action="store_true", help="no made-up traces")
    parser.add_argument("--backend", help="address of a running contrail's page")
    arguments = parser.parse_args()
    backend = arguments.backend
    if not arguments.empty and not backend:
        fill()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", arguments.port), Handler)
    print(f"http://127.0.0.1:{server.server_port}/", flush=True)
    server.serve_forever()
