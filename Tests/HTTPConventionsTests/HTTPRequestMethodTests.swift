// SPDX-License-Identifier: Apache-2.0

import HTTPConventions
import Testing

@Suite("HTTP methods")
struct HTTPRequestMethodTests {
    @Test("known methods stand for themselves", arguments: ["GET", "POST", "PATCH", "QUERY"])
    func known(method: String) {
        let method = HTTPRequestMethod(method)
        #expect(method.original == nil)
        #expect(method.nameInSpan == method.value)
    }

    @Test("others become _OTHER, and HTTP in the name", arguments: ["get", "PROPFIND", "", "ПОСТ"])
    func unknown(method: String) {
        let unknown = HTTPRequestMethod(method)
        #expect(unknown.value == "_OTHER")
        #expect(unknown.original == method)
        #expect(unknown.nameInSpan == "HTTP")
    }

    @Test("a method of any length is cut")
    func long() {
        #expect(
            HTTPRequestMethod(String(repeating: "M", count: 10_000)).original?.count
                == HTTPRequestMethod.originalCharactersMax)
    }
}
