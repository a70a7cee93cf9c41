// SPDX-License-Identifier: Apache-2.0

package import TelemetryStorage

/// Why a backend did not start.
package enum BackendStartError: Error, Hashable {
    case portTaken(BackendPort, host: String, port: Int)
    /// Any other reason why a port cannot be listened on: not allowed, no such address.
    case cannotListen(BackendPort, host: String, port: Int, reason: String)
    case storage(StorageError)
    case samplingStrategies(file: String, SamplingStrategiesError)
}

extension BackendStartError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .portTaken(_, let host, let port): "port \(port) on \(host) is taken by another program"
        case .cannotListen(_, let host, let port, let reason):
            "cannot listen on port \(port) of \(host): \(reason)"
        case .storage(let error): error.description
        case .samplingStrategies(let file, let error):
            "the sampling strategies in \(file) cannot be used: \(error)"
        }
    }
}
