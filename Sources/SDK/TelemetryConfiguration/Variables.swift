// SPDX-License-Identifier: Apache-2.0

import TelemetrySDK

extension Variable {
    /// The largest number of milliseconds that a variable may say: about 24 days.
    package static let millisecondsMax = 2_147_483_647
    /// The largest queue that a variable may ask for, in spans; a greater number is refused as a slip.
    package static let queueSpansMax = 1_000_000

    package static let enabled = Variable(
        "OTEL_ENABLED", .boolean, standard: "true", twin: "settings.isEnabled",
        help:
            "Contrail's own switch: `false` turns telemetry off; anything but `true` and `false` is ignored."
    )
    package static let sdkDisabled = Variable(
        "OTEL_SDK_DISABLED", .boolean, standard: "false", twin: "settings.isEnabled",
        help: "`true` turns telemetry off. Incoming trace context and baggage still pass through.")
    package static let logLevel = Variable(
        "OTEL_LOG_LEVEL", .choice(DiagnosticLevel.allCases.map(\.rawValue)), standard: "info",
        twin: "settings.diagnosticLevel", help: "What Contrail logs about itself.")

    package static let serviceName = Variable(
        "OTEL_SERVICE_NAME", .text, standard: "unknown_service:<program>", twin: "settings.service.name",
        help: "`service.name`; wins over the one in `OTEL_RESOURCE_ATTRIBUTES`.")
    package static let resourceAttributes = Variable(
        "OTEL_RESOURCE_ATTRIBUTES", .attributes, standard: "", twin: "settings.resourceAttributes",
        help:
            "Attributes of the resource, `key=value,key=value`, percent-encoded. Any error discards them all."
    )

    package static let entities = Variable(
        "OTEL_ENTITIES", .text, standard: "", twin: "settings.resourceDetectors",
        help:
            "Entities of the resource, `type{id=value}[description=value]@schema;…`, percent-encoded. "
            + "Malformed ones are left out."
    )
    package static let resourceDetectors = Variable(
        "OTEL_EXPERIMENTAL_RESOURCE_DETECTORS", .list(ResourceDetectorSetting.names + ["all", "none"]),
        standard: "process,host,container,k8s", twin: "settings.resourceDetectors",
        help: "Who finds out where the program runs; `all` is the default.")

    package static let propagators = Variable(
        "OTEL_PROPAGATORS", .list(PropagatorSetting.names + ["none"]), standard: "tracecontext,baggage",
        twin: "settings.propagators", help: "The headers that context travels in, in this order.")

    package static let tracesExporter = Variable(
        "OTEL_TRACES_EXPORTER", .list(["otlp", "otlp/stdout", "zipkin", "console", "none"]), standard: "otlp",
        twin: "settings.exporters",
        help:
            "Where spans go. `otlp/stdout` writes OTLP/JSON lines to standard output, `console` a tree for people; "
            + "`.otlpFile(_:)` has no name here.")
    package static let tracesSampler = Variable(
        "OTEL_TRACES_SAMPLER", .choice(SamplerSetting.names), standard: "parentbased_always_on",
        twin: "settings.traces.sampler", help: "Which spans are recorded and sent.")
    package static let tracesSamplerArgument = Variable(
        "OTEL_TRACES_SAMPLER_ARG", .text, standard: "", twin: "settings.traces.sampler",
        help:
            "For the samplers with `traceidratio`: the share of traces to keep, 0 to 1, by default 1. For those "
            + "with `jaeger_remote`: `endpoint=URL,pollingIntervalMs=NUMBER,initialSamplingRate=SHARE`, by default "
            + "`http://localhost:5778/sampling`, 60000 and 0.001; the endpoint is asked over HTTP.")

    package static let batchScheduleDelay = Variable(
        "OTEL_BSP_SCHEDULE_DELAY", .milliseconds(1...millisecondsMax), standard: "5000",
        twin: "settings.traces.batch.scheduleDelay",
        help: "Longest wait of a finished span before it is sent.")
    package static let batchExportTimeout = Variable(
        "OTEL_BSP_EXPORT_TIMEOUT", .milliseconds(0...millisecondsMax), standard: "30000",
        twin: "settings.traces.batch.exportTimeout", help: "Longest export of one batch; 0 is no limit.")
    package static let batchQueueSize = Variable(
        "OTEL_BSP_MAX_QUEUE_SIZE", .count(1...queueSpansMax), standard: "2048",
        twin: "settings.traces.batch.maxQueueSize", help: "Spans that wait at most; further ones are dropped."
    )
    package static let batchSize = Variable(
        "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", .count(1...queueSpansMax), standard: "512",
        twin: "settings.traces.batch.maxExportBatchSize",
        help: "Spans in one export, never more than the queue holds.")

