import { apacheRecipe } from './apache.mjs';
import { caddyRecipe } from './caddy.mjs';
import { nginxRecipe } from './nginx.mjs';

/** Servers with a recipe, what they listen on by default, and the file that deploy/ holds. */
export const SERVERS = {
  nginx: { make: nginxRecipe, listen: '80', file: 'nginx/sotto.conf' },
  caddy: { make: caddyRecipe, listen: ':80', file: 'caddy/Caddyfile' },
  apache: { make: apacheRecipe, listen: '*:80', file: 'apache/sotto.conf' },
};
