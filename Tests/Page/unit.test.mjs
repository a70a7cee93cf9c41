// SPDX-License-Identifier: Apache-2.0
// The page's pure modules: node --test Tests/Page/unit.test.mjs

import assert from "node:assert/strict";
import test from "node:test";
import { readAnalysis } from "../../web/js/analysis.js";
import { colorCount, colorSlot } from "../../web/js/colors.js";
import {
    formatAgo, formatDuration, formatInstant, formatOffset, formatShare, parseDuration, shortened, ticks,
} from "../../web/js/format.js";
import { anyValue, attributes, prettyText, valueText } from "../../web/js/otlp.js";
import { keyHints, typedAt, valueHints } from "../../web/js/search-hints.js";
import {
    emptyState, parseAttributes, problemsOf, queryOf, quotePair, readState, writeState,
} from "../../web/js/search-state.js";
import { failureText, findSpans, rowLabel, searchWords, visibleRows } from "../../web/js/span-rows.js";
import { TimeWindow } from "../../web/js/time-window.js";
import { decodeLogs, severityName, worstSeverity } from "../../web/js/trace-logs.js";
import { buildTrace } from "../../web/js/trace-tree.js";

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";

/** Spans as [id, parent, start, end, more] with times in ms, all of one service unless `more` says so. */
function otlp(...spans) {
    return {
        resourceSpans: spans.map(([spanId, parentSpanId, start, end, more = {}]) => ({
            resource: {
                attributes: [{ key: "service.name", value: { stringValue: more.service ?? "web" } }],
            },
            scopeSpans: [{
                spans: [{
                    traceId: more.traceId ?? traceId, spanId, parentSpanId, name: more.name ?? spanId,
                    kind: more.kind ?? 1,
                    startTimeUnixNano: String(1_700_000_000_000_000_000n + BigInt(Math.round(start * 1e6))),
                    endTimeUnixNano: String(1_700_000_000_000_000_000n + BigInt(Math.round(end * 1e6))),
                    attributes: Object.entries(more.attributes ?? {}).map(([key, value]) => ({ key, value })),
                    status: more.error ? { code: 2 } : {}, events: more.events, droppedAttributesCount: more.dropped,
                }],
            }],
        })),
    };
}

const outline = (trace) => trace.spans.map((span) => `${"-".repeat(span.depth)}${span.key}`).join(" ");
const kinds = (trace) => trace.warnings.map((warning) => warning.kind);

test("durations have three digits and the unit that suits", () => {
    const cases = {
        0: "0 ns", 1: "1 ns", 999: "999 ns", 1000: "1 µs", 45_600: "45.6 µs", 999_600: "1 ms",
        512e6: "512 ms", 1.234e9: "1.23 s", 12.34e9: "12.3 s", 59.9e9: "59.9 s", 60e9: "1 min",
        200e9: "3 min 20 s", 3.66e12: "1 h 1 min", 1.8e14: "2 d 2 h",
    };
    for (const [nanoseconds, text] of Object.entries(cases)) {
        assert.equal(formatDuration(Number(nanoseconds)), text);
    }
    assert.equal(formatDuration(-5e6), "−5 ms");
    assert.equal(formatDuration(NaN), "–");
    assert.equal(formatOffset(12.3e6), "+12.3 ms");
});

test("shares are rounded as in the terminal", () => {
    const cases = [[1, "100 %"], [0.9998, "100 %"], [0.125, "13 %"], [0.0099, "<1 %"], [0, "0 %"]];
    for (const [share, text] of cases) assert.equal(formatShare(share), text);
});

test("a name of thousands of letters keeps both ends and gives its middle away", () => {
    assert.equal(shortened("GET /"), "GET /");
    const short = shortened(`a${"x".repeat(3000)}z`);
    assert.ok(short.length < 310 && short.startsWith("ax") && short.endsWith("xz") && short.includes("…"));
});

test("instants keep all nine decimals", () => {
    assert.equal(formatInstant(1_700_000_000_123_456_789n), "2023-11-14T22:13:20.123456789Z");
    assert.equal(formatInstant(18_446_744_073_709_551_615n), "2554-07-21T23:34:33.709551615Z");
    assert.equal(formatAgo(1_700_000_000_000_000_000n, new Date(1_700_000_090_000)), "2 min ago");
});

