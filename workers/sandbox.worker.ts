import { exposePort, type SandboxPort, settle } from '../src/protocol/index.ts';
import { compileGrammar } from '../src/runtime/generation/grammar/compile/index.ts';
import { renderChatTemplate } from '../src/runtime/text/chat-template/index.ts';

exposePort<SandboxPort>({
  renderTemplate: (request) => settle(() => renderChatTemplate(request)),
  compileGrammar: (source) => settle(() => compileGrammar(source)),
});
