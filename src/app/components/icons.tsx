import type { ComponentChildren, VNode } from 'preact';

/** Icons are decoration: the words beside them, visible or hidden, carry the meaning. */
function Icon({ children }: { readonly children: ComponentChildren }): VNode {
  return (
    <svg class="icon" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" focusable="false">
      {children}
    </svg>
  );
}

/** The seal: an open circle closing on itself. */
export const SealIcon = () => (
  <Icon>
    <path d="M16.4 7.2A7 7 0 1 0 17 10" />
  </Icon>
);

export const PlusIcon = () => (
  <Icon>
    <path d="M10 4v12M4 10h12" />
  </Icon>
);

export const SendIcon = () => (
  <Icon>
    <path d="M10 16V4M5 9l5-5 5 5" />
  </Icon>
);

export const StopIcon = () => (
  <Icon>
    <rect class="solid" x="5" y="5" width="10" height="10" rx="1.5" />
  </Icon>
);

export const CopyIcon = () => (
  <Icon>
    <rect x="7" y="7" width="9.5" height="9.5" rx="2" />
    <path d="M13 7V5.5a2 2 0 0 0-2-2H5.5a2 2 0 0 0-2 2V11a2 2 0 0 0 2 2H7" />
  </Icon>
);

export const CheckIcon = () => (
  <Icon>
    <path d="M4 10.5l4 4 8-9" />
  </Icon>
);

export const RetryIcon = () => (
  <Icon>
    <path d="M15.8 7A6.5 6.5 0 1 0 16.5 10.5M16.5 3.5V7H13" />
  </Icon>
);

export const CloseIcon = () => (
  <Icon>
    <path d="M5 5l10 10M15 5L5 15" />
  </Icon>
);

export const WarningIcon = () => (
  <Icon>
    <path d="M10 3.5l7.5 13h-15zM10 8.5v3.5M10 14.3v.2" />
  </Icon>
);

export const NoteIcon = () => (
  <Icon>
    <circle cx="10" cy="10" r="7" />
    <path d="M10 9.5V14M10 6.3v.2" />
  </Icon>
);

export const DownIcon = () => (
  <Icon>
    <path d="M10 4v12M5 11l5 5 5-5" />
  </Icon>
);
