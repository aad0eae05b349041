import { Sotto } from 'sotto';

const MODEL = 'smollm2-135m-instruct';
const SCHEMA = {
  type: 'object',
  properties: {
    name: { type: 'string', maxLength: 40 },
    city: { type: 'string', maxLength: 40 },
    born: { type: 'integer', minimum: 1000, maximum: 2100 },
  },
  required: ['name', 'city', 'born'],
};

const text = document.querySelector('textarea');
const button = document.querySelector('button');
const status = document.querySelector('[role=status]');
const shown = document.querySelector('pre');

const sotto = await Sotto.create({ runtime: '/sotto/' });
await sotto.models.load(MODEL);
status.textContent = 'Ready.';
button.disabled = false;

button.addEventListener('click', async () => {
  button.disabled = true;
  const stream = await sotto.chat.completions.create({
    model: MODEL,
    stream: true,
    temperature: 0,
    messages: [{ role: 'user', content: `Who is it, born where and when? Answer as JSON.\n\n${text.value}` }],
    response_format: { type: 'json_schema', json_schema: { name: 'person', schema: SCHEMA } },
  });
  for await (const { choices } of stream) {
    // What the value holds so far, at every step: half a name is shown as half a name.
    if (choices[0]?.partial !== undefined) shown.textContent = JSON.stringify(choices[0].partial, null, 2);
    if (choices[0]?.finish_reason) status.textContent = `Done: ${choices[0].finish_reason}`;
  }
  button.disabled = false;
});
