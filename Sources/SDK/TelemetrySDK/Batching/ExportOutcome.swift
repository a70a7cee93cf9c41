// SPDX-License-Identifier: Apache-2.0

/// What became of a batch.
struct ExportOutcome {
    var delivered = 0
    var dropped = 0
    var reason = SpanDropReason.exportFailed
    /// For a metric; nil when everything was delivered.
    var errorType: String?
    private var problem: SDKProblem?

    /// `result` is nil when the export took too long.
    init(_ result: ExportResult?, of count: Int, status: ExportObservation.Status?) {
        switch result {
        case .success(let rejected, let message):
            reason = .rejected
            dropped = min(max(0, rejected), count)
            delivered = count - dropped
            if dropped > 0 { errorType = "rejected" }
            if !message.isEmpty { problem = .exportWarning(message: message) }
        case .failure(let error):
            reason = error.code == .timeout ? .exportTimeout : .exportFailed
            dropped = count
            problem = .exportFailed(error)
            switch status {
            case .http(let code) where code >= 400: errorType = "\(code)"
            case .grpc(let code) where code != "OK": errorType = code
            default: errorType = error.code.rawValue
            }
        case nil:
            reason = .exportTimeout
            dropped = count
            errorType = "timeout"
        }
    }

    func report() {
        if let problem { SDKDiagnostics.report(problem) }
        if dropped > 0 { SDKDiagnostics.report(.spansDropped(count: dropped, reason: reason)) }
    }
}
