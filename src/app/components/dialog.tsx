import type { ComponentChildren, VNode } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { TEXT } from '../text.ts';
import { CloseIcon } from './icons.tsx';

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly class?: string;
  readonly children: ComponentChildren;
}

/** A panel over the page. The browser's own dialog keeps focus inside, closes with Escape and gives focus back. */
export function Dialog({ title, onClose, class: className, children }: DialogProps): VNode {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const isGone = useRef(false);
  // In the task that opens it: keys that follow a shortcut at once are meant for the dialog, not for the page behind it.
  useLayoutEffect(() => {
    const element = dialog.current;
    const opener = document.activeElement;
    element?.showModal();
    return () => {
      // Its own closing comes as an event later, when another panel may stand in its place: that one must stay.
      isGone.current = true;
      element?.close();
      // Taken out of the page before the browser gives the focus back, a dialog leaves it nowhere. What was focused since keeps it.
      const { activeElement } = document;
      const isNowhere = activeElement === document.body || element?.contains(activeElement) === true;
      if (isNowhere && opener instanceof HTMLElement && opener.isConnected) opener.focus();
    };
  }, []);
  return (
    // A click on the backdrop lands on the dialog element itself; the keyboard has Escape.
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape does the same
    <dialog
      ref={dialog}
      class={className}
      aria-labelledby={titleId}
      onCancel={(event) => {
        // File inputs inside have an event of this name, too.
        if (event.target !== dialog.current) return;
        // Now and not with the event of closing, which comes later: by then a shortcut may have opened another panel.
        event.preventDefault();
        onClose();
      }}
      onClose={() => {
        if (!isGone.current) onClose();
      }}
      onClick={(event) => {
        if (event.target === dialog.current) onClose();
      }}
    >
      <div class="panel">
        <header class="panel-header">
          <h2 id={titleId}>{title}</h2>
          <button type="button" class="quiet icon-only" onClick={onClose}>
            <CloseIcon />
            <span class="visually-hidden">{TEXT.privacy.close}</span>
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
