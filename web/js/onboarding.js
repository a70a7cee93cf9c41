// SPDX-License-Identifier: Apache-2.0
// What the page says before the first span: where to point a service.

import { fetchReceivers } from "./api.js";
import { copyButton, h } from "./dom.js";

/** Where services on this machine send to: filled when the server has told its ports. */
export function onboarding() {
    const element = h("div", { class: "onboarding" });
    void fetchReceivers().then((ports) => element.replaceChildren(...content(ports)));
    return element;
}

/** @param {import("./api.js").Receivers} ports */
function content(ports) {
    const host = location.hostname || "127.0.0.1";
    return [
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
            ports.known ? "" : "These are the default ports: the server did not tell its own. ",
            "Traces appear here by themselves."),
    ];
}

/** @param {string} text */
function snippet(text) {
    return h("div", { class: "snippet" }, h("pre", {}, h("code", {}, text)), copyButton(() => text, "Copy"));
}
