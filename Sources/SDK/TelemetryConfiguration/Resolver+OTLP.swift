// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetryPropagators
import TelemetrySDK

extension Resolver {
    mutating func otlp(_ code: ExporterSetting.OTLP) -> ResolvedSettings.OTLP {
        let transport = transport(code)
        let endpoint = endpoint(code, transport: transport)
        let timeout = timeout(code)
        return ResolvedSettings.OTLP(
            transport: transport, endpoint: endpoint, headers: headers(code, transport: transport),
            timeout: timeout,
            compression: compression(code), tls: tls(code, endpoint: endpoint),
            headerProvider: code.headerProvider)
    }

    private mutating func transport(_ code: ExporterSetting.OTLP) -> OTLPProtocol {
        var chosen = (OTLPProtocol.httpProtobuf, SettingOrigin.standard)
        // "signal-specific … takes precedence"
        for variable in [Variable.otlp.transport, Variable.otlpTraces.transport] {
            guard let name = readText(variable, else: chosen.0.rawValue),
                let transport = OTLPProtocol(rawValue: name)
            else { continue }
            chosen = (transport, .environment(variable.name))
        }
        if let transport = code.transport { chosen = (transport, .code) }
        note("otlp.protocol", chosen.0.rawValue, chosen.1)
        return chosen.0
    }

    private mutating func endpoint(_ code: ExporterSetting.OTLP, transport: OTLPProtocol) -> EndpointURL {
        var chosen = (url: EndpointURL.standard(for: transport), origin: SettingOrigin.standard)
        let sources: [(text: String?, isExact: Bool, setting: String, origin: SettingOrigin)] = [
            (
                raw(Variable.otlp.endpoint), false, Variable.otlp.endpoint.name,
                .environment(Variable.otlp.endpoint.name)
            ),
            (
                raw(Variable.otlpTraces.endpoint), true, Variable.otlpTraces.endpoint.name,
                .environment(Variable.otlpTraces.endpoint.name)
            ),
            (code.endpoint, code.isExact, code.isExact ? ".otlp(exactly:)" : ".otlp(to:)", .code),
        ]
        let insecure = insecure(code)
        for source in sources {
            guard let text = source.text?.trimmed, !text.isEmpty else { continue }
            do {
                // "OTEL_EXPORTER_OTLP_INSECURE … only applies to OTLP/gRPC when an endpoint is provided
                // without the http or https scheme", default false: such an endpoint is a secure one.
                var url = try EndpointURL(
                    text, schemeIfMissing: transport == .grpc ? insecure == true ? .http : .https : nil)
                if transport != .grpc { url.completePath(isExact: source.isExact) }
                if transport == .grpc, insecure == nil, !text.contains("://") {
                    // Whoever runs a receiver without TLS would otherwise see but connections that fail.
                    warn(
                        source.setting, value: EndpointURL.redacted(text),
                        "names neither http:// nor https://", using: "TLS: \(url.description)")
                }
                chosen = (url, source.origin)
            } catch {
                warn(
                    source.setting, value: EndpointURL.redacted(text), error.description,
                    using: chosen.url.description)
            }
        }
        note("otlp.endpoint", chosen.url.description, chosen.origin)
        return chosen.url
    }

    private mutating func headers(
        _ code: ExporterSetting.OTLP, transport: OTLPProtocol
    ) -> [(name: String, value: String)] {
        var chosen: (pairs: [VariableValue.Pair], setting: String, origin: SettingOrigin) = (
            [], "", .standard
        )
        for variable in [Variable.otlp.headers, Variable.otlpTraces.headers] {
            guard case .pairs(let pairs) = read(variable, else: "none") else { continue }
            chosen = (pairs, variable.name, .environment(variable.name))
        }
        if let headers = code.headers {
            let pairs = headers.sorted { $0.key < $1.key }.map {
                VariableValue.Pair(key: $0.key.lowercased(), value: $0.value)
            }
            chosen = (pairs, ".otlp(headers:)", .code)
        }
        let rules: ExportHeaderRules = transport == .grpc ? .grpc : .http
        let good = chosen.pairs.enumerated().filter { index, header in
            guard let problem = rules.problem(name: header.key, value: header.value) else { return true }
            // A name that is none may be a part of somebody's secret.
            let name = header.key.utf8.allSatisfy(\.isTokenCharacter) ? header.key : "\(index + 1)"
            warn(
                chosen.setting, value: nil, "has a header \(name) that \(problem)", using: "the other headers"
            )
            return false
        }.map(\.element)
        if !good.isEmpty {
            note("otlp.headers", good.map { "\($0.key)=…" }.joined(separator: ","), chosen.origin)
        }
        return good.map { ($0.key, $0.value) }
    }

