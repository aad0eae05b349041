import type { Token, Tokens } from 'marked';
import type { ComponentChildren } from 'preact';
import { TEXT } from '../text.ts';
import { plainAddress } from './address.ts';
import { decodeEntities } from './entities.ts';
import { visibleText } from './hidden-text.tsx';
import { MAX_DEPTH } from './limits.ts';
import { AskedLink, liveAddress } from './link.tsx';
import { Formula } from './math.tsx';
import type { MathToken } from './math-syntax.ts';
import { referencedText } from './reference.tsx';

/**
 * Inline tokens → vnodes. No vnode made here loads, navigates or runs anything: images, links and HTML become text
 * that says what it is.
 */
export function inlineNodes(tokens: readonly Token[] | undefined, depth: number): ComponentChildren {
  return tokens?.map((token) => inlineNode(token, depth + 1));
}

function inlineNode(token: Token, depth: number): ComponentChildren {
  if (depth > MAX_DEPTH) return token.raw;
  switch (token.type) {
    case 'strong':
      return <strong>{inlineNodes(token.tokens, depth)}</strong>;
    case 'em':
      return <em>{inlineNodes(token.tokens, depth)}</em>;
    case 'del':
      return <del>{inlineNodes(token.tokens, depth)}</del>;
    case 'codespan':
      return <code>{visibleText((token as Tokens.Codespan).text)}</code>;
    case 'br':
      return <br />;
    case 'link':
      return linkNode(token as Tokens.Link, depth);
    case 'image':
      return imageNode(token as Tokens.Image);
    case 'escape':
      return (token as Tokens.Escape).text;
    case 'checkbox':
      return (token as Tokens.Checkbox).checked ? '☑ ' : '☐ ';
    case 'math-inline':
      return <Formula tex={(token as MathToken).text} isBlock={false} />;
    case 'text':
      return token.tokens === undefined ? referencedText(decodeEntities(token.raw)) : inlineNodes(token.tokens, depth);
    default:
      // HTML and whatever a later lexer may add: its source, as text.
      return visibleText(token.raw);
  }
}

function linkNode({ href, text, tokens }: Tokens.Link, depth: number): ComponentChildren {
  const address = plainAddress(href);
  const isBare = [text, `mailto:${text}`, `http://${text}`, `https://${text}`].some(
    (label) => plainAddress(label) === address,
  );
  const live = liveAddress(href);
  const shown = visibleText(address);
  const addressNode = (
    <bdi class="address">{live === null || !isBare ? shown : <AskedLink href={live}>{shown}</AskedLink>}</bdi>
  );
  return isBare ? (
    addressNode
  ) : (
    <span class="link">
      {live === null ? inlineNodes(tokens, depth) : <AskedLink href={live}>{inlineNodes(tokens, depth)}</AskedLink>} (
      {addressNode})
    </span>
  );
}

function imageNode({ href, text }: Tokens.Image): ComponentChildren {
  return (
    <span class="image-text">
      {TEXT.answer.image(text)} (<bdi class="address">{plainAddress(href)}</bdi>)
    </span>
  );
}
