// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Says on standard output, in one line of JSON, that the service takes requests and where.
func announce(_ service: String, _ port: Int?) {
    let line = "{\"event\":\"ready\",\"service\":\"\(service)\",\"port\":\(port ?? 0)}\n"
    FileHandle.standardOutput.write(Data(line.utf8))
}
