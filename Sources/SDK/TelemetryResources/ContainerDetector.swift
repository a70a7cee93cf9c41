// SPDX-License-Identifier: Apache-2.0

public import TelemetryModel

/// `container.id`, of a container that Docker, containerd, CRI-O, Podman or ECS runs, with cgroups of version 1 or 2.
///
/// The control group's path ends in the id; where a container sees only its own part of the tree (version 2 with a
/// private namespace), the files that are mounted over `/etc/hostname` and others lie in a folder with its name.
public struct ContainerDetector: ResourceDetector {
    public var name: String { "container" }

    public init() {}

    public func detect(in surroundings: DetectionSurroundings) throws -> Resource {
        guard let id = try Self.identifier(in: surroundings) else { return Resource() }
        return Resource(attributes: ["container.id": .string(id)], schemaURL: SemanticConventions.schemaURL)
    }

    /// The container's id; nil when this is none, or it cannot be told.
    static func identifier(in surroundings: DetectionSurroundings) throws -> String? {
        let groups = ControlGroups(try surroundings.text(of: "/proc/self/cgroup") ?? "")
        if let id = groups.paths.lazy.compactMap(identifier(inPath:)).first { return id }
        let isKubernetes = surroundings.variable("KUBERNETES_SERVICE_HOST") != nil
        let mounts = Mounts(try surroundings.text(of: "/proc/self/mountinfo") ?? "")
        return mounts.all.lazy.compactMap { identifier(inMount: $0, isKubernetes: isKubernetes) }.first
    }

    /// Of `/docker/{id}`, `/system.slice/docker-{id}.scope`, `/kubepods/burstable/pod{uid}/{id}`,
    /// `/kubepods.slice/…/cri-containerd-{id}.scope`, `/ecs/{task}/{id}`.
    private static func identifier(inPath path: Substring) -> String? {
        guard var name = path.split(separator: "/").last else { return nil }
        if name.hasSuffix(".scope") { name = name.dropLast(6) }
        // CRI-O watches each container from a group of its own: `crio-conmon-{id}.scope`.
        if name.contains("conmon") { return nil }
        if let id = name.split(whereSeparator: { $0 == "-" || $0 == ":" }).last, isIdentifier(id) {
            return String(id)
        }
        // ECS on Fargate: 32 digits of the task and ten of a number.
        let parts = name.split(separator: "-")
        if parts.count == 2, parts[0].utf8.count == 32, parts[0].utf8.allSatisfy(\.isLowercaseHexadecimal),
            parts[1].utf8.count >= 9, parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) })
        {
            return String(name)
        }
        return nil
    }

    /// Of `/var/lib/docker/containers/{id}/hostname`, `…/overlay-containers/{id}/userdata/hostname`.
    private static func identifier(inMount mount: Mounts.Mount, isKubernetes: Bool) -> String? {
        guard ["/etc/hostname", "/etc/hosts", "/etc/resolv.conf"].contains(mount.point) else { return nil }
        let parts = mount.root.split(separator: "/")
        for (index, part) in parts.enumerated().dropFirst() where isIdentifier(part) {
            switch parts[index - 1] {
            case "containers": return String(part)
            // In a pod these files belong to its sandbox, whose id is another one.
            case "overlay-containers" where !isKubernetes: return String(part)
            default: continue
            }
        }
        return nil
    }

    private static func isIdentifier(_ text: Substring) -> Bool {
        text.utf8.count == 64 && text.utf8.allSatisfy(\.isLowercaseHexadecimal)
    }
}

/// The control groups of a process, as `/proc/self/cgroup` lists them.
struct ControlGroups {
    /// Of each hierarchy: `4:memory:/docker/…` of version 1, `0::/…` of version 2.
    let paths: [Substring]

    init(_ text: String) {
        paths = text.split(separator: "\n").compactMap { line in
            line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).dropFirst(2).first
        }
    }
}

/// What is mounted where, as `/proc/self/mountinfo` lists it.
struct Mounts {
    struct Mount {
        /// The folder or file within its file system.
        let root: Substring
        /// Where it is seen.
        let point: Substring
    }

    let all: [Mount]

    init(_ text: String) {
        all = text.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ", maxSplits: 5)
            return fields.count > 5 ? Mount(root: fields[3], point: fields[4]) : nil
        }
    }
}

extension UInt8 {
    fileprivate var isLowercaseHexadecimal: Bool {
        (0x30...0x39).contains(self) || (0x61...0x66).contains(self)
    }
}
