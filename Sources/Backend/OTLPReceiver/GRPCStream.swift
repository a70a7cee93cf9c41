// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOHTTP2

/// One call, from its headers to its answer. For the event loop of its connection.
final class GRPCStream {
    enum Progress {
        /// More of the request is to come.
        case receiving
        /// The request is complete and being worked on.
        case working
        case answered
    }

    let id: HTTP2StreamID
    let call: OTLPGRPCCalls.Call
    var progress = Progress.receiving
    /// True when both sides have ended it, or one has reset it: nothing can be sent any more.
    var isClosed = false
    var bytesReceived = 0
    /// When the headers came.
    let began: NIODeadline
    /// Holds the share of the budget until the call is answered, whether its sender still waits or not.
    var collector: GRPCMessageCollector?

    init(
        _ id: HTTP2StreamID, _ call: OTLPGRPCCalls.Call, began: NIODeadline,
        collector: consuming GRPCMessageCollector
    ) {
        self.id = id
        self.call = call
        self.began = began
        self.collector = consume collector
    }

    var isReceiving: Bool {
        if case .receiving = progress { true } else { false }
    }
}
