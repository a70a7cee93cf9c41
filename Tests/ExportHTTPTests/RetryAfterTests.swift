// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ExportHTTP

@Suite("Export: Retry-After")
struct RetryAfterTests {
    // 2026-02-28 23:59:59 UTC.
    private static let now: Int64 = 1_772_323_199

    @Test(
        "seconds and dates are understood",
        arguments: [
            ("0", 0), ("120", 120), (" 7", 7), ("99999999999999999999", 86_400),
            ("Sun, 01 Mar 2026 00:00:09 GMT", 10), ("Sat, 28 Feb 2026 23:59:59 GMT", 0),
            ("Sun, 06 Nov 1994 08:49:37 GMT", 0), ("Sunday, 06-Nov-94 08:49:37 GMT", 0),
            ("Sunday, 01-Mar-26 00:00:09 GMT", 10), ("Sun Mar  1 00:00:09 2026", 10),
            ("Sat Feb 28 23:59:59 2026", 0), ("Friday, 31-Dec-75 00:00:00 GMT", 86_400),
            ("Friday, 31-Dec-77 00:00:00 GMT", 0), ("Fri, 31 Dec 9999 23:59:60 GMT", 86_400),
        ])
    func understood(header: String, seconds: Int) {
        #expect(RetryAfter.delay(header, unixSeconds: Self.now) == .seconds(seconds))
    }

    @Test(
        "anything else is no wait",
        arguments: [
            "", " ", "-1", "1.5", "soon", "Sun, 06 Nov 1994 08:49:37", "Sun, 32 Nov 1994 08:49:37 GMT",
            "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
            "Sunday, 06-Nov-1994 08:49:37 GMT", "Sun Nov 6 08:49:37 GMT 1994", "Sun Nov  6 08:49 1994",
            "06-Nov-94 08:49:37 GMT", "Sunday, 06-Nov 08:49:37 GMT",
        ])
    func notUnderstood(header: String) {
        #expect(RetryAfter.delay(header, unixSeconds: Self.now) == nil)
    }
}
