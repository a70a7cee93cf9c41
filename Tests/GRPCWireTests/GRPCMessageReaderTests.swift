// SPDX-License-Identifier: Apache-2.0

import GRPCWire
import Testing

@Suite("gRPC: messages in a stream")
struct GRPCMessageReaderTests {
    private struct Message: Hashable {
        var isCompressed: Bool
        var bytes: [UInt8]
    }

    private func messages(
        in pieces: [[UInt8]], bytesMax: Int = 1_000
    ) throws -> (whole: [Message], isBetween: Bool) {
        var reader = GRPCMessageReader(bytesMax: bytesMax)
        var whole: [Message] = []
        var bytes: [UInt8] = []
        for piece in pieces {
            var offset = 0
            while let part = try piece.withUnsafeBytes({ try reader.next(in: $0, from: &offset) }) {
                if part.isFirst { bytes = [] }
                bytes += piece[part.range]
                if part.isLast {
                    #expect(bytes.count == Int(part.prefix.length))
                    whole.append(Message(isCompressed: part.prefix.isCompressed, bytes: bytes))
                }
            }
            #expect(offset == piece.count)
        }
        return (whole, reader.isBetweenMessages)
    }

    @Test("a prefix is a flag and four bytes of length")
    func prefix() {
        #expect(GRPCMessagePrefix(isCompressed: false, length: 0).bytes == [0, 0, 0, 0, 0])
        #expect(GRPCMessagePrefix(isCompressed: true, length: 0x0102_0304).bytes == [1, 1, 2, 3, 4])
    }

    @Test("messages are found however the data is cut", arguments: 1...20)
    func cut(size: Int) throws {
        let data: [UInt8] = [0, 0, 0, 0, 3, 7, 8, 9] + [1, 0, 0, 0, 0] + [0, 0, 0, 0, 1, 5]
        let pieces = stride(from: 0, to: data.count, by: size).map {
            Array(data[$0..<min($0 + size, data.count)])
        }
        let (whole, isBetween) = try messages(in: pieces)
        #expect(
            whole == [
                Message(isCompressed: false, bytes: [7, 8, 9]), Message(isCompressed: true, bytes: []),
                Message(isCompressed: false, bytes: [5]),
            ])
        #expect(isBetween)
    }

    @Test("data that ends in a prefix or in a message is known for it", arguments: [1, 4, 5, 6])
    func truncated(count: Int) throws {
        let (whole, isBetween) = try messages(in: [Array([UInt8]([0, 0, 0, 0, 2, 1, 1]).prefix(count))])
        #expect(whole == [])
        #expect(!isBetween)
    }

    @Test("a message over the limit is refused at its prefix, one at the limit is taken")
    func limit() throws {
        #expect(throws: GRPCMessageReader.Problem.tooLong(4)) {
            try messages(in: [[0, 0, 0, 0, 4]], bytesMax: 3)
        }
        #expect(throws: GRPCMessageReader.Problem.tooLong(.max)) {
            try messages(in: [[0, 255, 255], [255, 255]], bytesMax: 3)
        }
        #expect(try messages(in: [[0, 0, 0, 0, 3, 1, 2, 3]], bytesMax: 3).whole.count == 1)
    }

    @Test("a flag that is neither 0 nor 1 is refused")
    func flag() {
        #expect(throws: GRPCMessageReader.Problem.unknownFlag(2)) { try messages(in: [[2, 0, 0, 0, 0]]) }
    }
}
