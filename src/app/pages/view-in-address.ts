import { type ReadonlySignal, signal } from '@preact/signals';

/** The view is in the address, so that it can be linked to and gone back from; the first one where the address names none. */
export function viewInAddress<View extends string>(
  views: readonly [View, ...View[]],
  onTurn: () => void = () => {},
): ReadonlySignal<View> {
  const read = (): View => views.find((name) => `#${name}` === location.hash) ?? views[0];
  const view = signal<View>(read());
  addEventListener('hashchange', () => {
    view.value = read();
    onTurn();
  });
  return view;
}
