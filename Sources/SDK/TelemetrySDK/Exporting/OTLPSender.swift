// SPDX-License-Identifier: Apache-2.0

import ServiceContextModule

/// Sends encoded requests of one signal, retrying what may be retried, and says what came of each.
///
/// All that the OTLP exporters have in common, whatever they send and over whatever they send it.
package final class OTLPSender<Transport: OTLPTransport>: Sendable {
    private let configuration: OTLPExporterConfiguration
    private let encoding: OTLPEncoding
    private let endpoint: String
    private let retrying: RetryingExport
    package let transport: Transport
    /// For metrics.
    package let server: (address: String, port: Int?)

    /// `example`: an endpoint as it should be, for the error when it is none.
    package init(
        _ configuration: OTLPExporterConfiguration, encoding: OTLPEncoding = .protobuf, example: String,
        policy: ExportRetryPolicy, environment: RetryEnvironment,
        transport: (EndpointURL) throws(InvalidEndpoint) -> Transport
    ) throws(InvalidEndpoint) {
        let endpoint: EndpointURL
        do throws(InvalidEndpoint) {
            endpoint = try EndpointURL(configuration.endpoint)
        } catch {
            throw InvalidEndpoint("the endpoint is not a URL like \(example): it \(error)")
        }
        self.configuration = configuration
        self.encoding = encoding
        self.endpoint = endpoint.description
        server = (endpoint.hostToDial, endpoint.port)
        self.transport = try transport(endpoint)
        retrying = RetryingExport(
            policy: policy, timeout: configuration.timeout, endpoint: endpoint.description,
            environment: environment)
    }

    /// Whoever only drops the exporter: connections must not go without having been closed.
    deinit {
        guard retrying.shutDown() else { return }
        let transport = transport
        Task.detached { await transport.shutdown() }
    }

    /// `message` is asked for once, when there is something to send; it holds `count` spans, points or records.
    package func send(count: Int, _ message: () -> [UInt8]) async -> ExportResult {
        guard !retrying.isShutDown else {
            return .failure(error(.shutDown, "the exporter has been shut down"))
        }
        // OTLP 1.11.0: senders "SHOULD NOT send empty envelopes".
        guard count > 0 else { return .success() }
        let message = message()
        let size = message.count
        guard size <= ExporterIdentity.requestBytesMax else {
            return .failure(
                error(.tooLarge, "the batch has \(size) bytes, over \(ExporterIdentity.requestBytesMax)"))
        }
        let body = transport.body(message)
        // Whoever ends the last span of a batch must not lend its context to the request.
        return await ServiceContext.$current.withValue(nil) {
            await retrying.run { timeLeft in await attempt(body, timeLeft: timeLeft) }
        }
    }

    package func shutdown() async {
        guard retrying.shutDown() else { return }
        await transport.shutdown()
    }

    private func attempt(_ body: Transport.Body, timeLeft: Duration?) async -> ExportAttempt {
        let headers = configuration.headers
        // What the answer before said is no longer so.
        ExportObservation.note(nil)
        switch await transport.attempt(body, headers: headers, timeLeft: timeLeft) {
        case .answered(let answer):
            return .delivered(.taken(answer, in: encoding, hiding: headers))
        case .failed(let failure):
            guard !retrying.isShutDown, !Task.isCancelled else {
                return .failed(error(.shutDown, "the exporter has been shut down"), isRetryable: false)
            }
            return .failed(
                error(failure.code, ExporterIdentity.safe(failure.message, hiding: headers)),
                isRetryable: failure.isRetryable, serverDelay: failure.serverDelay)
        }
    }

    private func error(_ code: ExportError.Code, _ message: String) -> ExportError {
        ExportError(code: code, endpoint: endpoint, message: message)
    }
}
