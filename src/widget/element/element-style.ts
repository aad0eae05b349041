/**
 * The element's own style. `!important` in a shadow tree wins over the page: a host that writes `* { all: unset }` must not
 * take the launcher apart. What a page may change it changes by custom properties and parts.
 */
const CSS = `
:host { all: initial !important; display: block !important; position: static !important;
  --_accent: var(--sotto-accent, light-dark(#0f6b5c, #5cc4ae));
  --_on-accent: var(--sotto-on-accent, light-dark(#ffffff, #06231d));
  --_surface: var(--sotto-surface, light-dark(#ffffff, #1d1c1a));
  --_line: var(--sotto-line, light-dark(#dad5cb, #34312c));
  color-scheme: light dark; }
:host([theme="light"]) { color-scheme: light; }
:host([theme="dark"]) { color-scheme: dark; }
:host([hidden]) { display: none !important; }
:host([mode="inline"]) { block-size: var(--sotto-height, 32rem) !important; }
:host([mode="page"]) { block-size: 100% !important; }
.launcher { position: fixed; inset-block-end: var(--sotto-offset, 1.25rem); inset-inline-end: var(--sotto-offset, 1.25rem);
  z-index: var(--sotto-layer, 2147483000); inline-size: 3.5rem; block-size: 3.5rem; padding: 0; border: 0; border-radius: 50%;
  background: var(--_accent); color: var(--_on-accent); cursor: pointer; box-shadow: 0 2px 8px rgb(0 0 0 / 25%);
  display: grid; place-items: center; }
.launcher[hidden] { display: none; }
.launcher:focus-visible { outline: 3px solid var(--_accent); outline-offset: 3px; }
.launcher svg { inline-size: 1.75rem; block-size: 1.75rem; }
.panel { display: none; background: var(--_surface); overflow: hidden; }
.panel[data-open] { display: flex; flex-direction: column; }
.content { flex: 1; min-block-size: 0; }
.content iframe, .in-page { display: block; inline-size: 100%; block-size: 100%; border: 0; background: var(--_surface); }
.note { margin: 1rem; font: 1rem/1.5 system-ui, sans-serif; color: light-dark(#1d1c1a, #f2efe9); }
.note[hidden], slot[hidden] { display: none; }
:host(:not([mode="inline"], [mode="page"])) .panel { position: fixed; z-index: var(--sotto-layer, 2147483000);
  inset-block-end: var(--sotto-offset, 1.25rem); inset-inline-end: var(--sotto-offset, 1.25rem);
  inline-size: min(var(--sotto-width, 24rem), calc(100vw - 2 * var(--sotto-offset, 1.25rem)));
  block-size: min(var(--sotto-height, 38rem), calc(100dvh - 2 * var(--sotto-offset, 1.25rem)));
  border: 1px solid var(--_line); border-radius: 10px; box-shadow: 0 8px 32px rgb(0 0 0 / 25%); }
:host([mode="panel"]) .panel { inset-block: 0; inset-inline-end: 0; block-size: 100dvh; border-radius: 0;
  inline-size: min(var(--sotto-width, 26rem), 100vw); }
:host([mode="inline"]) .panel, :host([mode="page"]) .panel { block-size: 100%; border: 1px solid var(--_line); border-radius: 10px; }
:host([mode="page"]) .panel { border: 0; border-radius: 0; }
@media (max-width: 30rem) {
  :host(:not([mode="inline"], [mode="page"])) .panel { inset: 0; inline-size: 100vw; block-size: 100dvh; border: 0; border-radius: 0; }
}
@media (forced-colors: active) { .launcher { border: 2px solid ButtonText; } }
`;

let sheet: CSSStyleSheet | undefined;

/** One sheet for all elements of the page. Made by script, it needs no permission from the host's style policy. */
export function elementStyle(): CSSStyleSheet {
  if (sheet === undefined) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
  }
  return sheet;
}
