// No bundler: the library is a module of this server, like any other file.
import { Sotto } from '/sotto/sotto.js';

const MODEL = 'smollm2-135m-instruct';
const form = document.querySelector('form');
const button = document.querySelector('button');
const status = document.querySelector('[role=status]');
const output = document.querySelector('output');

const sotto = await Sotto.create();
await sotto.models.load(MODEL, {
  onProgress: (event) => {
    if (event.type !== 'download-progress') return;
    status.textContent = `Loading the model: ${Math.round((100 * event.loadedBytes) / event.totalBytes)} %`;
  },
});
status.textContent = 'Ready.';
button.disabled = false;

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  button.disabled = true;
  output.textContent = '';
  const messages = [{ role: 'user', content: new FormData(form).get('question') }];
  const stream = await sotto.chat.completions.create({ model: MODEL, messages, stream: true, temperature: 0 });
  for await (const chunk of stream) output.append(chunk.choices[0]?.delta.content ?? '');
  button.disabled = false;
});
