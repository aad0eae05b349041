import type { ComponentChildren, VNode } from 'preact';

interface IconButtonProps {
  /** Read aloud, and shown when the pointer rests on it. */
  readonly label: string;
  readonly onClick: () => void;
  /** Stays where the keyboard expects it, and does nothing. */
  readonly isOff?: boolean;
  readonly isPressed?: boolean;
  readonly class?: string;
  readonly children: ComponentChildren;
}

/** A button that is an icon to the eye and a name to everything else. */
export function IconButton(props: IconButtonProps): VNode {
  const { label, onClick, isOff = false, isPressed, children } = props;
  return (
    <button
      type="button"
      class={`quiet icon-only ${props.class ?? ''}`}
      title={label}
      aria-disabled={isOff}
      aria-pressed={isPressed}
      onClick={() => {
        if (!isOff) onClick();
      }}
    >
      {children}
      <span class="visually-hidden">{label}</span>
    </button>
  );
}
