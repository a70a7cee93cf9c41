// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Testing

@testable import BackendServer

@Suite("listening on a host")
struct ListeningPortTests {
    private func address(_ text: String) throws -> SocketAddress {
        try SocketAddress(ipAddress: text, port: 0)
    }

    @Test("all addresses of a name get the same port, and none of it is left to others")
    func allAddresses() throws {
        let addresses = [try address("127.0.0.1"), try address("127.0.0.2"), try address("127.0.0.3")]
        let port = try ListeningPort(addresses: addresses, port: 0)
        #expect(port.sockets.map(\.port) == [port.port, port.port, port.port])
        for address in addresses {
            #expect(throws: ListeningSocket.Failure.taken) {
                try ListeningPort(addresses: [address], port: port.port)
            }
        }
    }

    @Test("an address that the machine does not have is left out, unless it is the only one")
    func missingAddress() throws {
        let missing = try address("203.0.113.1")
        let port = try ListeningPort(addresses: [missing, try address("127.0.0.1")], port: 0)
        #expect(port.sockets.count == 1)
        #expect(port.port > 0)
        let failure = #expect(throws: ListeningSocket.Failure.self) {
            try ListeningPort(addresses: [missing], port: 0)
        }
        guard case .noSuchAddress = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
    }

    @Test("localhost is listened on at 127.0.0.1, whatever else it is")
    func localhost() throws {
        let port = try ListeningPort(host: "localhost", port: 0)
        #expect(throws: ListeningSocket.Failure.taken) {
            try ListeningPort(host: "127.0.0.1", port: port.port)
        }
    }

    @Test("a name that nobody knows is said")
    func unknownName() {
        #expect(throws: ListeningSocket.Failure.other("the host name cannot be resolved")) {
            try ListeningPort(host: "no-such-host.invalid", port: 0)
        }
    }
}
