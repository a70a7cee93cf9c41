// SPDX-License-Identifier: Apache-2.0

package import OTLPReceiver

/// What a backend needs to know before it starts.
package struct BackendServerConfiguration: Hashable, Sendable {
    package enum Storage: Hashable, Sendable {
        /// Path of a directory; made when it is not there.
        case directory(String)
        /// Gone when the program ends.
        case memory
    }

    /// Name or address to listen on; of a name, all its addresses.
    package var host: String
    /// Names besides `host`, localhost and addresses under which HTTP may ask: those of containers, proxies.
    package var allowedHosts: [String]
    /// Zero picks a free one.
    package var ports: [BackendPort: Int]
    package var storage: Storage
    package var limits: ReceiverLimits
    /// Path of a file in Jaeger's format; nil tells no service how to sample.
    package var samplingStrategies: String?
    /// How much is kept of what was stored.
    package var retention: RetentionLimits
    /// How long requests under way may take to end after the shutdown began; then their connections are
    /// closed. Docker kills ten seconds after it asked, and the store must be closed by then.
    package var shutdownGrace: Duration

    package init(
        host: String = "127.0.0.1", allowedHosts: [String] = [],
        ports: [BackendPort: Int] = [.grpc: 4317, .http: 4318, .ui: 16686],
        storage: Storage, limits: ReceiverLimits = ReceiverLimits(), shutdownGrace: Duration = .seconds(5),
        samplingStrategies: String? = nil, retention: RetentionLimits = RetentionLimits()
    ) {
        self.host = host
        self.allowedHosts = allowedHosts
        self.ports = ports
        self.storage = storage
        self.limits = limits
        self.shutdownGrace = shutdownGrace
        self.samplingStrategies = samplingStrategies
        self.retention = retention
    }
}
