interface Launch {
  readonly targetURL?: string;
  readonly files?: readonly FileSystemFileHandle[];
}

/** What an address of this page asks for beyond its options. */
export interface LaunchTargets {
  readonly onFiles: (files: readonly File[]) => void;
  readonly onTemporary: () => void;
  /** Something was shared, and waits in the service worker. */
  readonly onShared: () => void;
}

/** Opened by a shortcut, a share sheet or a file: once with the page, and again while it is open, where it is installed. */
export function watchLaunches(address: string, targets: LaunchTargets): void {
  const follow = (target: string) => {
    const query = new URL(target).searchParams;
    if (query.has('temporary')) targets.onTemporary();
    if (query.has('shared')) targets.onShared();
  };
  follow(address);
  const { launchQueue } = globalThis as {
    launchQueue?: { setConsumer(consumer: (launch: Launch) => void): void };
  };
  launchQueue?.setConsumer(({ targetURL, files = [] }) => {
    // The launch that opened this page has the page's own address, which was followed already.
    if (targetURL !== undefined && targetURL !== address) follow(targetURL);
    if (files.length > 0) void Promise.all(files.map((file) => file.getFile())).then(targets.onFiles);
  });
}
