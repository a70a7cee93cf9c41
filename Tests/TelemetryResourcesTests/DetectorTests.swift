// SPDX-License-Identifier: Apache-2.0

import Foundation
import TelemetryModel
import TelemetryResources
import Testing

private let container = "2dc2bbbc76ffa5cb9a5f0a4b4b1e4e9d8bd1bd4a0e5c2f3d4a5b6c7d8e9f0a1b"
private let sandbox = "ffffffff76ffa5cb9a5f0a4b4b1e4e9d8bd1bd4a0e5c2f3d4a5b6c7d8e9f0a1b"
private let pod = "4a6bcd1e-0f12-4a34-9b56-7c8d9e0f1a2b"

@Suite("Resource detectors")
struct DetectorTests {
    @Test("the process: id, program, owner and start, and never its arguments")
    func process() throws {
        let root = try FakeRoot(
            [
                "/proc/self/stat":
                    "4711 (items) (x) S 1 4711 4711 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 123456 1 1",
                "/proc/self/status": "Name:\titems\nUid:\t0\t1000\t1000\t1000\n",
                "/proc/self/cmdline": "./items\0--password\0secret\0",
                "/proc/stat": "cpu 1 2 3\nbtime 1767225600\nprocesses 5",
                "/etc/passwd": "root:x:0:0::/root:/bin/sh\napp:x:1000:1000::/home/app:/bin/sh\n",
            ], links: ["/proc/self/exe": "/usr/local/bin/items"])
        var found = try ProcessDetector().found(in: root)
        #expect(found.removeValue(forKey: "process.runtime.version")?.isEmpty == false)
        #expect(
            found == [
                "process.pid": "4711", "process.executable.name": "items",
                "process.executable.path": "/usr/local/bin/items", "process.command": "./items",
                "process.owner": "app",
                "process.creation.time": "2026-01-01T00:20:34.560Z", "process.runtime.name": "swift",
            ])
    }

    @Test("this process is found on this machine")
    func thisProcess() throws {
        let resource = try ProcessDetector().detect(in: DetectionSurroundings(environment: [:]))
        #expect(resource.attributes["process.pid"] == .int(Int64(ProcessInfo.processInfo.processIdentifier)))
        #expect(resource.attributes["process.executable.name"] != nil)
        #expect(resource.schemaURL == "https://opentelemetry.io/schemas/1.44.0")
    }

    @Test("host and operating system: name, machine id, release")
    func host() throws {
        let root = try FakeRoot([
            "/proc/sys/kernel/hostname": "node-7\n", "/etc/machine-id": "8f0e6c1d2b3a49588f0e6c1d2b3a4958\n",
            "/proc/sys/kernel/osrelease": "6.1.0-18-amd64\n",
            "/etc/os-release":
                "# comment\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n"
                + "NAME='Debian GNU/Linux'\nVERSION_ID=12\n=\n",
        ])
        var found = try HostDetector().found(in: root)
        #expect(found.removeValue(forKey: "host.arch") != nil)
        #expect(found.removeValue(forKey: "os.type") != nil)
        #expect(
            found == [
                "host.name": "node-7", "host.id": "8f0e6c1d2b3a49588f0e6c1d2b3a4958",
                "os.description": "Debian GNU/Linux 12 (bookworm)", "os.name": "Debian GNU/Linux",
                "os.version": "12",
                "os.build_id": "6.1.0-18-amd64",
            ])
    }

    @Test("a container's machine id is the image's, and not told")
    func hostInContainer() throws {
        let root = try FakeRoot([
            "/etc/machine-id": "8f0e6c1d2b3a49588f0e6c1d2b3a4958",
            "/proc/self/cgroup": "0::/docker/\(container)",
        ])
        #expect(try HostDetector().found(in: root)["host.id"] == nil)
        let building = try FakeRoot(["/etc/machine-id": "uninitialized"])
        #expect(try HostDetector().found(in: building)["host.id"] == nil)
    }

    @Test(
        "a container's id is found in its control groups, of version 1 and 2",
        arguments: [
            "13:name=systemd:/docker/\(container)\n12:pids:/docker/\(container)",
            "11:cpu:/system.slice/docker-\(container).scope", "0::/system.slice/docker-\(container).scope",
            "0::/kubepods.slice/kubepods-burstable.slice/kubepods-pod1.slice/cri-containerd-\(container).scope",
            "4:memory:/kubepods/besteffort/pod\(pod)/\(container)",
            "0::/kubepods.slice/kubepods-pod1.slice/crio-\(container).scope",
            "0::/machine.slice/libpod-\(container).scope",
            "1:name=systemd:/system.slice/containerd.service/kubepods-pod1.slice:cri-containerd:\(container)",
            "0::/\n1:cpu:/ecs/55091c13-b8cf-4801-b527-f4601742204d/\(container)",
        ])
    func controlGroups(text: String) throws {
        let root = try FakeRoot(["/proc/self/cgroup": text])
        #expect(try ContainerDetector().found(in: root) == ["container.id": container])
    }

    @Test("Fargate's kind of id is one too")
    func fargate() throws {
        let id = "55091c13b8cf4801b527f4601742204d-2531612879"
        let root = try FakeRoot([
            "/proc/self/cgroup": "9:perf_event:/ecs/55091c13b8cf4801b527f4601742204d/\(id)"
        ])
        #expect(try ContainerDetector().found(in: root) == ["container.id": id])
    }

    @Test("where the control group is private, what is mounted over the host's name tells the id")
    func mounts() throws {
        func mountinfo(_ file: String) -> String {
            "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n983 961 0:56 \(file) /etc/hostname rw,relatime - ext4 /dev/vda1 rw\n"
        }
        for path in [
            "/var/lib/docker/containers/\(container)/hostname",
            "/home/u/.local/share/containers/storage/overlay-containers/\(container)/userdata/hostname",
        ] {
            let root = try FakeRoot(["/proc/self/cgroup": "0::/", "/proc/self/mountinfo": mountinfo(path)])
            #expect(try ContainerDetector().found(in: root) == ["container.id": container])
        }
        // A pod's sandbox is not the container.
        for path in [
            "/run/containerd/io.containerd.grpc.v1.cri/sandboxes/\(sandbox)/hostname",
            "/run/containers/storage/overlay-containers/\(sandbox)/userdata/hostname",
        ] {
            let root = try FakeRoot(["/proc/self/cgroup": "0::/", "/proc/self/mountinfo": mountinfo(path)])
            #expect(try ContainerDetector().found(in: root, ["KUBERNETES_SERVICE_HOST": "10.0.0.1"]) == [:])
        }
    }

    @Test(
        "no container, no id",
        arguments: [
            "", "0::/", "0::/user.slice/user-1000.slice/session-3.scope", "nonsense", ":::::",
            "0::/docker/abc",
            "0::/docker/\(container)0", "0::/machine.slice/crio-conmon-\(sandbox).scope",
        ])
    func noContainer(text: String) throws {
        #expect(try ContainerDetector().found(in: FakeRoot(["/proc/self/cgroup": text])) == [:])
    }

    @Test("a pod is told by variables, by whichever of the usual names")
    func podVariables() throws {
        let root = try FakeRoot([:])
        let environment = [
            "KUBERNETES_SERVICE_HOST": "10.0.0.1", "POD_NAME": "items-7", "K8S_NAMESPACE": "shop",
            "MY_NODE_NAME": "node-1",
            "POD_UID": pod, "POD_IP": "10.1.2.3", "K8S_CONTAINER_NAME": "items", "CLUSTER_NAME": "",
            "K8S_DEPLOYMENT_NAME": "items",
        ]
        #expect(
            try KubernetesDetector().found(in: root, environment) == [
                "k8s.pod.name": "items-7", "k8s.namespace.name": "shop", "k8s.node.name": "node-1",
                "k8s.pod.uid": pod,
                "k8s.pod.ip": "10.1.2.3", "k8s.container.name": "items", "k8s.deployment.name": "items",
            ])
        // The same variables outside of Kubernetes mean something else.
        #expect(try KubernetesDetector().found(in: root, ["POD_NAME": "whales"]) == [:])
    }

    @Test("a pod is told by downward-API files, labels and annotations for telemetry too")
    func podFiles() throws {
        let root = try FakeRoot([
            "/etc/podinfo/name": "items-7\n", "/etc/podinfo/namespace": "shop", "/etc/podinfo/uid": pod,
            "/etc/podinfo/labels": "app=\"items\"\ntext=\"a \\\"b\\\"\"\nbroken",
            "/etc/podinfo/annotations":
                "resource.opentelemetry.io/service.namespace=\"shop\"\nkubectl.kubernetes.io/last-applied=\"{secret}\"",
            "/var/run/secrets/kubernetes.io/serviceaccount/namespace": "other",
        ])
        #expect(
            try KubernetesDetector().found(in: root) == [
                "k8s.pod.name": "items-7", "k8s.namespace.name": "shop", "k8s.pod.uid": pod,
                "k8s.pod.label.app": "items", "k8s.pod.label.text": "a \"b\"", "service.namespace": "shop",
            ])
    }

    @Test("a pod that was told nothing is known by its service account, its mounts and its host's name")
    func podTraces() throws {
        let files = [
            "/var/run/secrets/kubernetes.io/serviceaccount/namespace": "shop", "/etc/hostname": "items-7\n",
            "/etc/hosts": "# Kubernetes-managed hosts file.\n127.0.0.1 localhost\n",
            "/proc/self/mountinfo":
                "9 1 8:1 /var/lib/kubelet/pods/\(pod)/containers/items/0a1b /dev/termination-log rw - ext4 /dev/sda rw",
        ]
        #expect(
            try KubernetesDetector().found(in: FakeRoot(files)) == [
                "k8s.namespace.name": "shop", "k8s.pod.name": "items-7", "k8s.pod.uid": pod,
                "k8s.container.name": "items",
            ])
        // With the node's network the host's name is the node's.
        let node = files.merging(["/etc/hosts": "# Kubernetes-managed hosts file (host network).\n"]) { $1 }
        #expect(try KubernetesDetector().found(in: FakeRoot(node))["k8s.pod.name"] == nil)
        let group =
            "0::/kubepods.slice/kubepods-besteffort-pod\(pod.replacing("-", with: "_")).slice/x.scope"
        #expect(
            try KubernetesDetector().found(in: FakeRoot(["/proc/self/cgroup": group])) == ["k8s.pod.uid": pod]
        )
    }

    @Test("files of any bytes give something or nothing, never a trap")
    func anyBytes() throws {
        var generator = SystemRandomNumberGenerator()
        for round in 0..<40 {
            let text = String(
                decoding: (0..<(round * 8)).map { _ in UInt8.random(in: 0...255, using: &generator) }
                    + Array("= \" ( ) 0::/pod \n".utf8.shuffled()), as: UTF8.self)
            let names = [
                "/proc/self/stat", "/proc/self/status", "/proc/self/cmdline", "/proc/stat", "/etc/passwd",
                "/etc/os-release",
                "/proc/self/cgroup", "/proc/self/mountinfo", "/etc/podinfo/labels",
                "/etc/podinfo/annotations", "/etc/hosts",
            ]
            let root = try FakeRoot(Dictionary(uniqueKeysWithValues: names.map { ($0, text) }))
            let detectors: [any ResourceDetector] = [
                ProcessDetector(), HostDetector(), ContainerDetector(), KubernetesDetector(),
            ]
            for detector in detectors { _ = try detector.found(in: root, ["KUBERNETES_SERVICE_HOST": "x"]) }
        }
    }
}
