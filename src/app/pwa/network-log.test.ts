import { describe, expect, it } from 'vitest';
import { createNetworkLog, type PageRequest } from './network-log.ts';

function setUp(options: { controller: boolean }) {
  const container = new EventTarget() as EventTarget & { controller: ServiceWorker | null };
  container.controller = options.controller ? ({} as ServiceWorker) : null;
  const accounted: string[] = [];
  let observed: (request: PageRequest) => void = () => {};
  const { log, begin } = createNetworkLog({
    serviceWorker: container as unknown as ServiceWorkerContainer,
    observeResources: (callback) => {
      observed = callback;
    },
    account: ({ address }) => accounted.push(address),
    now: () => 1000,
  });
  const report = (data: unknown) => container.dispatchEvent(new MessageEvent('message', { data }));
  const control = () => {
    container.controller = {} as ServiceWorker;
    container.dispatchEvent(new Event('controllerchange'));
  };
  const observe = (address: string, at: number, more: Partial<PageRequest> = {}) =>
    observed({ address, at, bytes: 10, isSeen: false, ...more });
  return { log, begin, report, control, accounted, observe };
}

const request = (at: number, address = 'http://a/b') => ({ type: 'network-request', address, at });

describe('the request count', () => {
  it('begins when it is told to, and not before', () => {
    const { log, begin, report } = setUp({ controller: true });
    report(request(500));
    expect(log.value).toMatchObject({ since: null, count: 0 });
    begin();
    report(request(999));
    expect(log.value).toMatchObject({ since: 1000, count: 0, coverage: 'all' });
    report(request(1001));
    report(request(1002, 'http://a/c'));
    expect(log.value).toMatchObject({ count: 2, latest: ['http://a/c', 'http://a/b'] });
  });

  it('begins once', () => {
    const { log, begin, report } = setUp({ controller: true });
    begin();
    report(request(1001));
    begin();
    expect(log.value.count).toBe(1);
  });

  it('counts the page by itself where no service worker is, and says so', () => {
    const { log, begin, observe } = setUp({ controller: false });
    begin();
    observe('http://a/x', 1200);
    expect(log.value).toMatchObject({ count: 1, coverage: 'page' });
  });

  it('counts no request twice, and none that the service worker answered from this device', () => {
    const { log, begin, observe, control } = setUp({ controller: false });
    begin();
    control();
    observe('http://a/x', 1200);
    expect(log.value).toMatchObject({ count: 0, coverage: 'all' });
  });

  it('adds to the account what came before the service worker, and only what came over the network', () => {
    const { observe, control, accounted } = setUp({ controller: false });
    observe('http://a/first', 10);
    observe('http://a/from-the-browser-s-own-cache', 11, { bytes: 0 });
    control();
    observe('http://a/under-way-meanwhile', 12);
    observe('http://a/counted-by-the-worker', 13, { isSeen: true });
    expect(accounted).toEqual(['http://a/first', 'http://a/under-way-meanwhile']);
  });

  it.each([
    null,
    'text',
    { type: 'other' },
    { type: 'network-request' },
    { type: 'network-request', address: 1, at: 2000 },
  ])('ignores a message that is not a report: %j', (data) => {
    const { log, begin, report } = setUp({ controller: true });
    begin();
    report(data);
    expect(log.value.count).toBe(0);
  });

  it('lists the latest addresses only', () => {
    const { log, begin, report } = setUp({ controller: true });
    begin();
    for (let index = 0; index < 50; index++) report(request(2000 + index, `http://a/${index}`));
    expect(log.value.count).toBe(50);
    expect(log.value.latest).toHaveLength(20);
    expect(log.value.latest[0]).toBe('http://a/49');
  });
});
