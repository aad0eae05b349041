/**
 * Model output is data, and data can be made to hurt: every bound of the renderer is here (CWE-400, CWE-674).
 * What exceeds one is shown as plain text, complete and unformatted.
 */

/** Characters that are read as markdown; a longer answer is shown as it is. */
export const MAX_MARKDOWN_CHARACTERS = 60_000;

/** Quote and list markers that may open on one line. */
export const MAX_MARKERS_IN_LINE = 12;

/** Columns a list item may be indented: two or more a level. */
export const MAX_LIST_INDENT = 40;

/** Characters outside code that can open or close emphasis, links, code or HTML, in one stretch of text. */
export const MAX_INLINE_MARKERS = 2_000;

/** Levels of nesting that are drawn; what lies deeper is shown as its source. */
export const MAX_DEPTH = 24;

/** Characters of an address that are shown. */
export const MAX_ADDRESS_CHARACTERS = 2_000;

/** Characters of one formula. */
export const MAX_MATH_CHARACTERS = 4_000;

/** Characters of code that are coloured; more stays plain. */
export const MAX_HIGHLIGHTED_CHARACTERS = 20_000;
