// SPDX-License-Identifier: Apache-2.0

public import TelemetryResources

/// Who finds out where the program runs.
public struct ResourceDetectorSetting: Sendable, CustomStringConvertible {
    /// The name that `OTEL_EXPERIMENTAL_RESOURCE_DETECTORS` has for it, or that of your own.
    public let description: String
    package let detector: any ResourceDetector

    private init(_ detector: any ResourceDetector) {
        description = detector.name
        self.detector = detector
    }

    /// `process.…`: id, program, owner, start.
    public static let process = ResourceDetectorSetting(ProcessDetector())
    /// `host.…` and `os.…`.
    public static let host = ResourceDetectorSetting(HostDetector())
    /// `os.…` alone.
    public static let os = ResourceDetectorSetting(OSDetector())
    /// `container.id`.
    public static let container = ResourceDetectorSetting(ContainerDetector())
    /// `k8s.…`, from the downward API.
    public static let kubernetes = ResourceDetectorSetting(KubernetesDetector())

    /// One of your own.
    public static func custom(_ detector: any ResourceDetector) -> ResourceDetectorSetting {
        ResourceDetectorSetting(detector)
    }

    private static let known = [process, host, os, container, kubernetes]

    /// What runs when nobody says anything.
    static let standard = [process, host, container, kubernetes]

    /// The names that the variable knows, but for `all` and `none`.
    package static var names: [String] { known.map(\.description) }

    /// The detector of one of ``names``; nil for other names.
    package init?(name: String) {
        guard let found = Self.known.first(where: { $0.description == name }) else { return nil }
        self = found
    }
}
