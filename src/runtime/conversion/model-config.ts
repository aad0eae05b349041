import { SottoError } from '../../shared/index.ts';

/** A JSON file of a model folder, believed in nothing: numbers must lie in a range, texts must be texts. */
export class ModelConfig {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #file: string;

  /** @param file Name of the file, for messages. */
  constructor(values: unknown, file: string) {
    if (typeof values !== 'object' || values === null || Array.isArray(values)) {
      throw new SottoError('model-config-invalid', `${file} is not a JSON object.`);
    }
    this.#values = values as Readonly<Record<string, unknown>>;
    this.#file = file;
  }

  /** The value as it stands; undefined where it is absent or null. */
  raw(name: string): unknown {
    return Object.hasOwn(this.#values, name) ? (this.#values[name] ?? undefined) : undefined;
  }

  has(name: string): boolean {
    return this.raw(name) !== undefined;
  }

  /** A number within [least, most]; `fallback` where it is absent. */
  number(name: string, least: number, most: number, fallback?: number): number {
    const value = this.raw(name) ?? fallback;
    if (typeof value !== 'number' || !(value >= least && value <= most)) {
      const message = `${this.#file}: "${name}" must be a number from ${least} to ${most}, not ${brief(value)}.`;
      throw new SottoError('model-config-invalid', message, { details: { field: name } });
    }
    return value;
  }

  integer(name: string, least: number, most: number, fallback?: number): number {
    const value = this.number(name, least, most, fallback);
    if (Number.isSafeInteger(value)) return value;
    throw new SottoError('model-config-invalid', `${this.#file}: "${name}" must be a whole number, not ${value}.`, {
      details: { field: name },
    });
  }

  text(name: string): string | undefined {
    const value = this.raw(name);
    return typeof value === 'string' ? value : undefined;
  }

  flag(name: string, fallback: boolean): boolean {
    const value = this.raw(name);
    return typeof value === 'boolean' ? value : fallback;
  }

  /** A list of numbers, or undefined where there is none. */
  numbers(name: string): readonly number[] | undefined {
    const value = this.raw(name);
    return Array.isArray(value) && value.every((item) => typeof item === 'number') ? value : undefined;
  }

  /** A nested object, or undefined where there is none. */
  object(name: string): ModelConfig | undefined {
    const value = this.raw(name);
    return typeof value === 'object' && !Array.isArray(value)
      ? new ModelConfig(value, `${this.#file}, ${name}`)
      : undefined;
  }

  /** The same with the fields of a nested object in front of its own: models with an eye keep their text part there. */
  flattened(name: string): ModelConfig {
    const inner = this.raw(name);
    return typeof inner === 'object' ? new ModelConfig({ ...this.#values, ...inner }, this.#file) : this;
  }
}

/** The error for a part that no conversion here can carry over: "not supported: KIND, because PART". */
export function unsupported(kind: string, part: string): SottoError {
  return new SottoError('model-unsupported', `This model is not supported: ${kind}, because of ${part}.`, {
    details: { architecture: kind, part },
  });
}

function brief(value: unknown): string {
  return (JSON.stringify(value) ?? 'missing').slice(0, 80);
}
