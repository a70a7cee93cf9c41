// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization
import TelemetryModel
import TelemetryResources
import Testing

/// Gives a resource, or an error, or nothing ever.
private struct Scripted: ResourceDetector {
    enum Answer: Sendable {
        case resource(Resource)
        case error
        case never
    }

    let name: String
    let answer: Answer

    func detect(in surroundings: DetectionSurroundings) throws -> Resource {
        switch answer {
        case .resource(let resource): return resource
        case .error: throw DetectionError("/etc/x cannot be read")
        case .never:
            DispatchSemaphore(value: 0).wait()
            return Resource()
        }
    }
}

@Suite("Resource detection")
struct DetectionTests {
    private let nowhere = DetectionSurroundings(environment: [:], root: "/nonexistent")

    private func run(_ detectors: Scripted..., timeLimit: Duration = .seconds(60))
        -> ResourceDetection.Findings
    {
        ResourceDetection.run(detectors, in: nowhere, timeLimit: timeLimit)
    }

    @Test("later detectors win, and the schema of all is the resource's")
    func merges() {
        let findings = run(
            Scripted(
                name: "a",
                answer: .resource(Resource(attributes: ["k": "1", "l": "1"], schemaURL: "https://s/1"))),
            Scripted(name: "b", answer: .resource(Resource(attributes: ["k": "2"]))))
        #expect(findings.resource == Resource(attributes: ["k": "2", "l": "1"], schemaURL: "https://s/1"))
        #expect(findings.problems.isEmpty)
    }

    @Test("one that fails is said, and costs the others nothing")
    func failure() {
        let findings = run(
            Scripted(name: "bad", answer: .error),
            Scripted(name: "good", answer: .resource(Resource(attributes: ["k": "1"]))))
        #expect(findings.resource.attributes == ["k": "1"])
        #expect(
            findings.problems.map { "\($0.detector) \($0.text)" } == ["bad failed: /etc/x cannot be read"])
    }

    @Test("one that never ends is not waited for")
    func hangs() {
        let findings = run(
            Scripted(name: "good", answer: .resource(Resource(attributes: ["k": "1"]))),
            Scripted(name: "slow", answer: .never),
            timeLimit: .milliseconds(300))
        #expect(findings.resource.attributes == ["k": "1"])
        #expect(findings.problems.map(\.detector) == ["slow"])
        #expect(findings.problems.first?.text.hasPrefix("takes longer than 0.3 seconds") == true)
    }

    @Test(
        "two schemas are an error that costs the schema, not the attributes; two names of one kind are an error"
    )
    func conflicts() {
        let findings = run(
            Scripted(
                name: "a", answer: .resource(Resource(attributes: ["k": "1"], schemaURL: "https://s/1"))),
            Scripted(name: "a", answer: .resource(Resource(attributes: ["l": "1"], schemaURL: "https://s/2")))
        )
        #expect(findings.resource == Resource(attributes: ["k": "1", "l": "1"]))
        #expect(findings.problems.count == 2)
    }

    @Test("too much is left out and said: long values, many attributes")
    func limits() {
        var many = Attributes()
        many["long"] = .string(String(repeating: "x", count: 4_097))
        for index in 0..<130 { many["k\(index)"] = "v" }
        let findings = run(Scripted(name: "loud", answer: .resource(Resource(attributes: many))))
        #expect(findings.resource.attributes.count == 128)
        #expect(findings.resource.attributes["long"] == nil)
        #expect(findings.problems.count == 2)
    }

    @Test("files are read within limits: missing is nothing, a folder, a pipe or a large one is an error")
    func files() throws {
        let root = try FakeRoot([
            "/large": String(repeating: "x", count: 2_000), "/empty": " \n", "/text": " a\n",
        ])
        let surroundings = root.surroundings()
        #expect(try surroundings.text(of: "/missing") == nil)
        #expect(try surroundings.text(of: "/text/below") == nil)
        #expect(try surroundings.text(of: "/empty") == nil)
        #expect(try surroundings.text(of: "/text") == "a")
        #expect(throws: DetectionError("/large has more than 1000 bytes")) {
            try surroundings.text(of: "/large", bytesMax: 1_000)
        }
        #expect(throws: DetectionError("/ is no file")) { try surroundings.text(of: "/") }
        #expect(mkfifo(root.path + "/pipe", 0o600) == 0)
        #expect(throws: DetectionError("/pipe is no file")) { try surroundings.text(of: "/pipe") }
    }
}
