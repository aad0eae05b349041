import { cacheControl } from '../headers.mjs';
import { headersOfSite, TEXT_TYPES, TYPES } from './site.mjs';

/**
 * A file for /etc/nginx/conf.d/.
 * @param {import('./site.mjs').Site} site
 * @returns {string}
 */
export function nginxRecipe(site) {
  const { common, differences } = headersOfSite(site);
  const names = [...new Set([...Object.keys(common), ...differences.flatMap(({ headers }) => Object.keys(headers))])];
  const variable = (/** @type {string} */ name) => `$sotto_${name.toLowerCase().replaceAll('-', '_')}`;
  const maps = names.map((name) => {
    const own = differences
      .filter(({ headers }) => name in headers)
      .map(({ file, headers }) => `    ~/${file.replaceAll('.', '\\.')}$ ${quoted(headers[name] ?? '')};\n`);
    return `map $uri ${variable(name)} {\n    default ${quoted(common[name] ?? '')};\n${own.join('')}}\n`;
  });
  const folder = site.path === '/' ? `root ${quoted(site.root)};` : `alias ${quoted(`${site.root}/`)};`;
  return `# Sotto on nginx. Made by \`npm run recipe -- nginx\`; make it anew after a change of the policy or an update of Sotto.
# Every response carries every header, errors and worker scripts too: "always" is what does it.
${maps.join('')}map $status$uri $sotto_cache {
    default "no-cache";
    ~^(200|206|304).*/assets/ ${quoted(cacheControl('assets/'))};
}
server {
    listen ${site.listen};
    server_tokens off;
    location ${site.path} {
        ${folder}
        index index.html;
        types {
${TYPES.map(([type, endings]) => `            ${type} ${/** @type {string[]} */ (endings).join(' ')};`).join('\n')}
        }
        default_type application/octet-stream;
        charset utf-8;
        charset_types ${TEXT_TYPES.join(' ')};
        # Copies made by \`npm run compress\`. With libnginx-mod-http-brotli-static: brotli_static on;
        gzip_static on;
        gzip_vary on;
${names.map((name) => `        add_header ${name} ${variable(name)} always;`).join('\n')}
        add_header Cache-Control $sotto_cache always;
        # Names that begin with a dot are nobody's business.
        location ~ /\\. { return 404; }
    }
${site.locations ?? ''}}
`;
}

/** @param {string} value */
const quoted = (value) => `"${value.replaceAll('"', '\\"')}"`;