test("durations are read as the API reads them", () => {
    assert.equal(parseDuration("250ms"), 250e6);
    assert.equal(parseDuration(" 1.5s "), 1.5e9);
    assert.equal(parseDuration("1h30m"), 5400e9);
    assert.equal(parseDuration("0"), 0);
    for (const text of ["", "5", "ms", "-1s", "1 s", "1.2.3s", "1w"]) {
        assert.equal(parseDuration(text), null, text);
    }
});

test("ruler marks are round and inside", () => {
    assert.deepEqual(ticks(0, 100, 5), [0, 20, 40, 60, 80, 100]);
    assert.deepEqual(ticks(13, 29, 4), [15, 20, 25]);
    assert.deepEqual(ticks(5, 5, 4), []);
});

test("values keep their type, and integers all their digits", () => {
    const largest = "9223372036854775807";
    assert.deepEqual(anyValue({ intValue: largest }), { type: "int", value: largest });
    assert.deepEqual(anyValue({}), { type: "empty", value: null });
    assert.deepEqual(anyValue({ doubleValue: "NaN" }), { type: "double", value: "NaN" });
    const [map] = attributes([{ key: "m", value: { kvlistValue: { values: [
        { key: "list", value: { arrayValue: { values: [{ intValue: "1" }, { boolValue: true }, {}] } } },
        { key: "__proto__", value: { stringValue: "kept" } },
    ] } } }]);
    assert.equal(valueText(map), "{\"list\":[1,true,null],\"__proto__\":\"kept\"}");
    assert.equal(prettyText({ key: "j", type: "string", value: " {\"a\": 1} " }), "{\n  \"a\": 1\n}");
    assert.equal(prettyText({ key: "j", type: "string", value: "{not json}" }), null);
    assert.deepEqual(attributes(undefined), []);
});

test("a tree stands in depth-first order, siblings by start", () => {
    const spans = otlp(["c", "a", 5, 9], ["b", "a", 1, 4], ["a", "", 0, 10], ["d", "b", 2, 3]);
    const trace = buildTrace(spans, traceId);
    assert.equal(outline(trace), "a -b --d -c");
    assert.deepEqual(kinds(trace), []);
    assert.equal(trace.duration, 10e6);
    assert.equal(trace.depth, 3);
    assert.equal(trace.spans[0].last, 3);
});

test("every broken shape keeps all spans and is said", () => {
    const orphan = buildTrace(otlp(["a", "", 0, 10], ["b", "gone", 3, 4]), traceId);
    assert.equal(outline(orphan), "a b");
    assert.deepEqual(kinds(orphan), ["orphan"]);
    const roots = buildTrace(otlp(["b", "0000000000000000", 3, 4], ["a", "", 0, 10]), traceId);
    assert.equal(outline(roots), "a b");
    assert.deepEqual(kinds(roots), ["roots"]);
    const circle = otlp(["a", "c", 2, 9], ["b", "a", 1, 8], ["c", "b", 3, 7], ["d", "a", 4, 5]);
    const cycle = buildTrace(circle, traceId);
    assert.equal(outline(cycle), "b -c --a ---d");
    assert.ok(kinds(cycle).includes("cycle"));
    const itself = buildTrace(otlp(["a", "a", 0, 1]), traceId);
    assert.equal(outline(itself), "a");
    assert.deepEqual(kinds(itself), ["cycle"]);
    const twins = buildTrace(otlp(["a", "", 0, 10], ["a", "a", 1, 2], ["b", "a", 3, 4]), traceId);
    assert.equal(outline(twins), "a -a#2 -b");
    assert.deepEqual(kinds(twins), ["duplicate"]);
    const skew = buildTrace(otlp(["a", "", 5, 10], ["b", "a", 1, 2]), traceId);
    assert.deepEqual(kinds(skew), ["skew"]);
    assert.equal(skew.duration, 9e6);
    const backwards = buildTrace(otlp(["a", "", 5, 1]), traceId);
    assert.deepEqual(kinds(backwards), ["negative"]);
    const others = { traceId: "f".repeat(32) };
    const mixed = buildTrace(otlp(["a", "", 0, 1, { dropped: 2 }], ["b", "", 0, 1, others]), traceId);
    assert.deepEqual(kinds(mixed), ["dropped", "foreign"]);
    assert.deepEqual(buildTrace({}, traceId).spans, []);
});

