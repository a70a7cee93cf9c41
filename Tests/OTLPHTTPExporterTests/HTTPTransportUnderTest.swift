// SPDX-License-Identifier: Apache-2.0

import ExportFixtures
import Loopback
import OTLPHTTPExporter
import TelemetrySDK

extension TransportUnderTest {
    static let http = TransportUnderTest(
        path: "/v1/traces",
        start: { refusals, tls in
            let refusal = LoopbackOTLPReceiver.Reply.error(401, message: "expired: token-one")
            return LoopbackPeer(
                try await LoopbackOTLPReceiver.start(Array(repeating: refusal, count: refusals), tls: tls))
        },
        makeExporter: {
            try OTLPHTTPSpanExporter($0, policy: ExportRetryPolicy(), environment: $1)
        })
}
