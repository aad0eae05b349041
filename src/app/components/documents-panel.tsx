import { useSignal } from '@preact/signals';
import type { VNode } from 'preact';
import type { StoredDocument } from '../../storage/documents/index.ts';
import { useApp } from '../app-context.ts';
import { formatBytes } from '../format/index.ts';
import { FileButton } from '../pages/index.ts';
import type { ReadingJob } from '../state/index.ts';
import { TEXT } from '../text.ts';
import { Dialog } from './dialog.tsx';
import { IconButton } from './icon-button.tsx';
import { CloseIcon, DeleteIcon, DocumentIcon, WarningIcon } from './icons.tsx';
import { FailureText } from './model-status.tsx';
import { Progress } from './progress.tsx';

const text = TEXT.documents;

const KINDS = '.pdf,.docx,.md,.markdown,.html,.htm,.csv,.tsv,.txt,.log,.json,.xml,.yaml,.yml';

/** Files that extend what the model knows: added here, read here, and used where a chat asks for them. */
export function DocumentsPanel(): VNode {
  const { panel, documents } = useApp();
  const failure = documents.failure.value;
  const collections = documents.collections.value;
  return (
    <Dialog
      title={text.title}
      onClose={() => {
        panel.value = null;
      }}
    >
      <p>{text.lead}</p>
      {failure !== null && <FailureText failure={failure} />}
      <AddFiles />
      {documents.jobs.value.map((job) => (
        <Job key={job.id} job={job} />
      ))}
      {documents.passedOver.value > 0 && (
        <p class="muted small" role="status">
          {text.passedOver(documents.passedOver.value)}
        </p>
      )}
      {collections.length === 0 && documents.jobs.value.length === 0 && <p class="muted">{text.none}</p>}
      {collections.map((name) => (
        <Collection key={name} name={name} />
      ))}
      <Meaning />
    </Dialog>
  );
}

function AddFiles(): VNode {
  const { documents, chat } = useApp();
  const collection = useSignal('');
  const add = (chosen: readonly File[]) => {
    const name = collection.value.trim() || text.defaultCollection;
    const { collections } = chat.outline.value.chat;
    // What is added from a chat is meant for it.
    if (!collections.includes(name)) chat.change({ collections: [...collections, name] });
    void documents.add(chosen, name);
  };
  return (
    <section class="fields">
      <label>
        {text.collection}
        <input
          type="text"
          dir="auto"
          maxLength={100}
          autocomplete="off"
          placeholder={text.defaultCollection}
          value={collection.value}
          onInput={({ currentTarget }) => {
            collection.value = currentTarget.value;
          }}
        />
      </label>
      <div class="buttons">
        <FileButton label={text.addFiles} class="primary" accept={KINDS} isMultiple onFiles={add} />
        <FileButton label={text.addFolder} isFolder onFiles={add} />
      </div>
      <p class="muted small">{text.kinds}</p>
    </section>
  );
}

function Job({ job }: { readonly job: ReadingJob }): VNode {
  const { documents } = useApp();
  const { id, name, phase, done, total, failure } = job;
  return (
    <div class="card document-job">
      <div class="buttons">
        <span class="grow document-name" dir="auto">
          {name}
        </span>
        <IconButton
          label={failure === null ? text.cancel(name) : text.dismiss(name)}
          onClick={() => documents.cancel(id)}
        >
          <CloseIcon />
        </IconButton>
      </div>
      {failure === null ? (
        <Progress
          label={name}
          valueText={phase === 'failed' ? '' : text.phases[phase]}
          value={done}
          total={Math.max(1, total)}
        />
      ) : (
        <FailureText failure={failure} />
      )}
    </div>
  );
}

function Collection({ name }: { readonly name: string }): VNode {
  const { documents, chat } = useApp();
  const own = documents.documents.value.filter(({ collection }) => collection === name);
  const { collections } = chat.outline.value.chat;
  const isUsed = collections.includes(name);
  return (
    <section class="panel-section">
      <h3 dir="auto">{name}</h3>
      <label class="switch">
        <input
          type="checkbox"
          checked={isUsed}
          onChange={({ currentTarget }) =>
            chat.change({
              collections: currentTarget.checked
                ? [...collections, name]
                : collections.filter((other) => other !== name),
            })
          }
        />
        {text.use}
      </label>
      <ul class="document-items">
        {own.map((document) => (
          <Item key={document.id} document={document} />
        ))}
      </ul>
    </section>
  );
}

function Item({ document }: { readonly document: StoredDocument }): VNode {
  const { documents, passage } = useApp();
  const { id, name, bytes, pages, chunks, hiddenCharacters, isCutShort } = document;
  return (
    <li>
      <DocumentIcon />
      <div class="grow">
        <button
          type="button"
          class="link"
          dir="auto"
          onClick={() => (passage.value = { documentId: id, documentName: name, chunk: 0, page: null, passage: '' })}
        >
          {name}
        </button>
        <p class="muted small figures">{text.facts(formatBytes(bytes), pages, chunks)}</p>
        {hiddenCharacters > 0 && (
          <p class="small document-notice">
            <WarningIcon />
            {text.hidden(hiddenCharacters)}
          </p>
        )}
        {isCutShort && (
          <p class="small document-notice">
            <WarningIcon />
            {text.cutShort}
          </p>
        )}
      </div>
      <IconButton label={text.remove(name)} onClick={() => void documents.remove([id])}>
        <DeleteIcon />
      </IconButton>
    </li>
  );
}

/** Meaning needs a model of its own: asked for, not fetched unasked. */
function Meaning(): VNode {
  const { documents } = useApp();
  const state = documents.meaning.value;
  return (
    <section class="panel-section">
      <h3>{text.meaning}</h3>
      <p>{text.meaningNote}</p>
      {state.kind === 'failed' && <FailureText failure={state.failure} />}
      {state.kind === 'loading' && state.total > 0 && (
        <Progress
          label={text.meaningLoading}
          valueText={TEXT.model.progress(state.done, state.total)}
          value={state.done}
          total={state.total}
        />
      )}
      <label class="switch">
        <input
          type="checkbox"
          checked={state.kind === 'on' || state.kind === 'loading'}
          onChange={({ currentTarget }) => void documents.useMeaning(currentTarget.checked)}
        />
        {state.kind === 'loading' ? text.meaningLoading : text.meaningUse}
      </label>
    </section>
  );
}
