// SPDX-License-Identifier: Apache-2.0
// Light, dark, or as the system says. theme-start.js applies the remembered choice before the first paint.

import { announce, byId, s } from "./dom.js";

const order = /** @type {const} */ (["system", "light", "dark"]);
const names = { system: "as the system", light: "light", dark: "dark" };

/** @returns {typeof order[number]} */
function current() {
    const theme = document.documentElement.dataset.theme;
    return theme === "light" || theme === "dark" ? theme : "system";
}

/** Makes the top bar's button switch and remember. */
export function startTheme() {
    const button = byId("theme-switch", HTMLButtonElement);
    draw(button);
    button.addEventListener("click", () => {
        const next = order[(order.indexOf(current()) + 1) % order.length];
        if (next === "system") delete document.documentElement.dataset.theme;
        else document.documentElement.dataset.theme = next;
        try {
            if (next === "system") localStorage.removeItem("contrail.theme");
            else localStorage.setItem("contrail.theme", next);
        } catch {
            // Storage may be forbidden: the choice then holds for this page only.
        }
        draw(button);
        announce(`Theme: ${names[next]}`);
        document.dispatchEvent(new CustomEvent("contrail-theme"));
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
        document.dispatchEvent(new CustomEvent("contrail-theme"));
    });
}

/** @param {HTMLButtonElement} button */
function draw(button) {
    const theme = current();
    const label = `Theme: ${names[theme]}`;
    button.setAttribute("aria-label", `${label}. Switch`);
    button.title = label;
    const icon = s("svg", {
        viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true", class: "icon",
    });
    if (theme === "light") {
        icon.append(
            s("circle", { cx: 8, cy: 8, r: 3 }),
            s("path", {
                d: "M8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15"
                    + "M3 3l1.1 1.1M11.9 11.9 13 13M13 3l-1.1 1.1M4.1 11.9 3 13",
            }),
        );
    } else if (theme === "dark") {
        icon.append(s("path", { d: "M13.5 9.800A6 6 0 0 1 6.2 2.500a6 6 0 1 0 7.3 7.300z" }));
    } else {
        icon.append(s("circle", { cx: 8, cy: 8, r: 6 }));
        icon.append(s("path", { d: "M8 2a6 6 0 0 1 0 12z", class: "filled" }));
    }
    button.replaceChildren(icon);
}
