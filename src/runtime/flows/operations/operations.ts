import type { Operations } from '../operation.ts';
import { COMPOSE_OPERATIONS } from './compose-operations.ts';
import { DOCUMENT_OPERATIONS } from './document-operations.ts';
import { EVIDENCE_OPERATIONS } from './evidence-operations.ts';
import { TEXT_OPERATIONS } from './text-operations.ts';
import { WRITING_OPERATIONS } from './writing-operations.ts';

/** Everything a node may use, by name. */
export const OPERATIONS: Operations = {
  ...TEXT_OPERATIONS,
  ...WRITING_OPERATIONS,
  ...EVIDENCE_OPERATIONS,
  ...DOCUMENT_OPERATIONS,
  ...COMPOSE_OPERATIONS,
};
