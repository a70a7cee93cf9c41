// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
public import TelemetryResources

/// The contract of `ResourceDetector`, for a type of your own:
///
/// ```swift
/// try await ResourceDetectorContract.check(in: surroundings) { MyDetector() }
/// ```
/// Source: OpenTelemetry specification 1.60, "Detecting resource information from the environment".
public enum ResourceDetectorContract {
    /// Roots of attributes that the semantic conventions define.
    private static let conventionalRoots: Set<Substring> = [
        "service", "telemetry", "process", "host", "os", "container", "k8s", "cloud", "deployment", "device",
        "faas",
        "aws", "gcp", "azure", "heroku", "cicd", "browser", "android", "webengine", "oci", "openshift",
    ]

    /// Checks every rule, in `surroundings` and in a place where there is nothing at all.
    ///
    /// - Parameters:
    ///   - surroundings: a place where it finds something.
    ///   - timeLimit: longest detection.
    ///   - make: a new detector.
    /// - Throws: ``ContractViolations`` with all that was found; what `make` throws.
    public static func check(
        in surroundings: DetectionSurroundings, timeLimit: Duration = ResourceDetection.timeLimit,
        _ make: () async throws -> any ResourceDetector
    ) async throws {
        var findings = ContractFindings()
        let detector = try await make()
        // "Names SHOULD be snake case and consist of lowercase alphanumeric and `_` characters"
        let isName = detector.name.utf8.allSatisfy {
            (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "_")
        }
        findings.expect(
            "the name is of lower-case letters, digits and _", isName && !detector.name.isEmpty,
            found: "it is \"\(detector.name)\"")
        let nowhere = DetectionSurroundings(environment: [:], root: "/nonexistent")
        for (place, where_) in [
            (surroundings, "in the surroundings given"), (nowhere, "where there is nothing"),
        ] {
            let answer = await outcome(within: timeLimit) { Result { try detector.detect(in: place) } }
            switch answer {
            case nil: findings.fail("it is quick", found: "\(where_) it takes longer than \(timeLimit)")
            // "the failure to detect any resource information MUST NOT be considered an error"
            case .failure(let error):
                findings.fail("it does not fail", found: "\(where_) it throws: \(error)")
            case .success(let resource):
                check(&findings, resource)
                let again = try? detector.detect(in: place)
                findings.expect(
                    "it finds the same again", again == resource, found: "\(where_) it does not")
            }
        }
        try findings.check(detector)
    }

    private static func check(_ findings: inout ContractFindings, _ resource: Resource) {
        let keys = resource.attributes.map(\.key)
        findings.expect("attributes have keys", !keys.contains(""), found: "one is empty")
        findings.expect("a key stands once", Set(keys).count == keys.count, found: "\(keys)")
        findings.expect(
            "it gives no more than \(ResourceDetection.attributesMax) attributes",
            keys.count <= ResourceDetection.attributesMax, found: "it gives \(keys.count)")
        // "Resource detectors that populate resource attributes according to OpenTelemetry semantic conventions MUST
        // ensure that the resource has a Schema URL set to a value that matches the semantic conventions."
        let conventional = keys.first { conventionalRoots.contains($0.prefix { $0 != "." }) }
        findings.expect(
            "attributes of the semantic conventions come with a schema URL",
            conventional == nil || !resource.schemaURL.isEmpty || !resource.entityRefs.isEmpty,
            found: "\(conventional ?? "") has none")
        findings.expect(
            "a schema URL is one",
            resource.schemaURL.isEmpty || resource.schemaURL.hasPrefix("https://")
                || resource.schemaURL.hasPrefix("http://"), found: "it is \"\(resource.schemaURL)\"")
        findings.expect(
            "an entity's keys stand among the attributes",
            resource.entities.count == resource.entityRefs.count,
            found: "some do not")
    }
}
