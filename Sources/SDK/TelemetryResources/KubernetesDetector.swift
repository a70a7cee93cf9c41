// SPDX-License-Identifier: Apache-2.0

public import TelemetryModel

/// `k8s.…`, from what a pod is told about itself: downward-API variables and files, the service account, its mounts.
///
/// Nothing is asked of the cluster. Of the usual names of variables the first that is set counts (`K8S_POD_NAME`,
/// `POD_NAME`, `MY_POD_NAME`). A downward-API volume is looked for at `/etc/podinfo` with files named `name`,
/// `namespace`,
/// `uid`, `labels` and `annotations`: labels become `k8s.pod.label.…`, and annotations `resource.opentelemetry.io/…`
/// become the attribute behind the slash (semantic conventions 1.44, "Specify resource attributes using Kubernetes
/// annotations").
public struct KubernetesDetector: ResourceDetector {
    public var name: String { "k8s" }

    /// Labels that are read; those behind are left out.
    private static let labelsMax = 64
    private static let serviceAccount = "/var/run/secrets/kubernetes.io/serviceaccount"
    private static let annotationPrefix = "resource.opentelemetry.io/"

    /// Attributes with the variables that may hold them.
    private static let variables: [(attribute: String, names: [String])] = [
        ("k8s.cluster.name", ["K8S_CLUSTER_NAME", "CLUSTER_NAME"]),
        ("k8s.node.name", ["K8S_NODE_NAME", "NODE_NAME", "MY_NODE_NAME"]),
        ("k8s.namespace.name", ["K8S_NAMESPACE_NAME", "K8S_NAMESPACE", "POD_NAMESPACE", "MY_POD_NAMESPACE"]),
        ("k8s.pod.name", ["K8S_POD_NAME", "POD_NAME", "MY_POD_NAME"]),
        ("k8s.pod.uid", ["K8S_POD_UID", "POD_UID", "MY_POD_UID"]),
        ("k8s.pod.ip", ["K8S_POD_IP", "POD_IP", "MY_POD_IP"]),
        ("k8s.container.name", ["K8S_CONTAINER_NAME", "CONTAINER_NAME"]),
        ("k8s.deployment.name", ["K8S_DEPLOYMENT_NAME"]), ("k8s.replicaset.name", ["K8S_REPLICASET_NAME"]),
        ("k8s.statefulset.name", ["K8S_STATEFULSET_NAME"]), ("k8s.daemonset.name", ["K8S_DAEMONSET_NAME"]),
        ("k8s.job.name", ["K8S_JOB_NAME"]), ("k8s.cronjob.name", ["K8S_CRONJOB_NAME"]),
    ]

    private let podInformation: String

    /// - Parameter podInformation: where the downward-API volume is mounted.
    public init(podInformation: String = "/etc/podinfo") { self.podInformation = podInformation }

    public func detect(in surroundings: DetectionSurroundings) throws -> Resource {
        let namespace = try surroundings.text(of: "\(Self.serviceAccount)/namespace")
        let mounted = try Self.mounted(in: surroundings)
        guard
            surroundings.variable("KUBERNETES_SERVICE_HOST") != nil || namespace != nil
                || mounted.podUID != nil
        else {
            return Resource()
        }
        var attributes = Attributes()
        for (attribute, names) in Self.variables {
            attributes[attribute] = surroundings.variable(names).map { .string($0) }
        }
        func complete(_ attribute: String, _ value: @autoclosure () throws -> String?) rethrows {
            guard attributes[attribute] == nil, let value = try value() else { return }
            attributes[attribute] = .string(value)
        }
        try complete("k8s.namespace.name", try file("namespace", surroundings) ?? namespace)
        try complete("k8s.pod.name", try file("name", surroundings) ?? Self.podName(in: surroundings))
        try complete("k8s.pod.uid", try file("uid", surroundings) ?? mounted.podUID)
        complete("k8s.container.name", mounted.container)
        for (key, value) in try pairs("labels", surroundings).prefix(Self.labelsMax) {
            attributes["k8s.pod.label.\(key)"] = .string(value)
        }
        for (key, value) in try pairs("annotations", surroundings) where key.hasPrefix(Self.annotationPrefix)
        {
            let attribute = String(key.dropFirst(Self.annotationPrefix.count))
            if !attribute.isEmpty { attributes[attribute] = .string(value) }
        }
        return Resource(attributes: attributes, schemaURL: SemanticConventions.schemaURL)
    }

