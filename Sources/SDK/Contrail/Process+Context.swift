// SPDX-License-Identifier: Apache-2.0

#if os(macOS) || os(Linux) || os(Windows) || os(Android) || os(FreeBSD)
    public import Foundation
    public import ServiceContextModule
    import TelemetryPropagators

    extension Process {
        /// Makes the child continue `context`: its spans belong to this trace. Call it before `run()`.
        ///
        /// ```swift
        /// let tool = Process()
        /// tool.executableURL = URL(filePath: "/usr/bin/tool")
        /// tool.propagate(.current)
        /// try tool.run()
        /// ```
        /// The child gets `TRACEPARENT`, `TRACESTATE` and `BAGGAGE`, or what else `OTEL_PROPAGATORS` asks for. With
        /// swift-subprocess write `environment: .inherit.updating(.currentTraceContext)`.
        ///
        /// - Parameter context: what to carry: `.current` is that of this task; nil changes nothing.
        public func propagate(_ context: ServiceContext?) {
            environment = (environment ?? ProcessInfo.processInfo.environment).carrying(context)
        }
    }
#endif
