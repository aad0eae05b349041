import { formatCount } from '../../format/index.ts';

/** What the vault says, and what the rules of the site ask for. */
export const VAULT_EN = {
  vault: {
    tampered: (count: number) =>
      `${formatCount(count)} stored ${count === 1 ? 'record was' : 'records were'} changed, removed or put back from outside since this vault was last used. What is not as it was written is not shown.`,
    title: 'Vault',
    isOff:
      'Off. Whoever can use this browser profile can read your chats. A passphrase makes them unreadable on the disk.',
    isOn: 'On. Chats, documents and settings are encrypted on the disk (AES-256) with a key that only your passphrase opens.',
    unavailable: 'The browser keeps nothing here, so there is nothing to lock.',
    switchOn: 'Set a passphrase…',
    lock: 'Lock now',
    lockAfter: 'Lock after so many minutes without a touch (0: never)',
    change: 'Change the passphrase…',
    switchOff: 'Switch off…',
    backup: 'Encrypted backup…',
    restore: 'Restore a backup…',
    file: 'Backup file',
    passphrase: 'Passphrase',
    newPassphrase: 'New passphrase',
    again: 'The same again',
    short: (least: number) => `At least ${formatCount(least)} characters. A few words in a row are good.`,
    different: 'The two are not the same yet.',
    forgotten: 'Nobody can open it without the passphrase, not even we. If it is forgotten, everything in it is lost.',
    submit: {
      on: 'Encrypt everything',
      change: 'Change it',
      off: 'Decrypt everything',
      backup: 'Make the backup',
      restore: 'Restore',
    },
    switchedOn: 'Encrypted. The browser may keep old blocks of the disk for a while before it overwrites them.',
    changed: 'The passphrase was changed.',
    switchedOff: 'The vault is off: everything is stored in the clear again.',
    backedUp: 'The backup was made.',
    working: 'Working. A strong key takes a moment, on purpose.',
    lockedTitle: 'The vault is locked',
    lockedNote: 'Your chats are on this device, and unreadable without the passphrase.',
    unlock: 'Unlock',
  },
  policy: {
    retention: (days: number, who: string) =>
      `Chats are deleted ${formatCount(days)} ${days === 1 ? 'day' : 'days'} after their last use: a rule of ${who || 'this site'}.`,
    announced: (count: number) =>
      `A new rule of this site deletes old chats. From tomorrow on, ${formatCount(count)} ${count === 1 ? 'chat is' : 'chats are'} deleted when this page opens.`,
    vaultTitle: 'A passphrase comes first',
    vaultNote: (who: string) =>
      `${who || 'This site'} keeps chats only encrypted. Choose a passphrase; it is asked for whenever this page opens.`,
  },
} as const;
