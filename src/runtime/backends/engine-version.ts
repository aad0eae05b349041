/** Put in by the build: `scripts/vite/engine-version.ts`. */
declare const SOTTO_ENGINE_VERSION: string;

/** Names the kernels and what drives them; another one where anything of their sources has changed. */
export function engineVersion(): string {
  return SOTTO_ENGINE_VERSION;
}
