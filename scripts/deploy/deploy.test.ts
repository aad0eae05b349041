import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../lib/paths.mjs';
import { SERVERS } from './recipes.mjs';

test.each(Object.entries(SERVERS))(
  'deploy/ holds the recipe for %s as it is made now',
  (_name, { make, listen, file }) => {
    const made = make({ root: '/srv/sotto', path: '/', listen, embedders: [], connections: [] });
    expect(readFileSync(join(ROOT, 'deploy', file), 'utf8')).toBe(made);
  },
);
