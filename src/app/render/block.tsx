import type { Token, Tokens } from 'marked';
import type { ComponentChildren, VNode } from 'preact';
import { TEXT } from '../text.ts';
import type { Block } from './blocks.ts';
import { CodeBlock } from './code-block.tsx';
import { visibleText } from './hidden-text.tsx';
import { inlineNodes } from './inline.tsx';
import { MAX_DEPTH } from './limits.ts';
import { Formula } from './math.tsx';
import type { MathToken } from './math-syntax.ts';

/** The answer's headings start below the page's own two levels. */
const HEADING_OFFSET = 2;
const HEADINGS = ['h3', 'h4', 'h5', 'h6'] as const;

/** One block of an answer → vnode; null for blank lines. */
export function blockNode({ token, raw }: Block): VNode | null {
  if (token === null) return <p class="plain">{raw}</p>;
  return toNode(token, 0);
}

function childNodes(tokens: readonly Token[] | undefined, depth: number): ComponentChildren {
  return tokens?.map((token) => toNode(token, depth + 1));
}

function toNode(token: Token, depth: number): VNode | null {
  if (depth > MAX_DEPTH) return <p class="plain">{visibleText(token.raw)}</p>;
  switch (token.type) {
    case 'space':
      return null;
    case 'heading': {
      const { depth: level, tokens } = token as Tokens.Heading;
      const Heading = HEADINGS[Math.min(level + HEADING_OFFSET, 6) - 3] ?? 'h6';
      return <Heading>{inlineNodes(tokens, depth)}</Heading>;
    }
    case 'paragraph':
      return <p>{inlineNodes(token.tokens, depth)}</p>;
    case 'text':
      return <>{token.tokens === undefined ? visibleText(token.raw) : inlineNodes(token.tokens, depth)}</>;
    case 'blockquote':
      return <blockquote>{childNodes(token.tokens, depth)}</blockquote>;
    case 'list':
      return listNode(token as Tokens.List, depth);
    case 'code': {
      const { text, lang } = token as Tokens.Code;
      return <CodeBlock code={text} language={lang ?? ''} />;
    }
    case 'math-block':
      return <Formula tex={(token as MathToken).text} isBlock />;
    case 'table':
      return tableNode(token as Tokens.Table, depth);
    case 'hr':
      return <hr />;
    case 'checkbox':
      return <>{inlineNodes([token], depth)}</>;
    default:
      // HTML, link definitions and whatever a later lexer may add: their source, as text.
      return <p class="plain">{visibleText(token.raw.trimEnd())}</p>;
  }
}

function listNode({ ordered, start, items }: Tokens.List, depth: number): VNode {
  const children = items.map((item) => (
    <li class={item.task ? 'task' : undefined}>{childNodes(item.tokens, depth + 1)}</li>
  ));
  return ordered ? (
    <ol start={start === '' ? 1 : start} dir="auto">
      {children}
    </ol>
  ) : (
    <ul dir="auto">{children}</ul>
  );
}

function tableNode({ header, rows, align }: Tokens.Table, depth: number): VNode {
  const className = (column: number) => (align[column] ? `align-${align[column]}` : undefined);
  return (
    // A wide table scrolls by itself; focus makes that possible from the keyboard.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region must be reachable by keyboard
    <section class="table-scroll" tabIndex={0} aria-label={TEXT.answer.table}>
      <table>
        <thead>
          <tr>
            {header.map((cell, column) => (
              <th scope="col" class={className(column)}>
                {inlineNodes(cell.tokens, depth)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr>
              {row.map((cell, column) => (
                <td class={className(column)}>{inlineNodes(cell.tokens, depth)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
