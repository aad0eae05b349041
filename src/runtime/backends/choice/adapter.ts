/** What the browser says of a graphics adapter. */
export interface AdapterFacts {
  /** Names adapter, driver and what matters of their limits: what was measured on one does not hold for another. */
  readonly key: string;
  /** Drawn by the processor: slower than the engine that is made for it. */
  readonly isSoftware: boolean;
}

type Entry = Pick<GPU, 'requestAdapter'>;

/** Names of adapters in software, for browsers that do not say that they are. */
const SOFTWARE = /swiftshader|llvmpipe|softpipe|basic render/i;

/** Undefined where WebGPU is missing or offers no adapter; asked twice, because in Chromium the first answer can be null. */
export async function describeAdapter(entry: Entry | undefined): Promise<AdapterFacts | undefined> {
  if (entry === undefined) return undefined;
  for (let tries = 0; tries < 2; tries++) {
    try {
      const adapter = await entry.requestAdapter({ powerPreference: 'high-performance' });
      if (adapter !== null) return factsOf(adapter);
    } catch {
      // The GPU process may be on its way; the second answer counts.
    }
  }
  return undefined;
}

function factsOf({ info, limits }: GPUAdapter): AdapterFacts {
  const names = [info.vendor, info.architecture, info.device, info.description].filter(Boolean).join(' ');
  const isFallback = (info as { readonly isFallbackAdapter?: boolean }).isFallbackAdapter === true;
  return {
    key: `${names || 'unnamed'}, ${limits.maxBufferSize}, ${limits.maxComputeWorkgroupStorageSize}`,
    isSoftware: isFallback || SOFTWARE.test(names),
  };
}
