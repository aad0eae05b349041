import type { Words } from './words.ts';

export const FRENCH: Words = {
  title: 'Assistant',
  close: 'Fermer',
  onDevice: 'Sur cet appareil',
  onDeviceNote: 'Le modèle fonctionne dans ce navigateur. Ce que vous écrivez n’est envoyé nulle part.',
  welcome: 'Posez une question. La réponse est écrite sur cet appareil.',
  you: 'Vous',
  assistant: 'Assistant',
  message: 'Message',
  send: 'Envoyer',
  stop: 'Arrêter',
  clear: 'Nouvelle conversation',
  caution: 'Un petit modèle peut se tromper. Vérifiez ce qui compte.',
  install: (size) => `Charger le modèle (${size})`,
  installNote:
    'Une seule fois, depuis le serveur de ce site. Ensuite, tout fonctionne sans réseau, et rien de ce que vous écrivez ne quitte cet appareil.',
  fetching: (done, all) => `Chargement du modèle : ${done} sur ${all}`,
  loading: 'Démarrage du modèle …',
  answering: 'Rédaction …',
  answered: 'La réponse est terminée.',
  retry: 'Réessayer',
  unsupported: 'Ce navigateur ne peut pas exécuter le modèle : WebAssembly SIMD ou les workers manquent.',
  singleThread: 'Cette page n’autorise pas les threads : les réponses y sont plus lentes.',
  contextUsed: 'Cette page a communiqué son contenu à l’assistant.',
  sources: 'Sources',
  openPage: 'Ouvrir cette page',
  leadsTo: 'Mène à :',
  actionAsked: 'L’assistant veut faire ceci sur la page :',
  allow: 'Autoriser',
  covered:
    'Quelque chose recouvre cette question. Elle doit être entièrement visible avant que vous puissiez accepter.',
  refuse: 'Non',
  partitioned:
    'Un autre site contient cette fenêtre, et le navigateur garde ses données à part : le modèle est chargé ici une fois de plus.',
  passage: 'Passage',
};
