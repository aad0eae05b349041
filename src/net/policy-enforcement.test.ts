import { describe, expect, it } from 'vitest';
import { OPEN_POLICY, type Policy } from '../policy/index.ts';
import { SottoError } from '../shared/index.ts';
import { COMPLETE, failure, useDownloadHarness } from './testing/download-harness.ts';
import { underPolicy } from './under-policy.ts';

const kit = useDownloadHarness();

const governed = (rules: Partial<Policy>) =>
  underPolicy(kit.service(), async () => ({ ...OPEN_POLICY, organisation: 'Example', ...rules }));
const withModels = (models: Partial<Policy['models']>) => governed({ models: { ...OPEN_POLICY.models, ...models } });
const BLOCKED = { code: 'blocked-by-policy', message: expect.stringContaining('policy of Example') };

describe('what a policy allows', () => {
  it('is the model it names, by its hash', async () => {
    const manifest = await kit.service().manifest('sample');
    if (!manifest.ok) throw new Error('no manifest');
    const { sha256 } = manifest.value.file;
    const service = withModels({ allowed: [{ id: 'sample', sha256 }] });
    expect(await service.download('call', 'sample', () => {})).toMatchObject(COMPLETE);
  });

  it.each([
    ['another model', [{ id: 'other', sha256: null }]],
    ['other bytes under its name', [{ id: 'sample', sha256: '0'.repeat(64) }]],
  ])('is not %s: no manifest, no byte of weights', async (_what, allowed) => {
    const service = withModels({ allowed });
    expect(failure(await service.manifest('sample'))).toMatchObject(BLOCKED);
    expect(failure(await service.download('call', 'sample', () => {}))).toMatchObject(BLOCKED);
    expect(kit.server.seen).toHaveLength(0);
  });

  it('hides what may not run, and keeps a stored copy shut', async () => {
    await kit.download();
    const service = withModels({ allowed: [{ id: 'other', sha256: null }] });
    expect(await service.catalogue()).toMatchObject({ ok: true, value: [] });
    expect(failure(await service.blob('sample'))).toMatchObject(BLOCKED);
    expect(failure(await service.files('sample'))).toMatchObject(BLOCKED);
    // It can still be seen and deleted.
    expect(await service.list()).toMatchObject({ value: [{ id: 'sample' }] });
  });

  it('gives the policy’s system prompt as the model’s default', async () => {
    const service = governed({ systemPrompt: 'You serve Example.' });
    expect(await service.manifest('sample')).toMatchObject({
      value: { defaults: { systemPrompt: 'You serve Example.' } },
    });
  });

  it('is no import and no export where those are switched off', async () => {
    const service = governed({ features: { ...OPEN_POLICY.features, import: false, export: false } });
    expect(failure(await service.importFiles('call', [], undefined, () => {}))).toMatchObject(BLOCKED);
    expect(failure(await service.exportModel('sample', 'files' as never))).toMatchObject(BLOCKED);
  });

  it('is nothing while the policy cannot be read, but what is here can be seen and deleted', async () => {
    await kit.download();
    const broken = underPolicy(kit.service(), () => Promise.reject(new SottoError('policy-invalid', 'Broken.')));
    const INVALID = { code: 'policy-invalid' };
    expect(failure(await broken.catalogue())).toMatchObject(INVALID);
    expect(failure(await broken.manifest('sample'))).toMatchObject(INVALID);
    expect(failure(await broken.download('call', 'sample', () => {}))).toMatchObject(INVALID);
    expect(failure(await broken.permit('file'))).toMatchObject(INVALID);
    expect(await broken.list()).toMatchObject({ value: [{ id: 'sample' }] });
    expect(await broken.remove('sample')).toMatchObject({ ok: true });
  });

  it('answers one question about a feature', async () => {
    const features = { ...OPEN_POLICY.features, documents: false };
    const service = governed({ features });
    expect(await service.permit('import')).toEqual({ ok: true, value: null });
    expect(failure(await service.permit('documents'))).toMatchObject({ code: 'blocked-by-policy' });
  });
});
