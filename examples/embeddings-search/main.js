import { Sotto } from 'sotto';

const MODEL = 'all-minilm-l6-v2';
const NOTES = [
  'Buy a winter coat and gloves.',
  'The bread needs two hours to rise.',
  'Call the bank about the loan.',
  'Trains to Lyon leave every hour.',
  'Water the tomatoes in the evening.',
  'The laptop’s battery lasts five hours.',
];

const form = document.querySelector('form');
const button = document.querySelector('button');
const status = document.querySelector('[role=status]');
const list = document.querySelector('ol');

const sotto = await Sotto.create({ runtime: '/sotto/' });

/** Texts as vectors of length 1: their product says how near two are in meaning. */
async function embed(input) {
  const { data } = await sotto.embeddings.create({ model: MODEL, input });
  return data.map(({ embedding }) => embedding);
}

const vectors = await embed(NOTES);
status.textContent = 'Ready.';
button.disabled = false;

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const [query] = await embed([new FormData(form).get('query')]);
  const found = NOTES.map((note, index) => ({ note, score: dot(query, vectors[index]) })).sort(
    (a, b) => b.score - a.score,
  );
  list.replaceChildren(
    ...found.slice(0, 3).map(({ note, score }) => {
      const item = document.createElement('li');
      item.textContent = `${note} (${score.toFixed(2)})`;
      return item;
    }),
  );
});

function dot(a, b) {
  return a.reduce((sum, value, index) => sum + value * b[index], 0);
}
