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

export const FolderIcon = () => (
  <Icon>
    <path d="M3 15V5h5l2 2.5h7V15z" />
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

export const MenuIcon = () => (
  <Icon>
    <path d="M3.5 6h13M3.5 10h13M3.5 14h8" />
  </Icon>
);

export const EditIcon = () => (
  <Icon>
    <path d="M4 16l.8-3.4 8.4-8.4a1.6 1.6 0 0 1 2.3 0l.3.3a1.6 1.6 0 0 1 0 2.3l-8.4 8.4zM11.8 5.6l2.6 2.6" />
  </Icon>
);

export const DeleteIcon = () => (
  <Icon>
    <path d="M4.5 6h11M8 6V4.2h4V6M6 6l.6 10h6.8L14 6" />
  </Icon>
);

export const PreviousIcon = () => (
  <Icon>
    <path class="directional" d="M12 5l-5 5 5 5" />
  </Icon>
);

export const NextIcon = () => (
  <Icon>
    <path class="directional" d="M8 5l5 5-5 5" />
  </Icon>
);

export const PinIcon = () => (
  <Icon>
    <path d="M7.5 3.5h5l-.7 5 2.7 2.7h-9l2.7-2.7zM10 11.2V17" />
  </Icon>
);

export const SearchIcon = () => (
  <Icon>
    <circle cx="9" cy="9" r="5" />
    <path d="M12.8 12.8L16.5 16.5" />
  </Icon>
);

export const SettingsIcon = () => (
  <Icon>
    <path d="M3.5 6h7M14.5 6h2M3.5 14h2M9.5 14h7M12.5 4v4M7.5 12v4" />
  </Icon>
);

export const ContinueIcon = () => (
  <Icon>
    <path class="directional" d="M5 5l6 5-6 5zM14.5 5v10" />
  </Icon>
);

export const HiddenIcon = () => (
  <Icon>
    <path d="M3 10s2.6-4.5 7-4.5S17 10 17 10s-2.6 4.5-7 4.5S3 10 3 10zM4 16L16 4" />
  </Icon>
);

export const DocumentIcon = () => (
  <Icon>
    <path d="M5.5 3h6l3.5 3.5V17H5.5zM11.5 3v3.5H15M8 10h4.5M8 13h4.5" />
  </Icon>
);