test("100,000 spans in one chain overflow nothing", () => {
    const id = (index) => index.toString(16).padStart(16, "0");
    const chain = Array.from({ length: 100_000 }, (_, index) => [id(index + 1), id(index), 0, 1]);
    const trace = buildTrace(otlp(...chain), traceId);
    assert.equal(trace.depth, 100_000);
    assert.equal(trace.spans[0].last, 99_999);
});

test("50,000 spans that share one id take no longer than others", () => {
    const twins = Array.from({ length: 50_000 }, () => ["aa", "", 0, 1]);
    const begin = performance.now();
    const trace = buildTrace(otlp(...twins), traceId);
    assert.equal(trace.byKey.size, 50_000);
    // Looking for each one's place from the first on would take a minute.
    assert.ok(performance.now() - begin < 20_000);
});

test("a failed span says why: its message, its last exception, its status code", () => {
    const text = (value) => ({ stringValue: value });
    const exception = (type, message) => ({
        name: "exception", attributes: [
            { key: "exception.type", value: text(type) }, { key: "exception.message", value: text(message) },
        ],
    });
    const code = { "http.response.status_code": { intValue: "503" } };
    const events = [exception("Timeout", "first"), exception("ValueError", "no price")];
    const trace = buildTrace(otlp(
        ["a", "", 0, 9, { error: true, events, attributes: code }],
        ["b", "a", 1, 2, { error: true, attributes: code }], ["c", "a", 1, 2, { events }],
        ["d", "a", 1, 2, { error: true }],
    ), traceId);
    const why = (key) => failureText(trace.byKey.get(key));
    assert.deepEqual(["a", "b", "c", "d"].map(why), ["ValueError: no price", "503", "", ""]);
});

test("the analysis moves clocks, gives the critical path and its own warnings", () => {
    const analysis = readAnalysis({
        warnings: [{ code: "clock_skew", message: "the clock of api is behind", spans: [1] }],
        criticalPath: [{ span: 1, startTimeUnixNano: "1700000000006000000", durationNano: "2000000" }],
        spans: [{ span: 1, clockOffsetNano: "5000000", selfTimeNano: "2000000" }],
        breakdown: [
            { service: "api", label: "GET /x  api", durationNano: "2000000", percent: 100, spanCount: 1 },
        ],
    });
    const trace = buildTrace(otlp(["a", "", 0, 10], ["b", "a", 1, 3]), traceId, analysis);
    const b = trace.byKey.get("b");
    assert.equal(b.offset, 6e6);
    assert.equal(b.selfTime, 2e6);
    assert.deepEqual(trace.critical, [{ key: "b", offset: 6e6, duration: 2e6 }]);
    const text = "The clock of api is behind";
    assert.deepEqual(trace.warnings, [{ kind: "clock_skew", text, spanKey: "b" }]);
    assert.equal(analysis.groups[0].query, "\"GET /x\" api");
    assert.deepEqual(readAnalysis(null), { groups: [], critical: [], spans: new Map(), warnings: null });
});

test("closed spans hide what is below them", () => {
    const spans = otlp(["a", "", 0, 10], ["b", "a", 1, 4], ["c", "b", 2, 3], ["d", "a", 5, 6]);
    const trace = buildTrace(spans, traceId);
    const keys = (collapsed) => visibleRows(trace, new Set(collapsed)).map((span) => span.key).join("");
    assert.equal(keys([]), "abcd");
    assert.equal(keys(["b"]), "abd");
    assert.equal(keys(["a", "b"]), "a");
});

test("rows are labelled as in the terminal", () => {
    const text = (value) => ({ stringValue: value });
    const trace = buildTrace(otlp(
        ["a", "", 0, 10, { service: "gateway", kind: 2 }], ["b", "a", 1, 9, { service: "gateway", kind: 3 }],
        ["c", "b", 2, 8, { service: "items", kind: 2 }], ["d", "c", 3, 4, { service: "items" }],
        ["e", "c", 5, 6, { service: "items", kind: 3, attributes: { "db.system.name": text("sqlite") } }],
        ["f", "c", 6, 7, {
            service: "items", kind: 3, attributes: { "server.address": text("api.example") },
        }],
    ), traceId);
    const label = (key) => rowLabel(trace.byKey.get(key));
    assert.deepEqual(label("a"), { from: "gateway", to: "", system: "" });
    assert.deepEqual(label("b"), { from: "gateway", to: "items", system: "" });
    assert.deepEqual(label("c"), { from: "items", to: "", system: "" });
    assert.deepEqual(label("d"), { from: "", to: "", system: "" });
    assert.deepEqual(label("e"), { from: "", to: "", system: "sqlite" });
    assert.deepEqual(label("f"), { from: "items", to: "api.example", system: "" });
});

