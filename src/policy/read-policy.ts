import { SottoError } from '../shared/index.ts';
import { checkPolicy } from './check-policy.ts';
import type { Policy } from './policy.ts';
import { isSignedBy, type Signature, signedText } from './signature.ts';

/** Most bytes a policy may have. */
export const POLICY_BYTES_LIMIT = 2 ** 20;

/** Problems that are named in an error; the command names all. */
const MOST_NAMED = 3;

/**
 * The text of `sotto.policy.json` → the policy. Rejects with `policy-invalid`: a file that cannot be understood allows nothing.
 *
 * @param pinnedKey The Ed25519 key this build insists on, base64url; empty: a signature is optional, but one that is there holds.
 */
export async function readPolicy(text: string, pinnedKey = ''): Promise<Policy> {
  const value = parse(text);
  const { policy, problems } = checkPolicy(value);
  if (policy === null) {
    const named = problems.slice(0, MOST_NAMED).map(({ path, message }) => `${placeOf(path)} ${message}`);
    const more = problems.length > MOST_NAMED ? `, and ${problems.length - MOST_NAMED} more` : '';
    throw invalid(`${named.join('; ')}${more}`);
  }
  const signed = value as Readonly<Record<string, unknown>> & { readonly signature?: Signature };
  const { signature } = signed;
  if (signature === undefined) {
    if (pinnedKey !== '') throw invalid('it is not signed, and this build asks for a signature');
    return policy;
  }
  if (pinnedKey !== '' && signature.publicKey !== pinnedKey)
    throw invalid('it is signed with another key than the one this build asks for');
  if (!(await isSignedBy(signature, signedText(signed)))) throw invalid('its signature does not fit its content');
  return policy;
}

/** "models.allowed[0].id" */
export function placeOf(path: readonly (string | number)[]): string {
  const steps = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`));
  return path.length === 0 ? 'the file' : steps.join('').replace(/^\./, '');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const what = /^\s*</.test(text) ? 'the server answered with a page in its place' : 'it is no JSON';
    throw invalid(what, error);
  }
}

function invalid(reason: string, cause?: unknown): SottoError {
  const message = `This site’s policy (sotto.policy.json) cannot be used: ${reason}. Nothing is allowed until it is mended.`;
  return new SottoError('policy-invalid', message, cause === undefined ? {} : { cause });
}
