/** All that it takes: what the page is about, and what it can do. The visitor confirms each single action. */
const chat = document.querySelector('sotto-chat');
await customElements.whenDefined('sotto-chat');

// biome-ignore lint/performance/useDomNodeTextContent: what can be seen, and not what is hidden in the page.
const words = () => document.querySelector('main').innerText;
chat.setContext({ text: words() });
document.addEventListener('selectionchange', () => {
  const selection = String(document.getSelection());
  if (selection !== '') chat.setContext({ text: words(), selection });
});

chat.registerTool({
  name: 'open_page',
  description: 'Opens a page of the intranet',
  parameters: {
    type: 'object',
    properties: { page: { enum: ['index', 'leave', 'help-desk'] } },
    required: ['page'],
    additionalProperties: false,
  },
  run: ({ page }) => {
    location.href = `./${page}.html`;
  },
});

const form = document.querySelector('#request');
if (form !== null) {
  chat.registerTool({
    name: 'fill_leave_request',
    description: 'Fills in the leave request on this page; the visitor sends it',
    parameters: {
      type: 'object',
      properties: {
        from: { type: 'string', format: 'date' },
        to: { type: 'string', format: 'date' },
        reason: { type: 'string', maxLength: 200 },
      },
      required: ['from', 'to'],
      additionalProperties: false,
    },
    run: (fields) => {
      for (const [name, value] of Object.entries(fields)) form.elements.namedItem(name).value = value;
      return 'The form is filled in. Nothing was sent.';
    },
  });
}
