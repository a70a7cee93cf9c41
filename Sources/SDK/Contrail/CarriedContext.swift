// SPDX-License-Identifier: Apache-2.0

public import HTTPTypes
public import ServiceContextModule
import TelemetryAPI
import TelemetryPropagators
import Tracing

// Context over whatever is no HTTP request made by a traced client: messages of a queue, jobs in a table, files.
// swift-distributed-tracing's instrument does the work, so that this follows OTEL_PROPAGATORS, task-local tracers of
// tests, and passes context through when telemetry is off.

extension Dictionary where Key == String, Value == String {
    /// Writes what identifies the trace, and the baggage, into these headers.
    ///
    /// - Parameter context: what to carry: `.current` is that of this task; nil writes nothing.
    public mutating func inject(_ context: ServiceContext?) {
        guard let context else { return }
        InstrumentationSystem.instrument.inject(context, into: &self, using: DictionaryCarrier())
    }
}

extension HTTPFields {
    /// Writes what identifies the trace, and the baggage, into these headers.
    ///
    /// - Parameter context: what to carry: `.current` is that of this task; nil writes nothing.
    public mutating func inject(_ context: ServiceContext?) {
        guard let context else { return }
        InstrumentationSystem.instrument.inject(context, into: &self, using: HTTPFieldsCarrier())
    }
}

/// Runs `body` in the context that a message carries: spans started there belong to the sender's trace.
///
/// Headers that cannot be read leave the current context as it is; nothing is thrown for them.
///
/// - Parameters:
///   - headers: of the message; names are compared without regard to case.
///   - body: what to do.
/// - Returns: what `body` returns.
/// - Throws: what `body` throws.
public nonisolated(nonsending) func withExtractedContext<Result, Failure: Error>(
    from headers: [String: String],
    _ body: nonisolated(nonsending) () async throws(Failure) -> Result
) async throws(Failure) -> Result {
    try await withContext(extracted(headers, using: DictionaryCarrier()), body)
}

/// Runs `body` in the context that a message carries: spans started there belong to the sender's trace.
///
/// Headers that cannot be read leave the current context as it is; nothing is thrown for them.
///
/// - Parameters:
///   - headers: of the message.
///   - body: what to do.
/// - Returns: what `body` returns.
/// - Throws: what `body` throws.
public nonisolated(nonsending) func withExtractedContext<Result, Failure: Error>(
    from headers: HTTPFields,
    _ body: nonisolated(nonsending) () async throws(Failure) -> Result
) async throws(Failure) -> Result {
    try await withContext(extracted(headers, using: HTTPFieldsCarrier()), body)
}

private func extracted<Carrier, Extract: Extractor>(
    _ carrier: Carrier, using extractor: Extract
) -> ServiceContext where Extract.Carrier == Carrier {
    var context = ServiceContext.current ?? .topLevel
    InstrumentationSystem.instrument.extract(carrier, into: &context, using: extractor)
    return context
}

private nonisolated(nonsending) func withContext<Result, Failure: Error>(
    _ context: ServiceContext, _ body: nonisolated(nonsending) () async throws(Failure) -> Result
) async throws(Failure) -> Result {
    // `withValue` rethrows without a type.
    let outcome = await ServiceContext.$current.withValue(context) { () -> Swift.Result<Result, Failure> in
        do throws(Failure) { return .success(try await body()) } catch { return .failure(error) }
    }
    return try outcome.get()
}

/// Headers as swift-http-types has them.
private struct HTTPFieldsCarrier: Injector, KeyedExtractor {
    func inject(_ value: String, forKey key: String, into carrier: inout HTTPFields) {
        guard let name = HTTPField.Name(key) else { return }
        carrier[name] = value
    }

    func extract(key: String, from carrier: HTTPFields) -> String? {
        guard let name = HTTPField.Name(key) else { return nil }
        // Several fields of one name come joined by commas.
        return carrier[name]
    }

    func forEachKey(in carrier: HTTPFields, _ body: (String) -> Void) {
        for (index, field) in carrier.enumerated()
        where !carrier.prefix(index).contains(where: { $0.name == field.name }) {
            body(field.name.rawName)
        }
    }

    func extractAll(key: String, from carrier: HTTPFields) -> [String] {
        HTTPField.Name(key).map { carrier[values: $0] } ?? []
    }
}
