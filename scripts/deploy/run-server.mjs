import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Failure } from '../lib/failure.mjs';
import { freePort } from '../lib/server.mjs';
import { SERVERS } from './recipes.mjs';

/** Where Debian puts the programs. */
const PROGRAMS = { nginx: '/usr/sbin/nginx', caddy: '/usr/bin/caddy', apache: '/usr/sbin/apache2' };

/** Modules of Debian's Apache that the recipe and a server without the system's own configuration need. */
const APACHE_MODULES = [
  'mpm_event',
  'authz_core',
  'authz_host',
  'alias',
  'dir',
  'env',
  'headers',
  'mime',
  'rewrite',
  'setenvif',
];

/**
 * @typedef {object} DeployedServer
 * @property {string} url
 * @property {() => string} log What it said so far.
 * @property {() => Promise<void>} close
 */

/**
 * Runs a real web server on a recipe, as this user and on a free port.
 * @param {keyof typeof SERVERS} name
 * @param {Omit<import('./site.mjs').Site, 'listen'>} site
 * @param {string} folder Where it may write.
 * @returns {Promise<DeployedServer | null>} Null where the server is not installed.
 */
export async function startServer(name, site, folder) {
  if (!existsSync(PROGRAMS[name])) return null;
  const port = await freePort();
  const listen =
    name === 'nginx' ? `127.0.0.1:${port}` : name === 'caddy' ? `http://localhost:${port}` : `127.0.0.1:${port}`;
  const recipe = SERVERS[name].make({ ...site, listen });
  const file = join(folder, 'recipe');
  writeFileSync(file, recipe);
  const { program, parameters } = commandOf(name, folder, file, port);
  const child = spawn(program, parameters, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (said += part));
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const close = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  const url = `http://localhost:${port}/`;
  for (let attempt = 0; attempt < 100; attempt++) {
    const isThere = await fetch(`http://127.0.0.1:${port}/`).then(
      () => true,
      () => false,
    );
    if (isThere) return { url, log: () => said, close };
    if (child.exitCode !== null) break;
    await setTimeout(100);
  }
  child.kill('SIGKILL');
  throw new Failure(`${name} did not start:\n${said}`);
}

/**
 * @param {keyof typeof SERVERS} name
 * @param {string} folder
 * @param {string} recipe
 * @param {number} port
 */
function commandOf(name, folder, recipe, port) {
  const main = join(folder, 'main.conf');
  if (name === 'caddy')
    return {
      program: PROGRAMS.caddy,
      parameters: ['run', '--adapter', 'caddyfile', '--config', caddyFile(main, recipe)],
    };
  if (name === 'nginx') {
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (kind) => `${kind}_temp_path "${folder}/${kind}";`,
    );
    // Workers of a server started by root must be able to read a build that lies in somebody's home.
    const user = process.getuid?.() === 0 ? 'user root;' : '';
    writeFileSync(
      main,
      `daemon off; ${user} pid "${folder}/pid"; error_log stderr; events {} http { access_log off; ${temporary.join(' ')} include "${recipe}"; }`,
    );
    return { program: PROGRAMS.nginx, parameters: ['-p', folder, '-e', 'stderr', '-c', main] };
  }
  mkdirSync(join(folder, 'run'), { recursive: true });
  const modules = APACHE_MODULES.map(
    (module) => `LoadModule ${module}_module /usr/lib/apache2/modules/mod_${module}.so`,
  );
  const user = process.getuid?.() === 0 ? 'User www-data\nGroup www-data' : '';
  writeFileSync(
    main,
    `${modules.join('\n')}\nServerRoot "${folder}"\nServerName localhost\nPidFile "${folder}/run/pid"\nDefaultRuntimeDir "${folder}/run"\nTypesConfig /etc/mime.types\nErrorLog "${folder}/error.log"\nListen 127.0.0.1:${port}\n${user}\nInclude "${recipe}"\n`,
  );
  return { program: PROGRAMS.apache, parameters: ['-D', 'FOREGROUND', '-f', main] };
}

/**
 * Without an administration port, which would be a second listener.
 * @param {string} main
 * @param {string} recipe
 */
function caddyFile(main, recipe) {
  writeFileSync(main, `{\n\tadmin off\n\tauto_https off\n}\nimport "${recipe}"\n`);
  return main;
}
