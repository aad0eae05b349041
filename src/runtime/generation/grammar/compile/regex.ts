import { ANY } from './code-points.ts';
import { unsupportedGrammar } from './errors.ts';
import { characters, choice, EMPTY, type Expression, repeat, sequence } from './expression.ts';
import { parseRegex, type RegexNode } from './regex-syntax.ts';

const ANY_TEXT = repeat(characters(ANY), 0);
/** Ways through groups that hold anchors: (^a|b)(c|d$) has four. */
const MOST_VARIANTS = 64;

/** One way through an expression, and whether it is tied to the start or the end of the text. */
interface Variant {
  readonly isAtStart: boolean;
  readonly isAtEnd: boolean;
  readonly expression: Expression;
}

/** The texts in which a regular expression finds a match, or with `whole` the texts it matches from end to end. */
export function regexExpression(
  pattern: string,
  { flags = '', whole }: { flags?: string; whole: boolean },
): Expression {
  const ways = variants(parseRegex(pattern, flags), pattern);
  return choice(
    ways.map(({ isAtStart, isAtEnd, expression }) =>
      sequence(whole || isAtStart ? EMPTY : ANY_TEXT, expression, whole || isAtEnd ? EMPTY : ANY_TEXT),
    ),
  );
}

function variants(node: RegexNode, pattern: string): readonly Variant[] {
  if (!hasAnchor(node)) return [{ isAtStart: false, isAtEnd: false, expression: plain(node) }];
  switch (node.kind) {
    case 'start':
      return [{ isAtStart: true, isAtEnd: false, expression: EMPTY }];
    case 'end':
      return [{ isAtStart: false, isAtEnd: true, expression: EMPTY }];
    case 'choice':
      return node.items.flatMap((item) => variants(item, pattern));
    case 'sequence':
      return node.items.reduce<readonly Variant[]>(
        (ways, item) => joined(ways, variants(item, pattern), pattern),
        [{ isAtStart: false, isAtEnd: false, expression: EMPTY }],
      );
    default:
      throw unsupportedGrammar(`The regular expression /${pattern}/ repeats an anchor, which cannot be guaranteed.`, {
        pattern,
      });
  }
}

/** One part after the other. An anchor with text on its wrong side never matches. */
function joined(before: readonly Variant[], after: readonly Variant[], pattern: string): readonly Variant[] {
  const ways: Variant[] = [];
  for (const left of before) {
    for (const right of after) {
      const isLeftEmpty = isEmptyText(left.expression);
      const isRightEmpty = isEmptyText(right.expression);
      if ((right.isAtStart && !isLeftEmpty) || (left.isAtEnd && !isRightEmpty)) {
        throw unsupportedGrammar(`The regular expression /${pattern}/ has an anchor in its middle.`, { pattern });
      }
      ways.push({
        isAtStart: left.isAtStart || right.isAtStart,
        isAtEnd: left.isAtEnd || right.isAtEnd,
        expression: sequence(left.expression, right.expression),
      });
    }
  }
  if (ways.length > MOST_VARIANTS)
    throw unsupportedGrammar(`/${pattern}/ has anchors in too many places.`, { pattern });
  return ways;
}

function isEmptyText(expression: Expression): boolean {
  return expression.kind === 'sequence' && expression.items.every(isEmptyText);
}

function hasAnchor(node: RegexNode): boolean {
  switch (node.kind) {
    case 'start':
    case 'end':
      return true;
    case 'sequence':
    case 'choice':
      return node.items.some(hasAnchor);
    case 'repeat':
      return hasAnchor(node.item);
    case 'characters':
      return false;
  }
}

/** A node without anchors. */
function plain(node: RegexNode): Expression {
  switch (node.kind) {
    case 'characters':
      return characters(node.set);
    case 'sequence':
    case 'choice':
      return { kind: node.kind, items: node.items.map(plain) };
    case 'repeat':
      return repeat(plain(node.item), node.minimum, node.maximum);
    default:
      return EMPTY;
  }
}
