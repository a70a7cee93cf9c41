// SPDX-License-Identifier: Apache-2.0

/// Whole per cents that add up to exactly 100: what rounding leaves over goes to the largest remainders.
enum Percentages {
    /// The first part gets all when every part is zero; nothing for no parts.
    static func of(_ parts: [UInt64]) -> [Int] {
        let total = parts.reduce(UInt128(0)) { $0 + UInt128($1) }
        guard total > 0 else { return parts.indices.map { $0 == 0 ? 100 : 0 } }
        var percents = parts.map { Int(UInt128($0) * 100 / total) }
        let remainders = parts.map { UInt128($0) * 100 % total }
        let byRemainder = parts.indices.sorted {
            remainders[$0] != remainders[$1] ? remainders[$0] > remainders[$1] : $0 < $1
        }
        for index in byRemainder.prefix(100 - percents.reduce(0, +)) { percents[index] += 1 }
        return percents
    }
}
