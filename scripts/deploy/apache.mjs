import { cacheControl } from '../headers.mjs';
import { headersOfSite, TEXT_TYPES, TYPES } from './site.mjs';

/**
 * A file for /etc/apache2/sites-available/. Needs: a2enmod headers rewrite setenvif mime alias dir.
 * @param {import('./site.mjs').Site} site
 * @returns {string}
 */
export function apacheRecipe(site) {
  const { common, differences } = headersOfSite(site);
  const always = (/** @type {Readonly<Record<string, string>>} */ headers, when = '') =>
    Object.entries(headers)
      .map(([name, value]) => `        Header always set ${name} ${quoted(value)}${when}`)
      .join('\n');
  const place =
    site.path === '/' ? `DocumentRoot ${quoted(site.root)}` : `Alias ${site.path.slice(0, -1)} ${quoted(site.root)}`;
  const compressed = (
    /** @type {string} */ encoding,
    /** @type {string} */ ending,
  ) => `        RewriteCond %{HTTP:Accept-Encoding} \\b${encoding}\\b
        RewriteCond %{REQUEST_FILENAME} \\.(html|js|css|json|wasm|svg|webmanifest|md|txt)$
        RewriteCond %{REQUEST_FILENAME}.${ending} -f
        RewriteRule ^(.+)$ $1.${ending} [L]`;
  return `# Sotto on Apache. Made by \`npm run recipe -- apache\`; make it anew after a change of the policy or an update of Sotto.
# Needs: a2enmod headers rewrite setenvif mime alias dir
<VirtualHost ${site.listen}>
    ${place}
    SetEnvIf Request_URI "/assets/" SOTTO_ASSET
${differences.map(({ file }, index) => `    SetEnvIf Request_URI "/${file.replaceAll('.', '\\.')}(\\.br|\\.gz)?$" SOTTO_OWN_${index}`).join('\n')}
    <Directory ${quoted(site.root)}>
        Options -Indexes -MultiViews
        AllowOverride None
        Require all granted
        DirectoryIndex index.html
        FileETag MTime Size
${always(common)}
${differences.map(({ headers }, index) => always(headers, ` env=SOTTO_OWN_${index}`)).join('\n')}
        # An answer that is no file must not be kept for a year.
        Header always set Cache-Control "no-cache"
        Header always set Cache-Control ${quoted(cacheControl('assets/'))} "expr=%{REQUEST_STATUS} in {'200','206','304'} && env('SOTTO_ASSET') == '1'"
${TYPES.map(([type, endings]) => `        AddType ${quoted(`${type}${TEXT_TYPES.includes(/** @type {string} */ (type)) ? '; charset=utf-8' : ''}`)} ${/** @type {string[]} */ (endings).map((ending) => `.${ending}`).join(' ')}`).join('\n')}
        # Copies made by \`npm run compress\`.
        RemoveType .gz .br
        AddEncoding br .br
        AddEncoding gzip .gz
        Header always merge Vary Accept-Encoding
        RewriteEngine On
        RewriteBase ${site.path}
${compressed('br', 'br')}
${compressed('gzip', 'gz')}
        RewriteRule (^|/)\\. - [R=404,L]
    </Directory>
</VirtualHost>
`;
}

/** @param {string} value */
const quoted = (value) => `"${value.replaceAll('"', '\\"')}"`;
