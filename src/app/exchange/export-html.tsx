import type { VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { formatMoment } from '../format/index.ts';
import { Markdown } from '../render/index.ts';
import { shownMessages, withoutThinking } from '../state/index.ts';
import { TEXT } from '../text.ts';
import type { ChatArchive } from './chat-archive.ts';

/** The page's own policy: it loads nothing and runs nothing, wherever it is opened. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'";

const STYLE = `
:root{color-scheme:light dark;font:17px/1.55 ui-sans-serif,system-ui,sans-serif;background:light-dark(#fbfaf7,#141312);color:light-dark(#1c1b19,#edeae3)}
body{max-inline-size:44rem;margin:2rem auto;padding:0 1rem;overflow-wrap:anywhere}
h1{font-size:1.6rem;line-height:1.25}
h2{font-size:.9rem;margin:2rem 0 .25rem;color:light-dark(#0f6b5c,#5cc4ae)}
.muted{color:light-dark(#5e5a52,#a8a297);font-size:.85rem}
.plain{white-space:pre-wrap}
.question{padding:.6rem 1rem;border-radius:10px;background:light-dark(#ddefea,#143831)}
pre,code{font-family:ui-monospace,monospace;font-size:.9em}
pre{overflow:auto;padding:.9rem;border-radius:10px;background:light-dark(#f3f0ea,#0e0d0c)}
table{border-collapse:collapse}td,th{padding:.35rem .75rem;border-block-end:1px solid light-dark(#dad5cb,#34312c);text-align:start}
blockquote{margin-inline:0;padding-inline-start:1rem;border-inline-start:2px solid light-dark(#dad5cb,#34312c)}
figure{margin:1rem 0}button{display:none}`;

/** One chat as a page to read: one file, no script, nothing that loads. */
export function exportHtml({ chat, messages }: ChatArchive): string {
  const title = chat.title || TEXT.chats.untitled;
  const page = (
    <html lang={document.documentElement.lang} dir={document.documentElement.dir === 'rtl' ? 'rtl' : 'ltr'}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content={POLICY} />
        <title>{title}</title>
        <style>{STYLE}</style>
      </head>
      <body>
        <h1 dir="auto">{title}</h1>
        <p class="muted">{TEXT.exchange.htmlNote(formatMoment(chat.createdAt))}</p>
        {shownMessages(messages, chat.leaf).map(messageNode)}
      </body>
    </html>
  );
  return `<!doctype html>\n${renderToString(page)}\n`;
}

function messageNode({ role, text, model, citations }: ChatArchive['messages'][number]): VNode {
  if (role === 'user') {
    return (
      <section>
        <h2>{TEXT.conversation.you}</h2>
        <p class="plain question" dir="auto">
          {text}
        </p>
      </section>
    );
  }
  return (
    <section>
      <h2>{model ?? TEXT.name}</h2>
      <Markdown text={withoutThinking(text)} />
      {citations.length > 0 && (
        <ol class="muted">
          {citations.map(({ documentName, page, passage }) => (
            <li>
              <strong>{page === null ? documentName : `${documentName}, ${page}`}</strong>
              <p class="plain">{passage}</p>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
