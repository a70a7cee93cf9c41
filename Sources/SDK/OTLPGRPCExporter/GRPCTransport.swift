// SPDX-License-Identifier: Apache-2.0

import ExportCompression
import ExportSecurity
import ExportTasks
import GRPCWire
import NIOCore
import NIOHPACK
import NIOPosix
import NIOSSL
import OTLPWire
package import TelemetrySDK

/// OTLP/gRPC: one unary call for each request, all over one connection. Source: OTLP 1.11.0, "OTLP/gRPC"; gRPC over
/// HTTP/2.
package final class GRPCTransport: OTLPTransport {
    /// A request behind its prefix, compressed or not.
    package struct Body: Sendable {
        fileprivate let bytes: ByteBuffer
        fileprivate let isCompressed: Bool
    }

    package static let headerRules = ExportHeaderRules.grpc

    private static let securePort = 443
    private static let plainPort = 80

    private let compression: OTLPCompression
    private let connections: GRPCConnections
    /// What the headers of all requests begin with.
    private let head: HPACKHeaders
    /// One event loop for connection and calls.
    private let tasks = EventLoopTasks(MultiThreadedEventLoopGroup.singleton.next())

    init(
        _ signal: OTLPSignal, to endpoint: EndpointURL, _ configuration: OTLPExporterConfiguration
    ) throws(InvalidEndpoint) {
        compression = configuration.compression
        let port = endpoint.port ?? (endpoint.scheme == .https ? Self.securePort : Self.plainPort)
        // gRPC over HTTP/2, "Requests": "Call-Definition → Method Scheme Path TE [Authority] [Timeout] Content-Type
        // [Message-Type] [Message-Encoding] [Message-Accept-Encoding] [User-Agent]".
        head = [
            ":method": "POST", ":scheme": endpoint.scheme.rawValue,
            ":path": "/\(signal.grpcService)/Export",
            ":authority": endpoint.host + (endpoint.port.map { ":\($0)" } ?? ""),
            "te": "trailers", "content-type": "application/grpc",
        ]
        connections = GRPCConnections(
            host: endpoint.hostToDial, port: port,
            tls: endpoint.scheme == .https ? try Self.context(configuration.tls) : nil, on: tasks.eventLoop)
    }

    private static func context(_ files: OTLPTLSFiles) throws(InvalidEndpoint) -> NIOSSLContext {
        var configuration = try LoadedTLS(files).configuration
        configuration.applicationProtocols = ["h2"]
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw InvalidEndpoint("TLS cannot be set up: \(error)")
        }
    }

    /// Whether a connection has ever been asked for.
    var hasDialled: Bool { connections.hasDialled }

    package func body(_ message: consuming [UInt8]) -> Body {
        // zlib without memory: the receiver takes a request that is not compressed, too.
        if case .gzip = compression, var compressed = Gzip.compress(message) {
            return Body(
                bytes: Self.framed(compressed.readableBytes, isCompressed: true) {
                    $0.writeBuffer(&compressed)
                },
                isCompressed: true)
        }
        return Body(
            bytes: Self.framed(message.count, isCompressed: false) { [message] in $0.writeBytes(message) },
            isCompressed: false)
    }

    private static func framed(
        _ length: Int, isCompressed: Bool, _ write: (inout ByteBuffer) -> Int
    ) -> ByteBuffer {
        // A request has 64 MiB at most.
        let prefix = GRPCMessagePrefix(isCompressed: isCompressed, length: UInt32(clamping: length))
        var bytes = ByteBuffer()
        bytes.reserveCapacity(GRPCMessagePrefix.count + length)
        bytes.writeBytes(prefix.bytes)
        _ = write(&bytes)
        return bytes
    }

    package func attempt(
        _ body: Body, headers: [(String, String)], timeLeft: Duration?
    ) async -> OTLPAttempt {
        let call = GRPCCall(headers: fields(body, headers, timeLeft), body: body.bytes)
        let outcome = await withTaskExecutorPreference(tasks) { [connections, tasks] in
            connections.send(call)
            return await call.outcome(
                before: timeLeft.map { .now() + TimeAmount($0) } ?? .distantFuture, on: tasks.eventLoop)
        }
        if outcome == .late { call.noteLate() }
        return Self.attempt(outcome)
    }

    package func shutdown() async {
        // What is still under way is given up: the processor has waited for it as long as it wanted to.
        connections.shutdown()
    }

    private func fields(_ body: Body, _ headers: [(String, String)], _ timeLeft: Duration?) -> HPACKHeaders {
        var fields = head
        // Another value each time, that would push what repeats out of the tables.
        if let timeLeft {
            fields.add(name: "grpc-timeout", value: GRPCTimeout.text(timeLeft), indexing: .nonIndexable)
        }
        if body.isCompressed { fields.add(name: "grpc-encoding", value: "gzip") }
        fields.add(name: "user-agent", value: ExporterIdentity.userAgent(with: headers))
        for (name, value) in headers {
            let name = name.lowercased()
            if name == "user-agent" { continue }
            // RFC 7541, section 7.1.3: what is never indexed is kept out of tables, here and on its way.
            fields.add(name: name, value: value, indexing: .neverIndexed)
        }
        return fields
    }

    private static func attempt(_ outcome: GRPCOutcome) -> OTLPAttempt {
        switch outcome {
        case .answered(let message):
            ExportObservation.note(.grpc(GRPCStatusCode.ok.name))
            return .answered(message)
        case .answeredInPart(let why):
            ExportObservation.note(.grpc(GRPCStatusCode.ok.name))
            return .answeredInPart(why)
        case .refused(let code, let message, let details):
            ExportObservation.note(.grpc(code.name))
            return .failed(failure(code, message, details))
        case .unreadable(let why):
            ExportObservation.note(.grpc(GRPCStatusCode.internalError.name))
            return .failed(.init(.badResponse, why))
        case .lost(let why):
            // OTLP 1.11.0, "All Other Responses": "If the server disconnects without returning a response, the client
            // SHOULD retry"; a stream that is reset is no response either.
            ExportObservation.note(.grpc(GRPCStatusCode.unavailable.name))
            return .failed(failure(.unavailable, why, []))
        case .late:
            ExportObservation.note(.grpc(GRPCStatusCode.deadlineExceeded.name))
            return .failed(failure(.deadlineExceeded, "no answer in time", []))
        }
    }

    private static func failure(
        _ code: GRPCStatusCode, _ message: String, _ details: [UInt8]
    ) -> OTLPAttempt.Failure {
        let status =
            details.isEmpty ? nil : try? OTLPProtobuf.decode(RPCStatus.self, from: details, limits: .response)
        let delay = status?.retryInfo?.retryDelay
        let kind: ExportError.Code =
            switch code {
            case .unavailable: .unreachable
            case .deadlineExceeded: .timeout
            default: .refused
            }
        return OTLPAttempt.Failure(
            kind, message.isEmpty ? "gRPC \(code.name)" : "gRPC \(code.name): \(message)",
            isRetryable: isRetryable(code, hasRetryInfo: delay != nil), serverDelay: delay,
            isUnauthenticated: code == .unauthenticated)
    }

    // OTLP 1.11.0, "OTLP/gRPC Response", the table of retryable codes; RESOURCE_EXHAUSTED is retryable "only
    // if the server signals that the recovery is possible", by RetryInfo.
    private static func isRetryable(_ code: GRPCStatusCode, hasRetryInfo: Bool) -> Bool {
        switch code {
        case .cancelled, .deadlineExceeded, .aborted, .outOfRange, .unavailable, .dataLoss: true
        case .resourceExhausted: hasRetryInfo
        default: false
        }
    }
}
