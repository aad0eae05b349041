const KEY = 'sotto-model';

/** The model chosen last. Kept beside the display choices: it is needed before a vault is opened. */
export const chosenModel = {
  read(): string | null {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null;
    }
  },
  write(modelId: string): void {
    try {
      localStorage.setItem(KEY, modelId);
    } catch {
      // Blocked: the next visit begins with the site's own model.
    }
  },
};
