import {
  type AllowedModel,
  FEATURES,
  OPEN_POLICY,
  POLICY_LANGUAGES,
  type Policy,
  type PolicyKnowledge,
} from './policy.ts';

/** Something that is wrong with a policy: where, what, and what to do. */
export interface PolicyProblem {
  /** Keys and indices from the top, ["models", "allowed", 0, "sha256"]. */
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly advice: string;
}

export type PolicyResult =
  | { readonly policy: Policy; readonly problems: readonly [] }
  | { readonly policy: null; readonly problems: readonly PolicyProblem[] };

/** Most items of any list, most characters of any text: far above what anyone writes by hand. */
const MOST_ITEMS = 1_000;
const MOST_CHARACTERS = 20_000;

const PATTERNS = {
  id: /^[a-z0-9][a-z0-9._-]{0,99}$/,
  sha256: /^[0-9a-f]{64}$/,
  key: /^[A-Za-z0-9_-]{43}$/,
  signature: /^[A-Za-z0-9_-]{86}$/,
  origin: /^https?:\/\/(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?$/,
  folder: /^https?:\/\/[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?\/([A-Za-z0-9._~-]+\/)*$/,
  pack: /^(https?:\/\/[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?\/)?([A-Za-z0-9_~-][A-Za-z0-9._~-]*\/)*[A-Za-z0-9_~-][A-Za-z0-9._~-]*$/,
} as const;

const TOP_KEYS = [
  '$schema',
  'policyVersion',
  'organisation',
  'models',
  'systemPrompt',
  'languages',
  'frameAncestors',
  'features',
  'retentionDays',
  'vault',
  'consent',
  'widget',
  'telemetry',
  'signature',
] as const;

/**
 * Unknown JSON → a policy. A key that is not known is a problem too: a misspelt prohibition would otherwise allow what it
 * was meant to forbid.
 */
export function checkPolicy(value: unknown): PolicyResult {
  const checker = new Checker();
  const policy = checker.policy(value);
  return checker.problems.length > 0 ? { policy: null, problems: checker.problems } : { policy, problems: [] };
}

type Path = readonly (string | number)[];
type Plain = Readonly<Record<string, unknown>>;

class Checker {
  readonly problems: PolicyProblem[] = [];

  policy(value: unknown): Policy {
    const top = this.#object(value, [], TOP_KEYS);
    if (top['policyVersion'] !== 1) {
      this.#wrong(['policyVersion'], 'must be 1', 'Write "policyVersion": 1. Later versions need a later Sotto.');
    }
    this.#signature(top['signature']);
    const { models, widget } = OPEN_POLICY;
    const modelKeys =
      this.#optional(top, 'models', (given, path) => this.#object(given, path, ['allowed', 'default', 'mirrors'])) ??
      {};
    const widgetKeys =
      this.#optional(top, 'widget', (given, path) =>
        this.#object(given, path, ['messages', 'knowledge', 'linkOrigins']),
      ) ?? {};
    const policy: Policy = {
      policyVersion: 1,
      organisation: this.#optional(top, 'organisation', (given, path) => this.#text(given, path, 200)) ?? '',
      models: {
        allowed:
          this.#optional(modelKeys, 'allowed', (given, path) => this.#allowed(given, path), ['models']) ??
          models.allowed,
        default:
          this.#optional(modelKeys, 'default', (given, path) => this.#matching(given, path, 'id', ID_ADVICE), [
            'models',
          ]) ?? null,
        mirrors: this.#optional(modelKeys, 'mirrors', (given, path) => this.#folders(given, path), ['models']) ?? [],
      },
      systemPrompt: this.#optional(top, 'systemPrompt', (given, path) => this.#text(given, path)) ?? null,
      languages: this.#optional(top, 'languages', (given, path) => this.#languages(given, path)) ?? null,
      frameAncestors: this.#optional(top, 'frameAncestors', (given, path) => this.#origins(given, path)) ?? [],
      features: this.#optional(top, 'features', (given, path) => this.#features(given, path)) ?? OPEN_POLICY.features,
      retentionDays: this.#optional(top, 'retentionDays', (given, path) => this.#days(given, path)) ?? null,
      vault:
        this.#optional(top, 'vault', (given, path) => this.#oneOf(given, path, ['optional', 'required'])) ?? 'optional',
      consent: this.#optional(top, 'consent', (given, path) => this.#consent(given, path)) ?? {},
      widget: {
        messages:
          this.#optional(widgetKeys, 'messages', (given, path) => this.#oneOf(given, path, ['none', 'read']), [
            'widget',
          ]) ?? widget.messages,
        knowledge:
          this.#optional(widgetKeys, 'knowledge', (given, path) => this.#knowledge(given, path), ['widget']) ?? [],
        linkOrigins:
          this.#optional(widgetKeys, 'linkOrigins', (given, path) => this.#origins(given, path), ['widget']) ?? [],
      },
      telemetry: this.#optional(top, 'telemetry', (given, path) => this.#telemetry(given, path)) ?? 'none',
    };
    this.#defaultIsAllowed(policy);
    return policy;
  }

  #wrong(path: Path, message: string, advice: string): void {
    this.problems.push({ path, message, advice });
  }

  /** A key that is absent has its default; one that is null is a mistake like any other wrong value. */
  #optional<T>(from: Plain, key: string, read: (given: unknown, path: Path) => T, above: Path = []): T | undefined {
    return Object.hasOwn(from, key) ? read(from[key], [...above, key]) : undefined;
  }

  #object(value: unknown, path: Path, keys: readonly string[] | null): Plain {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.#wrong(path, 'must be an object', 'Write { … }.');
      return {};
    }
    for (const key of Object.keys(value)) {
      if (keys === null || keys.includes(key)) continue;
      const near = keys.find((known) => known.toLowerCase() === key.toLowerCase());
      const advice = near === undefined ? `Known keys here: ${keys.join(', ')}.` : `Did you mean "${near}"?`;
      this.#wrong([...path, key], 'is not a key of a policy', advice);
    }
    return value as Plain;
  }

  #text(value: unknown, path: Path, most = MOST_CHARACTERS): string {
    if (typeof value === 'string' && value.length <= most && value.trim() !== '') return value;
    this.#wrong(
      path,
      `must be a text of 1 to ${most} characters`,
      'Write it in quotation marks, or leave the key out.',
    );
    return '';
  }

  #matching(value: unknown, path: Path, kind: keyof typeof PATTERNS, advice: string): string {
    if (typeof value === 'string' && value.length <= 2_000 && PATTERNS[kind].test(value)) return value;
    this.#wrong(path, `is no ${NAMES[kind]}`, advice);
    return '';
  }

  #list<T>(value: unknown, path: Path, read: (item: unknown, path: Path) => T): readonly T[] {
    if (!Array.isArray(value) || value.length > MOST_ITEMS) {
      this.#wrong(path, `must be a list of at most ${MOST_ITEMS}`, 'Write [ … ].');
      return [];
    }
    return value.map((item, index) => read(item, [...path, index]));
  }

  #allowed(value: unknown, path: Path): readonly AllowedModel[] {
    const models = this.#list(value, path, (item, place): AllowedModel => {
      const fields = this.#object(item, place, ['id', 'sha256']);
      const sha256 = this.#optional(
        fields,
        'sha256',
        (given, at) => this.#matching(given, at, 'sha256', SHA256_ADVICE),
        place,
      );
      return { id: this.#matching(fields['id'], [...place, 'id'], 'id', ID_ADVICE), sha256: sha256 ?? null };
    });
    if (Array.isArray(value) && value.length === 0) {
      this.#wrong(path, 'allows no model at all', 'Name at least one, or leave the key out to allow all of the site.');
    }
    return models;
  }

  #folders(value: unknown, path: Path): readonly string[] {
    const advice = 'Write the address of a folder with its last slash: "https://mirror.example/sotto/models/".';
    return this.#list(value, path, (item, place) => this.#matching(item, place, 'folder', advice));
  }

  #origins(value: unknown, path: Path): readonly string[] {
    const advice = 'Write scheme and host, nothing after them: "https://intranet.example".';
    return this.#list(value, path, (item, place) => this.#matching(item, place, 'origin', advice));
  }

  #languages(value: unknown, path: Path): readonly string[] {
    const list = this.#list(value, path, (item, place) => this.#oneOf(item, place, POLICY_LANGUAGES));
    if (Array.isArray(value) && value.length === 0) this.#wrong(path, 'names no language', 'Name at least one.');
    return list;
  }

  #features(value: unknown, path: Path): Policy['features'] {
    const given = this.#object(value, path, FEATURES);
    const features = { ...OPEN_POLICY.features };
    for (const name of FEATURES) {
      const isOn = this.#optional(given, name, (flag, place) => this.#flag(flag, place), path);
      if (isOn !== undefined) features[name] = isOn;
    }
    return features;
  }

  #flag(value: unknown, path: Path): boolean {
    if (typeof value === 'boolean') return value;
    this.#wrong(path, 'must be true or false', 'Write it without quotation marks.');
    return false;
  }

  #days(value: unknown, path: Path): number {
    if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 36_500) return value;
    this.#wrong(
      path,
      'must be a whole number from 1 to 36500',
      'Days. Leave the key out to keep chats until they are deleted.',
    );
    return 1;
  }

  #oneOf<T extends string>(value: unknown, path: Path, allowed: readonly T[]): T {
    const found = allowed.find((item) => item === value);
    if (found !== undefined) return found;
    const [first] = allowed;
    if (first === undefined) throw new RangeError('no choice');
    this.#wrong(path, 'is no possible value', `Possible: ${allowed.map((item) => `"${item}"`).join(', ')}.`);
    return first;
  }

  #consent(value: unknown, path: Path): Readonly<Record<string, string>> {
    const given = this.#object(value, path, POLICY_LANGUAGES);
    return Object.fromEntries(
      POLICY_LANGUAGES.flatMap((language) => {
        const text = this.#optional(given, language, (words, place) => this.#text(words, place), path);
        return text === undefined ? [] : [[language, text]];
      }),
    );
  }

  #knowledge(value: unknown, path: Path): readonly PolicyKnowledge[] {
    return this.#list(value, path, (item, place) => {
      const fields = this.#object(item, place, ['url', 'publicKey']);
      const key = this.#optional(
        fields,
        'publicKey',
        (given, at) => this.#matching(given, at, 'key', KEY_ADVICE),
        place,
      );
      const advice = 'Write a path below the policy file ("knowledge/hr.pack") or a whole address, without "..".';
      return { url: this.#matching(fields['url'], [...place, 'url'], 'pack', advice), publicKey: key ?? null };
    });
  }

  #telemetry(value: unknown, path: Path): 'none' {
    if (value !== 'none') {
      this.#wrong(
        path,
        'can only be "none"',
        'Sotto has no telemetry that could be switched on. Write "none", or leave it out.',
      );
    }
    return 'none';
  }

  #signature(value: unknown): void {
    if (value === undefined) return;
    const fields = this.#object(value, ['signature'], ['algorithm', 'publicKey', 'value']);
    const place = (key: string) => ['signature', key];
    this.#oneOf(fields['algorithm'], place('algorithm'), ['Ed25519']);
    this.#matching(fields['publicKey'], place('publicKey'), 'key', KEY_ADVICE);
    this.#matching(
      fields['value'],
      place('value'),
      'signature',
      'Sign the file again: npm run policy -- sign FILE --key KEY.',
    );
  }

  #defaultIsAllowed({ models }: Policy): void {
    const { allowed, default: id } = models;
    if (id === null || id === '' || allowed === null || allowed.some((model) => model.id === id)) return;
    this.#wrong(
      ['models', 'default'],
      `"${id}" is not among the allowed models`,
      'Add it to models.allowed, or choose one of them.',
    );
  }
}

const ID_ADVICE = 'Write the id of the model in models/catalogue.json: lower case, digits, ".", "-", "_".';
const SHA256_ADVICE = 'Write the 64 hexadecimal digits of file.sha256 in the model’s manifest, in lower case.';
const KEY_ADVICE = 'Write the 43 characters that `npm run policy -- key FILE` prints.';

const NAMES: Readonly<Record<keyof typeof PATTERNS, string>> = {
  id: 'id of a model',
  sha256: 'SHA-256',
  key: 'public key',
  signature: 'signature',
  origin: 'origin',
  folder: 'address of a folder',
  pack: 'address of a knowledge pack',
};
