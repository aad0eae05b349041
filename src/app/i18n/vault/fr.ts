import { formatCount } from '../../format/index.ts';
import type { Catalogue } from '../catalogue.ts';

/** What the vault says, and what the rules of the site ask for. */
export const VAULT_FR: Pick<Catalogue, 'vault' | 'policy'> = {
  vault: {
    tampered: (count) =>
      count === 1
        ? 'Un enregistrement a été modifié, supprimé ou remis de l’extérieur depuis la dernière utilisation du coffre. Ce qui n’est pas tel qu’il a été écrit n’est pas montré.'
        : `${formatCount(count)} enregistrements ont été modifiés, supprimés ou remis de l’extérieur depuis la dernière utilisation du coffre. Ce qui n’est pas tel qu’il a été écrit n’est pas montré.`,
    title: 'Coffre',
    isOff:
      'Inactif. Qui peut utiliser ce profil de navigateur peut lire vos discussions. Une phrase secrète les rend illisibles sur le disque.',
    isOn: 'Actif. Discussions, documents et réglages sont chiffrés sur le disque (AES-256) par une clé que seule votre phrase secrète ouvre.',
    unavailable: 'Le navigateur ne garde rien ici : il n’y a rien à enfermer.',
    switchOn: 'Choisir une phrase secrète…',
    lock: 'Verrouiller',
    lockAfter: 'Verrouiller après tant de minutes sans activité (0 : jamais)',
    change: 'Changer la phrase secrète…',
    switchOff: 'Désactiver…',
    backup: 'Sauvegarde chiffrée…',
    restore: 'Restaurer une sauvegarde…',
    file: 'Fichier de sauvegarde',
    passphrase: 'Phrase secrète',
    newPassphrase: 'Nouvelle phrase secrète',
    again: 'La même encore une fois',
    short: (least) => `Au moins ${formatCount(least)} caractères. Quelques mots à la suite conviennent.`,
    different: 'Les deux ne sont pas encore identiques.',
    forgotten: 'Sans la phrase secrète, personne ne peut l’ouvrir, pas même nous. Oubliée, tout est perdu.',
    submit: {
      on: 'Tout chiffrer',
      change: 'Changer',
      off: 'Tout déchiffrer',
      backup: 'Faire la sauvegarde',
      restore: 'Restaurer',
    },
    switchedOn: 'Chiffré. Le navigateur peut garder d’anciens blocs du disque un moment avant de les réécrire.',
    changed: 'La phrase secrète a été changée.',
    switchedOff: 'Le coffre est désactivé : tout est de nouveau lisible.',
    backedUp: 'La sauvegarde est faite.',
    working: 'Un instant. Une clé solide prend du temps, exprès.',
    lockedTitle: 'Le coffre est verrouillé',
    lockedNote: 'Vos discussions sont sur cet appareil, illisibles sans la phrase secrète.',
    unlock: 'Déverrouiller',
  },
  policy: {
    retention: (days, who) =>
      `Les conversations sont supprimées ${formatCount(days)} ${days === 1 ? 'jour' : 'jours'} après leur dernier usage : une règle de ${who || 'ce site'}.`,
    announced: (count) =>
      `Une nouvelle règle de ce site supprime les anciennes conversations. Dès demain, ${formatCount(count)} ${count === 1 ? 'conversation sera supprimée' : 'conversations seront supprimées'} à l’ouverture de cette page.`,
    vaultTitle: 'D’abord une phrase secrète',
    vaultNote: (who) =>
      `${who || 'Ce site'} ne garde les conversations que chiffrées. Choisissez une phrase secrète ; elle est demandée à chaque ouverture.`,
  },
};