    package static let otlp = OTLPVariables(
        infix: "", standardEndpoint: "http://localhost:4318, for gRPC http://localhost:4317",
        endpointHelp: "Where OTLP goes. For HTTP it is a base: `v1/traces` is appended.", helpTail: "")
    package static let otlpTraces = OTLPVariables(
        infix: "TRACES_", standardEndpoint: "",
        endpointHelp: "Where spans go. For HTTP it is used as it is: nothing is appended.",
        helpTail: " For spans; wins over the variable without `TRACES`.")

    package static let zipkinEndpoint = Variable(
        "OTEL_EXPORTER_ZIPKIN_ENDPOINT", .url, standard: "http://localhost:9411/api/v2/spans",
        twin: ".zipkin(to:)", help: "Where spans go as Zipkin v2 JSON. Nothing is appended.")
    package static let zipkinTimeout = Variable(
        "OTEL_EXPORTER_ZIPKIN_TIMEOUT", .milliseconds(0...millisecondsMax), standard: "10000",
        twin: ".zipkin(timeout:)", help: "Longest export of one batch with all attempts; 0 is no limit.")

    /// Every variable, in the order of the documentation.
    package static let all: [Variable] =
        [
            enabled, sdkDisabled, logLevel, serviceName, resourceAttributes, entities,
            resourceDetectors, propagators, tracesExporter,
            tracesSampler, tracesSamplerArgument, batchScheduleDelay, batchExportTimeout, batchQueueSize,
            batchSize,
        ] + limits + otlp.all + otlpTraces.all + [zipkinEndpoint, zipkinTimeout]
}

/// The variables of the OTLP exporter, general or for one signal.
package struct OTLPVariables: Sendable {
    package let endpoint: Variable
    package let transport: Variable
    package let headers: Variable
    package let timeout: Variable
    package let compression: Variable
    package let insecure: Variable
    package let certificate: Variable
    package let clientCertificate: Variable
    package let clientKey: Variable

    package var all: [Variable] {
        [
            endpoint, transport, headers, timeout, compression, insecure, certificate, clientCertificate,
            clientKey,
        ]
    }

    init(infix: String, standardEndpoint: String, endpointHelp: String, helpTail: String) {
        let isGeneral = infix.isEmpty
        endpoint = Variable(
            "OTEL_EXPORTER_OTLP_\(infix)ENDPOINT", .url, standard: standardEndpoint,
            twin: isGeneral ? ".otlp(to:)" : ".otlp(exactly:)", help: endpointHelp)
        transport = Variable(
            "OTEL_EXPORTER_OTLP_\(infix)PROTOCOL", .choice(OTLPProtocol.allCases.map(\.rawValue)),
            standard: isGeneral ? "http/protobuf" : "", twin: ".otlp(_:)",
            help: "How OTLP is spoken.\(helpTail)")
        headers = Variable(
            "OTEL_EXPORTER_OTLP_\(infix)HEADERS", .headers, standard: "", twin: ".otlp(headers:)",
            help: "Headers of every export, `key=value,key=value`, percent-encoded.\(helpTail)")
        timeout = Variable(
            "OTEL_EXPORTER_OTLP_\(infix)TIMEOUT", .milliseconds(0...Variable.millisecondsMax),
            standard: isGeneral ? "10000" : "", twin: ".otlp(timeout:)",
            help: "Longest export of one batch with all attempts; 0 is no limit.\(helpTail)")
        compression = Variable(
            "OTEL_EXPORTER_OTLP_\(infix)COMPRESSION", .choice(OTLPCompression.allCases.map(\.rawValue)),
            standard: isGeneral ? "none" : "", twin: ".otlp(compression:)",
            help: "How requests are compressed.\(helpTail)")
        insecure = Variable(
            "OTEL_EXPORTER_OTLP_\(infix)INSECURE", .boolean, standard: isGeneral ? "false" : "",
            twin: ".otlp(insecure:)",
            help:
                "Whether a gRPC endpoint that names neither `http://` nor `https://` is dialled without TLS."
                + helpTail)
        certificate = Variable(
            "OTEL_EXPORTER_OTLP_\(infix)CERTIFICATE", .file, standard: isGeneral ? "the system's" : "",
            twin: ".otlp(tls:)",
            help: "Authorities that an https receiver's certificate is checked against, PEM.\(helpTail)")
        clientCertificate = Variable(
            "OTEL_EXPORTER_OTLP_\(infix)CLIENT_CERTIFICATE", .file, standard: "", twin: ".otlp(tls:)",
            help: "The certificate that an https receiver is shown, PEM.\(helpTail)")
        clientKey = Variable(
            "OTEL_EXPORTER_OTLP_\(infix)CLIENT_KEY", .file, standard: "", twin: ".otlp(tls:)",
            help: "The private key to that certificate, PEM, without a password.\(helpTail)")
    }
}
