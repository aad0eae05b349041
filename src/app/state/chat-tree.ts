import type { ChatCompletionMessage } from '../../client/index.ts';
import type { Message } from '../../storage/chats/index.ts';
import { withoutThinking } from './thinking.ts';

export type Messages = ReadonlyMap<string, Message>;

/** The messages from the first to `leaf`, in order: the branch that is shown. A parent that is missing ends it early. */
export function branchOf(messages: Messages, leaf: string | null): readonly Message[] {
  const branch: Message[] = [];
  const seen = new Set<string>();
  for (let id = leaf; id !== null && !seen.has(id); ) {
    const message = messages.get(id);
    if (message === undefined) break;
    seen.add(id);
    branch.push(message);
    id = message.parent;
  }
  return branch.reverse();
}

/**
 * Messages by id. One whose parent could not be read follows the one written before it: what came earlier stays in sight, and a
 * question and its answer do not part.
 */
export function joined(messages: readonly Message[]): Messages {
  const ids = new Set(messages.map(({ id }) => id));
  const inOrder = messages.toSorted((a, b) => a.order - b.order);
  const byId = new Map<string, Message>();
  /** By the parent that is missing: branches that followed it stay side by side. */
  const standIns = new Map<string, string | null>();
  for (const [index, message] of inOrder.entries()) {
    const { id, parent } = message;
    if (parent === null || ids.has(parent)) {
      byId.set(id, message);
      continue;
    }
    const known = standIns.get(parent);
    const standIn = known === undefined ? (inOrder[index - 1]?.id ?? null) : known;
    standIns.set(parent, standIn);
    byId.set(id, { ...message, parent: standIn });
  }
  return byId;
}

/** The branch a chat shows, from its messages in any order. */
export function shownMessages(messages: readonly Message[], leaf: string | null): readonly Message[] {
  return branchOf(new Map(messages.map((message) => [message.id, message])), leaf);
}

/** Messages that follow the same one, oldest first: `message` is one of them. */
export function siblingsOf(messages: Messages, { parent }: Message): readonly Message[] {
  return childrenOf(messages, parent);
}

function childrenOf(messages: Messages, parent: string | null): readonly Message[] {
  return [...messages.values()].filter((other) => other.parent === parent).sort((a, b) => a.order - b.order);
}

/** How many branches start where each message stands, and which of them it is. One pass for the whole chat. */
export function countBranches(messages: Messages): ReadonlyMap<string, readonly string[]> {
  const byParent = new Map<string | null, Message[]>();
  for (const message of messages.values()) {
    const group = byParent.get(message.parent);
    if (group === undefined) byParent.set(message.parent, [message]);
    else group.push(message);
  }
  const result = new Map<string, readonly string[]>();
  for (const group of byParent.values()) {
    if (group.length < 2) continue;
    const ids = group.sort((a, b) => a.order - b.order).map(({ id }) => id);
    for (const id of ids) result.set(id, ids);
  }
  return result;
}

/** The end of the newest branch that goes through a message. */
export function deepestOf(messages: Messages, id: string): string {
  const newest = new Map<string | null, Message>();
  for (const message of messages.values()) {
    if (message.order >= (newest.get(message.parent)?.order ?? 0)) newest.set(message.parent, message);
  }
  let current = id;
  // Each parent is passed once: messages that follow each other in a circle end it too.
  for (let next = newest.get(id); next !== undefined; next = newest.get(current)) {
    newest.delete(current);
    current = next.id;
  }
  return current;
}

/** A message and everything that follows it on any branch. */
export function subtreeOf(messages: Messages, id: string): ReadonlySet<string> {
  const found = new Set([id]);
  // A child comes after its parent in order, so one sorted pass finds every generation.
  for (const { id: child, parent } of [...messages.values()].sort((a, b) => a.order - b.order)) {
    if (parent !== null && found.has(parent)) found.add(child);
  }
  return found;
}

/** The order of the next message of a chat. */
export function nextOrder(messages: Messages): number {
  let most = 0;
  for (const { order } of messages.values()) most = Math.max(most, order);
  return most + 1;
}

interface Spoken {
  readonly id: string;
  readonly message: ChatCompletionMessage;
}

/** What of a branch the model reads, if all of it fits. Answers that never came and what the model only thought are left out. */
export function spokenOf(branch: readonly Message[]): readonly Spoken[] {
  return branch.flatMap(({ id, role, text }, index): Spoken[] => {
    if (role === 'assistant') {
      const said = withoutThinking(text);
      return said === '' ? [] : [{ id, message: { role, content: said } }];
    }
    // A question whose answer failed is left out too, unless it is the one that is asked now.
    const answer = branch[index + 1];
    const isUnanswered = answer !== undefined && answer.role === 'assistant' && withoutThinking(answer.text) === '';
    return isUnanswered && index < branch.length - 2 ? [] : [{ id, message: { role, content: text } }];
  });
}

/** The same as the model is told it, after the instructions. */
export function toPrompt(branch: readonly Message[], systemPrompt: string | null): readonly ChatCompletionMessage[] {
  const system = systemPrompt === null ? [] : [{ role: 'system', content: systemPrompt } as const];
  return [...system, ...spokenOf(branch).map(({ message }) => message)];
}
