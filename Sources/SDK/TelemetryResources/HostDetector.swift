// SPDX-License-Identifier: Apache-2.0

public import TelemetryModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Android)
    import Android
#else
    import Darwin
#endif

/// `host.…`: name, id and processor; and `os.…`, as ``OSDetector`` finds it.
///
/// The reserved name `host`: "Populates host.* and os.* attributes". No id in a container, where the file that holds
/// it is the image's, and so the same everywhere.
public struct HostDetector: ResourceDetector {
    public var name: String { "host" }

    public init() {}

    public func detect(in surroundings: DetectionSurroundings) throws -> Resource {
        var attributes = Attributes()
        var name = try surroundings.text(of: "/proc/sys/kernel/hostname")
        if name == nil, surroundings.isThisMachine { name = Self.hostName }
        if let name { attributes["host.name"] = .string(name) }
        // Semantic conventions 1.44, "Host": "non-privileged Machine ID lookup" on Linux, in this order.
        if try ContainerDetector.identifier(in: surroundings) == nil {
            let id =
                try surroundings.text(of: "/etc/machine-id")
                ?? surroundings.text(of: "/var/lib/dbus/machine-id")
            // "uninitialized" stands there while an image is built.
            if let id, id.utf8.count == 32, UInt64(id.prefix(16), radix: 16) != nil {
                attributes["host.id"] = .string(id)
            }
        }
        if let architecture = Self.architecture { attributes["host.arch"] = .string(architecture) }
        return Resource(attributes: attributes, schemaURL: SemanticConventions.schemaURL)
            .merging(try OSDetector().detect(in: surroundings))
    }

    private static var hostName: String? {
        var buffer = [UInt8](repeating: 0, count: 256)
        let isKnown = buffer.withUnsafeMutableBytes { bytes in
            guard let start = bytes.baseAddress?.assumingMemoryBound(to: CChar.self) else { return false }
            return gethostname(start, bytes.count - 1) == 0
        }
        let name = String(decoding: buffer.prefix { $0 != 0 }, as: UTF8.self)
        return isKnown && !name.isEmpty ? name : nil
    }

    private static var architecture: String? {
        #if arch(x86_64)
            "amd64"
        #elseif arch(arm64)
            "arm64"
        #elseif arch(arm)
            "arm32"
        #elseif arch(i386)
            "x86"
        #elseif arch(powerpc64) || arch(powerpc64le)
            "ppc64"
        #elseif arch(s390x)
            "s390x"
        #else
            nil
        #endif
    }
}

/// `os.…`: type, name, version, description and build.
public struct OSDetector: ResourceDetector {
    public var name: String { "os" }

    public init() {}

    public func detect(in surroundings: DetectionSurroundings) throws -> Resource {
        var attributes = Attributes()
        if let type = Self.type { attributes["os.type"] = .string(type) }
        // os-release(5): "The file /etc/os-release takes precedence over /usr/lib/os-release."
        if let text = try surroundings.text(of: "/etc/os-release")
            ?? surroundings.text(of: "/usr/lib/os-release")
        {
            let release = Self.assignments(text)
            attributes["os.name"] = release["NAME"].map { .string($0) }
            attributes["os.version"] = release["VERSION_ID"].map { .string($0) }
            attributes["os.description"] = release["PRETTY_NAME"].map { .string($0) }
            attributes["os.build_id"] = release["BUILD_ID"].map { .string($0) }
        }
        // Semantic conventions 1.44, `os.build_id`: on Linux the kernel's release stands in for a missing BUILD_ID.
        if attributes["os.build_id"] == nil,
            let kernel = try surroundings.text(of: "/proc/sys/kernel/osrelease")
        {
            attributes["os.build_id"] = .string(kernel)
        }
        return Resource(attributes: attributes, schemaURL: SemanticConventions.schemaURL)
    }

    /// `KEY=value` lines of a shell, the values perhaps in quotes; empty values are left out.
    static func assignments(_ text: String) -> [String: String] {
        var found: [String: String] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            guard let equals = line.firstIndex(of: "="), !line.hasPrefix("#") else { continue }
            let value = unquoted(line[line.index(after: equals)...].trimmingWhitespace)
            if !value.isEmpty { found[String(line[..<equals].trimmingWhitespace)] = value }
        }
        return found
    }

    /// Without the quotes and backslashes that a shell would take away.
    static func unquoted(_ text: Substring) -> String {
        guard let quote = text.first, quote == "\"" || quote == "'" else { return String(text) }
        var value = ""
        var isEscaped = false
        for character in text.dropFirst() {
            if isEscaped {
                value.append(character)
                isEscaped = false
            } else if character == "\\", quote == "\"" {
                isEscaped = true
            } else if character == quote {
                break
            } else {
                value.append(character)
            }
        }
        return value
    }

    private static var type: String? {
        #if os(Linux) || os(Android)
            "linux"
        #elseif canImport(Darwin)
            "darwin"
        #elseif os(Windows)
            "windows"
        #elseif os(FreeBSD)
            "freebsd"
        #elseif os(OpenBSD)
            "openbsd"
        #else
            nil
        #endif
    }
}
