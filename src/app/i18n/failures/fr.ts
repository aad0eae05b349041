import type { Failures } from './failures.ts';

/** What went wrong, and what to do about it, by code. */
export const FAILURES_FR: Failures = {
  'empty-prompt': ['Le message est vide.', 'Écris d’abord quelque chose.'],
  'prompt-too-long': [
    'Le texte est trop long pour ce modèle.',
    'Raccourcis-le ou commence une conversation : le modèle ne lit que ce qui tient dans son contexte.',
  ],
  'invalid-option': ['Une option n’est pas valable.', 'Corrige l’option indiquée.'],
  'unsupported-option': [
    'Une option n’est pas prise en charge.',
    'Retire l’option indiquée : ce modèle ou ce navigateur ne peut la respecter.',
  ],
  'grammar-invalid': [
    'La forme demandée contient une erreur.',
    'Corrige le schéma, le motif ou la grammaire à l’endroit indiqué.',
  ],
  'grammar-unsupported': [
    'La forme demandée n’est pas prise en charge.',
    'Laisse de côté ce qui est indiqué ou écris-le autrement.',
  ],
  'grammar-too-complex': ['La forme demandée est trop grande.', 'Réduis le schéma, le motif ou la grammaire.'],
  'gguf-truncated': ['Le fichier du modèle est incomplet.', 'Télécharge-le de nouveau.'],
  'gguf-invalid': [
    'Le fichier du modèle est abîmé ou n’est pas un GGUF.',
    'Télécharge-le de nouveau ou choisis-en un autre.',
  ],
  'gguf-limit': ['Le fichier demande plus qu’aucun vrai modèle.', 'Ne lui fais pas confiance.'],
  'onnx-truncated': ['Le fichier du modèle est incomplet.', 'Télécharge-le de nouveau.'],
  'onnx-invalid': ['Le fichier du modèle est abîmé ou n’est pas un ONNX.', 'Choisis un autre fichier.'],
  'onnx-limit': ['Le fichier demande plus qu’aucun vrai modèle.', 'Ne lui fais pas confiance.'],
  'model-unsupported': [
    'Ce modèle n’est pas pris en charge.',
    'Choisis un modèle dont l’architecture et la quantification le sont.',
  ],
  'model-unknown': ['Ce modèle n’est pas ici.', 'Choisis-en un dans la liste ou ouvre un fichier .gguf.'],
  'model-not-loaded': ['Aucun modèle n’est chargé.', 'Charge d’abord un modèle.'],
  'tokenizer-unsupported': [
    'Ce modèle découpe le texte d’une façon qui n’est pas prise en charge.',
    'Choisis un modèle dont le tokenizer l’est.',
  ],
  'template-rejected': [
    'Le gabarit de conversation de ce modèle est défectueux ou dangereux.',
    'Utilise un autre fichier.',
  ],
  'download-failed': [
    'Le téléchargement a échoué.',
    'Vérifie la connexion puis reprends : ce qui est arrivé est gardé.',
  ],
  'download-stalled': [
    'Le téléchargement est à l’arrêt.',
    'Le serveur n’envoie rien. Vérifie la connexion puis reprends.',
  ],
  'download-not-the-file': [
    'Le serveur a répondu autre chose que le modèle.',
    'Vérifie l’adresse ou la page de connexion du réseau.',
  ],
  'download-refused': ['Ce serveur n’est pas autorisé.', 'Demande à qui gère cette page.'],
  'hash-mismatch': [
    'Les octets ne sont pas ceux qui ont été publiés.',
    'Ils n’ont pas été gardés. Réessaie ou préviens qui gère cette page.',
  ],
  'storage-full': [
    'Le navigateur n’a plus de place.',
    'Libère de la place ou supprime un modèle, puis reprends : ce qui est arrivé est gardé.',
  ],
  'storage-unavailable': [
    'Le navigateur bloque ici le stockage.',
    'Peut-être une fenêtre privée. Le modèle reste en mémoire jusqu’à la fermeture de la page.',
  ],
  'storage-failed': [
    'La lecture ou l’enregistrement sur cet appareil a échoué.',
    'Recharge la page. Si cela se répète avec un modèle, supprime-le et télécharge-le de nouveau.',
  ],
  'chunk-corrupt': [
    'Un morceau enregistré du modèle a changé sur le disque.',
    'Il sera téléchargé de nouveau dès qu’il y aura une connexion.',
  ],
  'snapshot-damaged': ['La session enregistrée était abîmée et a été retirée.', 'Le texte est relu de lui-même.'],
  'record-newer': ['Une version plus récente a enregistré ceci.', 'Recharge la page pour la mettre à jour.'],
  'task-unavailable': ['Rien ici ne fait assez bien cette tâche.', 'Installe le modèle indiqué ou entraîne un expert.'],
  'task-input': ['L’entrée ne convient pas.', 'Corrige l’entrée indiquée.'],
  'expert-invalid': ['L’expert contient une erreur.', 'Corrige ce qui est indiqué ou entraîne-le de nouveau.'],
  'expert-worse': [
    'La nouvelle version de l’expert est moins bonne.',
    'Entraîne-la avec les lignes qui sont maintenant fausses.',
  ],
  'flow-invalid': ['L’enchaînement contient une erreur.', 'Corrige-le à l’endroit indiqué.'],
  'flow-failed': ['L’enchaînement a échoué.', 'Ouvre la trace : elle montre quelle étape a échoué et pourquoi.'],
  'vault-locked': ['Le coffre est fermé.', 'Ouvre-le d’abord avec sa phrase secrète.'],
  'vault-damaged': [
    'Quelque chose dans le coffre est abîmé ou a été modifié.',
    'Ne fais pas confiance à cette copie : restaure une sauvegarde, ou supprime tout et recommence.',
  ],
  'passphrase-wrong': [
    'Cette phrase n’ouvre pas le coffre.',
    'Réessaie. Sans elle personne ne peut l’ouvrir, nous non plus.',
  ],
  'passphrase-weak': [
    'Cette phrase est trop courte.',
    'Choisis-en une plus longue : quelques mots à la suite se retiennent bien.',
  ],
  'document-invalid': [
    'Ce document ne peut être lu.',
    'Choisis un autre fichier : PDF, DOCX, Markdown, HTML, CSV et texte, jusqu’à 100 Mo.',
  ],
  'import-invalid': [
    'Ce fichier ne peut être importé.',
    'Choisis un export de Sotto, ChatGPT, Open WebUI ou LibreChat : un .json, ou le .zip qui le contient.',
  ],
  'wasm-simd-missing': [
    'Ce navigateur est trop ancien pour un modèle.',
    'Mets-le à jour : il lui manque WebAssembly SIMD.',
  ],
  'wasm-out-of-memory': [
    'La mémoire ne suffit pas.',
    'Ferme d’autres onglets, ou choisis un modèle ou un contexte plus petit.',
  ],
  'backend-unavailable': ['Cet appareil ne peut utiliser le moteur demandé.', 'Utilise le processeur (CPU).'],
  'device-lost': ['Le processeur graphique s’est arrêté.', 'Réessaie : le modèle est rechargé.'],
  'gpu-out-of-memory': [
    'La mémoire graphique ne suffit pas.',
    'Ferme d’autres onglets, choisis un modèle plus petit ou utilise le processeur (CPU).',
  ],
  'numeric-fault': ['Le calcul a mal tourné et a été arrêté.', 'Réessaie.'],
  'worker-lost': ['Le calcul en arrière-plan s’est arrêté.', 'Réessaie : il fonctionne de nouveau.'],
  'engine-moved': ['Un autre onglet a pris le modèle.', 'Réessaie : rien n’est resté de la tentative.'],
  'worker-load-failed': [
    'Une partie de l’application n’a pas été chargée.',
    'Vérifie la connexion et recharge la page.',
  ],
  'protocol-mismatch': ['Cet onglet utilise une autre version de l’application.', 'Recharge-le.'],
  disposed: ['Ceci a été fermé.', 'Recharge la page.'],
  internal: ['C’est un défaut de Sotto.', 'Signale-le avec les mots ci-dessous, s’il te plaît.'],
  'safetensors-truncated': ['Le fichier du modèle est incomplet.', 'Télécharge-le de nouveau.'],
  'safetensors-invalid': ['Le fichier du modèle est abîmé ou n’est pas un safetensors.', 'Choisis un autre fichier.'],
  'safetensors-limit': ['Le fichier demande plus qu’aucun vrai modèle.', 'Ne lui fais pas confiance.'],
  'model-config-invalid': ['Un fichier de réglages de ce modèle est abîmé.', 'Télécharge le dossier de nouveau.'],
  'model-files-missing': [
    'Il manque des fichiers au modèle.',
    'Choisis le dossier entier : config.json, tokenizer.json et chaque .safetensors.',
  ],
  'pack-invalid': [
    'Ce fichier n’est pas un paquet de modèle.',
    'Choisis-en un fait par la page des modèles ou par npm run pack.',
  ],
  'pack-truncated': ['Le paquet de modèle est incomplet.', 'Copie-le de nouveau.'],
  'pack-tampered': [
    'Le paquet de modèle a été modifié.',
    'Ne l’utilise pas : ce n’est pas ce que son auteur a signé. Demande-le-lui de nouveau.',
  ],
  'pack-untrusted': [
    'Ce navigateur ne connaît pas l’auteur du paquet.',
    'Compare l’empreinte avec lui. Si c’est la sienne, importe-le de nouveau et confirme.',
  ],
  'model-too-large': [
    'Le modèle est trop grand pour cet appareil.',
    'Choisis un modèle ou un contexte plus petit, ou libère la place indiquée.',
  ],
  'model-changed': [
    'Le fichier à sa source n’est plus celui qui a été accepté ici.',
    'Regarde la différence sur la page des modèles : accepte-le ou garde ce qui est enregistré.',
  ],
  'policy-invalid': [
    'La politique de ce site est défectueuse.',
    'Prévenez ceux qui gèrent cette page : « npm run policy -- check FICHIER » montre l’endroit.',
  ],
  'blocked-by-policy': ['C’est désactivé ici.', 'Ceux qui gèrent cette page l’ont décidé. Demandez-leur.'],
  'knowledge-invalid': [
    'Le paquet de connaissances de ce site est défectueux.',
    'Prévenez ceux qui gèrent cette page : il faut le refaire.',
  ],
};
