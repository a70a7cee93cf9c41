// SPDX-License-Identifier: Apache-2.0

/// Whole per cents of one total, each rounded by itself.
///
/// They may add up to 99 or 101. Making them add up to 100 would give 1 % to a part that has a fiftieth of
/// that, and page, API and command would each do so to another part.
enum Percentages {
    /// Rounded half up; 0 below one per cent, so that 0 of a part that is not zero reads "<1 %". The first
    /// part gets all when every part is zero; nothing for no parts.
    static func of(_ parts: [UInt64]) -> [Int] {
        let total = parts.reduce(UInt128(0)) { $0 + UInt128($1) }
        guard total > 0 else { return parts.indices.map { $0 == 0 ? 100 : 0 } }
        return parts.map { part in
            let hundredfold = UInt128(part) * 100
            return hundredfold < total ? 0 : Int((hundredfold + total / 2) / total)
        }
    }
}
