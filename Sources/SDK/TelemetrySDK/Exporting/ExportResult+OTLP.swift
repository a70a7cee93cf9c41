// SPDX-License-Identifier: Apache-2.0

import OTLPWire

extension ExportResult {
    /// What the answer to a request says that was taken: everything, or all but the rejected spans.
    ///
    /// `answer` is an `ExportTraceServiceResponse` in protobuf. OTLP 1.11.0, "Partial Success": "The client
    /// MUST NOT retry the request when it receives a partial success response".
    package static func taken(_ answer: [UInt8], hiding headers: [(String, String)]) -> ExportResult {
        do throws(WireError) {
            let response = try OTLPProtobuf.decode(
                ExportTraceServiceResponse.self, from: answer, limits: .response)
            guard let partial = response.partialSuccess else { return .success() }
            return .success(
                rejected: Int(clamping: max(partial.rejectedSpans, 0)),
                message: ExporterIdentity.safe(partial.errorMessage, hiding: headers))
        } catch {
            // The status says that the spans were taken, so sending them again would double them.
            return .success(message: "the response cannot be read: \(error)")
        }
    }
}
