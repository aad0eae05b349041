import { del, get, keys, set } from 'idb-keyval';
import { connectIdb } from '../weights/idb-connection.ts';
import { storageError } from '../weights/storage-error.ts';

/**
 * What was trusted once, by name: editions of models, keys of signers. Plain data, read again field by field by whoever knows
 * its shape. Where the browser stores nothing it lasts as long as the thread.
 */
export interface PinStore {
  get(name: string): Promise<unknown>;
  put(name: string, value: object): Promise<void>;
  remove(name: string): Promise<void>;
  names(): Promise<readonly string[]>;
}

// Finds what people have trusted. Changing it loses that.
const DATABASE = 'sotto-pins';

export function createMemoryPinStore(): PinStore {
  const pins = new Map<string, object>();
  return {
    get: async (name) => pins.get(name),
    put: async (name, value) => void pins.set(name, structuredClone(value)),
    remove: async (name) => void pins.delete(name),
    names: async () => [...pins.keys()],
  };
}

/** Pins in a database of their own, next to the weights. Methods reject with `storage-failed`. */
export function createIdbPinStore(): PinStore {
  const { use } = connectIdb(DATABASE, 'pins');
  const coded = async <T>(body: Promise<T>): Promise<T> => {
    try {
      return await body;
    } catch (error) {
      throw await storageError(error);
    }
  };
  return {
    get: (name) => coded(get<unknown>(name, use)),
    put: (name, value) => coded(set(name, value, use)),
    remove: (name) => coded(del(name, use)),
    names: async () => (await coded(keys(use))).map(String),
  };
}
