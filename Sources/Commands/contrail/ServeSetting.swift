// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// The settings of `contrail serve`, as data: parser, help, environment and error messages are made from this
/// list.
enum ServeSetting: String, CaseIterable {
    case host
    case allowedHost = "allowed-host"
    case grpcPort = "grpc-port"
    case httpPort = "http-port"
    case uiPort = "ui-port"
    case dataDirectory = "data-dir"
    case inMemory = "in-memory"
    case retentionAge = "retention-age"
    case retentionBytes = "retention-bytes"
    case retentionDiskShare = "retention-disk-share"
    case samplingStrategies = "sampling-strategies"

    var flag: String { "--" + rawValue }

    /// Name of the environment variable that does the same. The flag wins.
    var environmentName: String { "CONTRAIL_" + rawValue.uppercased().replacing("-", with: "_") }

    /// The value when nobody says anything.
    var defaultText: String {
        switch self {
        case .host: "127.0.0.1"
        case .allowedHost: "none"
        case .grpcPort: "4317"
        case .httpPort: "4318"
        case .uiPort: "16686"
        case .dataDirectory: "$XDG_DATA_HOME/contrail, or ~/.local/share/contrail"
        case .inMemory: "false"
        case .retentionAge: "72h"
        case .retentionBytes: RetentionWords.off
        case .retentionDiskShare: "90%"
        case .samplingStrategies: "none"
        }
    }

    private var explanation: String {
        switch self {
        case .host:
            "Address to listen on. Anyone who can reach it can read and write traces: there is no login."
        case .allowedHost:
            """
            Name under which the page, the API and OTLP over HTTP may be asked besides addresses, localhost and \
            --host, such as that of a container. May be given several times; commas in the environment.
            """
        case .grpcPort: "Port for OTLP over gRPC; 0 picks a free one."
        case .httpPort: "Port for OTLP over HTTP, protobuf and JSON; 0 picks a free one."
        case .uiPort: "Port for the page and the HTTP API; 0 picks a free one."
        case .dataDirectory: "Directory for the traces; made when it is missing. One contrail at a time."
        case .inMemory: "Keep the traces in memory only; they are gone when contrail ends."
        case .retentionAge:
            "What was received longer ago is deleted: 30m, 72h, 14d; off keeps it."
        case .retentionBytes:
            """
            The oldest is deleted when the data takes more than this: 500MB, 20GiB. Traces and logs together; \
            while much is written, up to 64 MiB of write-ahead log come to each.
            """
        case .retentionDiskShare:
            """
            The oldest is deleted when the data takes more than this share of what it takes and the disk has left \
            together.
            """
        case .samplingStrategies:
            """
            File that tells services how to sample, in Jaeger's format; read again when it changes. Services \
            ask for it with OTEL_TRACES_SAMPLER=parentbased_jaeger_remote at the port for OTLP over HTTP.
            """
        }
    }

    /// What stands in the place of the value in the help; nil for a flag without one.
    private var valueName: String? {
        switch self {
        case .host: "address"
        case .allowedHost: "name"
        case .grpcPort, .httpPort, .uiPort: "port"
        case .dataDirectory: "directory"
        case .inMemory: nil
        case .retentionAge: "duration"
        case .retentionBytes: "size"
        case .retentionDiskShare: "percent"
        case .samplingStrategies: "file"
        }
    }

    var name: NameSpecification { .customLong(rawValue) }

    var help: ArgumentHelp {
        ArgumentHelp(
            "\(explanation) (environment: \(environmentName); default: \(defaultText))", valueName: valueName)
    }
}
