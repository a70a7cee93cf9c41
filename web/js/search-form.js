// SPDX-License-Identifier: Apache-2.0
// The form of the search page.

import { fetchOperations } from "./api.js";
import { AttributeSuggestions } from "./attribute-suggestions.js";
import { h } from "./dom.js";
import { emptyState, limits, ranges } from "./search-state.js";

/** @typedef {import("./types.js").SearchState} SearchState */
/** @typedef {keyof SearchState} FieldName */

/**
 * Parameters of the API whose field has another name here.
 * @type {Record<string, FieldName>}
 */
const fieldOfParameter = { attribute: "attributes", status: "errorsOnly", since: "range" };

export class SearchForm {
    /** @param {(state: SearchState) => void} submit */
    constructor(submit) {
        /** @type {Map<FieldName, {control: HTMLInputElement|HTMLSelectElement, problem: HTMLElement}>} */
        this.fields = new Map();
        /** @type {string[]} */
        this.services = [];
        this.operationsOf = "";

        const service = h("select", { name: "service" });
        const operation = h("select", { name: "operation" });
        const range = h(
            "select", { name: "range" }, ranges.map((each) => h("option", { value: each.value }, each.label)),
        );
        const pageSizes = limits.map((each) => h("option", { value: each }, each));
        const limit = h("select", { name: "limit" }, pageSizes);
        const moment = { type: "datetime-local", step: "0.001" };
        this.custom = h(
            "div", { class: "field-pair" },
            this.field("start", "From", h("input", { name: "start", ...moment })),
            this.field("end", "To", h("input", { name: "end", ...moment })),
        );
        const attributes = this.text("attributes", "http.route=/items user.id=42");
        const errorsOnly = h("input", { type: "checkbox", name: "errorsOnly", id: "field-errorsOnly" });
        this.fields.set("errorsOnly", { control: errorsOnly, problem: h("p") });

        this.element = h(
            "form", { class: "search-form", novalidate: true },
            this.field("service", "Service", service),
            this.field("operation", "Operation", operation),
            this.field("attributes", "Attributes", attributes,
                "Quote values with spaces: name=\"Ann B\". Compare numbers: retries>2, size<=1e6. "
                    + "Say where: resource:host.name=web-1, event:name=exception, also span: scope: link:",
                new AttributeSuggestions(attributes).element),
            h(
                "div", { class: "field-pair" },
                this.field("minDuration", "Longer than", this.text("minDuration", "250ms")),
                this.field("maxDuration", "Shorter than", this.text("maxDuration", "2s")),
            ),
            h("label", { class: "check", for: "field-errorsOnly" }, errorsOnly, "With errors only"),
            this.field("range", "Time", range),
            this.custom,
            this.field("limit", "Results a page", limit),
            h("p", { class: "hint" }, "One span of the trace must meet all conditions."),
            h(
                "div", { class: "button-row" },
                h("button", { type: "submit", class: "button primary" }, "Find traces"),
                h("a", { class: "button quiet", href: "/", "data-nav": true }, "Reset"),
            ),
        );
        this.element.addEventListener("submit", (event) => {
            event.preventDefault();
            submit(this.read());
        });
        this.element.addEventListener("change", (event) => {
            const control = event.target;
            if (control === service) {
                operation.value = "";
                void this.loadOperations(service.value, "");
            }
            this.custom.hidden = range.value !== "custom";
            // A choice searches at once; typed text waits for Enter.
            const choice = control instanceof HTMLSelectElement || control === errorsOnly;
            if (choice && !(control === range && range.value === "custom")) submit(this.read());
        });
    }

    /**
     * @param {FieldName} name
     * @param {string} example
     */
    text(name, example) {
        return h("input", {
            type: "text", name, placeholder: example, autocomplete: "off", spellcheck: "false",
            autocapitalize: "off",
        });
    }

