import process from 'node:process';

/** @typedef {Pick<NodeJS.WriteStream, 'write'> & { isTTY?: boolean }} Stream */

/**
 * What the command says and where: answers to stdout, everything else to stderr. With `wantsJson` stdout holds exactly
 * one JSON object a prompt, and nothing else.
 * @param {{ wantsJson: boolean, stdout?: Stream, stderr?: Stream }} options
 */
export function createOutput({ wantsJson, stdout = process.stdout, stderr = process.stderr }) {
  let hasProgress = false;
  let isMidLine = false;
  const clearProgress = () => {
    if (hasProgress && stderr.isTTY) stderr.write('\r\x1b[K');
    hasProgress = false;
  };
  return {
    /** @param {{ type: string, loadedBytes?: number, totalBytes?: number, reason?: string }} event */
    progress: (event) => {
      if (event.type === 'download-retry') {
        stderr.write(`\nTrying the download again: ${event.reason}\n`);
        return;
      }
      // A line that is written over and over is only fit for a terminal.
      if (!stderr.isTTY) return;
      if (event.type === 'kernel-progress') return;
      const verb = event.type === 'download-progress' ? 'Fetching' : 'Loading';
      const megabytes = (/** @type {number | undefined} */ bytes) => ((bytes ?? 0) / 1e6).toFixed(1);
      stderr.write(`\r\x1b[K${verb} the model: ${megabytes(event.loadedBytes)} of ${megabytes(event.totalBytes)} MB`);
      hasProgress = true;
    },
    loaded: clearProgress,
    /** @param {string} piece */
    text: (piece) => {
      if (wantsJson) return;
      stdout.write(piece);
      isMidLine = !piece.endsWith('\n');
    },
    /** @param {object} answer */
    answer: (answer) => {
      if (wantsJson) stdout.write(`${JSON.stringify(answer)}\n`);
      else if (isMidLine) stdout.write('\n');
      isMidLine = false;
    },
    /** @param {import('./in-page.mjs').AskError} error */
    error: (error) => {
      clearProgress();
      if (wantsJson) stdout.write(`${JSON.stringify({ error })}\n`);
      else stderr.write(`${isMidLine ? '\n' : ''}${error.message}\n${error.userAction}\n`);
      isMidLine = false;
    },
  };
}
