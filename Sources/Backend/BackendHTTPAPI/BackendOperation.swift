// SPDX-License-Identifier: Apache-2.0

package import TelemetryStorage

/// What the API asks the server around it: how it is, for those who watch it.
package struct BackendOperation: Sendable {
    let obstacle: @Sendable () async -> String?
    let status: @Sendable () async throws(StorageError) -> StoreStatus
    let metrics: @Sendable () async -> [UInt8]
    let observe: @Sendable (_ route: String, _ duration: Duration) -> Void

    /// - Parameters:
    ///   - obstacle: Why spans would not be accepted now, for people; nil when they would be.
    ///   - status: How the store is.
    ///   - metrics: All metrics in the text format of Prometheus, 0.0.4.
    ///   - observe: Told how long each answer took, with the path of its route.
    package init(
        obstacle: @escaping @Sendable () async -> String? = { nil },
        status: @escaping @Sendable () async throws(StorageError) -> StoreStatus = {
            () throws(StorageError) in StoreStatus()
        },
        metrics: @escaping @Sendable () async -> [UInt8] = { [] },
        observe: @escaping @Sendable (_ route: String, _ duration: Duration) -> Void = { _, _ in }
    ) {
        self.obstacle = obstacle
        self.status = status
        self.metrics = metrics
        self.observe = observe
    }
}