    /**
     * @param {FieldName} name
     * @param {string} label
     * @param {HTMLInputElement|HTMLSelectElement} control
     * @param {string} [hint]
     * @param {HTMLElement} [shown] what holds the control, where something stands around it
     */
    field(name, label, control, hint, shown = control) {
        control.id = `field-${name}`;
        const problem = h("p", { class: "problem", id: `problem-${name}`, hidden: true });
        control.setAttribute("aria-describedby", problem.id);
        const box = h(
            "div", { class: "field" }, h("label", { for: control.id }, label), shown, problem,
            hint ? h("p", { class: "hint" }, hint) : null,
        );
        this.fields.set(name, { control, problem });
        return box;
    }

    /** @param {FieldName} name */
    control(name) {
        const field = this.fields.get(name);
        if (!field) throw new Error(`no field ${name}`);
        return field.control;
    }

    /** @returns {SearchState} */
    read() {
        /** @type {any} */
        const state = { ...emptyState };
        for (const [name, { control }] of this.fields) state[name] = control.value;
        const errorsOnly = this.control("errorsOnly");
        state.errorsOnly = errorsOnly instanceof HTMLInputElement && errorsOnly.checked;
        return state;
    }

    /** @param {SearchState} state */
    set(state) {
        this.fillServices(state.service);
        void this.loadOperations(state.service, state.operation);
        for (const [name, { control }] of this.fields) {
            if (control instanceof HTMLInputElement && name === "errorsOnly") {
                control.checked = state.errorsOnly;
            } else if (name !== "service" && name !== "operation") {
                control.value = String(state[name]);
            }
        }
        this.custom.hidden = state.range !== "custom";
        this.showProblems({});
    }

    /** @param {string[]} services */
    setServices(services) {
        this.services = [...services].sort((a, b) => a.localeCompare(b));
        this.fillServices(this.control("service").value);
    }

    /** @param {string} chosen */
    fillServices(chosen) {
        fill(this.control("service"), "All services", this.services, chosen);
    }

    /**
     * @param {string} service
     * @param {string} chosen
     */
    async loadOperations(service, chosen) {
        const control = this.control("operation");
        control.disabled = service === "" && chosen === "";
        if (this.operationsOf !== service || service === "") fill(control, "All operations", [], chosen);
        else if (control instanceof HTMLSelectElement) {
            const known = [...control.options].slice(1).map((option) => option.value);
            fill(control, "All operations", known, chosen);
        }
        this.operationsOf = service;
        if (service === "") return;
        try {
            const operations = await fetchOperations(service);
            if (this.operationsOf === service) fill(control, "All operations", operations, control.value);
        } catch {
            // The list of traces reports an API that does not answer.
        }
    }

    /**
     * The field that belongs to a parameter of the API.
     * @param {string} parameter
     * @returns {FieldName|null}
     */
    fieldOf(parameter) {
        const name = fieldOfParameter[parameter] ?? parameter;
        return this.fields.has(/** @type {FieldName} */ (name)) ? /** @type {FieldName} */ (name) : null;
    }

    /** @param {Partial<Record<FieldName, string>>} problems */
    showProblems(problems) {
        for (const [name, { control, problem }] of this.fields) {
            const text = problems[name] ?? "";
            problem.textContent = text;
            problem.hidden = text === "";
            if (text === "") control.removeAttribute("aria-invalid");
            else control.setAttribute("aria-invalid", "true");
        }
    }

    focus() {
        const control = this.control("attributes");
        control.focus();
        if (control instanceof HTMLInputElement) control.select();
    }
}

/**
 * @param {HTMLInputElement|HTMLSelectElement} select
 * @param {string} all the first entry, for no choice
 * @param {string[]} values
 * @param {string} chosen kept also when it is not among the values
 */
function fill(select, all, values, chosen) {
    const complete = chosen === "" || values.includes(chosen) ? values : [...values, chosen];
    const options = complete.map((each) => h("option", { value: each }, each));
    select.replaceChildren(h("option", { value: "" }, all), ...options);
    select.value = chosen;
}
