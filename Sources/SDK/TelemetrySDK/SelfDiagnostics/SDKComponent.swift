// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A part of the SDK, by the names that its metrics carry.
struct SDKComponent: Sendable {
    /// `otel.component.type`.
    let type: String
    /// `otel.component.name`.
    let name: String
    let dimensions: [(String, String)]

    private static let counts = Mutex<[String: Int]>([:])

    /// The next one of its type in this process.
    // Semantic conventions 1.44, "SDK metrics": `<otel.component.type>/<instance-counter>`, "a monotonically increasing
    // counter (starting with `0`)".
    init(type: String, server: (address: String, port: Int?)? = nil) {
        let number = Self.counts.withLock { counts in
            defer { counts[type, default: 0] += 1 }
            return counts[type, default: 0]
        }
        self.type = type
        name = "\(type)/\(number)"
        var dimensions = [("otel.component.name", name), ("otel.component.type", type)]
        if let server {
            dimensions.append(("server.address", server.address))
            if let port = server.port { dimensions.append(("server.port", "\(port)")) }
        }
        self.dimensions = dimensions
    }

    init(exporter: any SpanExporter) {
        let described = exporter as? any DescribedExporter
        self.init(type: described?.componentType ?? "\(Swift.type(of: exporter))", server: described?.server)
    }
}
