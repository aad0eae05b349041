import './lib/node-version.mjs';
import process from 'node:process';
import { readArguments } from './lib/arguments.mjs';
import { Failure, runCommand } from './lib/failure.mjs';
import { ensureDependencies } from './lib/install.mjs';

const HELP = `npm run doctor -- URL [options]

Looks at a running Sotto as a browser would meet it: headers on pages, scripts, threads and errors, types, ranges, caching,
compression, the policy, and every file against asset-manifest.json. Says what to mend.

  --quick    leaves out the hashes of weights
  --strict   what only costs speed counts as a failure too
  --json     {isHealthy, findings: [{level, check, subject, message, fix}]} on stdout
  --help     this text

Exit code 0: healthy; 1: something to mend.`;

await runCommand(async () => {
  const { values, positionals } = readArguments({
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      strict: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const [address, ...rest] = positionals;
  if (values.help) return console.log(HELP);
  if (address === undefined || rest.length > 0 || !URL.canParse(address) || !/^https?:/.test(address)) {
    throw new Failure(`doctor takes one address, https://intranet.example/sotto/.\n\n${HELP}`);
  }
  await ensureDependencies();
  const { examine } = await import('./doctor/examine.mjs');
  const base = new URL(address.endsWith('/') ? address : address.replace(/[^/]*\.html$/, '').replace(/\/?$/, '/'));
  const findings = await examine(base, { isQuick: values.quick });
  const failed = findings.filter(({ level }) => level === 'fail' || values.strict);
  if (failed.length > 0) process.exitCode = 1;
  if (values.json) return console.log(JSON.stringify({ isHealthy: failed.length === 0, findings }));
  for (const { level, check, subject, message, fix } of findings) {
    console.log(`${level === 'fail' ? 'FAIL' : 'note'}  ${check}: ${subject} ${message}\n      ${fix}`);
  }
  console.log(failed.length === 0 ? `${base.href} is healthy.` : `${failed.length} to mend.`);
});