    private func file(_ name: String, _ surroundings: DetectionSurroundings) throws -> String? {
        try surroundings.text(of: "\(podInformation)/\(name)")
    }

    /// Lines `key="value"`, the value quoted as Go does.
    private func pairs(_ name: String, _ surroundings: DetectionSurroundings) throws -> [(
        key: String, value: String
    )] {
        try file(name, surroundings)?.split(separator: "\n").compactMap { line in
            guard let equals = line.firstIndex(of: "=") else { return nil }
            return (String(line[..<equals]), OSDetector.unquoted(line[line.index(after: equals)...]))
        } ?? []
    }

    /// The host's name is the pod's, unless the pod has the node's network: the kubelet writes into `/etc/hosts`
    /// which.
    private static func podName(in surroundings: DetectionSurroundings) throws -> String? {
        guard let hosts = try surroundings.text(of: "/etc/hosts"),
            hosts.split(separator: "\n").first == "# Kubernetes-managed hosts file."
        else { return nil }
        return try surroundings.text(of: "/etc/hostname")
    }

    /// What the kubelet mounts: `/var/lib/kubelet/pods/{uid}/etc-hosts` and `…/pods/{uid}/containers/{name}/{id}`.
    /// The pod's uid stands in the control group too: `/kubepods/burstable/pod{uid}/…`,
    /// `/kubepods.slice/kubepods-pod{uid with underscores}.slice/…`.
    private static func mounted(
        in surroundings: DetectionSurroundings
    ) throws -> (podUID: String?, container: String?) {
        var found: (podUID: String?, container: String?) = (nil, nil)
        for mount in Mounts(try surroundings.text(of: "/proc/self/mountinfo") ?? "").all
        where mount.point == "/dev/termination-log" || mount.point == "/etc/hosts" {
            let parts = mount.root.split(separator: "/")
            guard let pods = parts.firstIndex(of: "pods"), pods + 1 < parts.count, isUID(parts[pods + 1])
            else { continue }
            found.podUID = String(parts[pods + 1])
            if pods + 3 < parts.count, parts[pods + 2] == "containers" {
                found.container = String(parts[pods + 3])
            }
        }
        if found.podUID == nil {
            let groups = ControlGroups(try surroundings.text(of: "/proc/self/cgroup") ?? "")
            found.podUID =
                groups.paths.lazy.flatMap { $0.split(separator: "/") }.compactMap(podUID(inGroup:)).first
        }
        return found
    }

    private static func podUID(inGroup name: Substring) -> String? {
        var rest = name.hasSuffix(".slice") ? name.dropLast(6) : name
        if let last = rest.split(separator: "-").last, rest.hasPrefix("kubepods-"), last.hasPrefix("pod") {
            rest = last
        }
        guard rest.hasPrefix("pod") else { return nil }
        let uid = String(rest.dropFirst(3).map { $0 == "_" ? "-" : $0 })
        return isUID(uid[...]) ? uid : nil
    }

    /// A UUID, or the 32 digits that static pods have.
    private static func isUID(_ text: Substring) -> Bool {
        let digits = text.utf8.count { $0 != UInt8(ascii: "-") }
        return (text.utf8.count == 36 || text.utf8.count == 32) && digits == 32
            && text.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x61...0x66).contains($0) || $0 == UInt8(ascii: "-")
            }
    }
}
