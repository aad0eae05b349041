import type { Words } from './words.ts';

export const GERMAN: Words = {
  title: 'Assistent',
  close: 'Schließen',
  onDevice: 'Auf diesem Gerät',
  onDeviceNote: 'Das Modell läuft in diesem Browser. Was Sie schreiben, wird nirgendwohin gesendet.',
  welcome: 'Stellen Sie eine Frage. Die Antwort entsteht auf diesem Gerät.',
  you: 'Sie',
  assistant: 'Assistent',
  message: 'Nachricht',
  send: 'Senden',
  stop: 'Anhalten',
  clear: 'Neues Gespräch',
  caution: 'Ein kleines Modell kann sich irren. Prüfen Sie, was wichtig ist.',
  install: (size) => `Modell laden (${size})`,
  installNote:
    'Einmal, vom Server dieser Seite. Danach geht es ohne Netz, und nichts, was Sie schreiben, verlässt dieses Gerät.',
  fetching: (done, all) => `Modell wird geladen: ${done} von ${all}`,
  loading: 'Modell wird gestartet …',
  answering: 'Schreibt …',
  answered: 'Die Antwort ist fertig.',
  retry: 'Noch einmal versuchen',
  unsupported: 'Dieser Browser kann das Modell nicht ausführen: WebAssembly SIMD oder Worker fehlen.',
  singleThread: 'Diese Seite erlaubt keine Threads: Antworten dauern hier länger.',
  contextUsed: 'Diese Seite hat dem Assistenten ihren Inhalt mitgeteilt.',
};
