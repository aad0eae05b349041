import type { ComponentType, VNode } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';
import { useApp } from '../app-context.ts';

/**
 * Panels that come when they are first opened, so that the shell stays small. The service worker keeps them for offline use;
 * where one cannot be had (another version of the site, before that), the model's own panel opens instead of none.
 */
const PANELS = {
  chat: async () => (await import('./chat-panel.tsx')).ChatPanel,
  commands: async () => (await import('./command-palette.tsx')).CommandPalette,
  documents: async () => (await import('./documents-panel.tsx')).DocumentsPanel,
  link: async () => (await import('./link-sheet.tsx')).LinkSheet,
  models: async () => (await import('./models-panel.tsx')).ModelsPanel,
  passage: async () => (await import('./passage-panel.tsx')).PassagePanel,
  problem: async () => (await import('./reading-problem.tsx')).ReadingProblem,
  privacy: async () => (await import('./privacy-panel.tsx')).PrivacyPanel,
  requiredVault: async () => (await import('./vault-section.tsx')).RequiredVault,
  settings: async () => (await import('./settings-panel.tsx')).SettingsPanel,
} as const;

type PanelName = keyof typeof PANELS;

const loaded = new Map<PanelName, ComponentType>();

interface LazyPanelProps {
  readonly name: PanelName;
  /** Where panels come from. */
  readonly panels?: Readonly<Record<PanelName, () => Promise<ComponentType>>>;
}

export function LazyPanel({ name, panels = PANELS }: LazyPanelProps): VNode | null {
  const { panel } = useApp();
  const [, setCount] = useState(0);
  // Of the layout, whose end comes with the panel's: that of other effects comes a frame later.
  useLayoutEffect(() => {
    if (loaded.has(name)) return undefined;
    let isWanted = true;
    panels[name]().then(
      (component) => {
        loaded.set(name, component);
        setCount((count) => count + 1);
      },
      () => {
        // Another may have been opened since.
        if (isWanted) panel.value = 'model';
      },
    );
    return () => {
      isWanted = false;
    };
  }, [name, panel, panels]);
  const Content = loaded.get(name);
  return Content === undefined ? null : <Content />;
}
