import './lib/node-version.mjs';
import process from 'node:process';
import { readArguments, readNumber } from './lib/arguments.mjs';
import { ensureBuilt } from './lib/build.mjs';
import { runCommand } from './lib/failure.mjs';
import { ensureDependencies } from './lib/install.mjs';
import { serveProduct } from './lib/server.mjs';

const HELP = `npm start -- [options]

Installs what is missing, builds Sotto and serves it.

  --port N      port to listen on (4173)
  --host NAME   address to listen on (localhost)
  --help        this text`;

await runCommand(async () => {
  const { values } = readArguments({
    options: {
      port: { type: 'string', default: '4173' },
      host: { type: 'string', default: 'localhost' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(HELP);
  const port = readNumber('--port', values.port, { minimum: 0, maximum: 65_535 });

  await ensureDependencies();
  await ensureBuilt();
  const server = await serveProduct({ host: values.host, port });

  console.log(`Sotto is at ${server.url}`);
  if (!['localhost', '127.0.0.1', '::1'].includes(values.host)) {
    console.log('From other machines browsers need https here (a secure context): put a TLS proxy in front of it.');
  }
  console.log('Press Ctrl+C to stop.');
  const stop = () => void server.close();
  process.once('SIGINT', stop).once('SIGTERM', stop);
});
