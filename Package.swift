// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

/// Compiler settings of every target, in one place.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableExperimentalFeature("Lifetimes"),
]

extension Target.Dependency {
    static let tracing = product(name: "Tracing", package: "swift-distributed-tracing")
    static let instrumentation = product(name: "Instrumentation", package: "swift-distributed-tracing")
    static let serviceContext = product(name: "ServiceContextModule", package: "swift-service-context")
    static let logging = product(name: "Logging", package: "swift-log")
    static let metrics = product(name: "CoreMetrics", package: "swift-metrics")
    static let lifecycle = product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
    static let unixSignals = product(name: "UnixSignals", package: "swift-service-lifecycle")
    static let httpTypes = product(name: "HTTPTypes", package: "swift-http-types")
    static let nioCore = product(name: "NIOCore", package: "swift-nio")
    static let nioHTTP1 = product(name: "NIOHTTP1", package: "swift-nio")
    static let nioPosix = product(name: "NIOPosix", package: "swift-nio")
    static let nioHTTP2 = product(name: "NIOHTTP2", package: "swift-nio-http2")
    static let nioHPACK = product(name: "NIOHPACK", package: "swift-nio-http2")
    static let nioTLS = product(name: "NIOTLS", package: "swift-nio")
    static let nioSSL = product(name: "NIOSSL", package: "swift-nio-ssl")
    static let httpClient = product(name: "AsyncHTTPClient", package: "async-http-client")
    static let hummingbird = product(name: "Hummingbird", package: "hummingbird")
    static let hummingbirdCore = product(name: "HummingbirdCore", package: "hummingbird")
    static let hummingbirdTesting = product(name: "HummingbirdTesting", package: "hummingbird")
    static let grpc = product(name: "GRPCCore", package: "grpc-swift-2")
    static let grpcTransport = product(name: "GRPCNIOTransportHTTP2", package: "grpc-swift-nio-transport")
    static let grdb = product(name: "GRDB", package: "GRDB.swift")
    static let argumentParser = product(name: "ArgumentParser", package: "swift-argument-parser")
}

/// A library target in `Sources/<floor>/<name>`.
func room(_ name: String, on floor: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: "Sources/\(floor)/\(name)", swiftSettings: strict)
}

/// The tests of one target, in `Tests/<name>Tests`.
func tests(of name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.byName(name: name)] + dependencies,
        path: "Tests/\(name)Tests", swiftSettings: strict)
}

/// Code that several test targets use, in `Tests/Support/<name>`.
func testSupport(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: "Tests/Support/\(name)", swiftSettings: strict)
}

/// One service of the example shop, in `Examples/Shop/<name>`.
func shopService(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .executableTarget(
        name: "Shop\(name)",
        dependencies: ["Contrail", "ContrailHummingbird", "ShopCommon", .hummingbird, .tracing, .logging]
            + dependencies,
        path: "Examples/Shop/\(name)", swiftSettings: strict)
}

/// A program that measures, in `Benchmarks/<name>`.
func benchmark(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies, path: "Benchmarks/\(name)", swiftSettings: strict)
}

