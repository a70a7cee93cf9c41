// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// How a file of an export is packed.
enum Compression: String, CaseIterable, ExpressibleByArgument {
    case none, gzip, zstd

    /// By the ending of a file's name, as the programs that unpack it look at it.
    init(ofPath path: String?) {
        let name = path?.lowercased() ?? ""
        self =
            if name.hasSuffix(".gz") { .gzip } else if name.hasSuffix(".zst") || name.hasSuffix(".zstd") {
                .zstd
            } else { .none }
    }
}
