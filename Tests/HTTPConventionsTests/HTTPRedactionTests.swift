// SPDX-License-Identifier: Apache-2.0

import HTTPConventions
import Testing

@Suite("HTTP redaction")
struct HTTPRedactionTests {
    @Test(
        "the values of signature parameters are replaced, keys and all else stay",
        arguments: [
            ("sig=abc", "sig=REDACTED"),
            ("a=1&X-Amz-Signature=s3cret&b=2", "a=1&X-Amz-Signature=REDACTED&b=2"),
            (
                "AWSAccessKeyId=A&Signature=B&X-Goog-Signature=C",
                keys(["AWSAccessKeyId", "Signature", "X-Goog-Signature"])
            ),
            (
                "X-Amz-Credential=c&X-Amz-Security-Token=t",
                keys(["X-Amz-Credential", "X-Amz-Security-Token"])
            ),
            ("Signature=a=b=c", "Signature=REDACTED"),
            // "This list is case-sensitive".
            ("SIG=abc&signature=x", "SIG=abc&signature=x"),
            ("design=sig", "design=sig"),
            ("sig", "sig"),
            ("sig=", "sig="),
            ("", ""),
            ("&&=&", "&&=&"),
        ])
    func query(given: String, expected: String) {
        #expect(HTTPRedaction.query(given) == expected)
    }

    @Test(
        "user and password are replaced in URLs",
        arguments: [
            ("https://www.example.com/a?b=c#d", "https://www.example.com/a?b=c#d"),
            ("https://user:pass@www.example.com/", "https://REDACTED:REDACTED@www.example.com/"),
            ("https://user@www.example.com:8443/x", "https://REDACTED@www.example.com:8443/x"),
            ("http://a@b:c@host/", "http://REDACTED:REDACTED@host/"),
            ("http://host/mail@example.com?sig=x#sig=y", "http://host/mail@example.com?sig=REDACTED#sig=y"),
            ("http://host?to=a@b", "http://host?to=a@b"),
            ("/relative?sig=1", "/relative?sig=REDACTED"),
            ("", ""),
        ])
    func url(given: String, expected: String) {
        #expect(HTTPRedaction.url(given) == expected)
    }

    private static func keys(_ keys: [String]) -> String {
        keys.map { "\($0)=REDACTED" }.joined(separator: "&")
    }
}