let package = Package(
    name: "contrail",
    platforms: [.macOS(.v15), .iOS(.v18), .tvOS(.v18), .watchOS(.v11), .visionOS(.v2)],
    products: [
        .library(name: "Contrail", targets: ["Contrail"]),
        .library(name: "ContrailHummingbird", targets: ["ContrailHummingbird"]),
        .library(name: "ContrailHTTPClient", targets: ["ContrailHTTPClient"]),
        .library(name: "ContrailGRDB", targets: ["ContrailGRDB"]),
        .library(name: "ContrailTesting", targets: ["ContrailTesting"]),
        .library(name: "TelemetryAPI", targets: ["TelemetryAPI"]),
        .library(name: "TelemetrySDK", targets: ["TelemetrySDK"]),
        .library(name: "TelemetryPropagators", targets: ["TelemetryPropagators"]),
        .library(name: "TelemetryResources", targets: ["TelemetryResources"]),
        .library(name: "OTLPHTTPExporter", targets: ["OTLPHTTPExporter"]),
        .library(name: "OTLPGRPCExporter", targets: ["OTLPGRPCExporter"]),
        .library(name: "OTLPFileExporter", targets: ["OTLPFileExporter"]),
        .library(name: "ZipkinExporter", targets: ["ZipkinExporter"]),
        .executable(name: "contrail", targets: ["ContrailCommand"]),
        .executable(name: "shop-gateway", targets: ["ShopGateway"]),
        .executable(name: "shop-items", targets: ["ShopItems"]),
        .executable(name: "shop-pricing", targets: ["ShopPricing"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-distributed-tracing.git", from: "1.7.0"),
        .package(url: "https://github.com/apple/swift-service-context.git", from: "1.3.0"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.14.0"),
        .package(url: "https://github.com/apple/swift-metrics.git", from: "2.9.0"),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-http2.git", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.0"),
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
        .package(url: "https://github.com/swift-server/async-http-client.git", from: "1.37.0"),
        // Named, not the defaults: several traits come in another order each time, and the compiler starts afresh.
        .package(
            url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.0",
            traits: ["FullFoundation"]),
        // Of tests and benchmarks alone: the other end that is not ours.
        .package(url: "https://github.com/grpc/grpc-swift-2.git", from: "2.4.0"),
        .package(url: "https://github.com/grpc/grpc-swift-nio-transport.git", from: "2.9.0"),
        .package(url: "https://github.com/groue/GRDB.swift.git", from: "7.10.0"),
    ],
    targets: [
        // Ground: no Foundation, no NIO, no database.
        room("TelemetryModel", on: "Ground"),
        room("OTLPWire", on: "Ground", ["TelemetryModel"]),
        room("GRPCWire", on: "Ground", ["OTLPWire"]),
        .systemLibrary(
            name: "CZlib", path: "Sources/Ground/CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]
        ),

        // The SDK tower.
        .target(name: "CTelemetryRuntime", path: "Sources/SDK/CTelemetryRuntime"),
        room(
            "TelemetryAPI", on: "SDK",
            ["TelemetryModel", "CTelemetryRuntime", .tracing, .instrumentation, .serviceContext]),
        room(
            "TelemetrySDK", on: "SDK",
            [
                "TelemetryAPI", "TelemetryModel", "OTLPWire", "CTelemetryRuntime", .tracing, .serviceContext,
                .logging, .metrics, .lifecycle,
            ]),
        room(
            "TelemetryPropagators", on: "SDK",
            ["TelemetryAPI", "TelemetryModel", .instrumentation, .serviceContext]),
        room("TelemetryResources", on: "SDK", ["TelemetryModel"]),
        room(
            "TelemetryConfiguration", on: "SDK",
            ["TelemetryModel", "TelemetryAPI", "TelemetrySDK", "TelemetryPropagators", "TelemetryResources"]),
        room("ExportSecurity", on: "SDK", ["TelemetrySDK", .nioCore, .nioPosix, .nioSSL]),
        room("ExportTasks", on: "SDK", [.nioCore]),
        room("ExportCompression", on: "SDK", ["CZlib", .nioCore]),
        room(
            "ExportHTTP", on: "SDK",
            [
                "ExportSecurity", "ExportTasks", "TelemetrySDK", .httpClient, .nioCore, .nioHTTP1, .nioPosix,
                .nioSSL,
            ]),
        room(
            "OTLPHTTPExporter", on: "SDK",
            [
                "ExportCompression", "ExportSecurity", "ExportHTTP", "TelemetrySDK", "TelemetryModel",
                "OTLPWire", .nioCore, .nioHTTP1,
            ]),
        room(
            "OTLPGRPCExporter", on: "SDK",
            [
                "ExportCompression", "ExportSecurity", "ExportTasks", "TelemetrySDK", "TelemetryModel",
                "OTLPWire", "GRPCWire", .nioCore, .nioPosix, .nioHTTP2, .nioHPACK, .nioTLS, .nioSSL,
            ]),
        room("OTLPFileExporter", on: "SDK", ["TelemetrySDK", "TelemetryModel", "OTLPWire"]),
        room(
            "ZipkinExporter", on: "SDK",
            [
                "ExportHTTP", "TelemetrySDK", "TelemetryModel", "OTLPWire", .nioCore, .nioHTTP1,
                .serviceContext,
            ]),
        room(
            "Contrail", on: "SDK",
            [
                "TelemetryAPI", "TelemetrySDK", "TelemetryModel", "TelemetryPropagators",
                "TelemetryResources", "TelemetryConfiguration", "OTLPHTTPExporter",
                "OTLPFileExporter", "ZipkinExporter", "OTLPGRPCExporter",
                .tracing, .logging, .lifecycle, .serviceContext, .httpTypes, .httpClient, .nioCore, .nioHTTP1,
                .nioPosix,
            ]),
        room(
            "ContrailTesting", on: "SDK",
            [
                "TelemetryAPI", "TelemetrySDK", "TelemetryModel", "TelemetryPropagators",
                "TelemetryResources", .tracing, .instrumentation, .serviceContext,
            ]),

        // Instrumentations.
        room("HTTPConventions", on: "Instrumentations"),
        room(
            "ContrailHummingbird", on: "Instrumentations",
            [
                "HTTPConventions", "TelemetryModel", .hummingbird, .tracing, .instrumentation, .httpTypes,
                .nioCore,
            ]),
        room(
            "ContrailHTTPClient", on: "Instrumentations",
            ["HTTPConventions", .httpClient, .tracing, .instrumentation, .nioCore, .nioHTTP1]),
        room("ContrailGRDB", on: "Instrumentations", [.grdb, .tracing]),

        // The backend tower.
        room("TelemetryStorage", on: "Backend", ["TelemetryModel"]),
        room(
            "TelemetryStorageSQLite", on: "Backend",
            ["TelemetryStorage", "TelemetryModel", "OTLPWire", "CZlib", "CZstd", .grdb]),
        room("TraceAnalysis", on: "Backend", ["TelemetryModel"]),
        room(
            "OTLPReceiver", on: "Backend",
            [
                "TelemetryStorage", "TelemetryModel", "OTLPWire", "GRPCWire", "CZlib", .hummingbird, .nioCore,
                .nioPosix, .nioHTTP2, .nioHPACK, .httpTypes,
            ]),
        room(
            "BackendHTTPAPI", on: "Backend",
            [
                "TelemetryStorage", "TelemetryModel", "OTLPWire", "TraceAnalysis", .hummingbird, .httpTypes,
                .nioCore,
            ]),
        .target(name: "CWebAssets", path: "Sources/Backend/CWebAssets"),
        room("WebUI", on: "Backend", ["CWebAssets", .hummingbird, .httpTypes, .nioCore]),
        .systemLibrary(
            name: "CZstd", path: "Sources/Backend/CZstd", pkgConfig: "libzstd",
            providers: [.apt(["libzstd-dev"])]
        ),
        room(
            "BackendServer", on: "Backend",
            [
                "OTLPReceiver", "BackendHTTPAPI", "WebUI", "TelemetryStorage", "TelemetryStorageSQLite",
                "OTLPWire", .hummingbird, .hummingbirdCore, .httpTypes, .lifecycle, .logging, .nioCore,
                .nioHTTP1, .nioPosix,
            ]),

        // Commands.
        .systemLibrary(name: "CAllocator", path: "Sources/Commands/CAllocator"),
        .executableTarget(
            name: "ContrailCommand",
            dependencies: [
                "BackendServer", "BackendHTTPAPI", "TelemetryStorage", "TelemetryStorageSQLite",
                "TraceAnalysis", "CAllocator",
                "TelemetryModel", "OTLPWire", "OTLPReceiver", "CZstd", .httpClient, .nioCore, .nioHTTP1,
                .argumentParser,
                .logging, .lifecycle, .unixSignals,
            ],
            path: "Sources/Commands/contrail", swiftSettings: strict),

        // Examples and benchmarks.
        .target(
            name: "ShopCommon", dependencies: [.grdb, .nioCore], path: "Examples/Shop/Common",
            swiftSettings: strict),
        shopService("Gateway", ["ContrailHTTPClient", .httpClient, .nioCore, .nioHTTP1]),
        shopService(
            "Items", ["ContrailHTTPClient", "ContrailGRDB", .httpClient, .grdb, .nioCore, .nioHTTP1]),
        shopService("Pricing"),
        .target(name: "CAllocationCounter", path: "Benchmarks/CAllocationCounter"),
        benchmark(
            "SpanPath",
            [
                "Contrail", "OTLPGRPCExporter", "TelemetryAPI", "TelemetryModel", "TelemetryPropagators",
                "TelemetrySDK", "CAllocationCounter",
                .tracing, .instrumentation, .serviceContext, .logging,
            ]),
        benchmark(
            "Delivery",
            [
                "Contrail", "OTLPHTTPExporter", "OTLPGRPCExporter", "TelemetryAPI", "TelemetrySDK", .grpc,
                .grpcTransport, .nioCore, .nioHTTP1, .nioPosix,
            ]),
        benchmark("LogPath", ["TelemetryStorageSQLite", "TelemetryStorage", "OTLPWire", "TelemetryModel"]),
        benchmark(
            "ReceivePath",
            [
                "BackendServer", "TelemetryStorageSQLite", "TelemetryStorage", "TelemetryModel", .lifecycle,
                .logging, .unixSignals,
            ]),
        benchmark("StorePath", ["TelemetryStorageSQLite", "TelemetryStorage", "TelemetryModel", "OTLPWire"]),

        // Tests.
        testSupport("ChildProcess"),
        testSupport("GzipFixtures", ["CZlib", .nioCore]),
        testSupport("WireFixtures", ["TelemetryModel", "OTLPWire"]),
        testSupport("StorageContract", ["TelemetryModel", "TelemetryStorage", "OTLPWire", "WireFixtures"]),
        testSupport(
            "Loopback",
            [
                "TelemetryModel", "OTLPWire", "GzipFixtures", .hummingbird, .grpc, .grpcTransport, .nioCore,
                .nioHTTP1, .nioPosix, .nioSSL, .logging, .lifecycle,
            ]),
        testSupport("Certificates", ["ChildProcess"]),
        testSupport("ExportFixtures", ["TelemetrySDK", "TelemetryModel", "Loopback", "Certificates"]),
        testSupport(
            "FaultyReceiver",
            ["TelemetryModel", "OTLPWire", .nioCore, .nioHTTP1, .nioHTTP2, .nioHPACK, .nioPosix, .nioSSL]),
        tests(of: "TelemetryModel"),
        .testTarget(
            name: "OTLPWireTests",
            dependencies: ["OTLPWire", "TelemetryModel", "WireFixtures", "ChildProcess"],
            path: "Tests/OTLPWireTests", exclude: ["peer.py"], swiftSettings: strict),
        tests(of: "GRPCWire"),
        tests(of: "TelemetryAPI", ["TelemetryModel", .instrumentation, .serviceContext]),
        tests(
            of: "TelemetrySDK",
            [
                "TelemetryAPI", "CTelemetryRuntime", "TelemetryModel", "OTLPWire", "TelemetryPropagators",
                "ContrailTesting", "ChildProcess", .tracing, .logging, .metrics, .serviceContext,
            ]),
        tests(
            of: "TelemetryPropagators",
            ["TelemetryAPI", "TelemetryModel", "CAllocationCounter", .instrumentation, .serviceContext]),
        tests(of: "TelemetryResources", ["TelemetryModel", "ContrailTesting"]),
        tests(
            of: "TelemetryConfiguration",
            [
                "TelemetryAPI", "TelemetrySDK", "TelemetryModel", "TelemetryPropagators",
                "TelemetryResources",
            ]),
        tests(of: "ExportSecurity", ["TelemetrySDK", "Certificates", .nioSSL]),
        tests(of: "ExportTasks", [.nioCore, .nioPosix]),
        tests(of: "ExportCompression", ["GzipFixtures", .nioCore]),
        tests(of: "ExportHTTP", ["ExportSecurity", "TelemetrySDK", .nioCore, .nioHTTP1]),
        tests(
            of: "OTLPHTTPExporter",
            [
                "TelemetrySDK", "TelemetryModel", "OTLPWire", "Loopback", "ExportFixtures", "Certificates",
                "ContrailTesting", .nioCore,
            ]),
        tests(
            of: "OTLPGRPCExporter",
            [
                "TelemetrySDK", "TelemetryModel", "OTLPWire", "Loopback", "ExportFixtures", "Certificates",
                "ContrailTesting", "ExportCompression", "GRPCWire", .nioCore, .nioHPACK, .grpc,
            ]),
        tests(
            of: "OTLPFileExporter",
            ["TelemetryAPI", "TelemetrySDK", "TelemetryModel", "OTLPWire", "ContrailTesting", "ChildProcess"]),
        tests(
            of: "ZipkinExporter",
            ["TelemetrySDK", "TelemetryModel", "Loopback", "ContrailTesting", "ChildProcess", .nioCore]),
        tests(
            of: "Contrail",
            [
                "ContrailTesting", "ChildProcess", "TelemetryAPI", "TelemetrySDK", "TelemetryModel",
                "OTLPWire", "Loopback", .tracing, .logging, .metrics, .lifecycle, .unixSignals,
                .serviceContext,
            ]),
        tests(
            of: "ContrailTesting",
            [
                "TelemetryAPI", "TelemetrySDK", "TelemetryModel", "TelemetryPropagators",
                "TelemetryResources", .tracing, .instrumentation, .serviceContext,
            ]),
        tests(of: "HTTPConventions"),
        tests(
            of: "ContrailHummingbird",
            [
                "ContrailTesting", "TelemetryPropagators", "TelemetryModel", "TelemetrySDK", .hummingbird,
                .hummingbirdTesting, .tracing, .httpClient, .httpTypes, .nioCore,
            ]),
        tests(
            of: "ContrailHTTPClient",
            [
                "ContrailTesting", "TelemetryPropagators", "TelemetryModel", .httpClient, .tracing,
                .hummingbird, .hummingbirdTesting, .httpTypes, .nioCore, .nioHTTP1,
            ]),
        tests(
            of: "ContrailGRDB",
            ["ContrailTesting", "TelemetryModel", "ChildProcess", .grdb, .tracing]),
        tests(
            of: "TelemetryStorageSQLite",
            [
                "TelemetryStorage", "TelemetryModel", "OTLPWire", "StorageContract", "WireFixtures", "CZlib",
                .grdb,
            ]),
        tests(of: "TraceAnalysis", ["TelemetryModel"]),
        tests(
            of: "OTLPReceiver",
            ["TelemetryStorage", "TelemetryModel", "OTLPWire", "GzipFixtures", .nioCore]),
        tests(
            of: "BackendHTTPAPI",
            [
                "ChildProcess", "TelemetryStorage", "TelemetryModel", "OTLPWire", .hummingbird,
                .hummingbirdTesting, .httpTypes, .nioCore,
            ]),
        tests(of: "WebUI", ["ChildProcess", .hummingbird, .hummingbirdTesting]),
        tests(
            of: "BackendServer",
            [
                "OTLPReceiver", "TelemetryStorage", "TelemetryModel", "OTLPWire", "GzipFixtures",
                "OTLPHTTPExporter", "TelemetrySDK", "ExportFixtures", "ChildProcess", .httpClient, .grpc,
                .grpcTransport, .nioCore, .nioPosix, .nioHTTP1, .nioHTTP2, .nioHPACK, .logging, .lifecycle,
            ]),
        tests(
            of: "ContrailCommand",
            [
                "ChildProcess", "BackendServer", "TelemetryModel", "OTLPWire", "WireFixtures", "Loopback",
                "GzipFixtures", .httpClient, .nioCore, .nioHTTP1, .argumentParser, "Contrail",
                "TelemetryAPI", "TelemetryConfiguration", "TelemetrySDK", .tracing, .instrumentation,
                .logging,
            ]),
        .testTarget(
            name: "InteropTests",
            dependencies: [
                "TelemetryModel", "OTLPWire", "ChildProcess", "Loopback", "ContrailTesting", "TelemetryAPI",
                "TelemetrySDK", "OTLPHTTPExporter", "TelemetryPropagators", "ContrailHummingbird",
                "ContrailHTTPClient", .httpClient, .hummingbird, .hummingbirdTesting, .tracing, .nioCore,
                .nioHTTP1,
            ],
            path: "Tests/Interop", exclude: ["fastapi-items", "python-logs", "decode_export.py"],
            swiftSettings: strict),
        .testTarget(
            name: "ExportFaultTests",
            dependencies: [
                "OTLPHTTPExporter", "OTLPGRPCExporter", "TelemetryAPI", "TelemetryModel", "TelemetrySDK",
                "OTLPWire", "FaultyReceiver", "Loopback", "WireFixtures", "ChildProcess", "Certificates",
                .nioHTTP2, .nioSSL,
            ],
            path: "Tests/ExportFaults", swiftSettings: strict),
        .testTarget(
            name: "SnippetTests",
            dependencies: [
                "Contrail", "ContrailHummingbird", "ContrailHTTPClient", "ContrailGRDB", "ContrailTesting",
                "TelemetryAPI", "TelemetryModel", "TelemetrySDK", "TelemetryPropagators",
                "TelemetryResources",
                "OTLPHTTPExporter", "OTLPGRPCExporter", "OTLPFileExporter", "ZipkinExporter",
                .hummingbird, .httpClient, .grdb, .httpTypes, .tracing, .serviceContext, .logging,
            ],
            path: "Tests/SnippetTests", swiftSettings: strict),
        .testTarget(name: "TidyTests", path: "Tests/TidyTests", swiftSettings: strict),
    ]
)
