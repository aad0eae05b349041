import { existsSync, readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SottoError } from '../shared/index.ts';
import { parseCatalogue, parseManifest } from './manifest.ts';

const TEXT = readFileSync('models/smollm2-135m-instruct/manifest.json', 'utf8');
const CATALOGUE = readFileSync('models/catalogue.json', 'utf8');
type Json = { [key: string]: unknown };
const changed = (change: (manifest: Json & { file: Json; defaults: Json; licence: Json }) => void): string => {
  const manifest = JSON.parse(TEXT);
  change(manifest);
  return JSON.stringify(manifest);
};
function codeOf(parse: () => unknown): string | undefined {
  try {
    parse();
  } catch (error) {
    if (error instanceof SottoError) return error.code;
    throw error;
  }
  return undefined;
}

describe('the committed lists', () => {
  it('are valid, and say the same of each model', () => {
    for (const { id, name, manifest: path, source } of parseCatalogue(CATALOGUE)) {
      // A model that is only known of has a source in place of a manifest.
      if (source !== undefined) continue;
      const manifest = parseManifest(readFileSync(`models/${path}`, 'utf8'));
      expect([manifest.id, manifest.name]).toEqual([id, name]);
    }
  });

  it.each(readdirSync('models').filter((name) => existsSync(`models/${name}/manifest.json`)))(
    'give back everything the manifest of %s says',
    (folder) => {
      const text = readFileSync(`models/${folder}/manifest.json`, 'utf8');
      const { $schema: _, ...said } = JSON.parse(text);
      expect(parseManifest(text)).toEqual(said);
    },
  );

  it('fit the schema’s required fields, and the schema knows every field', () => {
    const schema = JSON.parse(readFileSync('models/manifest.schema.json', 'utf8'));
    // Only models of several files have companions; only those from elsewhere say where they came from.
    const fields = [...Object.keys(JSON.parse(TEXT)), 'companions', 'hashes', 'origin'];
    expect(Object.keys(schema.properties).sort()).toEqual(fields.sort());
    expect(schema.required.every((name: string) => fields.includes(name))).toBe(true);
  });
});

describe('a manifest is refused', () => {
  const wrong: readonly (readonly [string, string])[] = [
    ['that is an HTML page', '<!doctype html>'],
    ['that is cut short', TEXT.slice(0, 500)],
    ['that is a list', '[]'],
    ['that is null', 'null'],
    ['without an id', changed((m) => delete m['id'])],
    [
      'with an id that is a path',
      changed((m) => {
        m['id'] = '../x';
      }),
    ],
    [
      'with a size that is a text',
      changed((m) => {
        m.file['size'] = '98362432';
      }),
    ],
    [
      'with a size of zero',
      changed((m) => {
        m.file['size'] = 0;
      }),
    ],
    [
      'with a size that is no integer',
      changed((m) => {
        m.file['size'] = 98362432.5;
      }),
    ],
    [
      'with a chunk missing',
      changed((m) => {
        (m.file['chunks'] as string[]).pop();
      }),
    ],
    [
      'with a hash in capitals',
      changed((m) => {
        (m.file['chunks'] as string[])[3] = 'A'.repeat(64);
      }),
    ],
    [
      'with chunks larger than the limit',
      changed((m) => {
        m.file['chunkBytes'] = 2 ** 30;
        m.file['chunks'] = ['0'.repeat(64)];
      }),
    ],
    [
      'with a temperature below zero',
      changed((m) => {
        m.defaults['temperature'] = -1;
      }),
    ],
    [
      'with an endless system prompt',
      changed((m) => {
        m.defaults['systemPrompt'] = 'x'.repeat(10_001);
      }),
    ],
    [
      'with a licence that is a text',
      changed((m) => {
        (m as Json)['licence'] = 'MIT';
      }),
    ],
    ...[
      'https://example.org/x.gguf',
      '//example.org/x',
      '/etc/passwd',
      '../x.gguf',
      'a/../../b',
      'a\\b',
      'a/./..',
      '.hidden',
      'x y',
      '%2e%2e/x',
      'data:,x',
      '',
    ].map(
      (path) =>
        [
          `with the path "${path}"`,
          changed((m) => {
            m.file['path'] = path;
          }),
        ] as const,
    ),
  ];
  it.each(wrong)('%s', (_what, text) => {
    expect(codeOf(() => parseManifest(text))).toBe('download-not-the-file');
  });

  it('of a later version', () => {
    expect(
      codeOf(() =>
        parseManifest(
          changed((m) => {
            m['manifestVersion'] = 2;
          }),
        ),
      ),
    ).toBe('record-newer');
    expect(codeOf(() => parseCatalogue('{"catalogueVersion":2,"models":[]}'))).toBe('record-newer');
  });

  it('with a coded error, whatever JSON it is', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(parseManifest, parseCatalogue), (text, parse) => {
        expect(codeOf(() => parse(text))).toBe('download-not-the-file');
      }),
    );
  });

  it('with a coded error, whatever one field is replaced by', () => {
    const paths = [
      'id',
      'name',
      'file',
      'licence',
      'defaults',
      'parameters',
      'contextLength',
      'chatTemplateSha256',
      'memoryBytes',
    ];
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.jsonValue(), (name, value) => {
        const code = codeOf(() =>
          parseManifest(
            changed((m) => {
              (m as Json)[name] = value;
            }),
          ),
        );
        expect([undefined, 'download-not-the-file']).toContain(code);
      }),
    );
  });
});

describe('a catalogue is refused', () => {
  it.each([
    [
      'that lists a model twice',
      '{"catalogueVersion":1,"models":[{"id":"a","name":"A","manifest":"a"},{"id":"a","name":"A","manifest":"b"}]}',
    ],
    [
      'that leads to another host',
      '{"catalogueVersion":1,"models":[{"id":"a","name":"A","manifest":"https://example.org/m.json"}]}',
    ],
    ['without models', '{"catalogueVersion":1}'],
  ])('%s', (_what, text) => {
    expect(codeOf(() => parseCatalogue(text))).toBe('download-not-the-file');
  });
});
