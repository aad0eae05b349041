import { Sotto } from 'sotto';
import { installPromptApi } from 'sotto/prompt-api';

const status = document.querySelector('[role=status]');
const show = (id, text) => {
  document.querySelector(`#${id}`).textContent = text;
};

// Where the browser has these classes, they are left alone unless `replacesNative` says otherwise: a browser may answer
// elsewhere than on this device.
const sotto = await Sotto.create({ runtime: '/sotto/' });
installPromptApi(sotto, { model: 'smollm2-135m-instruct', replacesNative: true });

const { LanguageModel, Summarizer } = globalThis;
const session = await LanguageModel.create({
  samplingMode: 'most-predictable',
  monitor: (monitor) => {
    monitor.addEventListener('downloadprogress', ({ loaded }) => {
      status.textContent = `Loading the model: ${Math.round(100 * loaded)} %`;
    });
  },
});

let answer = '';
for await (const piece of session.promptStreaming('What does HTTP stand for?')) {
  answer += piece;
  show('answer', answer);
}

const constraint = { type: 'object', properties: { isProtocol: { type: 'boolean' } }, required: ['isProtocol'] };
show('choice', await session.prompt('Is HTTP a protocol?', { responseConstraint: constraint }));

const summarizer = await Summarizer.create({ type: 'tldr', length: 'short', format: 'plain-text' });
show(
  'summary',
  await summarizer.summarize(
    'The museum opens at nine. On Mondays it is closed. Children pay nothing, students pay half, all others ten euros.',
  ),
);
status.textContent = 'Done.';
