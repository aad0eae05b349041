import type { KnownSource } from '../protocol/index.ts';

/**
 * Where a file of this site may come from, in order: mirrors hold the folder of the catalogue under another address, and
 * are asked before the site itself.
 */
export function addressesOf(
  path: string,
  manifestUrl: URL,
  catalogueUrl: URL,
  mirrors: readonly string[],
): readonly URL[] {
  const here = new URL(path, manifestUrl);
  const folder = new URL('.', catalogueUrl).href;
  const below = here.href.startsWith(folder) ? here.href.slice(folder.length) : null;
  return [...(below === null ? [] : mirrors.map((mirror) => new URL(below, mirror))), here];
}

/** Where a model may come from that this site only knows of: mirrors hold it as hosts of model repositories do. */
export function addressesOfKnown(
  { repository, revision, file }: KnownSource,
  mirrors: readonly string[],
): readonly URL[] {
  return mirrors.map((mirror) => new URL(`${repository}/resolve/${revision}/${file}`, mirror));
}
