// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@Suite("Tidy: arrows")
struct ArrowTests {
    /// Lowest floor first. A target may use what stands on a lower floor of its own tower, and the ground.
    private static let floors: [[String]] = [
        [
            "TelemetryModel", "CTelemetryRuntime", "CWebAssets", "CZlib", "CZstd", "CAllocator",
            "HTTPConventions",
        ],
        ["OTLPWire"],
        ["GRPCWire"],
        ["TelemetryAPI", "TelemetryStorage", "TraceAnalysis"],
        ["TelemetrySDK", "TelemetryStorageSQLite"],
        ["ExportCompression", "ExportSecurity", "ExportTasks"],
        ["ExportHTTP"],
        [
            "TelemetryPropagators", "TelemetryResources", "OTLPHTTPExporter", "OTLPGRPCExporter",
            "OTLPFileExporter",
            "ZipkinExporter",
        ],
        ["TelemetryConfiguration", "ContrailTesting", "OTLPReceiver", "BackendHTTPAPI", "WebUI"],
        ["Contrail"],
        ["ContrailHummingbird", "ContrailHTTPClient", "ContrailGRDB"],
        ["BackendServer"],
        ["ContrailCommand"],
    ]

    @Test("every target stands on a floor, and arrows point down only")
    func arrowsPointDown() throws {
        let graph = try PackageGraph()
        let floor = Dictionary(
            uniqueKeysWithValues: Self.floors.enumerated().flatMap { floor in
                floor.element.map { ($0, floor.offset) }
            })
        var wrong: [String] = []
        for target in graph.targets where target.path.hasPrefix("Sources/") {
            guard let own = floor[target.name] else {
                wrong.append("\(target.name) stands on no floor")
                continue
            }
            for other in target.targets where (floor[other] ?? .max) >= own {
                wrong.append("\(target.name) → \(other)")
            }
        }
        #expect(wrong == [])
    }

    @Test("the SDK and the backend meet on the ground only")
    func towersMeetOnTheGround() throws {
        let graph = try PackageGraph()
        func tower(_ name: String) -> Substring? { graph[name]?.path.split(separator: "/").dropFirst().first }
        var wrong: [String] = []
        for target in graph.targets {
            for other in target.targets {
                switch (tower(target.name), tower(other)) {
                case ("SDK", "Backend"), ("Instrumentations", "Backend"), ("SDK", "Instrumentations"),
                    ("Ground", "SDK"), ("Ground", "Backend"):
                    wrong.append("\(target.name) → \(other)")
                case ("Backend", "SDK"), ("Backend", "Instrumentations"):
                    // The program may observe itself, and it alone.
                    if target.name != "BackendServer" { wrong.append("\(target.name) → \(other)") }
                default: break
                }
            }
        }
        #expect(wrong == [])
    }

    @Test(
        "a pure room imports neither Foundation nor network nor database",
        arguments: [
            "TelemetryModel", "OTLPWire", "GRPCWire", "TraceAnalysis", "TelemetryAPI", "TelemetrySDK",
            "TelemetryStorage",
        ])
    func pureRooms(name: String) throws {
        let graph = try PackageGraph()
        let path = try #require(graph[name]?.path)
        let banned = [
            "Foundation", "FoundationEssentials", "NIO", "GRDB", "Hummingbird", "AsyncHTTPClient", "GRPCCore",
            "GRPCNIO",
        ]
        let found = SourceTree(endings: [".swift"], under: [path]).lines { line in
            guard let module = importedModule(line) else { return false }
            return banned.contains { module.hasPrefix($0) }
        }
        #expect(found == [])
    }

    @Test("stores know nothing of HTTP, and the HTTP API knows no SQL")
    func storesAndAPI() {
        let stores = SourceTree(endings: [".swift"], under: ["Sources/Backend/TelemetryStorageSQLite"])
        #expect(stores.lines { ["Hummingbird", "NIOHTTP1"].contains(importedModule($0) ?? "") } == [])
        let api = SourceTree(endings: [".swift"], under: ["Sources/Backend/BackendHTTPAPI"])
        #expect(api.lines { ["GRDB", "TelemetryStorageSQLite"].contains(importedModule($0) ?? "") } == [])
    }

    @Test("every library target has tests")
    func everyLibraryHasTests() throws {
        let graph = try PackageGraph()
        // Contracts and values without behaviour of their own, tested through those who keep them.
        let throughOthers = ["TelemetryStorage"]
        let without = graph.targets.filter { target in
            target.type == "regular" && target.path.hasPrefix("Sources/") && !target.name.hasPrefix("C" + "W")
                && !target.name.hasPrefix("CT") && !throughOthers.contains(target.name)
                && graph["\(target.name)Tests"] == nil
        }
        #expect(without.map(\.name) == [])
    }

    private func importedModule(_ line: Substring) -> String? {
        let words = line.code.split(separator: " ")
        guard let index = words.firstIndex(of: "import"), index <= 2, index + 1 < words.count else {
            return nil
        }
        return words[index + 1].split(separator: ".").first.map(String.init)
    }
}
