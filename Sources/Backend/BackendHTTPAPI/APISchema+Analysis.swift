// SPDX-License-Identifier: Apache-2.0

internal import TraceAnalysis

extension APISchema {
    /// Spans are named by their number in the trace's OTLP/JSON, because span ids can stand twice.
    static let analysisSchema = object([
        ("traceId", ["type": "string", "pattern": "^[0-9a-f]{32}$"]), ("spanCount", integer("Spans stored.")),
        ("startTimeUnixNano", decimal("Earliest start after clock correction, nanoseconds since 1970 UTC.")),
        ("durationNano", decimal("Latest end minus earliest start, nanoseconds.")),
        ("root", nullable("integer", "Number of the span whose time the breakdown tells.")),
        ("rootDurationNano", decimal("Its duration, nanoseconds: the sum of the breakdown.")),
        ("warnings", list(warning)), ("breakdown", list(group)), ("criticalPath", list(segment)),
        ("spans", list(span)),
    ])

    private static let number = integer("Number of the span in the trace's OTLP/JSON, counted from 0.")

    private static let warning: JSONValue = [
        "type": "object", "required": ["code", "message", "spans"],
        "properties": [
            "code": words(TraceWarning.Code.allCases.map(\.rawValue)),
            "message": text("One sentence without a full stop."), "spans": list(number),
            "amountNano": decimal("By how much clocks differ at least, nanoseconds."),
        ],
    ]

    private static let group = object([
        ("service", text("Service.")), ("label", text("What its spans are called.")),
        ("durationNano", decimal("Nanoseconds of the critical path that they spent themselves.")),
        ("percent", integer("Whole per cent of the root's duration, rounded; 0 below one.")),
        ("share", ["type": "number", "description": "Of the root's duration, 0 to 1."]),
        ("spanCount", integer("Spans on the critical path.")),
    ])

    private static let segment = object([
        ("span", number), ("spanId", ["type": "string", "pattern": "^[0-9a-f]{16}$"]),
        ("startTimeUnixNano", decimal("Nanoseconds since 1970 UTC.")),
        ("durationNano", decimal("Nanoseconds.")),
    ])

    private static let span = object([
        ("span", number), ("spanId", ["type": "string", "pattern": "^[0-9a-f]{16}$"]),
        ("parent", nullable("integer", "Number of the span under which it is drawn.")),
        ("depth", integer("0 for what hangs on nothing.")),
        ("place", words(["root", "child", "orphan", "cycle"])), ("service", text("Service.")),
        ("label", text("What contrail show calls it.")),
        ("startTimeUnixNano", decimal("After clock correction, nanoseconds since 1970 UTC.")),
        ("durationNano", decimal("Nanoseconds; 0 for a span that ends before it starts.")),
        ("clockOffsetNano", decimal("What the correction added to its times, nanoseconds.")),
        ("selfTimeNano", decimal("Time in which none of its children ran, nanoseconds.")),
        ("criticalTimeNano", decimal("Time of the critical path that it spent itself, nanoseconds.")),
    ])
}
