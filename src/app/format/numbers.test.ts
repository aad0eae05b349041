import { describe, expect, it } from 'vitest';
import { formatByteProgress, formatBytes, formatClock, formatCount, formatRate, fraction } from './numbers.ts';

describe('formatBytes', () => {
  it.each([
    [0, '0 bytes'],
    [999, '999 bytes'],
    [1000, '1 kB'],
    [98_362_432, '98 MB'],
    [999_600, '1 MB'],
    [4_200_000_000, '4 GB'],
    [2 ** 60, '1,152,922 TB'],
    [-5, '0 bytes'],
  ])('%d → %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  it('keeps the digits asked for', () => {
    expect(formatBytes(98_362_432, 1)).toBe('98.4 MB');
    expect(formatBytes(999_960_000, 1)).toBe('1.0 GB');
    expect(formatBytes(12, 1)).toBe('12 bytes');
  });
});

describe('formatByteProgress', () => {
  it.each([
    [36_400_000, 98_362_432, '36.4 of 98.4 MB'],
    [0, 98_362_432, '0.0 of 98.4 MB'],
    [200_000_000, 1_500_000_000, '0.2 of 1.5 GB'],
    [3, 900, '3 of 900 bytes'],
  ])('%d of %d → %s', (loaded, total, text) => expect(formatByteProgress(loaded, total)).toBe(text));
});

describe('other figures', () => {
  it('gives rates the digits they deserve', () => {
    expect([8.42, 9.96, 41.4, 1234].map(formatRate)).toEqual(['8.4', '10', '41', '1,234']);
  });
  it('separates thousands', () => expect(formatCount(8192)).toBe('8,192'));
  it('never divides by nothing', () => {
    expect([fraction(1, 0), fraction(1, 4), fraction(9, 4), fraction(-1, 4)]).toEqual([0, 0.25, 1, 0]);
  });
  it('tells the time in 24 hours', () => {
    expect(formatClock(Date.UTC(2026, 0, 1, 14, 2), 'UTC')).toBe('14:02');
    expect(formatClock(Date.UTC(2026, 0, 1, 0, 5), 'UTC')).toBe('00:05');
  });
});
