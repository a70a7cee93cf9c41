// SPDX-License-Identifier: Apache-2.0

/// The three doors of the backend.
package enum BackendPort: String, Hashable, Sendable, CaseIterable {
    case grpc
    case http
    case ui
}
