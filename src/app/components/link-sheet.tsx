import type { VNode } from 'preact';
import { askedLink } from '../render/index.ts';
import { TEXT } from '../text.ts';
import { CopyButton } from './copy-button.tsx';
import { Dialog } from './dialog.tsx';

const text = TEXT.link;

/** Chromium keeps this page from leaving its site at all (Connection-Allowlist): there an address can only be copied. */
function canLeave(): boolean {
  const { userAgentData } = navigator as { userAgentData?: { brands?: readonly { readonly brand: string }[] } };
  return userAgentData?.brands?.some(({ brand }) => brand === 'Chromium') !== true;
}

/** The whole address before anything is opened: words of a model can say one thing and lead to another. */
export function LinkSheet(): VNode | null {
  const address = askedLink.value;
  if (address === null) return null;
  const url = new URL(address);
  const carried = url.search.length + url.hash.length;
  return (
    <Dialog
      title={text.title}
      onClose={() => {
        askedLink.value = null;
      }}
    >
      <p>{text.lead}</p>
      {url.host !== '' && (
        <p>
          {text.host} <strong dir="ltr">{url.host}</strong>
        </p>
      )}
      <p class="whole-address" dir="ltr">
        {address}
      </p>
      {carried > 1 && <p class="muted small">{text.carries(carried)}</p>}
      <div class="buttons">
        <CopyButton text={address} label={text.copy} isNamed />
        {canLeave() && (
          <a class="button" href={address} target="_blank" rel="noopener noreferrer">
            {text.open}
          </a>
        )}
      </div>
      {!canLeave() && <p class="muted small">{text.stays}</p>}
    </Dialog>
  );
}
