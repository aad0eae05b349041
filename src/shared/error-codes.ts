/**
 * Every error the product can raise, with what the person in front of it can do.
 * The union is closed: a new failure needs a line here, and with it an action.
 */
export const ERROR_ACTIONS = {
  // Input
  'empty-prompt': 'Write something first.',
  'prompt-too-long': 'Shorten the text, or start a new chat: the model can only read its context length.',
  'invalid-option': 'Correct the option named in the message.',
  'unsupported-option': 'Remove the option named in the message: this model or build cannot honour it.',
  'grammar-invalid': 'Correct the schema, pattern or grammar at the place the message names.',
  'grammar-unsupported': 'Leave out what the message names, or write it in another way.',
  'grammar-too-complex': 'Make the schema, pattern or grammar smaller.',
  // Model files
  'gguf-truncated': 'The file ends too early. Download it again.',
  'gguf-invalid': 'The file is damaged or is not a GGUF model. Download it again or choose another file.',
  'gguf-limit': 'The file asks for more than any real model needs. Do not trust it.',
  'onnx-truncated': 'The file ends too early. Download it again.',
  'onnx-invalid': 'The file is damaged or is not an ONNX model. Choose another file.',
  'onnx-limit': 'The file asks for more than any real model needs. Do not trust it.',
  'safetensors-truncated': 'The file ends too early. Download it again.',
  'safetensors-invalid': 'The file is damaged or is not a safetensors file. Choose another file.',
  'safetensors-limit': 'The file asks for more than any real model needs. Do not trust it.',
  'model-config-invalid':
    'A settings file of this model is damaged or not what it should be. Download the folder again.',
  'model-files-missing':
    'Choose the whole folder of the model: config.json, tokenizer.json and every .safetensors file.',
  'model-unsupported': 'Choose a model of a supported architecture and quantisation.',
  'model-unknown': 'Choose a model from the list, or open a .gguf file.',
  'model-not-loaded': 'Load a model first.',
  'tokenizer-unsupported': 'Choose a model whose tokenizer is supported.',
  'template-rejected': 'The chat template of this model is faulty or unsafe. Use a different file.',
  // Network
  'download-failed': 'Check the connection, then resume: what has arrived is kept.',
  'download-stalled': 'The server sends nothing. Check the connection, then resume.',
  'download-not-the-file':
    'The server answered with something else than the model. Check the address or the sign-in page of the network.',
  'download-refused': 'This host is not allowed. Ask whoever runs this page.',
  'hash-mismatch':
    'The bytes are not the published ones. They were not kept. Try again or tell whoever runs this page.',
  'pack-invalid': 'Choose a model pack that `npm run pack` or the models page made.',
  'pack-truncated': 'The pack was not copied whole. Copy it again.',
  'pack-tampered': 'Do not use this pack: it is not what its maker signed. Ask them for it again.',
  'pack-untrusted': 'Compare the fingerprint with its maker. If it is theirs, import it again and say so.',
  'model-too-large': 'Choose a smaller model or context, or free the room that the message names.',
  'model-changed':
    'The file at its source is not the one that was accepted here. Look at the difference on the models page: accept it, or keep what is stored.',
  // Policy of the site
  'policy-invalid':
    'Tell whoever runs this page: its policy file is broken. `npm run policy -- check FILE` names the place.',
  'blocked-by-policy': 'Whoever runs this page has switched this off. Ask them.',
  'knowledge-invalid': 'Tell whoever runs this page: the knowledge pack has to be made again.',
  // Storage
  'storage-full': 'Free some space or delete a model, then resume: what has arrived is kept.',
  'storage-unavailable':
    'The browser blocks storage here (a private window, perhaps). The model stays in memory until the page closes.',
  'storage-failed': 'Reload the page. If it happens again, delete the model and fetch it again.',
  'chunk-corrupt': 'A stored piece of the model changed on disk. It is fetched again when there is a connection.',
  'snapshot-damaged': 'The saved session was damaged and has been removed. The text is read again by itself.',
  'record-newer': 'This was stored by a newer version. Reload to update the app.',
  // Tasks, experts, flows
  'task-unavailable': 'Install the model named in the message, or train an expert: none here does this well enough.',
  'task-input': 'Correct the input named in the message.',
  'expert-invalid': 'Correct what the message names, or train the expert again.',
  'expert-worse': 'Train it with the rows that went wrong, or keep it all the same with allowWorse.',
  'flow-invalid': 'Correct the flow at the place named in the message.',
  'flow-failed': 'Open the trace: it shows which step failed and why.',
  // Vault
  'vault-locked': 'Unlock the vault with its passphrase first.',
  'vault-damaged': 'Do not trust this copy: restore a backup, or delete everything and begin anew.',
  'passphrase-wrong': 'Try again. Without the passphrase nobody can open it, not even we.',
  'passphrase-weak': 'Choose a longer passphrase: a few words in a row are easy to remember.',
  'document-invalid': 'Choose another file: PDF, DOCX, Markdown, HTML, CSV and text can be read, up to 100 MB.',
  'import-invalid':
    'Choose an export of Sotto, ChatGPT, Open WebUI or LibreChat: a .json file, or the .zip that holds it.',
  // Engine and workers
  'wasm-simd-missing': 'Update the browser: it lacks WebAssembly SIMD.',
  'wasm-out-of-memory': 'Close other tabs, or choose a smaller model or context.',
  'backend-unavailable': 'Use the CPU backend: this device cannot run the one asked for.',
  'device-lost': 'The graphics device stopped. Try again: the model is loaded once more.',
  'gpu-out-of-memory': 'Close other tabs, choose a smaller model or context, or use the CPU backend.',
  'numeric-fault': 'The calculation went wrong and was stopped. Try again.',
  'worker-lost': 'The background thread stopped. Try again: it has been restarted.',
  'engine-moved': 'Another tab took over the engine. Try again: nothing was kept of the attempt.',
  'worker-load-failed': 'A part of the app did not load. Check the connection and reload.',
  'protocol-mismatch': 'This tab runs another version of the app. Reload it.',
  disposed: 'This object was closed. Make a new one.',
  internal: 'This is a fault in Sotto. Please report it with the message.',
} as const;

/** The closed union of error codes. */
export type SottoErrorCode = keyof typeof ERROR_ACTIONS;
