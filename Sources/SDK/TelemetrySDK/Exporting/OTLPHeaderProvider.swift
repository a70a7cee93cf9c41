// SPDX-License-Identifier: Apache-2.0

/// Gives the headers of one request, such as a token that is renewed from time to time.
///
/// It is asked before each attempt, and once more, with ``OTLPHeadersReason/refused``, when the receiver answers 401 or
/// UNAUTHENTICATED; then the request is sent once more at once. What it gives wins over headers of the same name that
/// stand in the configuration. When it throws, the attempt has failed and is repeated like one that found nobody; of
/// the error only the type is told, because its text may hold a secret. It has the time that the batch has; then its
/// task is cancelled, and it is not asked again before it has come back.
public typealias OTLPHeaderProvider =
    @Sendable (_ reason: OTLPHeadersReason) async throws -> [String: String]

/// Why headers are asked for.
public enum OTLPHeadersReason: Hashable, Sendable {
    /// A request is about to be sent.
    case request
    /// The receiver has just refused those that were given: kept ones should not be given again.
    case refused
}
