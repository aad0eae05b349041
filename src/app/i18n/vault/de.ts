import { formatCount } from '../../format/index.ts';
import type { Catalogue } from '../catalogue.ts';

/** What the vault says, and what the rules of the site ask for. */
export const VAULT_DE: Pick<Catalogue, 'vault' | 'policy'> = {
  vault: {
    tampered: (count) =>
      count === 1
        ? 'Ein gespeicherter Eintrag wurde seit der letzten Benutzung des Tresors von außen geändert, entfernt oder zurückgelegt. Was nicht so ist, wie es geschrieben wurde, wird nicht gezeigt.'
        : `${formatCount(count)} gespeicherte Einträge wurden seit der letzten Benutzung des Tresors von außen geändert, entfernt oder zurückgelegt. Was nicht so ist, wie es geschrieben wurde, wird nicht gezeigt.`,
    title: 'Tresor',
    isOff:
      'Aus. Wer dieses Browserprofil benutzen kann, kann Ihre Chats lesen. Eine Passphrase macht sie auf der Platte unlesbar.',
    isOn: 'An. Chats, Dokumente und Einstellungen sind auf der Platte verschlüsselt (AES-256); nur Ihre Passphrase öffnet den Schlüssel.',
    unavailable: 'Der Browser behält hier nichts, also gibt es nichts zu verschließen.',
    switchOn: 'Passphrase festlegen …',
    lock: 'Jetzt sperren',
    lockAfter: 'Sperren nach so vielen Minuten ohne Berührung (0: nie)',
    change: 'Passphrase ändern …',
    switchOff: 'Abschalten …',
    backup: 'Verschlüsselte Sicherung …',
    restore: 'Sicherung einspielen …',
    file: 'Sicherungsdatei',
    passphrase: 'Passphrase',
    newPassphrase: 'Neue Passphrase',
    again: 'Noch einmal dieselbe',
    short: (least) => `Mindestens ${formatCount(least)} Zeichen. Einige Wörter hintereinander sind gut.`,
    different: 'Die beiden sind noch nicht gleich.',
    forgotten: 'Ohne Passphrase kann ihn niemand öffnen, auch wir nicht. Wird sie vergessen, ist alles darin verloren.',
    submit: {
      on: 'Alles verschlüsseln',
      change: 'Ändern',
      off: 'Alles entschlüsseln',
      backup: 'Sicherung erstellen',
      restore: 'Einspielen',
    },
    switchedOn:
      'Verschlüsselt. Alte Blöcke der Platte können noch eine Weile bestehen, bis der Browser sie überschreibt.',
    changed: 'Die Passphrase wurde geändert.',
    switchedOff: 'Der Tresor ist aus: Alles liegt wieder offen.',
    backedUp: 'Die Sicherung ist erstellt.',
    working: 'Einen Moment. Ein starker Schlüssel braucht absichtlich Zeit.',
    lockedTitle: 'Der Tresor ist gesperrt',
    lockedNote: 'Ihre Chats sind auf diesem Gerät und ohne die Passphrase unlesbar.',
    unlock: 'Entsperren',
  },
  policy: {
    retention: (days, who) =>
      `Chats werden ${formatCount(days)} ${days === 1 ? 'Tag' : 'Tage'} nach der letzten Nutzung gelöscht: eine Regel von ${who || 'dieser Seite'}.`,
    announced: (count) =>
      `Eine neue Regel dieser Seite löscht alte Chats. Ab morgen ${count === 1 ? 'wird' : 'werden'} ${formatCount(count)} ${count === 1 ? 'Chat' : 'Chats'} beim Öffnen gelöscht.`,
    vaultTitle: 'Zuerst eine Passphrase',
    vaultNote: (who) =>
      `${who || 'Diese Seite'} bewahrt Chats nur verschlüsselt auf. Wählen Sie eine Passphrase; sie wird bei jedem Öffnen verlangt.`,
  },
};
