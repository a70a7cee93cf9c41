// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

let package = Package(
    name: "stranger",
    platforms: [.macOS(.v15)],
    dependencies: [
        // Elsewhere: .package(url: "<this repository>", from: "0.1.0"),
        .package(name: "contrail", path: "../.."),
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.0"),
    ],
    targets: [
        .executableTarget(
            name: "stranger",
            dependencies: [
                .product(name: "Contrail", package: "contrail"),
                .product(name: "ContrailHummingbird", package: "contrail"),
                .product(name: "Hummingbird", package: "hummingbird"),
            ])
    ]
)
