// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import ChildProcess
import Foundation
import NIOCore
import NIOHTTP1
import OTLPWire
import TelemetryModel
import Testing

/// A real `contrail serve` whose data directory is a small file system of its own.
@Suite("contrail serve on a disk that fills up", .timeLimit(.minutes(3)))
struct FullDiskTests {
    /// Whether this user may mount a file system in a namespace of its own.
    fileprivate static let mayMount: Bool = {
        guard
            let probe = try? Process.run(
                URL(filePath: "/usr/bin/unshare"),
                arguments: ["--user", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"])
        else { return false }
        probe.waitUntilExit()
        return probe.terminationStatus == 0
    }()

    private static let diskBytes = 32 << 20

    /// 500 spans with `bytes` of text that does not compress well.
    private static func request(_ number: UInt64, text bytes: Int = 400) -> [UInt8] {
        let spans = (0..<500).map { index in
            let text = (0..<bytes / 16).map { _ in String(UInt64.random(in: 1 << 60 ... .max), radix: 16) }
            return SpanData(
                traceID: TraceID(high: number, low: 1), spanID: SpanID(value: UInt64(index) + 1), name: "n",
                startTimeUnixNano: 1_700_000_000_000_000_000, endTimeUnixNano: 1_700_000_000_000_000_001,
                attributes: ["text": .string(text.joined())])
        }
        return OTLPProtobuf.encode(
            ExportTraceServiceRequest(resourceSpans: [
                ResourceSpans(
                    resource: Resource(attributes: ["service.name": "disk"]),
                    scopeSpans: [ScopeSpans(scope: InstrumentationScope(name: "s"), spans: spans)])
            ]))
    }

    private func ask(_ url: String, body: [UInt8]? = nil) async throws -> (
        status: Int, retry: String?, body: String
    ) {
        var request = HTTPClientRequest(url: url)
        if let body {
            request.method = .POST
            request.headers.add(name: "content-type", value: "application/x-protobuf")
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        let answer = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
        let bytes = try await answer.body.collect(upTo: 16 << 20)
        return (
            Int(answer.status.code), answer.headers.first(name: "retry-after"), String(buffer: bytes)
        )
    }

    @Test(
        "503 with Retry-After, reading goes on, and writing too as soon as there is room (needs user namespaces)",
        .enabled(if: FullDiskTests.mayMount))
    func fullDisk() async throws {
        let folder = try TemporaryFolder()
        // The file that takes the room lies in the same file system: removed through /proc/PID/root.
        let script = """
            mount -t tmpfs -o size=\(Self.diskBytes) none "$1" && head -c 16M /dev/zero > "$1/ballast" &&
            exec "$2" serve --data-dir "$1/data" --grpc-port 0 --http-port 0 --ui-port 0 --retention-disk-share off
            """
        let program = try Program(
            executable: URL(filePath: "/usr/bin/unshare"),
            arguments: [
                "--user", "--map-root-user", "--mount", "sh", "-c", script, "sh", folder.url.path(),
                Program.products.appending(path: "contrail").path(),
            ])
        let ports = try await program.readyPorts()
        let traces = "http://127.0.0.1:\(ports["httpPort"] ?? 0)/v1/traces"
        let ui = "http://127.0.0.1:\(ports["uiPort"] ?? 0)"

        var accepted: [UInt64] = []
        var refusal: (status: Int, retry: String?, body: String)?
        for number in 1...1_000 as ClosedRange<UInt64> {
            let answer = try await ask(traces, body: Self.request(number))
            guard answer.status == 200 else {
                refusal = answer
                break
            }
            accepted.append(number)
        }
        #expect(refusal?.status == 503)
        #expect(refusal?.retry == "1")
        #expect(accepted.count > 3)

        let ready = try await ask(ui + "/ready")
        #expect(ready.status == 503)
        #expect(ready.body.contains("full"), "\(ready.body)")
        #expect(try await ask(ui + "/health").status == 200)
        for number in [accepted.first, accepted.last].compactMap(\.self) {
            let trace = TraceID(high: number, low: 1)
            #expect(try await ask(ui + "/api/v1/traces/\(trace)").status == 200)
        }

        let ballast = "/proc/\(program.processIdentifier)/root\(folder.url.path())/ballast"
        #expect(unlink(ballast) == 0, "\(String(cString: strerror(errno)))")
        let last = try await ask(traces, body: Self.request(5_000))
        #expect(last.status == 200, "\(last.body)")
        #expect(try await ask(ui + "/ready").status == 200)
        for number in accepted + [5_000] {
            let trace = TraceID(high: number, low: 1)
            #expect(try await ask(ui + "/api/v1/traces/\(trace)").status == 200)
        }
        #expect(await program.stop() == 0)
    }
}
