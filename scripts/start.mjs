import './lib/node-version.mjs';
import process from 'node:process';
import { readArguments, readNumber } from './lib/arguments.mjs';
import { ensureBuilt } from './lib/build.mjs';
import { Failure, runCommand } from './lib/failure.mjs';
import { ensureDependencies } from './lib/install.mjs';
import { serveProduct } from './lib/server.mjs';

const HELP = `npm start -- [options]

Installs what is missing, builds Sotto and serves it.

  --port N        port to listen on (4173)
  --host NAME     address to listen on (localhost)
  --embed ORIGIN  lets pages of this origin hold the widget, https://intranet.example; may be given more than once
  --help          this text`;

await runCommand(async () => {
  const { values } = readArguments({
    options: {
      port: { type: 'string', default: '4173' },
      host: { type: 'string', default: 'localhost' },
      embed: { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(HELP);
  const port = readNumber('--port', values.port, { minimum: 0, maximum: 65_535 });

  const embedders = values.embed.map(readOrigin);

  await ensureDependencies();
  await ensureBuilt();
  const server = await serveProduct({ host: values.host, port, embedders });

  console.log(`Sotto is at ${server.url}`);
  if (!['localhost', '127.0.0.1', '::1'].includes(values.host)) {
    console.log('From other machines browsers need https here (a secure context): put a TLS proxy in front of it.');
  }
  console.log('Press Ctrl+C to stop.');
  const stop = () => void server.close();
  process.once('SIGINT', stop).once('SIGTERM', stop);
});

/**
 * @param {string} text
 * @returns {string} An origin; anything else would end up in a header as it stands.
 */
function readOrigin(text) {
  if (!URL.canParse(text) || !/^https?:/.test(text) || new URL(text).origin !== text.replace(/\/$/, '')) {
    throw new Failure(`--embed takes an origin such as https://intranet.example, not "${text}".`);
  }
  return new URL(text).origin;
}
