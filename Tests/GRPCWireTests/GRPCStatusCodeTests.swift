// SPDX-License-Identifier: Apache-2.0

import GRPCWire
import Testing

@Suite("gRPC: status codes")
struct GRPCStatusCodeTests {
    @Test("numbers and names are those of the specification")
    func names() {
        #expect(
            GRPCStatusCode.allCases.map(\.name) == [
                "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND",
                "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED",
                "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
            ])
        #expect(GRPCStatusCode.allCases.map(\.rawValue) == Array(0...16))
    }

    @Test("the trailer is a number; anything else is UNKNOWN", arguments: ["17", "99", "-1", "", "x", "300"])
    func trailer(text: String) {
        #expect(GRPCStatusCode(trailer: text) == .unknown)
        #expect(GRPCStatusCode(trailer: "0") == .ok)
        #expect(GRPCStatusCode(trailer: "14") == .unavailable)
    }

    @Test("an answer of something that speaks no gRPC has a code, too")
    func http() {
        let codes: [(Int, GRPCStatusCode)] = [
            (400, .internalError), (401, .unauthenticated), (403, .permissionDenied), (404, .unimplemented),
            (429, .unavailable), (502, .unavailable), (503, .unavailable), (504, .unavailable),
            (200, .unknown), (500, .unknown), (418, .unknown),
        ]
        for (status, code) in codes { #expect(GRPCStatusCode(httpStatus: status) == code) }
    }
}
