import { describe, expect, it } from 'vitest';
import { findEntities } from './index.ts';

const productsIn = (text: string, known: readonly string[] = []) =>
  findEntities(text, known)
    .filter(({ kind }) => kind === 'product')
    .map(({ value }) => value);

describe('products', () => {
  it('are found by the names of a catalogue, by known names, and by words grown together', () => {
    expect(productsIn('Two mugs broke.', ['Mug'])).toEqual(['Mug']);
    expect(productsIn('My iPhone 15 Pro is slow.')).toEqual(['iPhone 15 Pro']);
    expect(productsIn('The AirLoop fan beats the SmartMug 2.')).toEqual(['AirLoop', 'SmartMug 2']);
  });

  it.each([
    'Ask McDonald or DeVito.',
    'Write to JaneDoe@example.com.',
    'See example.com/NewThings.',
    'ACME and NATO met.',
  ])('are not seen in "%s"', (text) => {
    expect(productsIn(text)).toEqual([]);
  });
});
