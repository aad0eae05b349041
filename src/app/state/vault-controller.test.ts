import { expect, it } from 'vitest';
import { SottoError } from '../../client/index.ts';
import type { IdbRecordStore } from '../../storage/records/index.ts';
import type { Vault } from '../../storage/vault/index.ts';
import { createVaultController } from './vault-controller.ts';

it('takes no backup out or in, and stays on, where the site’s policy says so', async () => {
  const never = () => {
    throw new Error('asked for although it is not allowed');
  };
  const vault = { state: 'open', onFinding: () => {}, switchOff: never } as unknown as Vault;
  const controller = createVaultController({
    vault,
    records: { list: never, write: never } as unknown as IdbRecordStore,
    settled: async () => {},
    permit: (what) => {
      throw new SottoError('blocked-by-policy', what);
    },
    reload: never,
    forgetReadings: async () => {},
  });
  expect(await controller.switchOff('correct horse battery')).toBe(false);
  expect(controller.failure.value).toMatchObject({ code: 'blocked-by-policy', message: 'openVault' });
  expect(await controller.backup('correct horse battery')).toBeNull();
  expect(controller.failure.value).toMatchObject({ code: 'blocked-by-policy', message: 'export' });
  expect(await controller.restore(new Blob(['{}']), 'correct horse battery')).toBeNull();
  expect(controller.failure.value).toMatchObject({ code: 'blocked-by-policy', message: 'import' });
});
