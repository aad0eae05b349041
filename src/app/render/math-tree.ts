import { type ComponentChildren, h, type VNode } from 'preact';
import temml from 'temml';

/** What temml hands out before it would write text: presentation MathML as a tree. */
interface MathTree {
  readonly type?: string;
  readonly text?: string;
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly style?: Readonly<Record<string, unknown>>;
  readonly children?: readonly MathTree[];
}

/** The elements and attributes of presentation MathML. What is not named (links, images, actions) is not drawn. */
const ELEMENTS: ReadonlySet<string> = new Set(
  'math mrow mi mo mn ms mtext mspace mfrac msqrt mroot msub msup msubsup munder mover munderover mmultiscripts mprescripts none mtable mtr mtd mpadded mphantom menclose mstyle merror'.split(
    ' ',
  ),
);
const ATTRIBUTES: ReadonlySet<string> = new Set(
  'accent accentunder columnalign columnlines columnspacing columnspan depth display displaystyle fence form height largeop linethickness lspace mathsize mathvariant maxsize minsize movablelimits notation rowalign rowlines rowspacing rspace scriptlevel separator stretchy symmetric voffset width'.split(
    ' ',
  ),
);
const COLOUR = /^#[0-9a-f]{3,8}$|^[a-z]{1,20}$/i;
const MOST_NODES = 5000;

/** TeX → MathML vnodes; null where temml cannot read it or it grows out of bounds. Never makes text that is read as HTML. */
export function mathTree(tex: string, isBlock: boolean): VNode | null {
  try {
    const options = { displayMode: isBlock, throwOnError: true, trust: false, maxExpand: 200, maxSize: [10, 100] };
    const render = (temml as unknown as { __renderToMathMLTree(tex: string, options: unknown): MathTree })
      .__renderToMathMLTree;
    let budget = MOST_NODES;
    const convert = (node: MathTree): ComponentChildren => {
      budget -= 1;
      if (budget < 0) throw new RangeError('too many nodes');
      if (node.text !== undefined) return node.text;
      const children = (node.children ?? []).map(convert);
      // Fragments, and elements this page does not draw: what they hold.
      if (node.type === undefined || !ELEMENTS.has(node.type)) return children;
      return h(node.type, propertiesOf(node), ...children.flat());
    };
    const tree = convert(render(tex, options));
    return Array.isArray(tree) ? null : (tree as VNode);
  } catch {
    return null;
  }
}

function propertiesOf({ attributes = {}, style = {} }: MathTree): Record<string, unknown> {
  const kept = Object.entries(attributes).filter(([name, value]) => ATTRIBUTES.has(name) && typeof value !== 'object');
  const colour = style['color'];
  return {
    ...Object.fromEntries(kept),
    ...(typeof colour === 'string' && COLOUR.test(colour) ? { style: { color: colour } } : {}),
  };
}
