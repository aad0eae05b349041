import { expect, type Locator, type Page } from '@playwright/test';

/** The chat page as a person sees it: by roles and words, never by classes. */
export class ChatPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  get messageBox(): Locator {
    return this.page.getByRole('textbox', { name: 'Message' });
  }

  get sendButton(): Locator {
    return this.page.getByRole('button', { name: 'Send' });
  }

  get stopButton(): Locator {
    return this.page.getByRole('button', { name: 'Stop' });
  }

  /** The pill with name, size, backend and speed. */
  get modelChip(): Locator {
    return this.page.getByTitle('Model: details, other files, storage');
  }

  get seal(): Locator {
    return this.page.getByTitle('Privacy: what is stored here, and what was sent');
  }

  get answers(): Locator {
    return this.page.getByRole('article', { name: 'SmolLM2' });
  }

  get lastAnswer(): Locator {
    return this.answers.last();
  }

  async open(address = '/'): Promise<this> {
    await this.page.goto(address);
    return this;
  }

  /** Waits until the chip names the backend: the model is then in memory. */
  async untilReady(): Promise<this> {
    await expect(this.modelChip).toContainText(/CPU, \d+ threads?/, { timeout: 60_000 });
    return this;
  }

  async ask(question: string): Promise<void> {
    await this.messageBox.fill(question);
    await this.messageBox.press('Enter');
  }

  /** The text of the last answer, once it is finished. */
  async finishedAnswer(): Promise<string> {
    await expect(this.lastAnswer).toContainText(/tokens\/s/, { timeout: 90_000 });
    return (await this.lastAnswer.textContent()) ?? '';
  }
}