test("a search inside a trace needs all words, in any place", () => {
    assert.deepEqual(searchWords("GET \"two words\" x"), ["get", "two words", "x"]);
    const trace = buildTrace(otlp(
        ["a", "", 0, 10, { name: "GET /items" }],
        ["b", "a", 1, 2, { attributes: { "user.id": { intValue: "42" } } }],
    ), traceId);
    const found = (query) => findSpans(trace, query).map((span) => span.key).join("");
    assert.equal(found("get items"), "a");
    assert.equal(found("USER.ID=42"), "b");
    assert.equal(found("service.name=web"), "ab");
    assert.equal(found("nothing"), "");
    assert.equal(found("  "), "");
});

test("attributes are read from text and written back", () => {
    assert.deepEqual(parseAttributes("a=1  b.c=\"x \\\"y\\\"\" url=http://h/?q=2 e="), {
        pairs: ["a=1", "b.c=x \"y\"", "url=http://h/?q=2", "e="], error: "",
    });
    assert.deepEqual(parseAttributes("n>2 size<=1e6 t<-.5").pairs, ["n>2", "size<=1e6", "t<-.5"]);
    assert.match(parseAttributes("a=1 b").error, /b has no value/);
    assert.match(parseAttributes("a>x").error, /a>x has no value/);
    assert.match(parseAttributes("=1").error, /Cannot read/);
    assert.match(parseAttributes("a=\"open").error, /Cannot read/);
    for (const pair of ["a=1", "b=x y", "c=say \"hi\"", "d=\\", "n>2", "n>=2"]) {
        assert.deepEqual(parseAttributes(quotePair(pair)).pairs, [pair]);
    }
});

test("what is typed at the caret is a key or the value of one", () => {
    const at = (text) => typedAt(text, text.length);
    assert.deepEqual(at(""), { start: 0, scope: "", key: "", value: null });
    assert.deepEqual(at("a=1 htt"), { start: 4, scope: "", key: "htt", value: null });
    assert.deepEqual(at("event:na"), { start: 0, scope: "event", key: "na", value: null });
    assert.deepEqual(at("other:na"), { start: 0, scope: "", key: "other:na", value: null });
    assert.deepEqual(at("a=1 event:name=x"), { start: 4, scope: "event", key: "name", value: "x" });
    assert.deepEqual(at("url=http://h/?q=2"), { start: 0, scope: "", key: "url", value: "http://h/?q=2" });
    assert.deepEqual(at("a=\"Ann B"), { start: 0, scope: "", key: "a", value: "Ann B" });
    assert.deepEqual(at("a=\"x y\" b"), { start: 8, scope: "", key: "b", value: null });
    assert.equal(at("n>5"), null);
    assert.equal(at("=x"), null);
    assert.deepEqual(typedAt("a=1 b=2", 1), { start: 0, scope: "", key: "a", value: null });
});

test("keys and values are proposed as conditions", () => {
    const typed = typedAt("", 0);
    const keys = [
        { scope: "span", key: "k", types: ["string", "int"] }, { scope: "resource", key: "k", types: ["bool"] },
        { scope: "event", key: "k", types: ["double"] }, { scope: "span", key: "list", types: ["nested"] },
        { scope: "span", key: "with space", types: ["string"] }, { scope: "span", key: "event:x", types: ["int"] },
    ];
    assert.deepEqual(keyHints(typed, keys), [
        { text: "k=", label: "k", note: "span · string, int; resource · bool" },
        { text: "event:k=", label: "event:k", note: "event · double" },
        { text: "span:event:x=", label: "span:event:x", note: "span · int" },
    ]);
    assert.deepEqual(keyHints(typedAt("span:", 5), keys.slice(0, 1)).map((hint) => hint.text), ["span:k="]);
    assert.deepEqual(valueHints(typedAt("event:k=x", 9), ["x y", "xz"]), [
        { text: "event:k=\"x y\" ", label: "x y", note: "" }, { text: "event:k=xz ", label: "xz", note: "" },
    ]);
});

