export { clearExpertDraft, ExpertDraft } from './expert-draft.ts';
export { ExpertStore } from './expert-store.ts';
export { createMemoryExpertTable, type ExpertTable, openExpertTable } from './expert-table.ts';
