import { cacheControl } from '../headers.mjs';
import { headersOfSite, TEXT_TYPES, TYPES } from './site.mjs';

/**
 * A Caddyfile.
 * @param {import('./site.mjs').Site} site
 * @returns {string}
 */
export function caddyRecipe(site) {
  const { common, differences } = headersOfSite(site);
  const lines = (/** @type {Readonly<Record<string, string>>} */ headers) =>
    Object.entries(headers)
      .map(([name, value]) => `			${name} ${quoted(value)}`)
      .join('\n');
  const types = TYPES.map(([type, endings], index) => {
    const charset = TEXT_TYPES.includes(/** @type {string} */ (type)) ? '; charset=utf-8' : '';
    const paths = /** @type {string[]} */ (endings).map((ending) => `*.${ending}`).join(' ');
    return `		@type${index} path ${paths}${type === 'text/html' ? ' */' : ''}\n		header @type${index} Content-Type ${quoted(`${type}${charset}`)}`;
  });
  const body = `		root * ${quoted(site.root)}
		header {
${lines(common)}
			Cache-Control "no-cache"
		}
${differences.map(({ file, headers }, index) => `		@own${index} path /${file}\n		header @own${index} {\n${lines(headers)}\n		}`).join('\n')}
		@assets path /assets/*
		header @assets Cache-Control ${quoted(cacheControl('assets/'))}
${types.join('\n')}
		@hidden path */.*
		error @hidden 404
		# Copies made by \`npm run compress\`.
		file_server {
			precompressed br gzip
		}`;
  const open = site.path === '/' ? 'handle' : `handle_path ${site.path}*`;
  const all = lines(common);
  return `# Sotto on Caddy. Made by \`npm run recipe -- caddy\`; make it anew after a change of the policy or an update of Sotto.
${site.listen} {
	${open} {
		# In the order in which it is written: what is special overrides what is common.
		route {
${body}
		}
	}
	handle_errors {
		header {
${all}
			Cache-Control "no-cache"
		}
		header Content-Type "text/plain; charset=utf-8"
		respond "{err.status_code} {err.status_text}" {err.status_code}
	}
}
`;
}

/** @param {string} value */
const quoted = (value) => `"${value.replaceAll('"', '\\"')}"`;
