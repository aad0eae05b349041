import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { engineVersion } from './engine-version.ts';

it('is another one after any change of a kernel, a shader or what drives them, and after no other', () => {
  const root = mkdtempSync(join(tmpdir(), 'sotto-engine-'));
  const cpu = join(root, 'src/runtime/backends/cpu');
  mkdirSync(join(cpu, 'assembly'), { recursive: true });
  mkdirSync(join(root, 'src/runtime/architectures'));
  mkdirSync(join(root, 'scripts'));
  cpSync('scripts/build-wasm.mjs', join(root, 'scripts/build-wasm.mjs'));
  const versions = ['assembly/kernel.ts', 'shader.wgsl', 'driver.ts'].map((name) => {
    writeFileSync(join(cpu, name), 'one');
    const before = engineVersion(root);
    writeFileSync(join(cpu, name), 'two');
    expect(engineVersion(root)).not.toBe(before);
    return engineVersion(root);
  });
  expect(new Set(versions).size).toBe(3);
  const before = engineVersion(root);
  writeFileSync(join(cpu, 'driver.test.ts'), 'a test');
  writeFileSync(join(cpu, 'README.md'), 'words');
  expect(engineVersion(root)).toBe(before);
  expect(before).toMatch(/^[0-9a-f]{16}$/);
  rmSync(root, { recursive: true });
});
