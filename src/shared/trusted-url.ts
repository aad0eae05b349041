import { SottoError } from './error.ts';

/**
 * What `new Worker` and `serviceWorker.register` take. TypeScript's own types know only strings; under
 * `require-trusted-types-for 'script'` a plain string is refused by the browser.
 */
type ScriptUrl = string & URL;

interface TrustedTypePolicyFactoryLike {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): unknown };
}

function sameOriginOnly(url: string): string {
  const resolved = new URL(url, self.location.href);
  if (resolved.origin !== self.location.origin) {
    throw new SottoError(
      'worker-load-failed',
      `Scripts come from ${self.location.origin} only, not from ${resolved.origin}.`,
    );
  }
  return resolved.href;
}

let policy: { createScriptURL(url: string): unknown } | undefined;

/**
 * A script address the browser accepts under Trusted Types: same origin or an error.
 * The policy is made once a thread, because a second policy of the same name is refused.
 */
export function trustedScriptUrl(url: string): ScriptUrl {
  const factory = (globalThis as { trustedTypes?: TrustedTypePolicyFactoryLike }).trustedTypes;
  if (factory === undefined) return sameOriginOnly(url) as ScriptUrl;
  policy ??= factory.createPolicy('sotto', { createScriptURL: sameOriginOnly });
  return policy.createScriptURL(url) as ScriptUrl;
}

let allowsOwnScripts = false;

/**
 * Lets libraries of this thread start workers from plain same-origin addresses; other origins stay an error. Only the thread
 * that runs onnxruntime-web calls this: everything of our own goes through `trustedScriptUrl`.
 */
export function allowOwnScripts(): void {
  const factory = (globalThis as { trustedTypes?: TrustedTypePolicyFactoryLike }).trustedTypes;
  if (factory === undefined || allowsOwnScripts) return;
  factory.createPolicy('default', { createScriptURL: sameOriginOnly });
  allowsOwnScripts = true;
}
