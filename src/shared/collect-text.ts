/** Calls back when the next picture is drawn: several tokens may share one. */
export type Schedule = (callback: () => void) => void;

/** Gathers pieces of text until the next picture, so that a fast model does not draw a page for every token. */
export function collectText(schedule: Schedule, onText: (text: string) => void) {
  let pending = '';
  let isScheduled = false;
  const flush = () => {
    isScheduled = false;
    if (pending === '') return;
    const text = pending;
    pending = '';
    onText(text);
  };
  return {
    flush,
    add(text: string) {
      pending += text;
      if (isScheduled) return;
      isScheduled = true;
      schedule(flush);
    },
  };
}
