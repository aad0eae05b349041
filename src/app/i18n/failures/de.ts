import type { Failures } from './failures.ts';

/** What went wrong, and what to do about it, by code. */
export const FAILURES_DE: Failures = {
  'empty-prompt': ['Die Nachricht ist leer.', 'Schreib zuerst etwas.'],
  'prompt-too-long': [
    'Der Text ist zu lang für dieses Modell.',
    'Kürze ihn oder beginne ein neues Gespräch: Das Modell liest nur so viel, wie in seinen Kontext passt.',
  ],
  'invalid-option': ['Eine Einstellung ist ungültig.', 'Berichtige die genannte Einstellung.'],
  'unsupported-option': [
    'Eine Einstellung wird nicht unterstützt.',
    'Entferne die genannte Einstellung: Dieses Modell oder dieser Browser kann sie nicht erfüllen.',
  ],
  'grammar-invalid': [
    'Die verlangte Form ist fehlerhaft.',
    'Berichtige Schema, Muster oder Grammatik an der genannten Stelle.',
  ],
  'grammar-unsupported': [
    'Die verlangte Form wird nicht unterstützt.',
    'Lass das Genannte weg oder schreibe es anders.',
  ],
  'grammar-too-complex': ['Die verlangte Form ist zu umfangreich.', 'Mache Schema, Muster oder Grammatik kleiner.'],
  'gguf-truncated': ['Die Modelldatei ist unvollständig.', 'Lade sie noch einmal herunter.'],
  'gguf-invalid': [
    'Die Modelldatei ist beschädigt oder keine GGUF-Datei.',
    'Lade sie noch einmal herunter oder wähle eine andere.',
  ],
  'gguf-limit': ['Die Modelldatei verlangt mehr als jedes echte Modell.', 'Traue ihr nicht.'],
  'onnx-truncated': ['Die Modelldatei ist unvollständig.', 'Lade sie noch einmal herunter.'],
  'onnx-invalid': ['Die Modelldatei ist beschädigt oder keine ONNX-Datei.', 'Wähle eine andere Datei.'],
  'onnx-limit': ['Die Modelldatei verlangt mehr als jedes echte Modell.', 'Traue ihr nicht.'],
  'model-unsupported': [
    'Dieses Modell wird nicht unterstützt.',
    'Wähle ein Modell mit unterstützter Architektur und Quantisierung.',
  ],
  'model-unknown': ['Dieses Modell gibt es hier nicht.', 'Wähle ein Modell aus der Liste oder öffne eine .gguf-Datei.'],
  'model-not-loaded': ['Es ist kein Modell geladen.', 'Lade zuerst ein Modell.'],
  'tokenizer-unsupported': [
    'Dieses Modell zerlegt Text auf eine Art, die nicht unterstützt wird.',
    'Wähle ein Modell, dessen Tokenizer unterstützt wird.',
  ],
  'template-rejected': ['Die Gesprächsvorlage dieses Modells ist fehlerhaft oder unsicher.', 'Nimm eine andere Datei.'],
  'download-failed': [
    'Der Download ist fehlgeschlagen.',
    'Prüfe die Verbindung und setze dann fort: Was da ist, bleibt.',
  ],
  'download-stalled': [
    'Der Download steht still.',
    'Der Server sendet nichts. Prüfe die Verbindung und setze dann fort.',
  ],
  'download-not-the-file': [
    'Der Server hat etwas anderes als das Modell geschickt.',
    'Prüfe die Adresse oder die Anmeldeseite des Netzes.',
  ],
  'download-refused': ['Dieser Server ist nicht erlaubt.', 'Frage, wer diese Seite betreibt.'],
  'hash-mismatch': [
    'Die Bytes sind nicht die veröffentlichten.',
    'Sie wurden nicht behalten. Versuche es noch einmal oder sage es dem Betreiber dieser Seite.',
  ],
  'storage-full': [
    'Der Speicher des Browsers ist voll.',
    'Schaffe Platz oder lösche ein Modell und setze dann fort: Was da ist, bleibt.',
  ],
  'storage-unavailable': [
    'Der Browser speichert hier nichts.',
    'Vielleicht ist es ein privates Fenster. Das Modell bleibt im Arbeitsspeicher, bis die Seite geschlossen wird.',
  ],
  'storage-failed': [
    'Lesen oder Speichern auf diesem Gerät ist fehlgeschlagen.',
    'Lade die Seite neu. Geschieht es mit einem Modell wieder, lösche es und lade es noch einmal.',
  ],
  'chunk-corrupt': [
    'Ein gespeichertes Stück des Modells hat sich auf der Festplatte verändert.',
    'Es wird neu geladen, sobald eine Verbindung besteht.',
  ],
  'snapshot-damaged': [
    'Die gespeicherte Sitzung war beschädigt und wurde entfernt.',
    'Der Text wird von selbst neu gelesen.',
  ],
  'record-newer': ['Das hat eine neuere Version gespeichert.', 'Lade die Seite neu, um sie zu aktualisieren.'],
  'task-unavailable': [
    'Für diese Aufgabe ist hier nichts gut genug.',
    'Installiere das genannte Modell oder trainiere einen Experten.',
  ],
  'task-input': ['Die Eingabe passt nicht.', 'Berichtige die genannte Eingabe.'],
  'expert-invalid': ['Der Experte ist fehlerhaft.', 'Berichtige das Genannte oder trainiere ihn neu.'],
  'expert-worse': [
    'Die neue Fassung des Experten ist schlechter.',
    'Trainiere sie mit den Zeilen, die nun falsch sind.',
  ],
  'flow-invalid': ['Der Ablauf ist fehlerhaft.', 'Berichtige ihn an der genannten Stelle.'],
  'flow-failed': ['Der Ablauf ist fehlgeschlagen.', 'Öffne die Spur: Sie zeigt, welcher Schritt warum fehlschlug.'],
  'vault-locked': ['Der Tresor ist verschlossen.', 'Öffne ihn zuerst mit seiner Passphrase.'],
  'vault-damaged': [
    'Etwas im Tresor ist beschädigt oder wurde verändert.',
    'Traue dieser Kopie nicht: Spiele eine Sicherung ein oder lösche alles und beginne neu.',
  ],
  'passphrase-wrong': [
    'Diese Passphrase öffnet den Tresor nicht.',
    'Versuche es noch einmal. Ohne sie kann ihn niemand öffnen, auch wir nicht.',
  ],
  'passphrase-weak': [
    'Diese Passphrase ist zu kurz.',
    'Wähle eine längere: Ein paar Wörter hintereinander merkt man sich leicht.',
  ],
  'document-invalid': [
    'Dieses Dokument lässt sich nicht lesen.',
    'Wähle eine andere Datei: PDF, DOCX, Markdown, HTML, CSV und Text bis je 100 MB.',
  ],
  'import-invalid': [
    'Diese Datei lässt sich nicht einlesen.',
    'Wähle einen Export von Sotto, ChatGPT, Open WebUI oder LibreChat: eine .json-Datei oder die .zip, die sie enthält.',
  ],
  'wasm-simd-missing': ['Dieser Browser ist zu alt für ein Modell.', 'Aktualisiere ihn: Ihm fehlt WebAssembly-SIMD.'],
  'wasm-out-of-memory': [
    'Der Arbeitsspeicher reicht nicht.',
    'Schließe andere Tabs oder wähle ein kleineres Modell oder einen kleineren Kontext.',
  ],
  'backend-unavailable': ['Dieses Gerät kann die verlangte Rechenart nicht.', 'Nimm den Prozessor (CPU).'],
  'device-lost': ['Die Grafikeinheit ist ausgefallen.', 'Versuche es noch einmal: Das Modell wird neu geladen.'],
  'gpu-out-of-memory': [
    'Der Grafikspeicher reicht nicht.',
    'Schließe andere Tabs, wähle ein kleineres Modell oder nimm den Prozessor (CPU).',
  ],
  'numeric-fault': ['Die Rechnung ging schief und wurde angehalten.', 'Versuche es noch einmal.'],
  'worker-lost': ['Die Berechnung im Hintergrund ist ausgefallen.', 'Versuche es noch einmal: Er läuft wieder.'],
  'engine-moved': [
    'Ein anderer Tab hat das Modell übernommen.',
    'Versuche es noch einmal: Von dem Versuch blieb nichts.',
  ],
  'worker-load-failed': ['Ein Teil der App wurde nicht geladen.', 'Prüfe die Verbindung und lade die Seite neu.'],
  'protocol-mismatch': ['Dieser Tab läuft mit einer anderen Version der App.', 'Lade ihn neu.'],
  disposed: ['Das wurde geschlossen.', 'Lade die Seite neu.'],
  internal: ['Das ist ein Fehler in Sotto.', 'Bitte melde ihn mit den Worten darunter.'],
  'safetensors-truncated': ['Die Modelldatei ist unvollständig.', 'Lade sie noch einmal herunter.'],
  'safetensors-invalid': ['Die Modelldatei ist beschädigt oder keine safetensors-Datei.', 'Wähle eine andere Datei.'],
  'safetensors-limit': ['Die Modelldatei verlangt mehr als jedes echte Modell.', 'Traue ihr nicht.'],
  'model-config-invalid': [
    'Eine Einstellungsdatei dieses Modells ist beschädigt.',
    'Lade den Ordner noch einmal herunter.',
  ],
  'model-files-missing': [
    'Dem Modell fehlen Dateien.',
    'Wähle den ganzen Ordner: config.json, tokenizer.json und jede .safetensors-Datei.',
  ],
  'pack-invalid': [
    'Diese Datei ist kein Modellpaket.',
    'Wähle eines, das die Modellseite oder npm run pack gemacht hat.',
  ],
  'pack-truncated': ['Das Modellpaket ist unvollständig.', 'Kopiere es noch einmal.'],
  'pack-tampered': [
    'Das Modellpaket wurde verändert.',
    'Benutze es nicht: Es ist nicht, was sein Hersteller signiert hat. Bitte ihn um ein neues.',
  ],
  'pack-untrusted': [
    'Den Hersteller dieses Modellpakets kennt dieser Browser nicht.',
    'Vergleiche den Fingerabdruck mit ihm. Stimmt er, lies das Paket noch einmal ein und bestätige es.',
  ],
  'model-too-large': [
    'Das Modell ist zu groß für dieses Gerät.',
    'Wähle ein kleineres Modell oder einen kleineren Kontext, oder schaffe den genannten Platz.',
  ],
  'model-changed': [
    'Die Datei an ihrer Quelle ist nicht mehr die, die hier angenommen wurde.',
    'Sieh dir den Unterschied auf der Modellseite an: Nimm sie an oder behalte, was gespeichert ist.',
  ],
  'policy-invalid': [
    'Die Richtlinie dieser Seite ist fehlerhaft.',
    'Sag es denen, die diese Seite betreiben: „npm run policy -- check DATEI“ nennt die Stelle.',
  ],
  'blocked-by-policy': [
    'Das ist hier abgeschaltet.',
    'Wer diese Seite betreibt, hat es so festgelegt. Frag dort nach.',
  ],
  'knowledge-invalid': [
    'Das Wissenspaket dieser Seite ist fehlerhaft.',
    'Sag es denen, die diese Seite betreiben: Es muss neu erstellt werden.',
  ],
};
