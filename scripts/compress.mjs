import './lib/node-version.mjs';
import { resolve } from 'node:path';
import { readArguments } from './lib/arguments.mjs';
import { compressAssets } from './lib/compress-assets.mjs';
import { runCommand } from './lib/failure.mjs';
import { DIST } from './lib/paths.mjs';

const HELP = `npm run compress -- [FOLDER]

Puts a .br and a .gz beside every file of a built folder (dist/) that gains by it, for servers that send those.`;

await runCommand(async () => {
  const { values, positionals } = readArguments({
    allowPositionals: true,
    options: { help: { type: 'boolean', default: false } },
  });
  if (values.help) return console.log(HELP);
  const { files, bytes, brotliBytes } = await compressAssets(resolve(positionals[0] ?? DIST));
  const share = Math.round((brotliBytes / Math.max(1, bytes)) * 100);
  console.log(
    `${files} files, ${(bytes / 1e6).toFixed(1)} MB, as brotli ${(brotliBytes / 1e6).toFixed(1)} MB (${share} %).`,
  );
});
