import { percent } from './parts/figures.ts';
import type { TrainingState } from './state/training-state.ts';
import { TEXT } from './text.ts';

/** How often the expert was right before the last training, and how often it is now; nothing where it was trained once. */
export function ChangeLine({ training }: { readonly training: TrainingState }) {
  const [before, now] = training.history.value.slice(-2);
  if (before === undefined || now === undefined) return null;
  const right = (step: typeof now) => percent(step.heldOut ?? step.accuracy, 1);
  return <p>{TEXT.change(before.rows, right(before), now.rows, right(now))}</p>;
}
