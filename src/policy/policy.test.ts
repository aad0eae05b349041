import { generateKeyPairSync, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import Ajv from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkPolicy } from './check-policy.ts';
import { permit, permitModel } from './permit.ts';
import { OPEN_POLICY } from './policy.ts';
import { readPolicy } from './read-policy.ts';
import { signedText } from './signature.ts';

const schema = JSON.parse(readFileSync(new URL('../../public/sotto.policy.schema.json', import.meta.url), 'utf8'));
const fitsSchema = new Ajv({ strict: true }).compile(schema);

const FULL = {
  $schema: './sotto.policy.schema.json',
  policyVersion: 1,
  organisation: 'Example',
  models: {
    allowed: [{ id: 'smollm2-135m-instruct', sha256: 'a'.repeat(64) }, { id: 'other' }],
    default: 'other',
    mirrors: ['https://mirror.example/sotto/models/'],
  },
  systemPrompt: 'You help the staff of Example.',
  languages: ['en', 'de'],
  frameAncestors: ['https://intranet.example', 'https://*.example'],
  features: { import: false, export: false, tools: false, documents: false, temporaryChat: false },
  retentionDays: 30,
  vault: 'required',
  consent: { en: 'The works council has agreed.' },
  widget: {
    messages: 'read',
    knowledge: [{ url: 'knowledge/hr.pack', publicKey: 'A'.repeat(43) }, { url: 'https://docs.example/a.pack' }],
    linkOrigins: ['https://intranet.example'],
  },
  telemetry: 'none',
};

const places = (value: unknown) => checkPolicy(value).problems.map(({ path }) => path.join('.'));

describe('a policy', () => {
  it('with every key passes, and says what it says', () => {
    const { policy } = checkPolicy(FULL);
    expect(policy).toMatchObject({
      organisation: 'Example',
      retentionDays: 30,
      vault: 'required',
      features: { tools: false },
    });
    expect(policy?.models.allowed?.[1]).toEqual({ id: 'other', sha256: null });
    expect(fitsSchema(FULL)).toBe(true);
  });

  it('with nothing but its version is the open one', () => {
    expect(checkPolicy({ policyVersion: 1 }).policy).toEqual(OPEN_POLICY);
  });

  it.each<[string, object, string]>([
    ['a misspelt key', { policyVersion: 1, feature: {} }, 'feature'],
    ['a misspelt feature', { policyVersion: 1, features: { imports: false } }, 'features.imports'],
    ['a text for a flag', { policyVersion: 1, features: { import: 'false' } }, 'features.import'],
    ['telemetry', { policyVersion: 1, telemetry: 'on' }, 'telemetry'],
    ['an origin with a path', { policyVersion: 1, frameAncestors: ['https://a.example/x'] }, 'frameAncestors.0'],
    ['any origin at all', { policyVersion: 1, frameAncestors: ['*'] }, 'frameAncestors.0'],
    [
      'a header smuggled into an origin',
      { policyVersion: 1, frameAncestors: ['https://a.example; script-src *'] },
      'frameAncestors.0',
    ],
    [
      'a hash of the wrong length',
      { policyVersion: 1, models: { allowed: [{ id: 'a', sha256: 'ab' }] } },
      'models.allowed.0.sha256',
    ],
    ['no model at all', { policyVersion: 1, models: { allowed: [] } }, 'models.allowed'],
    [
      'a default that is not allowed',
      { policyVersion: 1, models: { allowed: [{ id: 'a' }], default: 'b' } },
      'models.default',
    ],
    [
      'a pack above the folder',
      { policyVersion: 1, widget: { knowledge: [{ url: '../x' }] } },
      'widget.knowledge.0.url',
    ],
    ['no days', { policyVersion: 1, retentionDays: 0 }, 'retentionDays'],
    ['null', { policyVersion: 1, vault: null }, 'vault'],
    ['a later version', { policyVersion: 2 }, 'policyVersion'],
  ])('with %s is refused at its place', (_what, value, place) => {
    expect(places(value)).toEqual([place]);
    expect(checkPolicy(value).problems[0]?.advice).not.toBe('');
  });

  it('is judged alike by the schema and by the reader, whatever is in it', () => {
    const scalar = fc.oneof(fc.constantFrom(null, true, 0, 1, 'x', '', [], {}), fc.string());
    const paths: readonly (readonly (string | number)[])[] = [...pathsOf(FULL, [])];
    fc.assert(
      fc.property(fc.constantFrom(...paths), scalar, fc.boolean(), (path, value, isNewKey) => {
        const changed = structuredClone(FULL) as never;
        set(changed, isNewKey ? [...path.slice(0, -1), 'novel'] : path, value);
        const problems = places(changed);
        // What a schema cannot say: the default must be among the allowed.
        if (problems.length === 1 && problems[0] === 'models.default') return;
        expect({ changed, isRight: problems.length === 0 }).toEqual({ changed, isRight: fitsSchema(changed) });
      }),
      { numRuns: 2_000, seed: 1 },
    );
  });

  it('never passes as something it is not', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const result = checkPolicy(value);
        expect(result.policy === null).toBe(result.problems.length > 0);
      }),
      { numRuns: 500, seed: 2 },
    );
  });

  it('with __proto__ among its keys is refused', () => {
    expect(places(JSON.parse('{"policyVersion":1,"__proto__":{"features":{"import":true}}}'))).toEqual(['__proto__']);
  });
});

