export { checkTools, type ToolUse } from './check-tools.ts';
export type { RunnableTool, RunToolsOptions, RunToolsRequest, RunToolsResult, ToolCallRequest } from './run-tools.ts';
export { teachTools } from './teach-tools.ts';
export { ToolCallReader, type ToolPart } from './tool-call-reader.ts';
export { knowsTools, type ToolFormat, toolFormatOf } from './tool-formats.ts';
export { toolGrammar } from './tool-grammar.ts';
export type * from './tool-types.ts';
