import type { FileChooser, Locator } from '@playwright/test';

/** Chooses files as a person does: with the button that asks for them. */
export async function chooseFiles(button: Locator, files: Parameters<FileChooser['setFiles']>[0]): Promise<void> {
  const asked = button.page().waitForEvent('filechooser');
  await button.click();
  await (await asked).setFiles(files);
}
