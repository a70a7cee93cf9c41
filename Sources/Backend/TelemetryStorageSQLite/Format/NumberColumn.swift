// SPDX-License-Identifier: Apache-2.0

import TelemetryStorage

/// Numbers as they lie in a section: the least one, and what each is above it, in planes of bytes.
///
/// All lowest bytes stand together, then all second ones: the upper planes hardly ever change and cost next to
/// nothing, however random the lowest is.
enum NumberColumn {
    /// From this many numbers on each plane is compressed by itself.
    private static let planeFrameMin = 2_048

    static func write(_ numbers: [UInt64], to section: inout SectionWriter) throws(StorageError) {
        try numbers.withUnsafeBufferPointer { (numbers) throws(StorageError) in
            try write(numbers, to: &section)
        }
    }

    static func write(
        _ numbers: UnsafeBufferPointer<UInt64>, to section: inout SectionWriter
    ) throws(StorageError) {
        var least = Int64.max
        var most = Int64.min
        for number in numbers {
            least = min(least, Int64(bitPattern: number))
            most = max(most, Int64(bitPattern: number))
        }
        if numbers.isEmpty { (least, most) = (0, 0) }
        let base = UInt64(bitPattern: least)
        let range = UInt64(bitPattern: most) &- base
        let width = (64 - range.leadingZeroBitCount + 7) / 8
        var head = ByteWriter()
        head.varint(numbers.count)
        head.fixed64(base)
        head.byte(UInt8(width))
        if numbers.count < planeFrameMin {
            for plane in 0..<width { head.raw(bytes(of: numbers, base, plane)) }
            return try section.frame(head.bytes)
        }
        try section.frame(head.bytes)
        for plane in 0..<width { try section.frame(bytes(of: numbers, base, plane)) }
    }

    private static func bytes(
        of numbers: UnsafeBufferPointer<UInt64>, _ base: UInt64, _ plane: Int
    ) -> [UInt8] {
        let shift = UInt64(plane * 8)
        return [UInt8](unsafeUninitializedCapacity: numbers.count) { buffer, count in
            for index in numbers.indices {
                buffer.initializeElement(
                    at: index, to: UInt8(truncatingIfNeeded: (numbers[index] &- base) &>> shift))
            }
            count = numbers.count
        }
    }

    /// Reads a column; `countMax` bounds what a damaged one may claim.
    static func read(from input: inout ByteReader, countMax: Int) throws(StorageError) -> [UInt64] {
        guard let count = Int(exactly: try input.varint()), count <= countMax else {
            throw .damaged("a column is too long")
        }
        let base = try input.fixed64()
        let width = Int(try input.byte())
        guard width <= 8, input.remaining >= width * count else { throw .damaged("a column is too short") }
        var numbers = [UInt64](repeating: base, count: count)
        for plane in 0..<width {
            let shift = UInt64(plane * 8)
            try input.withBytes(count) { bytes in
                for index in 0..<count { numbers[index] &+= UInt64(bytes[index]) &<< shift }
            }
        }
        return numbers
    }
}

/// Doubles as whole numbers where all of a column are decimals of a few places (prices, ratios).
enum DoubleColumn {
    private static let placesMax = 6
    private static let asBits: UInt8 = 0xff

    static func write(
        _ bits: UnsafeBufferPointer<UInt64>, to section: inout SectionWriter
    ) throws(StorageError) {
        for places in 0...placesMax {
            if let numbers = scaled(bits, places: places) {
                try section.frame([UInt8(places)])
                return try NumberColumn.write(numbers, to: &section)
            }
        }
        try section.frame([asBits])
        try NumberColumn.write(bits, to: &section)
    }

    /// Nil when one of them would not come back bit for bit.
    private static func scaled(_ bits: UnsafeBufferPointer<UInt64>, places: Int) -> [UInt64]? {
        let scale = powers[places]
        var numbers: [UInt64] = []
        numbers.reserveCapacity(bits.count)
        for pattern in bits {
            let product = (Double(bitPattern: pattern) * scale).rounded()
            guard abs(product) < 9e15, let number = Int64(exactly: product),
                (Double(number) / scale).bitPattern == pattern
            else { return nil }
            numbers.append(UInt64(bitPattern: number))
        }
        return numbers
    }

    static func read(from input: inout ByteReader, countMax: Int) throws(StorageError) -> [UInt64] {
        let scale = try scale(from: &input)
        let numbers = try NumberColumn.read(from: &input, countMax: countMax)
        return if let scale { numbers.map { bits($0, scale) } } else { numbers }
    }

    /// By what the numbers that follow are divided; nil where they are bits of doubles.
    static func scale(from input: inout ByteReader) throws(StorageError) -> Double? {
        let places = try input.byte()
        if places == asBits { return nil }
        guard places <= placesMax else { throw .damaged("a column of doubles") }
        return powers[Int(places)]
    }

    static func bits(_ number: UInt64, _ scale: Double) -> UInt64 {
        (Double(Int64(bitPattern: number)) / scale).bitPattern
    }

    private static let powers: [Double] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000]
}

/// Numbers of a dictionary whose entries are numbered as they appear: zero for the next new one, else the number
/// plus one. Values that do not repeat are a column of zeros.
enum CodeColumn {
    static func write(
        _ codes: UnsafeBufferPointer<UInt64>, to section: inout SectionWriter
    ) throws(StorageError) {
        var next: UInt64 = 0
        let numbers = codes.map { code -> UInt64 in
            guard code == next else { return code + 1 }
            next += 1
            return 0
        }
        try NumberColumn.write(numbers, to: &section)
    }

    static func read(from input: inout ByteReader, countMax: Int) throws(StorageError) -> [UInt64] {
        codes(try NumberColumn.read(from: &input, countMax: countMax))
    }

    static func codes(_ numbers: [UInt64]) -> [UInt64] {
        var numbers = numbers
        var next: UInt64 = 0
        for index in numbers.indices {
            if numbers[index] == 0 {
                numbers[index] = next
                next += 1
            } else {
                numbers[index] -= 1
            }
        }
        return numbers
    }
}
