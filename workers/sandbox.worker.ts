import { exposePort, type SandboxPort, settle } from '../src/protocol/index.ts';
import { renderChatTemplate } from '../src/runtime/text/chat-template/index.ts';

exposePort<SandboxPort>({
  renderTemplate: (request) => settle(() => renderChatTemplate(request)),
  compileGrammar: (source) =>
    settle(async () => {
      // Who asks for no structure does not load the compiler.
      const { compileGrammar } = await import('../src/runtime/generation/grammar/compile/index.ts');
      return compileGrammar(source);
    }),
});
