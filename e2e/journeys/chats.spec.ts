import type { Page } from '@playwright/test';
import { ChatPage, expect, keptRows, returning as test } from '../kit/index.ts';

const chatList = (page: Page) => page.getByRole('navigation', { name: 'Your chats' });

test('chats are kept, found, branched, named, filed and deleted; a temporary one leaves nothing', async ({ page }) => {
  const chat = await new ChatPage(page).open();
  await chat.untilReady();
  await chat.ask('What is the capital of France?');
  await chat.finishedAnswer();

  // Edited: the old question stays beside the new one.
  await page.getByRole('article', { name: 'You' }).hover();
  await page.getByRole('button', { name: 'Edit' }).first().click();
  const editor = page.getByRole('textbox', { name: 'Edit the message' });
  await editor.fill('What is the capital of Italy?');
  await editor.press('Enter');
  await chat.finishedAnswer();
  await expect(page.getByRole('article', { name: 'You' })).toHaveText('What is the capital of Italy?');
  await expect(page.getByText('2 of 2').first()).toBeVisible();
  await page.getByRole('button', { name: 'Previous version' }).first().click();
  await expect(chat.lastAnswer).toContainText('Paris');

  // Named and filed.
  await page.getByRole('button', { name: /^This chat/ }).click();
  const panel = page.getByRole('dialog');
  await panel.getByLabel('Title').fill('Capitals');
  await panel.getByLabel('Folder').fill('Geography');
  await panel.getByLabel('Instructions to the model').fill('Answer in one word.');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Escape');
  await chat.messageBox.fill('an unsent thought');
  await expect(page.getByText('Saved on this device')).toBeVisible();
  // Drafts wait for a pause in typing.
  const drafts = () => keptRows(page, 'sotto-records', 'records', 'draft');
  await expect.poll(drafts).toContainEqual(expect.stringContaining('an unsent thought'));

  await page.reload();
  await expect(page.getByRole('heading', { name: 'Geography' })).toBeVisible();
  await page.getByRole('searchbox').fill('capital ITALY');
  // Until the search is over the list is that of all chats, which lead to where one left them.
  await expect(page.getByText('1 chat found.')).toBeAttached();
  await chatList(page)
    .getByRole('button', { name: /Capitals/ })
    .click();
  await expect(page.getByRole('article', { name: 'You' }), 'the branch that was found is shown').toContainText('Italy');
  await expect(chat.messageBox).toHaveValue('an unsent thought');
  await page.getByRole('searchbox').fill('no such words');
  await expect(page.getByText('Nothing found.')).toBeVisible();
  await page.getByRole('searchbox').fill('');

  await chat.untilReady();
  await page.getByRole('button', { name: 'Temporary chat' }).first().click();
  await chat.ask('What is the capital of Spain?');
  await chat.finishedAnswer();
  await page.reload();
  await expect(chatList(page).getByRole('button')).toHaveCount(1);

  await chatList(page).getByRole('button', { name: 'Capitals' }).click();
  await page.getByRole('button', { name: /^This chat/ }).click();
  await page.getByRole('button', { name: 'Delete chat' }).click();
  await panel.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(page.getByText('Your conversations appear here.')).toBeVisible();
  await page.reload();
  await expect(page.getByText('Your conversations appear here.')).toBeVisible();
});

test('what is shown as saved survives a killed browser; a second tab is in step', async ({ profile, baseURL }) => {
  const saved: string[] = [];
  for (let round = 1; round <= 3; round++) {
    const context = await profile.open();
    const page = await context.newPage();
    const chat = await new ChatPage(page).open(baseURL);
    await chat.untilReady();
    if (round > 1) {
      await chatList(page).getByRole('button').first().click();
      for (const text of saved) await expect(page.getByText(text).first()).toBeVisible();
    }
    if (round === 2) {
      const other = await context.newPage();
      await other.goto(baseURL ?? '');
      await chatList(other).getByRole('button').first().click();
      await chat.ask('Seen in both tabs?');
      await expect(other.getByRole('article', { name: 'You' }).last()).toHaveText('Seen in both tabs?');
      await page.keyboard.press('Escape');
    }
    const question = `Round ${round}: write a long story about the sea.`;
    await expect(chat.sendButton).toBeVisible();
    await chat.ask(question);
    await expect(page.locator('[data-saved=true]').filter({ hasText: question })).toBeVisible();
    saved.push(question);
    await profile.kill();
  }
  const page = await (await profile.open()).newPage();
  await page.goto(baseURL ?? '');
  await chatList(page).getByRole('button').first().click();
  for (const text of saved) await expect(page.getByText(text).first()).toBeVisible();
});

test('words that are sent in the moment they are typed do not come back in the next chat', async ({ page }) => {
  const chat = await new ChatPage(page).open();
  await chat.untilReady();
  // A paste and the key that sends it, nearer to each other than two pictures of the page.
  await chat.messageBox.evaluate(async (box: HTMLTextAreaElement) => {
    box.value = 'Hello there.';
    box.dispatchEvent(new InputEvent('input', { bubbles: true }));
    await new Promise((resolve) => setTimeout(resolve));
    box.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
  });
  await chat.finishedAnswer();
  await page.getByRole('button', { name: 'New chat' }).click();
  await expect(page.getByRole('heading', { name: 'Ask something.' })).toBeVisible();
  await expect(chat.messageBox).toHaveValue('');
  await expect(page.getByText(/^0 of 4,096 tokens/)).toBeVisible();

  // Opened again, the chat says how much of the context it takes, before it is asked anything.
  await chatList(page).getByRole('button').first().click();
  await expect(page.getByText(/^[1-9]\d* of 4,096 tokens/)).toBeVisible();
});
