import { expect, test } from 'vitest';
import { readArguments, readNumber } from './arguments.mjs';
import { Failure } from './failure.mjs';
import { isSupportedNode } from './node-version.mjs';

test.each(['', ' ', 'x', '1.5', '-1', '65536', 'Infinity', '1e9'])('--port refuses "%s"', (text) => {
  expect(() => readNumber('--port', text, { minimum: 0, maximum: 65_535 })).toThrow(Failure);
});

test('numbers within bounds are taken', () => {
  expect(readNumber('--port', '4173', { minimum: 0, maximum: 65_535 })).toBe(4173);
  expect(readNumber('--temperature', '0.7', { minimum: 0, maximum: 5, isInteger: false })).toBe(0.7);
});

test('an unknown option is a sentence that names it', () => {
  expect(() => readArguments({ args: ['--prot', '1'], options: { port: { type: 'string' } } })).toThrow(/--prot/);
});

test.each([
  ['20.19.0', true],
  ['20.18.9', false],
  ['18.20.0', false],
  ['22.0.0', true],
])('Node %s is supported: %s', (version, isSupported) => {
  expect(isSupportedNode(version)).toBe(isSupported);
});
