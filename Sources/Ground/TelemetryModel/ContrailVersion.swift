// SPDX-License-Identifier: Apache-2.0

/// The version of this package, for all that names it: user agents, resources, commands.
package enum ContrailVersion {
    package static let current = "0.1.0"
}
