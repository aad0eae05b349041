import { Sotto } from 'sotto';

const MODEL = 'smollm2-135m-instruct';
const button = document.querySelector('button');
const status = document.querySelector('[role=status]');
const dialog = document.querySelector('dialog');
const list = document.querySelector('ol');

const sotto = await Sotto.create({ runtime: '/sotto/' });
await sotto.models.load(MODEL);
status.textContent = 'Ready.';
button.disabled = false;

/** A function of this page. Its arguments always satisfy `parameters`. */
const weather = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'The weather of a city',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string', maxLength: 30 } },
      required: ['city'],
    },
    execute: ({ city }) => ({ city, degrees: 21, sky: 'clear' }),
  },
};

/** Nothing runs before the visitor has seen what would. */
function approve({ name, arguments: given }) {
  dialog.querySelector('p').textContent = `Run ${name}(${JSON.stringify(given)})?`;
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true });
  });
}

button.addEventListener('click', async () => {
  button.disabled = true;
  list.replaceChildren();
  const { reason } = await sotto.chat.completions.runTools(
    {
      model: MODEL,
      messages: [{ role: 'user', content: button.textContent }],
      tools: [weather],
      // A small model seldom calls by itself; here the first answer must be a call.
      tool_choice: 'required',
      parallel_tool_calls: false,
      max_tokens: 60,
      temperature: 0,
    },
    { approve, onMessage: show },
  );
  status.textContent = `Done: ${reason}`;
  button.disabled = false;
});

function show({ role, content, tool_calls: calls = [] }) {
  const item = document.createElement('li');
  item.className = role;
  const written = calls.map((call) => `${call.function.name} ${call.function.arguments}`);
  item.textContent = [content, ...written].filter(Boolean).join(' ');
  list.append(item);
}