test("the address holds the whole search", () => {
    const state = {
        service: "items & more", operation: "GET /x?y", attributes: "a=1 b=\"x y\"", minDuration: "250ms",
        maxDuration: "2s", errorsOnly: true, range: "custom",
        start: "2026-11-22T13:00", end: "2026-11-22T14:00", limit: "50",
    };
    assert.deepEqual(readState(new URLSearchParams(writeState(state).toString())), state);
    assert.equal(writeState(emptyState).toString(), "");
    assert.deepEqual(readState(new URLSearchParams("range=nonsense&limit=7")), { ...emptyState });
});

test("questions have the API's parameters", () => {
    const query = (changes) => Object.fromEntries(queryOf({ ...emptyState, ...changes }));
    assert.deepEqual(query({}), { limit: "20", since: "24h" });
    assert.deepEqual(query({ range: "all", errorsOnly: true }), { limit: "20", status: "error" });
    const custom = query({ range: "custom", start: "2026-11-22T13:00:00.000Z" });
    assert.deepEqual(custom, { limit: "20", start: "1795352400000000000" });
});

test("wrong input is said at its field", () => {
    const problems = (changes) => Object.keys(problemsOf({ ...emptyState, ...changes }));
    assert.deepEqual(problems({}), []);
    assert.deepEqual(problems({ minDuration: "fast" }), ["minDuration"]);
    assert.deepEqual(problems({ minDuration: "2s", maxDuration: "1s" }), ["maxDuration"]);
    assert.deepEqual(problems({ attributes: "x" }), ["attributes"]);
    const backwards = { range: "custom", start: "2026-11-22T14:00", end: "2026-11-22T13:00" };
    assert.deepEqual(problems(backwards), ["end"]);
});

test("log lines stand by span, earliest first, with the words of their bodies", () => {
    const record = (spanId, time, body, more = {}) => ({ spanId, timeUnixNano: String(time), body, ...more });
    const logs = decodeLogs({ resourceLogs: [{ scopeLogs: [{ logRecords: [
        record("A1", 20, { stringValue: "second" }, { severityNumber: 17 }),
        record("a1", 10, { kvlistValue: { values: [{ key: "n", value: { intValue: "1" } }] } }),
        record(undefined, 0, undefined, { observedTimeUnixNano: "7", eventName: "started" }),
    ] }] }] });
    assert.deepEqual([...logs.keys()], ["a1", ""]);
    assert.deepEqual(logs.get("a1").map((line) => line.text), ['{"n":1}', "second"]);
    assert.deepEqual(logs.get("a1").map((line) => line.severity), ["", "error"]);
    assert.deepEqual(logs.get(""), [{ time: 7n, severity: "", text: "started", attributes: [] }]);
    assert.equal(decodeLogs(null).size, 0);
    assert.deepEqual([0, 1, 10, 24, 25].map(severityName), ["", "trace", "info2", "fatal4", ""]);
    assert.equal(worstSeverity(logs.get("a1")), "error");
    assert.equal(worstSeverity(logs.get("")), "");
    const lines = ["warn3", "debug", "info4"].map((severity) => ({ ...logs.get("")[0], severity }));
    assert.equal(worstSeverity(lines), "warn");
    assert.equal(worstSeverity(new Array(300_000).fill(lines[0])), "warn");
});

test("the first services have different colours, and keep them", () => {
    const names = Array.from({ length: colorCount }, (_, index) => `service-${index}`);
    const slots = names.map(colorSlot);
    assert.equal(new Set(slots).size, colorCount);
    assert.deepEqual(names.map(colorSlot), slots);
    assert.ok(colorSlot("one more") < colorCount);
});

test("the time window stays inside the trace", () => {
    const window = new TimeWindow(() => undefined);
    window.set(1000);
    window.zoom(0.5, 0.5);
    assert.deepEqual([window.from, window.to], [250, 750]);
    window.pan(-2);
    assert.deepEqual([window.from, window.to], [0, 500]);
    window.zoom(100, 0.5);
    assert.equal(window.zoomed, false);
    window.show(990, 1500);
    assert.deepEqual([window.from, window.to], [490, 1000]);
    window.zoom(1e-12, 0);
    assert.equal(window.length, 10);
});
