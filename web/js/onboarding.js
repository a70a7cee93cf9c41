// SPDX-License-Identifier: Apache-2.0
// What the page says before the first span: where to point a service.

import { copyButton, h } from "./dom.js";

/** Default ports of `contrail serve`. */
const ports = { http: 4318, grpc: 4317 };

/** Where services on this machine send to. */
export function onboarding() {
    const host = location.hostname || "127.0.0.1";
    return h(
        "div", { class: "onboarding" },
        h("p", { class: "waiting" },
            h("span", { class: "pulse", "aria-hidden": "true" }), "Waiting for the first span"),
        h("h2", {}, "Point a service here"),
        h("p", {}, "Any OpenTelemetry SDK, in any language. Over HTTP (protobuf or JSON):"),
        snippet(`export OTEL_EXPORTER_OTLP_ENDPOINT=http://${host}:${ports.http}\n`
            + "export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"),
        h("p", {}, "or over gRPC:"),
        snippet(`export OTEL_EXPORTER_OTLP_ENDPOINT=http://${host}:${ports.grpc}\n`
            + "export OTEL_EXPORTER_OTLP_PROTOCOL=grpc"),
        h("p", { class: "hint" },
            "These are the default ports; the line that ", h("code", {}, "contrail serve"),
            " prints at its start names the ones in use. Traces appear here by themselves."),
    );
}

/** @param {string} text */
function snippet(text) {
    return h("div", { class: "snippet" }, h("pre", {}, h("code", {}, text)), copyButton(() => text, "Copy"));
}
