// SPDX-License-Identifier: Apache-2.0
// Elements from data. Text is always inserted as text: nothing here, and nothing that uses it, parses HTML.

/** @typedef {Node|string|number|null|undefined|false} Child */

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, unknown>} [properties] attributes; `on…` are listeners, `data` the dataset
 * @param {...(Child|Child[])} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, properties = {}, ...children) {
    const element = document.createElement(tag);
    assign(element, properties);
    append(element, children);
    return element;
}

/**
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, unknown>} [properties]
 * @param {...(Child|Child[])} children
 * @returns {SVGElementTagNameMap[Tag]}
 */
export function s(tag, properties = {}, ...children) {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    assign(element, properties);
    append(element, children);
    return element;
}

/**
 * @param {Element & {dataset: DOMStringMap}} element
 * @param {Record<string, unknown>} properties
 */
function assign(element, properties) {
    for (const [name, value] of Object.entries(properties)) {
        if (value === undefined || value === null || value === false) continue;
        if (name === "data") Object.assign(element.dataset, value);
        else if (typeof value === "function") {
            element.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
        } else element.setAttribute(name, value === true ? "" : String(value));
    }
}

/**
 * @param {Node} element
 * @param {(Child|Child[])[]} children
 */
export function append(element, children) {
    for (const child of children.flat()) {
        if (child === null || child === undefined || child === false) continue;
        element.appendChild(typeof child === "object" ? child : document.createTextNode(String(child)));
    }
}

/**
 * An element of the page's own markup that must be there.
 * @template {HTMLElement} Kind
 * @param {string} id
 * @param {new () => Kind} kind
 * @returns {Kind}
 */
export function byId(id, kind) {
    const element = document.getElementById(id);
    if (!(element instanceof kind)) throw new Error(`#${id} is missing`);
    return element;
}

/**
 * Says a short sentence to screen readers.
 * @param {string} text
 */
export function announce(text) {
    byId("announcer", HTMLElement).textContent = text;
}

/**
 * A button that copies a text and says so.
 * @param {() => string} text
 * @param {string} label
 * @param {Child} [face]
 */
export function copyButton(text, label, face) {
    const button = h("button", { type: "button", class: "copy", "aria-label": label, title: label });
    const restore = () => {
        button.replaceChildren();
        append(button, [face ?? copyIcon()]);
        button.classList.remove("done");
    };
    restore();
    button.addEventListener("click", async (event) => {
        event.stopPropagation();
        const copied = await copyText(text());
        button.replaceChildren(copied ? "✓" : "✗");
        button.classList.add("done");
        announce(copied ? "Copied" : "Copying failed");
        setTimeout(restore, 1200);
    });
    return button;
}

function copyIcon() {
    return s(
        "svg", { viewBox: "0 0 16 16", width: 13, height: 13, "aria-hidden": "true", class: "icon" },
        s("rect", { x: 5.5, y: 5.5, width: 8, height: 8, rx: 1.5 }),
        s("path", { d: "M10.5 3.5V3A1.5 1.5 0 0 0 9 1.5H4A1.5 1.5 0 0 0 2.5 3v6A1.5 1.5 0 0 0 4 10.5" }),
    );
}

/** @param {string} text */
async function copyText(text) {
    try {
        await navigator.clipboard.writeText(text);
        return true;
    } catch {
        // No clipboard without HTTPS on other hosts than localhost: the old way works there.
        const area = h("textarea", { class: "visually-hidden", "aria-hidden": "true" });
        area.value = text;
        document.body.append(area);
        area.select();
        const copied = document.execCommand("copy");
        area.remove();
        return copied;
    }
}
