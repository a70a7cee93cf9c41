// SPDX-License-Identifier: Apache-2.0

import Contrail
import Instrumentation
import Logging
import ServiceContextModule
import TelemetryAPI
import TelemetryModel
import TelemetrySDK
import Tracing

extension Workloads {
    // Tracers come in as existentials and functions are not inlined: as in a program whose library starts the spans.

    @inline(never)
    static func root(_ tracer: TelemetryTracer, _ count: Int) {
        for _ in 0..<count { tracer.startSpan("GET /api/v1/items", context: .topLevel).end() }
    }

    @inline(never)
    static func root(_ tracer: any Tracer, _ count: Int) {
        for _ in 0..<count { tracer.startSpan("GET /api/v1/items", context: .topLevel).end() }
    }

    /// Five attributes (two strings, int, bool, double) and one event.
    @inline(never)
    static func full(_ tracer: TelemetryTracer, _ count: Int) {
        for index in 0..<count {
            let span = tracer.startSpan("GET /api/v1/items", kind: .server, context: .topLevel)
            span.setAttribute("http.request.method", "GET")
            span.setAttribute("http.route", "/api/v1/items/{id}")
            span.setAttribute("http.response.status_code", 200 + index % 2)
            span.setAttribute("item.cached", true)
            span.setAttribute("item.price", 1.5)
            span.addEvent("item.created")
            span.end()
        }
    }

    @inline(never)
    static func full(_ tracer: any Tracer, _ count: Int) {
        for index in 0..<count {
            let span = tracer.startSpan("GET /api/v1/items", context: .topLevel, ofKind: .server)
            span.attributes["http.request.method"] = "GET"
            span.attributes["http.route"] = "/api/v1/items/{id}"
            span.attributes["http.response.status_code"] = 200 + index % 2
            span.attributes["item.cached"] = true
            span.attributes["item.price"] = 1.5
            span.addEvent("item.created")
            span.end()
        }
    }

    /// Three synchronous `withSpan` inside each other; one operation is all three.
    @inline(never)
    static func nested(_ tracer: TelemetryTracer, _ count: Int) {
        for _ in 0..<count {
            tracer.withSpan("a") { _ in
                tracer.withSpan("b") { _ in
                    tracer.withSpan("c") { _ in }
                }
            }
        }
    }

    @inline(never)
    static func nested(_ tracer: any Tracer, _ count: Int) {
        for _ in 0..<count {
            tracer.withSpan("a") { _ in
                tracer.withSpan("b") { _ in
                    tracer.withSpan("c") { _ in }
                }
            }
        }
    }

    /// The same with the functions that ask for the global tracer.
    @inline(never)
    static func nestedGlobal(_ count: Int) {
        for _ in 0..<count {
            withSpan("a") { _ in
                withSpan("b") { _ in
                    withSpan("c") { _ in }
                }
            }
        }
    }

    /// Lines to Contrail's handler of JSON, which are made and thrown away; inside one span of `tracer`, if any.
    @inline(never)
    static func ownLog(in tracer: (any Tracer)?, _ count: Int) {
        let logger = Logger(
            label: "benchmark",
            factory: { JSONLogHandler(label: $0, sink: LogSink { precondition($0.count > 99) }) })
        func write() { for _ in 0..<count { logger.info("item created") } }
        if let tracer { tracer.withSpan("request") { _ in write() } } else { write() }
    }

    /// Lines inside one span, to a handler that merges metadata as most do and writes nothing.
    @inline(never)
    static func log(in tracer: any Tracer, provider: Logger.MetadataProvider?, _ count: Int) {
        let logger = Logger(label: "benchmark", factory: { _ in MergingHandler(metadataProvider: provider) })
        tracer.withSpan("request") { _ in
            for _ in 0..<count { logger.info("item created") }
        }
    }
}

private struct MergingHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .info
    var metadataProvider: Logger.MetadataProvider?

    init(metadataProvider: Logger.MetadataProvider?) { self.metadataProvider = metadataProvider }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var merged = metadata
        if let provided = metadataProvider?.get() { merged.merge(provided) { $1 } }
        if let own = event.metadata { merged.merge(own) { $1 } }
        precondition(merged.count < 100)
    }
}
