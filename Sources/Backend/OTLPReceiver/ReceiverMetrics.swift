// SPDX-License-Identifier: Apache-2.0

package import NIOCore
internal import Synchronization

/// Counts what came in and what was answered, for all doors together. One lock, held for a few additions.
package final class ReceiverMetrics: Sendable {
    /// Where a request came in.
    package enum Door: Int, Sendable, CaseIterable {
        case grpc, http, ui
    }

    /// Why spans were not stored although their request could be read.
    package enum SpanRefusal: Hashable, Sendable {
        case withoutTraceID, withoutSpanID
        /// The store, or whoever refused the whole request.
        case request(Refusal.Reason)

        package var word: String {
            switch self {
            case .withoutTraceID: "no_trace_id"
            case .withoutSpanID: "no_span_id"
            case .request(let reason): reason.rawValue
            }
        }
    }

    /// A code of HTTP or gRPC at one door.
    package struct Answer: Hashable, Sendable {
        package let door: Door
        package let code: Int
    }

    package struct RequestRefusal: Hashable, Sendable {
        package let door: Door
        package let reason: Refusal.Reason
    }

    package struct Counts: Hashable, Sendable {
        package fileprivate(set) var spansAccepted: UInt64 = 0
        package fileprivate(set) var spansRefused: [SpanRefusal: UInt64] = [:]
        package fileprivate(set) var logRecordsAccepted: UInt64 = 0
        package fileprivate(set) var logRecordsRefused: [Refusal.Reason: UInt64] = [:]
        package fileprivate(set) var answers: [Answer: UInt64] = [:]
        package fileprivate(set) var refusals: [RequestRefusal: UInt64] = [:]
        /// Of bodies as they came, still compressed; by ``Door/rawValue``.
        package fileprivate(set) var bytesReceived = [UInt64](repeating: 0, count: Door.allCases.count)
        /// Open at this moment; by ``Door/rawValue``.
        package fileprivate(set) var connections = [Int](repeating: 0, count: Door.allCases.count)
    }

    private let state = Mutex(Counts())

    package init() {}

    package var counts: Counts { state.withLock { $0 } }

    /// Counts a new connection, until it is closed.
    package func count(_ connection: any Channel, at door: Door) {
        state.withLock { $0.connections[door.rawValue] += 1 }
        connection.closeFuture.whenComplete { [self] _ in
            state.withLock { $0.connections[door.rawValue] -= 1 }
        }
    }

    /// A request was answered, after so many bytes of its body had come.
    package func answered(_ code: Int, at door: Door, bytes: Int) {
        state.withLock { counts in
            counts.answers[Answer(door: door, code: code), default: 0] += 1
            counts.bytesReceived[door.rawValue] += UInt64(bytes)
        }
    }

    package func refused(_ reason: Refusal.Reason, at door: Door) {
        state.withLock { $0.refusals[RequestRefusal(door: door, reason: reason), default: 0] += 1 }
    }

    /// The spans of a request are stored, but for those that could not be.
    func accepted(_ spans: Int, withoutTraceID: Int, withoutSpanID: Int) {
        state.withLock { counts in
            counts.spansAccepted += UInt64(spans)
            if withoutTraceID > 0 {
                counts.spansRefused[.withoutTraceID, default: 0] += UInt64(withoutTraceID)
            }
            if withoutSpanID > 0 { counts.spansRefused[.withoutSpanID, default: 0] += UInt64(withoutSpanID) }
        }
    }

    /// A request was read, and then none of its spans was stored.
    func refused(_ spans: Int, because reason: Refusal.Reason) {
        state.withLock { $0.spansRefused[.request(reason), default: 0] += UInt64(spans) }
    }

    /// Of a request of logs, all.
    func accepted(logRecords count: Int) {
        state.withLock { $0.logRecordsAccepted += UInt64(count) }
    }

    /// A request of logs was read, and then none of its records was stored.
    func refused(logRecords count: Int, because reason: Refusal.Reason) {
        state.withLock { $0.logRecordsRefused[reason, default: 0] += UInt64(count) }
    }
}
