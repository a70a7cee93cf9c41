// SPDX-License-Identifier: Apache-2.0

public import AsyncHTTPClient
public import Tracing

extension HTTPClient.Configuration {
    /// The default configuration, with a client span for each request after the stable HTTP conventions.
    ///
    /// ```swift
    /// let client = HTTPClient(configuration: .traced)
    /// ```
    public static var traced: Self { Self().traced() }

    /// This configuration, with a client span for each request after the stable HTTP conventions.
    ///
    /// The span covers `execute(_:timeout:)` until the head of the answer is there, redirects included; the
    /// body may still be on its way.
    ///
    /// - Parameter tracer: Takes the spans; nil for the tracer that is bootstrapped when a request is sent.
    /// - Returns: A copy to make a client with.
    public func traced(by tracer: (any Tracer)? = nil) -> Self {
        var copy = self
        copy.tracing.tracer = HTTPClientTracer(tracer)
        return copy
    }
}
