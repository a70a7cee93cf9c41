// SPDX-License-Identifier: Apache-2.0

internal import BackendHTTPAPI

/// How limits of retention are written. Each gives nil for what is none.
enum RetentionWords {
    /// For any of them: no limit.
    static let off = "off"

    private static let units: [(name: String, bytes: Double)] = [
        ("KiB", 0x1p10), ("MiB", 0x1p20), ("GiB", 0x1p30), ("TiB", 0x1p40),
        ("kB", 1e3), ("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12),
    ]

    /// Shorter ones delete what nobody has seen yet.
    private static let ageMin = Duration.seconds(1)
    /// A block takes about as much.
    private static let bytesMin = 1_000_000

    static func age(_ text: String) -> Duration? {
        guard let nanoseconds = try? ParameterSyntax.duration(text) else { return nil }
        let age = Duration.nanoseconds(Int64(clamping: nanoseconds))
        return age >= ageMin ? age : nil
    }

    /// A number with a unit, or of bytes.
    static func bytes(_ text: String) -> Int? {
        let unit = units.first { text.hasSuffix($0.name) }
        guard let number = decimal(text.dropLast(unit?.name.count ?? 0)),
            let bytes = Int(exactly: (number * (unit?.bytes ?? 1)).rounded())
        else { return nil }
        return bytes >= bytesMin ? bytes : nil
    }

    /// 0 to 1.
    static func share(_ text: String) -> Double? {
        guard let percent = decimal(text.hasSuffix("%") ? text.dropLast() : text[...]), percent >= 1,
            percent <= 100
        else { return nil }
        return percent / 100
    }

    /// Completes the sentence that begins with what was written.
    static func advice(_ setting: ServeSetting) -> String {
        switch setting {
        case .retentionAge: "write 30m, 72h or 14d, at least 1s, or off."
        case .retentionBytes: "write 500MB or 20GiB, at least 1MB, or off."
        default: "write 1% to 100%, or off."
        }
    }

    /// Digits, and a point among them; nothing else that `Double` takes.
    private static func decimal(_ text: Substring) -> Double? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2e }) else {
            return nil
        }
        return Double(text)
    }
}
