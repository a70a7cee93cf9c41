// SPDX-License-Identifier: Apache-2.0

/// Cuts the bytes of a file into the messages it holds, as they come. Pure.
///
/// A file has JSON objects, one a line as OTLP's file exporters write them or any other way, or protobuf: one
/// message alone, or any number with their lengths before them: as a varint, as `contrail export` writes them, or in
/// four bytes, as the file exporter of the OpenTelemetry Collector does.
struct OTLPFileCutter {
    enum Form: Hashable, Sendable {
        case json, protobuf
    }

    /// One message, still encoded.
    struct Document: Hashable, Sendable {
        let form: Form
        let bytes: [UInt8]
        /// For errors: "line 3", "message 2".
        let place: String
    }

    /// Bytes of a file in protobuf, and of one JSON object: these are read whole.
    static let wholeBytesMax = 1 << 30

    /// Bytes that are enough to tell JSON from protobuf.
    private static let beginningBytes = 64

    private var form: Form?
    /// What has come and is in no document yet.
    private var rest: [UInt8] = []
    /// In `rest`, everything before was looked at.
    private var scanned = 0
    private var depth = 0
    private var isInString = false
    private var isEscaped = false
    private var line = 1
    private var beginLine = 1

    /// The documents that are complete now.
    mutating func append(_ bytes: some Sequence<UInt8>) throws(CommandFailure) -> [Document] {
        rest += bytes
        guard rest.count <= Self.wholeBytesMax else {
            throw CommandFailure(
                "one message has more than \(Self.wholeBytesMax >> 30) GiB; write smaller ones, one a line.")
        }
        if form == nil, rest.count >= Self.beginningBytes { form = Self.form(of: rest) }
        return form == .json ? try cutJSON() : []
    }

    /// To be called behind the last bytes.
    mutating func finish() throws(CommandFailure) -> [Document] {
        switch form ?? Self.form(of: rest) {
        case .protobuf: return try cutProtobuf()
        case .json:
            let documents = try cutJSON()
            guard depth == 0 else {
                throw CommandFailure("line \(beginLine): the object does not end; was the file cut off?")
            }
            return documents
        }
    }

    /// JSON's object goes on with a name or ends; in protobuf a length comes there.
    private static func form(of bytes: [UInt8]) -> Form {
        let signs = bytes.lazy.filter { !isSpace($0) }.prefix(2)
        let isObject =
            signs.first == UInt8(ascii: "{")
            && signs.dropFirst().allSatisfy { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "}") }
        return signs.isEmpty || isObject ? .json : .protobuf
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09
    }

    private mutating func cutJSON() throws(CommandFailure) -> [Document] {
        var documents: [Document] = []
        var begin = 0
        while scanned < rest.count {
            let byte = rest[scanned]
            scanned += 1
            if byte == 0x0a { line += 1 }
            if isInString {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "{"):
                if depth == 0 { (begin, beginLine) = (scanned - 1, line) }
                depth += 1
            case UInt8(ascii: "}") where depth > 0:
                depth -= 1
                guard depth == 0 else { continue }
                documents.append(
                    Document(form: .json, bytes: Array(rest[begin..<scanned]), place: "line \(beginLine)"))
                begin = scanned
            case UInt8(ascii: "\"") where depth > 0: isInString = true
            case _ where depth == 0 && !Self.isSpace(byte):
                throw CommandFailure("line \(line): here begins no JSON object.")
            default: break
            }
        }
        if depth == 0 { begin = rest.count }
        rest.removeFirst(begin)
        scanned = rest.count
        return documents
    }

    private func cutProtobuf() throws(CommandFailure) -> [Document] {
        if isOneMessage { return [Document(form: .protobuf, bytes: rest, place: "its one message")] }
        if rest.first == 0, let documents = cutFixed() { return documents }
        var documents: [Document] = []
        var place = 0
        while place < rest.count {
            let number = documents.count + 1
            guard let length = Self.varint(rest, &place), length <= rest.count - place else {
                throw CommandFailure(
                    "message \(number): its length reaches beyond the end. This is neither OTLP/JSON nor a "
                        + "message of OTLP nor several with their lengths before them, or it was cut off.")
            }
            documents.append(
                Document(
                    form: .protobuf, bytes: Array(rest[place..<(place + length)]), place: "message \(number)")
            )
            place += length
        }
        return documents
    }

    /// Lengths of four bytes, the highest first; nil when they do not fill the file.
    private func cutFixed() -> [Document]? {
        var documents: [Document] = []
        var place = 0
        while place < rest.count {
            guard rest.count - place >= 4 else { return nil }
            let length = rest[place..<(place + 4)].reduce(0) { $0 << 8 | Int($1) }
            place += 4
            guard length <= rest.count - place else { return nil }
            documents.append(
                Document(
                    form: .protobuf, bytes: Array(rest[place..<(place + length)]),
                    place: "message \(documents.count + 1)"))
            place += length
        }
        return documents
    }

    /// All messages that OTLP sends have one field, number 1, with bytes.
    private var isOneMessage: Bool {
        var place = 0
        while place < rest.count {
            guard rest[place] == 0x0a else { return false }
            place += 1
            guard let length = Self.varint(rest, &place), length <= rest.count - place else { return false }
            place += length
        }
        return true
    }

    /// Nil when it does not end or is no length.
    private static func varint(_ bytes: [UInt8], _ place: inout Int) -> Int? {
        var value = 0
        for shift in stride(from: 0, to: 35, by: 7) {
            guard place < bytes.count else { return nil }
            let byte = bytes[place]
            place += 1
            value |= Int(byte & 0x7f) << shift
            if byte < 0x80 { return value }
        }
        return nil
    }
}
