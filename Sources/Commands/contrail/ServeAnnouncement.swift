// SPDX-License-Identifier: Apache-2.0

internal import BackendServer
internal import Foundation

/// What `contrail serve` says when everything is up: one line for programs, a few for people.
struct ServeAnnouncement {
    let configuration: BackendServerConfiguration
    let ports: [BackendPort: Int]

    /// The address of one port, for a browser or an exporter on this machine.
    private func url(_ door: BackendPort) -> String {
        // The unspecified address is one to listen on, not one to go to.
        let host =
            switch configuration.host {
            case "0.0.0.0": "127.0.0.1"
            case "::": "[::1]"
            case let host where host.contains(":"): "[\(host)]"
            case let host: host
            }
        return "http://\(host):\(ports[door] ?? 0)"
    }

    private struct Ready: Encodable {
        let event = "ready"
        let grpcPort: Int
        let httpPort: Int
        let uiPort: Int
        let url: String
        let host: String
        /// Nil when everything is in memory.
        let dataDirectory: String?
    }

    /// One JSON object, keys sorted, no line break.
    var readyLine: String {
        let ready = Ready(
            grpcPort: ports[.grpc] ?? 0, httpPort: ports[.http] ?? 0, uiPort: ports[.ui] ?? 0, url: url(.ui),
            host: configuration.host, dataDirectory: dataDirectory)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Strings and integers only: encoding them cannot fail.
        return (try? encoder.encode(ready)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    private var dataDirectory: String? {
        switch configuration.storage {
        case .directory(let path): path
        case .memory: nil
        }
    }

    /// One more line when services can ask how to sample.
    private var samplingHint: String {
        guard configuration.samplingStrategies != nil else { return "" }
        return """
              Sampling     OTEL_TRACES_SAMPLER=parentbased_jaeger_remote \
            OTEL_TRACES_SAMPLER_ARG=endpoint=\(url(.http))

            """
    }

    var hint: String {
        """
        contrail is ready.
          Traces to    OTEL_EXPORTER_OTLP_ENDPOINT=\(url(.http))  (http/protobuf, http/json)
               or to   OTEL_EXPORTER_OTLP_ENDPOINT=\(url(.grpc))  (grpc)
          Look at      \(url(.ui))
          Kept in      \(dataDirectory ?? "memory: gone when contrail ends")
        \(samplingHint)
        """
    }
}
