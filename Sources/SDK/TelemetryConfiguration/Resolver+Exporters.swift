// SPDX-License-Identifier: Apache-2.0

import TelemetrySDK

extension Resolver {
    mutating func exporters(_ code: TelemetrySettings) -> [ResolvedSettings.Exporter] {
        let standard = [ExporterSetting.otlp()]
        var variable: [ExporterSetting]?
        if case .list(let names) = read(.tracesExporter, else: Variable.tracesExporter.standard) {
            variable = names.compactMap { name in
                switch name {
                case "otlp": .otlp()
                case "otlp/stdout": .otlpStandardOutput
                case "zipkin": .zipkin()
                case "console": .console
                default: nil
                }
            }
        }
        let (chosen, origin) = choose(code.exporters, variable, .tracesExporter, standard)
        note("exporters", chosen.isEmpty ? "none" : chosen.map(\.shown).joined(separator: ","), origin)
        return chosen.map { setting in
            switch setting.kind {
            case .otlp(let code): .otlp(otlp(code))
            case .otlpFile(let file):
                .otlpFile(.init(path: file.path, bytesMax: file.bytesMax, filesMax: file.filesMax))
            case .zipkin(let code): .zipkin(zipkin(code))
            case .console: .console
            case .custom(let exporter): .custom(exporter)
            }
        }
    }
}

extension ExporterSetting {
    fileprivate var shown: String {
        switch kind {
        case .otlp: "otlp"
        case .otlpFile(let file): "otlp/\(file.path ?? "stdout")"
        case .zipkin: "zipkin"
        case .console: "console"
        case .custom(let exporter): "\(type(of: exporter))"
        }
    }
}
