// SPDX-License-Identifier: Apache-2.0

import ExportFixtures
import GRPCCore
import Loopback
import OTLPGRPCExporter
import TelemetrySDK

extension TransportUnderTest {
    static let grpc = TransportUnderTest(
        path: "",
        start: { refusals, tls in
            let refusal = LoopbackGRPCReceiver.Reply.failure(.unauthenticated, message: "expired: token-one")
            return LoopbackPeer(
                try await LoopbackGRPCReceiver.start(Array(repeating: refusal, count: refusals), tls: tls))
        },
        makeExporter: {
            try OTLPGRPCSpanExporter($0, policy: ExportRetryPolicy(), environment: $1)
        })
}