    private mutating func timeout(_ code: ExporterSetting.OTLP) -> Duration {
        var chosen = (Duration.milliseconds(10_000), SettingOrigin.standard)
        for variable in [Variable.otlp.timeout, Variable.otlpTraces.timeout] {
            guard case .number(let number) = read(variable, else: "\(chosen.0)") else { continue }
            chosen = (.milliseconds(number), .environment(variable.name))
        }
        if let timeout = code.timeout {
            if timeout >= .zero {
                chosen = (timeout, .code)
            } else {
                warn(".otlp(timeout:)", value: "\(timeout)", "is negative", using: "\(chosen.0)")
            }
        }
        note("otlp.timeout", chosen.0 == .zero ? "no limit" : "\(chosen.0)", chosen.1)
        return chosen.0
    }

    private mutating func compression(_ code: ExporterSetting.OTLP) -> OTLPCompression {
        var chosen = (OTLPCompression.none, SettingOrigin.standard)
        for variable in [Variable.otlp.compression, Variable.otlpTraces.compression] {
            guard let name = readText(variable, else: chosen.0.rawValue),
                let compression = OTLPCompression(rawValue: name)
            else { continue }
            chosen = (compression, .environment(variable.name))
        }
        if let compression = code.compression { chosen = (compression, .code) }
        note("otlp.compression", chosen.0.rawValue, chosen.1)
        return chosen.0
    }

    /// Nil when nobody said.
    private mutating func insecure(_ code: ExporterSetting.OTLP) -> Bool? {
        var chosen: Bool?
        for variable in [Variable.otlp.insecure, Variable.otlpTraces.insecure] {
            if case .boolean(let isInsecure) = read(variable, else: "\(chosen ?? false)") {
                chosen = isInsecure
            }
        }
        return code.insecure ?? chosen
    }

    private mutating func tls(_ code: ExporterSetting.OTLP, endpoint: EndpointURL) -> OTLPTLSFiles {
        var files = OTLPTLSFiles()
        let parts:
            [(
                path: WritableKeyPath<OTLPTLSFiles, String?>,
                setting: WritableKeyPath<OTLPTLSFiles.Settings, String>,
                variable: KeyPath<OTLPVariables, Variable>, name: String
            )] = [
                (\.certificate, \.certificate, \.certificate, "certificate"),
                (\.clientCertificate, \.clientCertificate, \.clientCertificate, "clientCertificate"),
                (\.clientKey, \.clientKey, \.clientKey, "clientKey"),
            ]
        for part in parts {
            // So that an error about a file that is missing names the variable to set.
            files.settings[keyPath: part.setting] = Variable.otlp[keyPath: part.variable].name
            var origin = SettingOrigin.standard
            for variables in [Variable.otlp, Variable.otlpTraces] {
                let variable = variables[keyPath: part.variable]
                guard let path = readText(variable, else: "none") else { continue }
                if let problem = OTLPTLSFiles.problem(ofPath: path) {
                    warn(variable.name, value: nil, problem, using: files[keyPath: part.path] ?? "none")
                    continue
                }
                files[keyPath: part.path] = path
                files.settings[keyPath: part.setting] = variable.name
                origin = .environment(variable.name)
            }
            if let path = code.tls?[keyPath: part.path] {
                let setting = ".otlp(tls: .init(\(part.name):))"
                if let problem = OTLPTLSFiles.problem(ofPath: path) {
                    warn(setting, value: nil, problem, using: files[keyPath: part.path] ?? "none")
                } else {
                    files[keyPath: part.path] = path
                    files.settings[keyPath: part.setting] = setting
                    origin = .code
                }
            }
            guard let path = files[keyPath: part.path] else { continue }
            note("otlp.\(part.name)", path, origin)
            if endpoint.scheme == .http {
                warn(
                    files.settings[keyPath: part.setting], value: path, "is not used",
                    using: "no TLS: \(endpoint.description)")
            }
        }
        return endpoint.scheme == .http ? OTLPTLSFiles() : files
    }
}

extension EndpointURL {
    /// "default http://localhost:4318 for HTTP, http://localhost:4317 for gRPC"
    static func standard(for transport: OTLPProtocol) -> EndpointURL {
        switch transport {
        case .grpc: EndpointURL(host: "localhost", port: 4_317, path: "")
        case .httpProtobuf, .httpJSON: EndpointURL(host: "localhost", port: 4_318, path: "/v1/traces")
        }
    }

    // "the per-signal URL … MUST be used as-is without any modification. The only exception is that if an
    // URL contains no path part, the root path / MUST be used." and "v1/traces is appended … relative to the
    // base"
    fileprivate mutating func completePath(isExact: Bool) {
        if isExact {
            if path.isEmpty { path = "/" }
        } else {
            path += path.hasSuffix("/") ? "v1/traces" : "/v1/traces"
        }
    }
}