describe('a signature', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const rawKey = publicKey.export({ format: 'jwk' }).x ?? '';
  const signed = (value: Record<string, unknown>) => ({
    ...value,
    signature: {
      algorithm: 'Ed25519',
      publicKey: rawKey,
      value: sign(null, Buffer.from(signedText(value)), privateKey).toString('base64url'),
    },
  });

  it('holds, however the file is formatted and its keys are ordered', async () => {
    const text = JSON.stringify(Object.fromEntries(Object.entries(signed(FULL)).reverse()), null, 4);
    expect((await readPolicy(text, rawKey)).organisation).toBe('Example');
  });

  it.each<[string, (value: Record<string, unknown>) => unknown, string]>([
    ['something was changed afterwards', (value) => ({ ...signed(value), retentionDays: 9_999 }), ''],
    ['it is missing and asked for', (value) => value, rawKey],
    ['another key is asked for', signed, 'B'.repeat(43)],
  ])('refuses the policy where %s', async (_what, make, pinned) => {
    await expect(readPolicy(JSON.stringify(make(FULL)), pinned)).rejects.toMatchObject({ code: 'policy-invalid' });
  });
});

describe('a permit', () => {
  it('is refused with who refused it', () => {
    const { policy } = checkPolicy(FULL);
    if (policy === null) throw new Error('no policy');
    expect(() => permit(policy, 'import')).toThrow(/switched off by the policy of Example/);
    expect(() => permit({ ...policy, features: { ...policy.features, import: true } }, 'file')).toThrow(
      /files on disk/,
    );
    expect(() => permitModel(policy, 'foreign')).toThrow(/"foreign" is ruled out/);
    expect(() => permitModel(policy, 'smollm2-135m-instruct', 'b'.repeat(64))).toThrow(/not the allowed one/);
    permitModel(policy, 'smollm2-135m-instruct', 'a'.repeat(64));
    permit(OPEN_POLICY, 'file');
  });
});

function* pathsOf(value: unknown, above: readonly (string | number)[]): Generator<readonly (string | number)[]> {
  if (above.length > 0) yield above;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value))
    yield* pathsOf(item, [...above, Array.isArray(value) ? Number(key) : key]);
}

function set(target: Record<string | number, never>, path: readonly (string | number)[], value: unknown): void {
  const [key, ...rest] = path;
  if (key === undefined) return;
  if (rest.length === 0) target[key] = value as never;
  else set(target[key] as never, rest, value);
}
