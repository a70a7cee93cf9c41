// SPDX-License-Identifier: Apache-2.0

extension JSONInput {
    /// A number, bare or in quotes, of an integer field; `1e3` and `2.0` are integers too.
    @inline(__always)
    mutating func integer<Value: FixedWidthInteger>() throws(WireError) -> Value {
        let number = try decimal()
        guard let (isNegative, magnitude) = number.integer else { throw number.failure(.expected(.integer)) }
        guard !isNegative || magnitude == 0 else {
            guard Value.isSigned, magnitude <= UInt64(Value.max.magnitude) + 1 else {
                throw number.failure(.numberOutOfRange)
            }
            return Value(truncatingIfNeeded: 0 &- magnitude)
        }
        guard let value = Value(exactly: magnitude) else { throw number.failure(.numberOutOfRange) }
        return value
    }

    mutating func double() throws(WireError) -> Double {
        if isAtLetterString || isAtNegativeInfinity {
            let start = offset
            switch try string() {
            case "NaN": return .nan
            case "Infinity": return .infinity
            case "-Infinity": return -.infinity
            default: throw WireError(.invalidNumber, offset: start)
            }
        }
        let number = try decimal()
        guard let value = number.double else { throw number.failure(.numberOutOfRange) }
        return value
    }

    private var isAtNegativeInfinity: Bool {
        end - cursor >= 3 && cursor.load(as: UInt8.self) == UInt8(ascii: "\"")
            && cursor.load(fromByteOffset: 1, as: UInt8.self) == UInt8(ascii: "-")
            && cursor.load(fromByteOffset: 2, as: UInt8.self) == UInt8(ascii: "I")
    }

    /// The bytes of a bare number, and nothing but a number.
    mutating func numberToken() throws(WireError) -> DecimalNumber {
        guard let first = peek() else { throw error(.truncated) }
        guard first == UInt8(ascii: "-") || first.isDigit else { throw error(.expected(.value)) }
        let start = cursor
        let startOffset = offset
        while cursor < end, Self.isNumberByte(cursor.load(as: UInt8.self)) { cursor += 1 }
        let bytes = UnsafeRawBufferPointer(start: start, count: cursor - start)
        guard let number = DecimalNumber(bytes, offset: startOffset) else {
            throw WireError(.invalidNumber, offset: startOffset)
        }
        return number
    }

    private mutating func decimal() throws(WireError) -> DecimalNumber {
        switch peek() {
        case UInt8(ascii: "\""):
            let start = offset
            let (bytes, _) = try rawString()
            guard let number = DecimalNumber(bytes, offset: start) else {
                throw WireError(.invalidNumber, offset: start)
            }
            return number
        case .some(let byte) where byte == UInt8(ascii: "-") || byte.isDigit: return try numberToken()
        default: throw error(.expected(.number))
        }
    }

    private static func isNumberByte(_ byte: UInt8) -> Bool {
        byte.isDigit || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") || byte == UInt8(ascii: ".")
            || byte | 0x20 == UInt8(ascii: "e")
    }
}

/// A decimal number as it stands in the input: sign, digits without the point, and power of ten.
///
/// Safety: it borrows the bytes of the input, and is used up before the input goes on.
struct DecimalNumber {
    private let bytes: UnsafeRawBufferPointer
    private let offset: Int
    private var isNegative = false
    /// The digits as an integer; meaningless when they do not fit.
    private var significand: UInt64 = 0
    private var significandOverflows = false
    private var exponent = 0
    /// Zeros that stand after the digits so far, and count only when another digit follows them.
    private var pendingZeros = 0

    /// Beyond, a power of ten is zero or infinite for every type; a limit keeps the sum of exponents from
    /// overflowing.
    private static let exponentMax = 1_000_000

    /// Nil when `bytes` are not a number by RFC 8259.
    init?(_ bytes: UnsafeRawBufferPointer, offset: Int) {
        self.bytes = bytes
        self.offset = offset
        var index = 0
        func peek() -> UInt8 { index < bytes.count ? bytes[index] : 0 }
        if peek() == UInt8(ascii: "-") {
            isNegative = true
            index += 1
        }
        let leading = peek()
        var start = index
        while peek().isDigit {
            add(peek())
            index += 1
        }
        guard index > start, leading != UInt8(ascii: "0") || index == start + 1 else { return nil }
        if peek() == UInt8(ascii: ".") {
            index += 1
            start = index
            while peek().isDigit {
                add(peek())
                exponent -= 1
                index += 1
            }
            guard index > start else { return nil }
        }
        if peek() | 0x20 == UInt8(ascii: "e") {
            index += 1
            let negativeExponent = peek() == UInt8(ascii: "-")
            if negativeExponent || peek() == UInt8(ascii: "+") { index += 1 }
            start = index
            var power = 0
            while peek().isDigit {
                power = min(power * 10 + Int(peek() - 0x30), Self.exponentMax)
                index += 1
            }
            guard index > start else { return nil }
            exponent += negativeExponent ? -power : power
        }
        exponent += pendingZeros
        guard index == bytes.count else { return nil }
    }

    private mutating func add(_ digit: UInt8) {
        if digit == UInt8(ascii: "0") {
            pendingZeros += 1
            return
        }
        while pendingZeros > 0 {
            pendingZeros -= 1
            append(UInt8(ascii: "0"))
        }
        append(digit)
    }

    private mutating func append(_ digit: UInt8) {
        let (product, overflow) = significand.multipliedReportingOverflow(by: 10)
        let (sum, carry) = product.addingReportingOverflow(UInt64(digit - 0x30))
        significand = sum
        significandOverflows = significandOverflows || overflow || carry
    }

    func failure(_ reason: WireError.Reason) -> WireError { WireError(reason, offset: offset) }

    /// The number when it is an integer of at most 64 bits.
    var integer: (isNegative: Bool, magnitude: UInt64)? {
        guard !significandOverflows else { return nil }
        var magnitude = significand
        var power = magnitude == 0 ? 0 : exponent
        while power < 0 {
            guard magnitude.isMultiple(of: 10) else { return nil }
            magnitude /= 10
            power += 1
        }
        while power > 0 {
            let (product, overflow) = magnitude.multipliedReportingOverflow(by: 10)
            guard !overflow else { return nil }
            magnitude = product
            power -= 1
        }
        return (isNegative, magnitude)
    }

    /// The nearest double; nil when it would be infinite.
    var double: Double? {
        // Exact, because both operands are (Clinger 1990): integers to 2^53, powers of ten to 10^22.
        if !significandOverflows, significand <= 1 << 53, abs(exponent) <= 22 {
            let digits = Double(significand)
            let value =
                exponent < 0 ? digits / Self.powersOfTen[-exponent] : digits * Self.powersOfTen[exponent]
            return isNegative ? -value : value
        }
        guard let value = Double(String(decoding: bytes, as: UTF8.self)), value.isFinite else { return nil }
        return value
    }

    private static let powersOfTen: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
        1e18,
        1e19, 1e20, 1e21, 1e22,
    ]
}
