// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import ExportSecurity
import NIOHTTP1

extension ConnectionFailure {
    /// Why a request over HTTP came to no answer.
    static func reasonOfHTTP(_ error: any Error) -> String {
        switch error {
        case HTTPParserError.invalidEOFState: "the connection was closed in the middle of an answer"
        case let error as HTTPClientError:
            switch error {
            case .remoteConnectionClosed: "the receiver closed the connection"
            case .connectTimeout: "no connection in time"
            case .tlsHandshakeTimeout: "no TLS in time"
            default: error.shortDescription
            }
        default: reason(error)
        }
    }
}
