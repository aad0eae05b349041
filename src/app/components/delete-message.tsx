import { useSignal } from '@preact/signals';
import type { VNode } from 'preact';
import { TEXT } from '../text.ts';
import { IconButton } from './icon-button.tsx';
import { DeleteIcon } from './icons.tsx';

interface DeleteMessageProps {
  readonly id: string;
  readonly onDelete: (id: string) => void;
}

/** Deletion asks once, in place: what follows the message goes with it. */
export function DeleteMessage({ id, onDelete }: DeleteMessageProps): VNode {
  const isAsking = useSignal(false);
  if (!isAsking.value) {
    return (
      <IconButton label={TEXT.conversation.remove} onClick={() => (isAsking.value = true)}>
        <DeleteIcon />
      </IconButton>
    );
  }
  return (
    <span class="confirm">
      <span class="small">{TEXT.conversation.removeConfirm}</span>
      <button type="button" class="danger compact" onClick={() => onDelete(id)}>
        {TEXT.conversation.remove}
      </button>
      <button type="button" class="compact" onClick={() => (isAsking.value = false)}>
        {TEXT.conversation.cancel}
      </button>
    </span>
  );
}
