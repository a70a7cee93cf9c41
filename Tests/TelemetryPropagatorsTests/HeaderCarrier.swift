// SPDX-License-Identifier: Apache-2.0

import Instrumentation
import ServiceContextModule
import TelemetryAPI

/// A dictionary with lower-case names as the headers of a message.
struct HeaderCarrier: Injector, Extractor {
    func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) {
        carrier[key.lowercased()] = value
    }

    func extract(key: String, from carrier: [String: String]) -> String? { carrier[key.lowercased()] }
}

extension TextMapPropagator {
    /// The context that `headers` give on top of `context`.
    func context(
        from headers: [String: String], on context: ServiceContext = .topLevel
    ) -> ServiceContext {
        var context = context
        extract(headers, into: &context, using: HeaderCarrier())
        return context
    }

    /// The headers that carry `context`.
    func headers(for context: ServiceContext) -> [String: String] {
        var headers: [String: String] = [:]
        inject(context, into: &headers, using: HeaderCarrier())
        return headers
    }
}

/// SplitMix64: the same numbers for the same seed, everywhere.
struct SeededGenerator: RandomNumberGenerator {
    /// Bytes that mean something in some header.
    private static let telling = Array(",;=-% \tf0".utf8)

    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// `header` with one to four bytes changed, put in, taken out or doubled; cut or repeated now and then.
    mutating func mutation(of header: String) -> String {
        var bytes = Array(header.utf8)
        for _ in 0..<(1 + next() % 4) {
            let position = bytes.isEmpty ? 0 : Int(next() % UInt64(bytes.count))
            switch next() % 8 {
            case 0, 1, 2: if !bytes.isEmpty { bytes[position] = UInt8(truncatingIfNeeded: next()) }
            case 3: bytes.insert(UInt8(truncatingIfNeeded: next() % 128), at: position)
            case 4: if !bytes.isEmpty { bytes.remove(at: position) }
            case 5: bytes.insert(contentsOf: bytes.suffix(8), at: position)
            case 6: bytes.removeLast(bytes.count - position)
            default: if !bytes.isEmpty { bytes[position] = Self.telling[Int(next() % 9)] }
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
