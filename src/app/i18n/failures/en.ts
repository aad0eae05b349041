import type { Failures } from './failures.ts';

/** What went wrong, and what to do about it, by code. */
export const FAILURES_EN: Failures = {
  'empty-prompt': ['The message is empty.', 'Write something first.'],
  'prompt-too-long': [
    'The text is too long for this model.',
    'Shorten it, or start a new chat: the model reads only as much as its context holds.',
  ],
  'invalid-option': ['A setting is not valid.', 'Correct the setting named below.'],
  'unsupported-option': [
    'A setting is not supported.',
    'Remove the setting named below: this model or this browser cannot honour it.',
  ],
  'grammar-invalid': [
    'The form that was asked for is faulty.',
    'Correct the schema, pattern or grammar where it says below.',
  ],
  'grammar-unsupported': [
    'The form that was asked for is not supported.',
    'Leave out what is named below, or write it in another way.',
  ],
  'grammar-too-complex': ['The form that was asked for is too large.', 'Make the schema, pattern or grammar smaller.'],
  'gguf-truncated': ['The model file is incomplete.', 'Download it again.'],
  'gguf-invalid': ['The model file is damaged, or is no GGUF file.', 'Download it again, or choose another one.'],
  'gguf-limit': ['The model file asks for more than any real model needs.', 'Do not trust it.'],
  'onnx-truncated': ['The model file is incomplete.', 'Download it again.'],
  'onnx-invalid': ['The model file is damaged, or is no ONNX file.', 'Choose another file.'],
  'onnx-limit': ['The model file asks for more than any real model needs.', 'Do not trust it.'],
  'safetensors-truncated': ['The model file is incomplete.', 'Download it again.'],
  'safetensors-invalid': ['The model file is damaged, or is no safetensors file.', 'Choose another file.'],
  'safetensors-limit': ['The model file asks for more than any real model needs.', 'Do not trust it.'],
  'model-config-invalid': ['A settings file of this model is damaged.', 'Download the folder again.'],
  'model-files-missing': [
    'The model lacks some of its files.',
    'Choose the whole folder: config.json, tokenizer.json and every .safetensors file.',
  ],
  'model-unsupported': ['This model cannot be run here.', 'Choose one of a supported architecture and quantisation.'],
  'model-unknown': ['There is no such model here.', 'Choose one from the list, or open a .gguf file.'],
  'model-not-loaded': ['No model is loaded.', 'Load one first.'],
  'tokenizer-unsupported': [
    'This model cuts text in a way that is not supported.',
    'Choose a model whose tokenizer is supported.',
  ],
  'template-rejected': ['The chat template of this model is faulty or unsafe.', 'Use another file.'],
  'download-failed': ['The download did not work.', 'Check the connection, then resume: what has arrived is kept.'],
  'download-stalled': [
    'The download has come to a halt.',
    'The server sends nothing. Check the connection, then resume.',
  ],
  'download-not-the-file': [
    'The server sent something else than the model.',
    'Check the address, or the sign-in page of the network.',
  ],
  'download-refused': ['This server is not allowed.', 'Ask whoever runs this page.'],
  'hash-mismatch': [
    'What arrived is not what was published.',
    'It was not kept. Try again, or tell whoever runs this page.',
  ],
  'pack-invalid': ['This file is no model pack.', 'Choose one that the models page or npm run pack made.'],
  'pack-truncated': ['The model pack is incomplete.', 'Copy it again.'],
  'pack-tampered': [
    'The model pack was changed.',
    'Do not use it: it is not what its maker signed. Ask them for it again.',
  ],
  'pack-untrusted': [
    'This browser does not know the maker of this model pack.',
    'Compare the fingerprint with them. If it is theirs, import the pack again and say so.',
  ],
  'model-too-large': [
    'The model is too large for this device.',
    'Choose a smaller model or a smaller context, or free the room named below.',
  ],
  'model-changed': [
    'The file at its source is no longer the one that was accepted here.',
    'Look at the difference on the models page: accept it, or keep what is stored.',
  ],
  'policy-invalid': [
    'The policy of this page is faulty.',
    'Tell whoever runs this page: “npm run policy -- check FILE” names the place.',
  ],
  'blocked-by-policy': ['This is switched off here.', 'Whoever runs this page decided so. Ask them.'],
  'knowledge-invalid': [
    'The knowledge pack of this page is faulty.',
    'Tell whoever runs this page: it has to be made again.',
  ],
  'storage-full': [
    'The browser is out of room.',
    'Free some space or delete a model, then resume: what has arrived is kept.',
  ],
  'storage-unavailable': [
    'The browser keeps nothing here.',
    'Perhaps this is a private window. The model stays in memory until the page closes.',
  ],
  'storage-failed': [
    'Reading or saving on this device did not work.',
    'Reload the page. If it happens again with a model, delete it and fetch it again.',
  ],
  'chunk-corrupt': [
    'A stored piece of the model changed on the disk.',
    'It is fetched again when there is a connection.',
  ],
  'snapshot-damaged': ['The saved session was damaged and has been removed.', 'The text is read again by itself.'],
  'record-newer': ['This was stored by a newer version.', 'Reload the page to update it.'],
  'task-unavailable': [
    'Nothing here does this task well enough.',
    'Install the model named below, or train an expert.',
  ],
  'task-input': ['The input does not fit.', 'Correct what is named below.'],
  'expert-invalid': ['The expert is faulty.', 'Correct what is named below, or train it again.'],
  'expert-worse': ['The new version of the expert is worse.', 'Train it with the rows that go wrong now.'],
  'flow-invalid': ['The flow is faulty.', 'Correct it at the place named below.'],
  'flow-failed': ['The flow did not get to its end.', 'Open the trace: it shows which step failed and why.'],
  'vault-locked': ['The vault is locked.', 'Unlock it with its passphrase first.'],
  'vault-damaged': [
    'Something in the vault is damaged, or was changed.',
    'Do not trust this copy: restore a backup, or delete everything and begin anew.',
  ],
  'passphrase-wrong': [
    'This passphrase does not open the vault.',
    'Try again. Without it nobody can open it, not even we.',
  ],
  'passphrase-weak': [
    'This passphrase is too short.',
    'Choose a longer one: a few words in a row are easy to remember.',
  ],
  'document-invalid': [
    'This document cannot be read.',
    'Choose another file: PDF, DOCX, Markdown, HTML, CSV and text, up to 100 MB each.',
  ],
  'import-invalid': [
    'This file cannot be imported.',
    'Choose an export of Sotto, ChatGPT, Open WebUI or LibreChat: a .json file, or the .zip that holds it.',
  ],
  'wasm-simd-missing': ['This browser is too old to run a model.', 'Update it: it lacks WebAssembly SIMD.'],
  'wasm-out-of-memory': [
    'There is not enough memory.',
    'Close other tabs, or choose a smaller model or a smaller context.',
  ],
  'backend-unavailable': ['This device cannot compute in the way that was asked for.', 'Use the processor (CPU).'],
  'device-lost': ['The graphics device stopped.', 'Try again: the model is loaded once more.'],
  'gpu-out-of-memory': [
    'There is not enough graphics memory.',
    'Close other tabs, choose a smaller model, or use the processor (CPU).',
  ],
  'numeric-fault': ['The calculation went wrong and was stopped.', 'Try again.'],
  'worker-lost': ['The work in the background stopped.', 'Try again: it runs once more.'],
  'engine-moved': ['Another tab took over the model.', 'Try again: nothing was kept of the attempt.'],
  'worker-load-failed': ['A part of the app did not load.', 'Check the connection and reload the page.'],
  'protocol-mismatch': ['This tab runs another version of the app.', 'Reload it.'],
  disposed: ['This was closed.', 'Reload the page.'],
  internal: ['This is a fault in Sotto.', 'Please report it with the words below.'],
};
