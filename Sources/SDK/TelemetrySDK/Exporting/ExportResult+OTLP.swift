// SPDX-License-Identifier: Apache-2.0

import OTLPWire

extension ExportResult {
    /// What the answer to a request says that was taken: everything, or all but what was rejected.
    ///
    /// `answer` is an `ExportTraceServiceResponse`; those of metrics and logs have the same fields. OTLP 1.11.0,
    /// "Partial Success": "The client MUST NOT retry the request when it receives a partial success response".
    package static func taken(
        _ answer: [UInt8], in encoding: OTLPEncoding = .protobuf, hiding headers: [(String, String)]
    ) -> ExportResult {
        do throws(WireError) {
            let response =
                switch encoding {
                case .protobuf:
                    try OTLPProtobuf.decode(ExportTraceServiceResponse.self, from: answer, limits: .response)
                // A receiver that writes nothing where an empty object belongs took everything.
                case .json where answer.isEmpty: ExportTraceServiceResponse()
                case .json:
                    try OTLPJSON.decode(ExportTraceServiceResponse.self, from: answer, limits: .response)
                }
            guard let partial = response.partialSuccess else { return .success() }
            return .success(
                rejected: Int(clamping: max(partial.rejectedSpans, 0)),
                message: ExporterIdentity.safe(partial.errorMessage, hiding: headers))
        } catch {
            // The status says that the request was taken, so sending it again would double it.
            return .success(message: "the response cannot be read: \(error)")
        }
    }

    /// With the receiver before its message, if there is one: a program may have several.
    func naming(_ endpoint: String) -> ExportResult {
        guard case .success(let rejected, let message) = self, !message.isEmpty else { return self }
        return .success(rejected: rejected, message: "\(endpoint): \(message)")
    }
}
