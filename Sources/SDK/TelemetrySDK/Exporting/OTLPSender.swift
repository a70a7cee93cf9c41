// SPDX-License-Identifier: Apache-2.0

import ServiceContextModule

/// Sends encoded requests of one signal, retrying what may be retried, and says what came of each.
///
/// All that the OTLP exporters have in common, whatever they send and over whatever they send it.
package final class OTLPSender<Transport: OTLPTransport>: Sendable {
    private let encoding: OTLPEncoding
    private let endpoint: String
    /// Of the endpoint: receivers, and what stands before them, may repeat the address in their answers.
    private let secrets: [(String, String)]
    private let retrying: RetryingExport
    private let headerSource: OTLPHeaderSource
    private let now: @Sendable () -> Duration
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
        for (name, value) in configuration.headers {
            guard let problem = Transport.headerRules.problem(name: name, value: value) else { continue }
            throw InvalidEndpoint("a header of the configuration cannot be sent: it \(problem)")
        }
        var headers = configuration.headers
        // User and password of the address, unless a header says otherwise.
        if let authorization = endpoint.basicAuthorization,
            !headers.contains(where: { $0.0.lowercased() == "authorization" })
        {
            headers.append(("authorization", authorization))
        }
        headerSource = OTLPHeaderSource(
            configured: headers, provider: configuration.headersFrom, rules: Transport.headerRules)
        now = environment.now
        self.encoding = encoding
        self.endpoint = endpoint.description
        secrets = endpoint.secrets.map { ("", $0) }
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
            return .failure(ended)
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
            // One refresh for each batch: a receiver that refuses what is new as well means it.
            var mayRefresh = headerSource.provider != nil
            return await retrying.run { timeLeft in
                let deadline = timeLeft.map { now() + $0 }
                let first = await attempt(body, .request, until: deadline, mayRefresh: mayRefresh)
                guard case .refused = first else { return first.outcome }
                mayRefresh = false
                return await attempt(body, .refused, until: deadline, mayRefresh: false).outcome
            }
        }
    }

    package func shutdown() async {
        guard retrying.shutDown() else { return }
        await transport.shutdown()
    }

    private enum Attempt {
        case done(ExportAttempt)
        /// Other headers may help.
        case refused(ExportAttempt)

        var outcome: ExportAttempt {
            switch self {
            case .done(let outcome), .refused(let outcome): outcome
            }
        }
    }

    private func attempt(
        _ body: Transport.Body, _ reason: OTLPHeadersReason, until deadline: Duration?, mayRefresh: Bool
    ) async -> Attempt {
        // What the answer before said is no longer so.
        ExportObservation.note(nil)
        let timeLeft = { [now] in deadline.map { max($0 - now(), .zero) } }
        let headers: [(String, String)]
        switch await headerSource.headers(reason, timeLeft: timeLeft(), endedBy: retrying) {
        case .success(let all): headers = all
        case .failure(let problem):
            guard !hasEnded else { return .done(.failed(ended, isRetryable: false)) }
            return .done(.failed(error(problem.code, problem.description), isRetryable: true))
        }
        switch await transport.attempt(body, headers: headers, timeLeft: timeLeft()) {
        case .answered(let answer):
            let result = ExportResult.taken(answer, in: encoding, hiding: headers + secrets)
            return .done(.delivered(result.naming(endpoint)))
        case .answeredInPart(let why):
            let result = ExportResult.success(message: "the response cannot be read: \(why)")
            return .done(.delivered(result.naming(endpoint)))
        case .failed(let failure):
            guard !hasEnded else { return .done(.failed(ended, isRetryable: false)) }
            let outcome = ExportAttempt.failed(
                error(failure.code, ExporterIdentity.safe(failure.message, hiding: headers + secrets)),
                isRetryable: failure.isRetryable, serverDelay: failure.serverDelay)
            return failure.isUnauthenticated && mayRefresh ? .refused(outcome) : .done(outcome)
        }
    }

    private var hasEnded: Bool { retrying.isShutDown || Task.isCancelled }
    private var ended: ExportError { error(.shutDown, "the exporter has been shut down") }

    private func error(_ code: ExportError.Code, _ message: String) -> ExportError {
        ExportError(code: code, endpoint: endpoint, message: message)
    }
}
