// SPDX-License-Identifier: Apache-2.0

import TelemetryModel

/// Keeps the given share of traces, decided by the trace id alone: all services with the same ratio agree, and what a
/// lower ratio keeps a higher one keeps too. The parent's decision is ignored; put it into ``ParentBasedSampler``.
///
/// The decision for an id and a ratio is bit for bit that of OpenTelemetry Go. With ``writesThreshold`` it is that of
/// ``ProbabilitySampler``, which the specification will put in this sampler's place.
public struct TraceIDRatioBasedSampler: Sampler {
    /// Between 0 and 1.
    public let ratio: Double
    /// Ids whose low 63 bits (of the last eight bytes, read big-endian, shifted right once) lie below are kept.
    let bound: UInt64
    /// Decides instead, when the threshold is to be written.
    private let consistent: ProbabilitySampler?

    /// Whether the share is written into the trace state, as `ot=th:…`.
    public var writesThreshold: Bool { consistent != nil }

    // "OpenTelemetry SDK implementors SHALL NOT remove or modify the behavior of the original TraceIdRatioBased
    // sampler until at least January 1, 2027": so the threshold is for those who ask for it. It cannot be had beside
    // Go's decision, which looks at other bits of the id.
    /// - Parameters:
    ///   - ratio: the share; numbers outside 0…1 are taken as the nearer end, not-a-number as 0.
    ///   - writesThreshold: decides as ``ProbabilitySampler`` and writes `ot=th:…` into the trace state.
    public init(ratio: Double, writesThreshold: Bool = false) {
        self.ratio = ratio >= 1 ? 1 : ratio > 0 ? ratio : 0
        bound = self.ratio == 1 ? 1 << 63 : UInt64(self.ratio * 0x1p63)
        consistent = writesThreshold ? ProbabilitySampler(ratio: self.ratio) : nil
    }

    func keeps(_ id: TraceID) -> Bool { id.low >> 1 < bound }

    public func shouldSample(_ request: SamplingRequest) -> SamplingResult {
        if let consistent { return consistent.shouldSample(request) }
        return SamplingResult(keeps(request.traceID) ? .recordAndSample : .drop, for: request)
    }

    /// `TraceIdRatioBased{0.0001}`: as many decimals as tell the ratio from any other, no exponent.
    public var description: String { "TraceIdRatioBased{\(Self.decimal(ratio))}" }

    /// The shortest decimal text of a number between 0 and 1, without exponent.
    static func decimal(_ number: Double) -> String {
        let text = "\(number)"
        guard let mark = text.firstIndex(of: "e"), let exponent = Int(text[text.index(after: mark)...]),
            exponent < 0
        else { return text }
        let digits = text[..<mark].filter { $0 != "." && $0 != "-" }
        let significant = digits.hasSuffix("0") ? digits.dropLast() : digits[...]
        return "0." + String(repeating: "0", count: -exponent - 1) + significant
    }
}
