import bash from 'highlight.js/lib/languages/bash';
import c from 'highlight.js/lib/languages/c';
import cpp from 'highlight.js/lib/languages/cpp';
import csharp from 'highlight.js/lib/languages/csharp';
import css from 'highlight.js/lib/languages/css';
import diff from 'highlight.js/lib/languages/diff';
import go from 'highlight.js/lib/languages/go';
import java from 'highlight.js/lib/languages/java';
import javascript from 'highlight.js/lib/languages/javascript';
import json from 'highlight.js/lib/languages/json';
import markdown from 'highlight.js/lib/languages/markdown';
import php from 'highlight.js/lib/languages/php';
import python from 'highlight.js/lib/languages/python';
import ruby from 'highlight.js/lib/languages/ruby';
import rust from 'highlight.js/lib/languages/rust';
import sql from 'highlight.js/lib/languages/sql';
import typescript from 'highlight.js/lib/languages/typescript';
import xml from 'highlight.js/lib/languages/xml';
import yaml from 'highlight.js/lib/languages/yaml';
import { createLowlight } from 'lowlight';
import { type ComponentChildren, h } from 'preact';

const lowlight = createLowlight({
  bash,
  c,
  cpp,
  csharp,
  css,
  diff,
  go,
  java,
  javascript,
  json,
  markdown,
  php,
  python,
  ruby,
  rust,
  sql,
  typescript,
  xml,
  yaml,
});

interface Tree {
  readonly type: string;
  readonly value?: string;
  readonly properties?: { readonly className?: unknown };
  readonly children?: readonly Tree[];
}

/** Code → coloured vnodes; null for a language that is not known here. */
export function highlightCode(code: string, language: string): ComponentChildren | null {
  if (!lowlight.registered(language)) return null;
  return (lowlight.highlight(language, code) as unknown as Tree).children?.map(nodeOf) ?? null;
}

/** Only texts and spans with classes come out of the highlighter; nothing else is let through. */
function nodeOf({ type, value, properties, children = [] }: Tree): ComponentChildren {
  if (type === 'text') return value ?? '';
  const names = properties?.className;
  return h('span', { class: Array.isArray(names) ? names.join(' ') : undefined }, ...children.map(nodeOf));
}
