import { useChat } from '@ai-sdk/react';
import { DirectChatTransport, ToolLoopAgent } from 'ai';
import { useState } from 'react';
import { createRoot } from 'react-dom/client';
import { Sotto } from 'sotto';
import { createSottoProvider } from 'sotto/ai-sdk';

const MODEL = 'smollm2-135m-instruct';

const sotto = await Sotto.create({ runtime: '/sotto/' });
await sotto.models.load(MODEL);
const provider = createSottoProvider(sotto);
// The agent runs in the page: there is no server that a transport would have to reach.
const agent = new ToolLoopAgent({ model: provider(MODEL), temperature: 0, maxOutputTokens: 60 });
const transport = new DirectChatTransport({ agent });

function Chat() {
  const { messages, sendMessage, status, stop } = useChat({ transport });
  const [text, setText] = useState('What does HTTP stand for?');
  const send = (event) => {
    event.preventDefault();
    sendMessage({ text });
    setText('');
  };
  return (
    <>
      <ul>
        {messages.map(({ id, role, parts }) => (
          <li key={id} className={role}>
            {parts.map((part) => (part.type === 'text' ? part.text : ''))}
          </li>
        ))}
      </ul>
      <form onSubmit={send}>
        <input aria-label="Message" value={text} onChange={({ target }) => setText(target.value)} />
        {status === 'ready' ? <button type="submit">Send</button> : null}
        {status === 'streaming' ? (
          <button type="button" onClick={stop}>
            Stop
          </button>
        ) : null}
      </form>
      <p role="status">{status}</p>
    </>
  );
}

createRoot(document.querySelector('main')).render(<Chat />);
